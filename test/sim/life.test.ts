/** The simulated life of distributions with fixed seeds; `npm run sim` plays others. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulateLife } from './life.ts';

for (const seed of [1, 2, 3, 4]) {
  test(`a life of 1,500 steps holds its promises (npm run sim -- --seed ${seed} --steps 1500)`, async () => {
    const summary = await simulateLife(seed, 1_500);
    // A life in which nothing happened would prove nothing.
    assert(summary.accepted > 200, JSON.stringify(summary));
    assert(summary.deployedSeen > 10, JSON.stringify(summary));
    assert(summary.crashes > 10, JSON.stringify(summary));
    assert((summary.refused['DistributionNotDisabled'] ?? 0) > 0, JSON.stringify(summary));
    assert((summary.refused['CNAMEAlreadyExists'] ?? 0) > 0, JSON.stringify(summary));
  });
}

test('one seed plays one life', async () => {
  assert.deepEqual(await simulateLife(7, 300), await simulateLife(7, 300));
});
