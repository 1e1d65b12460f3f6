import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant } from '../base/clock.ts';
import { isNotModified, judgeAtOrigin, rangeStillApplies } from './conditionals.ts';

const now = instant(Date.UTC(2026, 0, 1));
const before = 'Fri, 31 Oct 2025 00:00:00 GMT';
const changed = 'Sat, 01 Nov 2025 00:00:00 GMT';
const after = 'Sun, 02 Nov 2025 00:00:00 GMT';
const held = { etag: '"a"', lastModified: changed, date: undefined };

test('If-None-Match decides alone where it is given', () => {
  assert(isNotModified(['If-None-Match', 'W/"a"'], held, now));
  assert(isNotModified(['If-None-Match', '"x"', 'If-None-Match', '"a"'], held, now));
  assert(isNotModified(['If-None-Match', '"a"', 'If-Modified-Since', before], held, now));
  assert(!isNotModified(['If-None-Match', '"b"', 'If-Modified-Since', after], held, now));
});

test('If-Modified-Since compares with Last-Modified, else with Date', () => {
  assert(isNotModified(['If-Modified-Since', changed], held, now));
  assert(!isNotModified(['If-Modified-Since', before], held, now));
  const dated = { etag: undefined, lastModified: undefined, date: changed };
  assert(isNotModified(['If-Modified-Since', after], dated, now));
  assert(!isNotModified(['If-Modified-Since', before], dated, now));
  assert(!isNotModified(['If-Modified-Since', 'never'], held, now));
  assert(!isNotModified([], held, now));
});

test('one who has the resource judges by the order of RFC 9110 §13.2.2', () => {
  for (const [request, verdict] of [
    [[], 'proceed'],
    [['If-Match', '"a"'], 'proceed'],
    [['If-Match', '*'], 'proceed'],
    [['If-Match', 'W/"a"'], 'failed'],
    [['If-Match', '"b"'], 'failed'],
    [['If-Match', '"a"', 'If-Unmodified-Since', before], 'proceed'],
    [['If-Unmodified-Since', before], 'failed'],
    [['If-Unmodified-Since', changed], 'proceed'],
    [['If-Unmodified-Since', 'never'], 'proceed'],
    [['If-Match', '"b"', 'If-None-Match', '"a"'], 'failed'],
    [['If-Match', '"a"', 'If-None-Match', '"a"'], 'not-modified'],
    [['If-Modified-Since', changed], 'not-modified'],
  ] as const) {
    assert.equal(judgeAtOrigin(request, held, now), verdict, JSON.stringify(request));
  }
});

test('If-Range compares strongly, or by the very date', () => {
  assert(rangeStillApplies([], held));
  assert(rangeStillApplies(['If-Range', '"a"'], held));
  assert(rangeStillApplies(['If-Range', changed], held));
  for (const value of ['"b"', 'W/"a"', after, before, '', 'a']) {
    assert(!rangeStillApplies(['If-Range', value], held), value);
  }
  assert(!rangeStillApplies(['If-Range', 'W/"a"'], { ...held, etag: 'W/"a"' }));
});
