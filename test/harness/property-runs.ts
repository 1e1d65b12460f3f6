/**
 * How many cases a property is tried with: few enough for every run of the tests, and as many times
 * more as `PROPERTY_TIMES` says, such as `PROPERTY_TIMES=20 npm test -- properties/ranges`.
 */
import assert from 'node:assert/strict';

export function propertyRuns(usual: number): number {
  const times = Number(process.env['PROPERTY_TIMES'] ?? 1);
  assert(Number.isInteger(times) && times > 0, 'PROPERTY_TIMES is a number of times, 1 or more');
  return usual * times;
}
