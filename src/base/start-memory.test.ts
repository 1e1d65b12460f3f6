/** Starting takes memory that an idle thread would keep; some time later it is given back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getHeapSpaceStatistics } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { ManualClock } from '../../test/harness/manual-clock.ts';
import { giveBackStartMemory } from './start-memory.ts';

function youngGenerationBytes(): number {
  const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
  assert(young);
  return young.space_size;
}

/** Much survives for a moment, as what modules define does, so that the young generation grows. */
function grow(): void {
  let kept: object[] = [];
  for (let round = 0; round < 40; round += 1) {
    kept = Array.from({ length: 100_000 }, (_, index) => ({ round, index }));
  }
  assert.equal(kept.length, 100_000);
}

test('the young generation shrinks once the start is over, and not before', async () => {
  const clock = new ManualClock();
  grow();
  const grown = youngGenerationBytes();
  giveBackStartMemory(clock);
  await clock.passes(1_000);
  assert(youngGenerationBytes() >= grown);
  await clock.passes(2_000);
  assert(youngGenerationBytes() < grown / 2, `${grown} bytes, then ${youngGenerationBytes()}`);
});

test('threads that do so at one time do not stand in each other’s way', async () => {
  const program = `
    import { giveBackStartMemory } from ${JSON.stringify(import.meta.resolve('./start-memory.ts'))};
    const clock = { after: (_, act) => act() };
    for (let turn = 0; turn < 15; turn += 1) giveBackStartMemory(clock);
  `;
  const url = new URL(`data:text/javascript,${encodeURIComponent(program)}`);
  const ends = Array.from({ length: 4 }, () => {
    const worker = new Worker(url);
    return new Promise((resolve, reject) => {
      worker.once('error', reject);
      worker.once('exit', resolve);
    });
  });
  assert.deepEqual(await Promise.all(ends), [0, 0, 0, 0]);
});
