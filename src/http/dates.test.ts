import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant } from '../base/clock.ts';
import { formatHttpDate, parseHttpDate, parseSignedDate } from './dates.ts';

const now = instant(Date.UTC(2026, 10, 22, 21, 22, 38));
const example = instant(Date.UTC(1994, 10, 6, 8, 49, 37));

test('the three forms of RFC 9110 name the same moment', () => {
  assert.equal(parseHttpDate('Sun, 06 Nov 1994 08:49:37 GMT', now), example);
  assert.equal(parseHttpDate('Sunday, 06-Nov-94 08:49:37 GMT', now), example);
  assert.equal(parseHttpDate('Sun Nov  6 08:49:37 1994', now), example);
  assert.equal(
    parseHttpDate('Wed Nov 16 08:49:37 1994', now),
    instant(Date.UTC(1994, 10, 16, 8, 49, 37)),
  );
});

test('a written date reads back to the second', () => {
  assert.equal(formatHttpDate(now), 'Sun, 22 Nov 2026 21:22:38 GMT');
  for (const ms of [0, -1_000, 951_782_400_000, 4_102_444_799_999]) {
    const second = Math.floor(ms / 1_000) * 1_000;
    assert.equal(parseHttpDate(formatHttpDate(instant(ms)), now), second);
  }
});

function year(text: string): number {
  return new Date(parseHttpDate(text, now) ?? Number.NaN).getUTCFullYear();
}

test('two digits of a year more than 50 years ahead mean the past', () => {
  assert.equal(year('Sunday, 06-Nov-76 08:49:37 GMT'), 2076);
  assert.equal(year('Sunday, 06-Nov-77 08:49:37 GMT'), 1977);
  assert.equal(year('Sunday, 06-Nov-26 08:49:37 GMT'), 2026);
  assert.equal(year('Monday, 23-Nov-76 08:49:37 GMT'), 1976);
  // 29 February decides between centuries too: 2000 had one, 1900 had none.
  assert.equal(year('Tuesday, 29-Feb-00 00:00:00 GMT'), 2000);
});

test('what RFC 9110 does not know is no date', () => {
  for (const text of [
    '',
    'yesterday',
    '0',
    '-1',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 08:49:37 UTC',
    'Sun, 06 Nov 1994 08:49:37 +0000',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'sun, 06 nov 1994 08:49:37 gmt',
    'Sun, 31 Nov 1994 08:49:37 GMT',
    'Sun, 00 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 24:00:00 GMT',
    'Sun, 06 Nov 1994 08:60:00 GMT',
    'Sun, 06 Nov 1994 08:49:61 GMT',
    'Xxx, 06 Nov 1994 08:49:37 GMT',
    ' Sun, 06 Nov 1994 08:49:37 GMT',
    `Sun, 06 Nov 1994 08:49:37 GMT${' '.repeat(10_000)}`,
  ]) {
    assert.equal(parseHttpDate(text, now), undefined, text);
  }
});

test('a leap second is the second that follows', () => {
  assert.equal(
    parseHttpDate('Sat, 31 Dec 2016 23:59:60 GMT', now),
    parseHttpDate('Sun, 01 Jan 2017 00:00:00 GMT', now),
  );
});

test('a signed date may carry a numeric zone, and every form of HTTP', () => {
  assert.equal(parseSignedDate('Sun, 22 Nov 2026 21:22:38 +0000', now), now);
  assert.equal(parseSignedDate('Sun, 22 Nov 2026 22:22:38 +0100', now), now);
  assert.equal(parseSignedDate('Sun, 22 Nov 2026 15:52:38 -0530', now), now);
  assert.equal(parseSignedDate('Sun, 22 Nov 2026 21:22:38 GMT', now), now);
  assert.equal(parseSignedDate('Sunday, 22-Nov-26 21:22:38 GMT', now), now);
  assert.equal(parseSignedDate('Sun Nov 22 21:22:38 2026', now), now);
  assert.equal(parseSignedDate('22 Nov 2026 21:22:38 UTC', now), now);
  assert.equal(parseSignedDate('Sun, 22 Nov 2026 21:22 -0000', now), now - 38_000);
});

test('a signed date of another form is no date', () => {
  for (const text of [
    '20261122T212238Z',
    '2026-11-22T21:22:38Z',
    'Sun, 22 Nov 2026 21:22:38',
    'Sun, 22 Nov 2026 21:22:38 PST',
    'Sun, 22 Nov 2026 21:22:38 +2500',
    'Sun, 22 Nov 26 21:22:38 +0000',
  ]) {
    assert.equal(parseSignedDate(text, now), undefined, text);
  }
});
