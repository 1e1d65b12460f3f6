/** Invalidations: Completed by what the edges serve, never back, and forgotten in time. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { configOf } from '../../test/harness/configs.ts';
import { ManualClock, settle } from '../../test/harness/manual-clock.ts';
import { SeededRandomness } from '../../test/harness/seeded-randomness.ts';
import { revision } from '../base/log-record.ts';
import { silentRecorder } from '../base/recorder.ts';
import { MemoryLog } from '../log/memory.ts';
import type { EdgeState } from '../log/presence.ts';
import { accountId } from '../model/ids.ts';
import { createLimits } from '../model/limits.ts';
import { Refusal } from '../model/refusal.ts';
import { ofDistribution } from '../model/invalidation.ts';
import { createControl } from './control-plane.ts';

const account = accountId('111111111111');
const page = { marker: undefined, maxItems: 100 };

async function started(t: TestContext) {
  const clock = new ManualClock();
  const randomness = new SeededRandomness(7);
  const log = new MemoryLog({ clock, randomness });
  /** Edge → its state, and how many records of the log it has not taken. */
  const edges = new Map<string, { state: EdgeState; lag: number }>();
  let answers = true;
  const control = await createControl({
    log,
    presence: {
      async live(signal) {
        if (!answers) throw new Error('presence is away');
        const head = await log.head(signal);
        const reports = [...edges].map(([edge, { lag, state }]) => ({
          edge,
          session: 1,
          beat: 1,
          state,
          serving: { ...head, revision: revision(Math.max(0, head.revision - lag)) },
        }));
        return { head, reports, settled: true, reached: undefined };
      },
      latch: async () => undefined,
    },
    clock,
    randomness,
    recorder: silentRecorder,
    limits: createLimits(),
    domain: 'cloudfront.localhost',
    accounts: new Set([account]),
    sealingKey: new Uint8Array(32),
  });
  t.after(async () => {
    await control.close();
    await log.close();
  });
  await control.registerEdges(['one', 'two']);
  edges.set('one', { state: 'serving', lag: 0 });
  edges.set('two', { state: 'serving', lag: 0 });
  const { distribution } = await control.create(account, 'download', () =>
    configOf('download', 'site', { enabled: false }),
  );
  const invalidate = (callerReference: string, paths = ['/a']) =>
    control.invalidate(account, ofDistribution(distribution.id), () => ({
      matching: 'paths',
      callerReference,
      paths,
    }));
  const statusOf = async (id: string) =>
    (await control.findInvalidation(account, ofDistribution(distribution.id), id)).status;
  return {
    clock,
    control,
    distribution,
    edges,
    invalidate,
    statusOf,
    presenceAnswers: (does: boolean) => {
      answers = does;
    },
  };
}

test('it is InProgress while one live edge lacks it, and Completed never goes back', async (t) => {
  const { control, distribution, edges, invalidate, presenceAnswers, statusOf } = await started(t);
  edges.set('two', { state: 'serving', lag: 1 });
  const { invalidation, status } = await invalidate('one');
  assert.equal(status, 'InProgress');
  edges.set('two', { state: 'serving', lag: 0 });
  assert.equal(await statusOf(invalidation.id), 'Completed');
  // An edge that comes back from before, or presence that is away, takes nothing back.
  edges.set('two', { state: 'serving', lag: 5 });
  assert.equal(await statusOf(invalidation.id), 'Completed');
  presenceAnswers(false);
  assert.equal(await statusOf(invalidation.id), 'Completed');
  const { items } = await control.listInvalidations(account, ofDistribution(distribution.id), page);
  assert.deepEqual(
    items.map((item) => item.status),
    ['Completed'],
  );
});

test('without an answer of presence nothing new is Completed, and readings go on', async (t) => {
  const { control, distribution, invalidate, presenceAnswers, statusOf } = await started(t);
  presenceAnswers(false);
  for (const reference of ['one', 'two', 'three']) {
    assert.equal((await invalidate(reference)).status, 'InProgress');
  }
  const view = await control.find(account, 'download', distribution.id);
  assert.equal(view.invalidationsInProgress, 3);
  await assert.rejects(
    invalidate('four'),
    (error) => error instanceof Refusal && error.code === 'TooManyInvalidationsInProgress',
  );
  presenceAnswers(true);
  const { invalidation } = await invalidate('four');
  assert.equal(await statusOf(invalidation.id), 'Completed');
});

test('an edge that joins or is gone holds nothing back', async (t) => {
  const { edges, invalidate } = await started(t);
  edges.set('two', { state: 'joining', lag: 9 });
  assert.equal((await invalidate('one')).status, 'Completed');
  edges.delete('two');
  assert.equal((await invalidate('two')).status, 'Completed');
});

test('those that come at once are numbered one after another, and replays create nothing', async (t) => {
  const { control, distribution, invalidate } = await started(t);
  const before = control.health().position;
  const made = await Promise.all(['a', 'a', 'b', 'a', 'b'].map((one) => invalidate(one)));
  assert.deepEqual(
    made.map(({ outcome }) => outcome),
    ['new', 'repeat', 'new', 'repeat', 'repeat'],
  );
  assert.equal(control.health().position, before + 2);
  const { items } = await control.listInvalidations(account, ofDistribution(distribution.id), page);
  assert.deepEqual(
    items.map(({ invalidation }) => invalidation.batch.callerReference),
    ['b', 'a'],
    'newest first',
  );
});

test('within an hour those of a distribution that is gone are forgotten, and old ones in time', async (t) => {
  const { clock, control, distribution, invalidate, statusOf } = await started(t);
  const { invalidation } = await invalidate('old');
  assert.equal(await statusOf(invalidation.id), 'Completed');
  await clock.passes(61 * 24 * 3_600_000);
  assert.equal(await statusOf(invalidation.id), 'Completed', 'kept for two cycles');
  await clock.passes(2 * 24 * 3_600_000);
  await settle();
  await assert.rejects(
    statusOf(invalidation.id),
    (error) => error instanceof Refusal && error.code === 'NoSuchInvalidation',
  );
  await invalidate('orphan');
  const { etag } = distribution;
  await control.delete(account, 'download', distribution.id, etag);
  const before = control.health().position;
  await clock.passes(3_600_000);
  await settle();
  assert.equal(control.health().position, before + 1, 'one record forgets it');
});

test('a marker of another list has no place in this one', async (t) => {
  const { control, distribution, invalidate } = await started(t);
  const other = await control.create(account, 'download', () =>
    configOf('download', 'gone', { enabled: false }),
  );
  await control.delete(account, 'download', other.distribution.id, other.distribution.etag);
  const { invalidation } = await invalidate('one');
  for (const marker of [other.distribution.id, distribution.id, 'I0000000000000', 'x']) {
    await assert.rejects(
      control.listInvalidations(account, ofDistribution(distribution.id), { marker, maxItems: 10 }),
      (error) => error instanceof Refusal && error.code === 'InvalidArgument',
    );
  }
  const after = { marker: invalidation.id, maxItems: 10 };
  const { items, truncated } = await control.listInvalidations(
    account,
    ofDistribution(distribution.id),
    after,
  );
  assert.deepEqual([items.length, truncated], [0, false]);
});
