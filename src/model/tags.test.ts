import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arnOf, parseArn } from './arn.ts';
import { accountId } from './ids.ts';
import { createLimits } from './limits.ts';
import { Refusal } from './refusal.ts';
import { checkTags, type Tag, withTags } from './tags.ts';

const limits = createLimits({ 'tags-of-resource': 3 });

function tag(key: string, value = ''): Tag {
  return { key, value };
}

test('a name is read back as it was written, and nothing else is one', () => {
  const arn = arnOf(accountId('123456789012'), { kind: 'distribution', id: 'E1' });
  assert.equal(arn, 'arn:aws:cloudfront::123456789012:distribution/E1');
  assert.deepEqual(parseArn(arn), { account: '123456789012', kind: 'distribution', id: 'E1' });
  for (const other of ['', 'E1', `${arn}/more`, arn.replace('aws', 'AWS'), arn.replace('/', ':')]) {
    assert.equal(parseArn(other), undefined, other);
  }
});

test('tags given again take the place of those that are there, in their order', () => {
  const there = [tag('a', '1'), tag('b', '2')];
  const expected = [tag('a', '1'), tag('b', '3'), tag('c', '4')];
  assert.deepEqual(withTags(there, [tag('c', '4'), tag('b', '3')]), expected);
});

const accepted: readonly (readonly Tag[])[] = [
  [],
  [tag('a'), tag('b'), tag('c')],
  [tag('k'.repeat(128), 'v'.repeat(256))],
  [tag('Grüße 1_.:/=+-@', 'ß')],
];

for (const tags of accepted) {
  test(`accepted: ${JSON.stringify(tags).slice(0, 40)}`, () => checkTags(tags, limits));
}

const refused: readonly (readonly Tag[])[] = [
  [tag('a'), tag('b'), tag('c'), tag('d')],
  [tag('a'), tag('a')],
  [tag('')],
  [tag('k'.repeat(129))],
  [tag('a', 'v'.repeat(257))],
  [tag('a\n')],
  [tag('a', '<b>')],
  [tag('aws:a')],
  [tag('AWS:a')],
];

for (const tags of refused) {
  test(`refused: ${JSON.stringify(tags).slice(0, 40)}`, () => {
    assert.throws(
      () => checkTags(tags, limits),
      (error: unknown) => error instanceof Refusal && error.code === 'InvalidTagging',
    );
  });
}
