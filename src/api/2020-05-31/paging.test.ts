import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '../../model/refusal.ts';
import { bareListOf, listOf, markedListOf, pageOf, pageOfStages } from './paging.ts';

const items = ['a', 'b'].map((id) => ({ id }));
const nameOf = ({ id }: { readonly id: string }): string => id.toUpperCase();

test('a page has as many items as the limit says unless fewer are asked for', () => {
  const limits = { 'list-page': 7 };
  assert.deepEqual(pageOf({}, limits), { marker: undefined, maxItems: 7 });
  assert.deepEqual(pageOf({ Marker: '', MaxItems: 5 }, limits), { marker: undefined, maxItems: 5 });
  assert.deepEqual(pageOf({ Marker: 'a', MaxItems: 5_000 }, limits), { marker: 'a', maxItems: 7 });
  for (const MaxItems of [0, -1]) assert.throws(() => pageOf({ MaxItems }, limits), Refusal);
});

test('a list says where the next page begins only where there is one', () => {
  const request = { marker: 'x', maxItems: 2 };
  const last = listOf({ items, truncated: false }, request, nameOf);
  assert.deepEqual(last, { MaxItems: 2, Quantity: 2, Items: ['A', 'B'] });
  const more = listOf({ items, truncated: true }, request, nameOf);
  assert.deepEqual(more, { ...last, NextMarker: 'b' });
  assert.deepEqual(markedListOf({ items, truncated: true }, request, nameOf), {
    Marker: 'x',
    IsTruncated: true,
    ...more,
  });
  const first = markedListOf(
    { items: [], truncated: false },
    { ...request, marker: undefined },
    nameOf,
  );
  assert.deepEqual([first.Marker, first.IsTruncated, first.Quantity], ['', false, 0]);
  assert.deepEqual(bareListOf({ items, truncated: true }, nameOf), {
    items: ['A', 'B'],
    next: 'b',
  });
  assert.equal(bareListOf({ items, truncated: false }, nameOf).next, undefined);
});

test('pages of stages follow one another, and a marker of none of them is refused', () => {
  const all = ['a', 'b', 'c'].map((marker) => ({ marker }));
  const page = (marker: string | undefined) => pageOfStages(all, { marker, maxItems: 2 });
  assert.deepEqual(page(undefined), { items: all.slice(0, 2), next: 'b' });
  assert.deepEqual(page('b'), { items: all.slice(2), next: undefined });
  assert.throws(() => page('gone'), { code: 'InvalidArgument' });
  assert.deepEqual(page('c'), { items: [], next: undefined });
});
