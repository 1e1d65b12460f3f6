/** How an edge follows: in order, as whole steps, after its delay, never beyond a hold. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { writeId, type Cursor } from '../base/log-record.ts';
import type { AppendOutcome } from '../log/log.ts';
import { MemoryLog } from '../log/memory.ts';
import type { Catalog, Touched } from '../model/catalog.ts';
import { putDistribution, putEdge } from '../model/document.ts';
import { accountId, configEtag, distributionId } from '../model/ids.ts';
import { configOf } from '../../test/harness/configs.ts';
import { ManualClock, settle } from '../../test/harness/manual-clock.ts';
import { SeededRandomness } from '../../test/harness/seeded-randomness.ts';
import { EdgeFollower } from './follower.ts';

class Served {
  readonly comments = new Map<string, string>();
  swaps = 0;

  apply(touched: readonly Touched[]): void {
    this.swaps += 1;
    for (const one of touched) {
      if (one.kind !== 'distribution') continue;
      if (one.placed === undefined) this.comments.delete(one.id);
      else this.comments.set(one.id, one.placed.document.config.comment);
    }
  }

  replaceAll(catalog: Catalog): void {
    this.swaps += 1;
    this.comments.clear();
    for (const { document } of catalog.distributions.all()) {
      this.comments.set(document.id, document.config.comment);
    }
  }
}

const random = new SeededRandomness(3);
let clock = new ManualClock();
let log = new MemoryLog({ randomness: random, clock });
let stop = new AbortController();

beforeEach(() => {
  clock = new ManualClock();
  log = new MemoryLog({ randomness: random, clock });
  stop = new AbortController();
});

afterEach(async () => {
  stop.abort();
  await log.close();
});

async function append(change: ReturnType<typeof putEdge>): Promise<void> {
  const at = await log.head(stop.signal);
  const outcome: AppendOutcome = await log.append(
    { at, changes: [change], writeId: writeId(random.bytes(16)) },
    stop.signal,
  );
  assert.equal(outcome.kind, 'appended');
  await settle();
}

function says(id: string, comment: string): Promise<void> {
  return append(
    putDistribution({
      format: 1,
      account: accountId('000000000000'),
      id: distributionId(id),
      etag: configEtag('E1'),
      domainName: `${id}.cloudfront.localhost`,
      createdAt: clock.now(),
      modifiedAt: clock.now(),
      config: configOf('download', id, { comment }),
      createdWith: configOf('download', id, { comment }),
    }),
  );
}

function holds(held: boolean): Promise<void> {
  return append(putEdge({ format: 1, name: 'one', held }));
}

async function follow(propagationDelayMs = 0) {
  const served = new Served();
  const reports: Cursor[] = [];
  const follower = new EdgeFollower({
    edge: 'one',
    reader: log,
    clock,
    propagationDelayMs,
    routing: served,
    report: (cursor) => reports.push(cursor),
  });
  void follower.run(stop.signal);
  await settle();
  const positions = () => reports.map(({ revision }) => revision);
  return { follower, served, positions };
}

test('it takes the whole state at once, then each change as it comes', async () => {
  await says('A', 'first');
  await says('B', 'first');
  const { positions, served } = await follow();
  assert.deepEqual(
    [...served.comments],
    [
      ['A', 'first'],
      ['B', 'first'],
    ],
  );
  await says('A', 'second');
  assert.equal(served.comments.get('A'), 'second');
  assert.deepEqual(positions(), [2, 3]);
});

test('a propagation delay holds each change back for as long, in order', async () => {
  const { positions, served } = await follow(1_000);
  await says('A', 'first');
  await clock.passes(600);
  await says('A', 'second');
  assert.equal(served.comments.get('A'), undefined);
  await clock.passes(400);
  assert.equal(served.comments.get('A'), 'first');
  await clock.passes(599);
  assert.equal(served.comments.get('A'), 'first');
  await clock.passes(1);
  assert.equal(served.comments.get('A'), 'second');
  assert.deepEqual(positions(), [0, 1, 2]);
});

test('a held edge keeps the position of the hold until it is let go, then takes all', async () => {
  const { positions, served } = await follow();
  await says('A', 'first');
  await holds(true);
  await says('A', 'second');
  await says('B', 'first');
  assert.equal(served.comments.get('A'), 'first');
  assert.deepEqual(positions(), [0, 1, 2]);
  await holds(false);
  assert.equal(served.comments.get('A'), 'second');
  assert.equal(served.comments.get('B'), 'first');
  assert.deepEqual(positions(), [0, 1, 2, 3, 4, 5]);
});

test('a hold that was let go before it was due holds nothing', async () => {
  const { positions } = await follow(1_000);
  await holds(true);
  await says('A', 'first');
  await holds(false);
  await clock.passes(1_000);
  assert.deepEqual(positions(), [0, 1, 2, 3]);
});

test('an edge that starts while it is held takes the state as it is, then holds', async () => {
  await says('A', 'first');
  await holds(true);
  await says('A', 'second');
  const { positions, served } = await follow();
  assert.equal(served.comments.get('A'), 'second');
  await says('A', 'third');
  assert.equal(served.comments.get('A'), 'second');
  assert.deepEqual(positions(), [3]);
});

test('an edge told to catch up takes all it has heard, though it is held or late', async () => {
  const { follower, positions, served } = await follow(60_000);
  await says('A', 'first');
  await holds(true);
  await says('A', 'second');
  follower.catchUp();
  assert.equal(served.comments.get('A'), 'second');
  assert.deepEqual(positions(), [0, 1, 2, 3]);
  await says('A', 'third');
  await clock.passes(60_000);
  assert.equal(served.comments.get('A'), 'second');
});

test('beginning anew takes a whole state again', async () => {
  const { follower, served } = await follow();
  await says('A', 'first');
  const before = served.swaps;
  follower.beginAnew();
  await settle();
  assert.equal(served.comments.get('A'), 'first');
  assert.equal(served.swaps, before + 1);
  await says('A', 'second');
  assert.equal(served.comments.get('A'), 'second');
});

test('a held edge keeps a bounded number of steps and ends where the others are', async () => {
  const { served } = await follow();
  await holds(true);
  for (let index = 0; index < 10_050; index += 1) await says('A', `change ${index}`);
  assert.equal(served.comments.get('A'), undefined);
  await holds(false);
  assert.equal(served.comments.get('A'), 'change 10049');
});
