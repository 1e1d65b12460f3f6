/** Dates: what is written reads back, and text of any kind gives a date or none, never a crash. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { instant } from '../../src/base/clock.ts';
import { formatHttpDate, parseHttpDate, parseSignedDate } from '../../src/http/dates.ts';

const lastSecond = Date.UTC(9999, 11, 31, 23, 59, 59) / 1_000;
const second = fc.integer({ min: -62_135_596_800, max: lastSecond }).map((s) => instant(s * 1_000));
const now = instant(Date.UTC(2026, 0, 1));

test('a date that is written reads back as it was', () => {
  fc.assert(
    fc.property(second, (at) => {
      const text = formatHttpDate(at);
      assert.equal(text.length, 29);
      assert.equal(parseHttpDate(text, now), at);
      assert.equal(parseSignedDate(text.replace('GMT', '+0000'), now), at);
      assert.equal(new Date(at).toUTCString(), text);
    }),
  );
});

test('any text gives a date or none', () => {
  const pieces = [
    'Sun',
    'Sunday',
    ',',
    ' ',
    '06',
    '-',
    'Nov',
    '94',
    '1994',
    '08:49:37',
    'GMT',
    '+',
  ];
  const piece = fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 4 }));
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (parts) => {
      const at = parseSignedDate(parts.join(''), now);
      assert(at === undefined || Number.isSafeInteger(at));
    }),
  );
});
