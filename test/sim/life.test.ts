/** The simulated life of distributions with fixed seeds; `npm run sim` plays others. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulateLife } from './life.ts';

for (const seed of [1, 2, 3, 4]) {
  test(`a life of 3,000 steps holds its promises (npm run sim -- --seed ${seed} --steps 3000)`, async () => {
    const summary = await simulateLife(seed, 3_000);
    // A life in which nothing happened would prove nothing.
    assert(summary.accepted > 200, JSON.stringify(summary));
    assert(summary.deployedSeen > 10, JSON.stringify(summary));
    assert(summary.completedSeen > 5, JSON.stringify(summary));
    assert(summary.hits > 5, JSON.stringify(summary));
    assert(summary.crashes > 10, JSON.stringify(summary));
    assert((summary.refused['DistributionNotDisabled'] ?? 0) > 0, JSON.stringify(summary));
    assert((summary.refused['CNAMEAlreadyExists'] ?? 0) > 0, JSON.stringify(summary));
  });
}

test('one seed plays one life', async () => {
  assert.deepEqual(await simulateLife(7, 300), await simulateLife(7, 300));
});
