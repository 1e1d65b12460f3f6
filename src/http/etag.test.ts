import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isEtag, namesEtag, stronglyEqual, weaklyEqual } from './etag.ts';

test('the table of RFC 9110 §8.8.3.2 holds', () => {
  for (const [a, b, strong, weak] of [
    ['W/"1"', 'W/"1"', false, true],
    ['W/"1"', 'W/"2"', false, false],
    ['W/"1"', '"1"', false, true],
    ['"1"', '"1"', true, true],
  ] as const) {
    assert.equal(stronglyEqual(a, b), strong, `${a} ${b}`);
    assert.equal(stronglyEqual(b, a), strong, `${b} ${a}`);
    assert.equal(weaklyEqual(a, b), weak, `${a} ${b}`);
    assert.equal(weaklyEqual(b, a), weak, `${b} ${a}`);
  }
});

test('a list names the tags that are in it', () => {
  for (const field of [
    '"a"',
    '"b", "a"',
    'W/"a"',
    '"b" ,\t"a"',
    '"a",,"b"',
    '*',
    ' * ',
    '"b,", "a"',
  ]) {
    assert(namesEtag(field, '"a"', weaklyEqual), field);
  }
  for (const field of ['', '"b"', 'a', '"a" "b"', '"a', 'w/"a"', '"b, "a"']) {
    assert(!namesEtag(field, '"a"', weaklyEqual), field);
  }
  assert(!namesEtag('W/"a"', '"a"', stronglyEqual));
  assert(namesEtag('*', undefined, weaklyEqual));
  assert(!namesEtag('"a"', undefined, weaklyEqual));
});

test('tags are quoted, and a long list is read in time', () => {
  for (const text of ['""', '"a"', 'W/"a b"'.replace(' ', ''), '"\xe9"'])
    assert(isEtag(text), text);
  for (const text of ['', 'a', '"a', 'w/"a"', '"a"b"', '"a b"', '"\n"'])
    assert(!isEtag(text), text);
  const started = performance.now();
  namesEtag('"b",'.repeat(8_000), '"a"', weaklyEqual);
  namesEtag('"'.repeat(32_000), '"a"', weaklyEqual);
  assert(performance.now() - started < 1_000);
});
