/** The short form of store-kill.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runStoreRounds } from './store-rounds.ts';

test('after kill -9 under load, what the disk cache serves is right to the last byte', async () => {
  const seed = Date.now() % 1_000_000;
  const report = await runStoreRounds({ rounds: 4, seed, roundsPerFolder: 4 });
  assert.equal(report.underLoad.wrong, 0, report.underLoad.told.join('\n'));
  assert(report.fromDisk > 0, `seed ${seed}: nothing came from disk`);
  assert(report.invalidations > 0, `seed ${seed}: nothing was invalidated`);
});
