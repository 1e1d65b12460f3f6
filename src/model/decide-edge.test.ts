/** Edges come and go without harm to what accounts keep; a reset takes all of that. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { account, Deciding } from '../../test/harness/deciding.ts';
import { decideEdges, decideReset } from './decide-edge.ts';
import type { Decision, Step } from './decision.ts';
import { putEdge } from './document.ts';
import { putKeyValue } from './key-values/key-value.ts';
import { putTags } from './tags.ts';

function withTagsAndKeyValues(): Deciding {
  const deciding = new Deciding();
  const changes = [
    putEdge({ format: 1, name: 'old', held: true }),
    putTags(account, { kind: 'distribution', id: 'E1' }, [{ key: 'team', value: 'web' }]),
    putKeyValue(account, 'store', { key: 'greeting', value: 'hello' }),
  ];
  deciding.does((): Decision<undefined> => ({ changes, answer: undefined }));
  return deciding;
}

function counts({ catalog }: Deciding): { readonly tags: number; readonly keyValues: number } {
  return { tags: [...catalog.allTags()].length, keyValues: [...catalog.keyValues.keys()].length };
}

test('a start with other edges forgets the edges of before and nothing else', () => {
  const deciding = withTagsAndKeyValues();
  deciding.does((catalog): Decision<Step> => decideEdges(catalog, ['one', 'two'], 'forget', 64));
  assert.deepEqual([...deciding.catalog.edges.keys()], ['one', 'two']);
  assert.deepEqual(counts(deciding), { tags: 1, keyValues: 1 });
});

test('where others may run in other processes, they stay', () => {
  const deciding = withTagsAndKeyValues();
  deciding.does((catalog): Decision<Step> => decideEdges(catalog, ['one'], 'keep', 64));
  assert.deepEqual([...deciding.catalog.edges.keys()], ['old', 'one']);
});

test('a reset forgets tags and key values too, and keeps the edges', () => {
  const deciding = withTagsAndKeyValues();
  deciding.does((catalog): Decision<Step> => decideReset(catalog, 64));
  assert.deepEqual(
    [...deciding.catalog.edges.values()].map(({ held }) => held),
    [false],
  );
  assert.deepEqual(counts(deciding), { tags: 0, keyValues: 0 });
});
