/** Leases: who is live, counted by the edge's own order of reports and on a clock that only goes on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { logId, revision, writeId, type Cursor } from '../base/log-record.ts';
import { ManualClock, settle } from '../../test/harness/manual-clock.ts';
import { LeaseTable, strangerLeasesMax } from './lease-table.ts';
import type { Liveness, Report, ReportAnswer } from './presence.ts';

const leaseMs = 10_000;
const { signal } = new AbortController();

function cursor(position: number): Cursor {
  return {
    logId: logId(new Uint8Array(16)),
    revision: revision(position),
    writeId: writeId(new Uint8Array(16).fill(position % 251)),
  };
}

/** A log whose history is `cursor(0)` to `cursor(end)`; it may be told to keep its answers back. */
class FakeLog {
  end = 5;
  slow = false;
  readonly #held: (() => void)[] = [];

  async head(): Promise<Cursor> {
    await this.#turn();
    return cursor(this.end);
  }

  async proves({ logId, revision, writeId }: Cursor): Promise<boolean> {
    await this.#turn();
    const own = cursor(revision);
    return revision <= this.end && logId === own.logId && writeId === own.writeId;
  }

  /** Gives the answer that was asked for first, as things stand now. */
  answerOne(): void {
    this.#held.shift()?.();
  }

  answerAll(): void {
    while (this.#held.length > 0) this.answerOne();
  }

  async #turn(): Promise<void> {
    if (this.slow) await new Promise<void>((resolve) => void this.#held.push(resolve));
  }
}

function setUp(names: readonly string[] = ['one', 'two']) {
  const clock = new ManualClock();
  const log = new FakeLog();
  const registered = new Set(names);
  const heard: Report[] = [];
  const onReport = (report: Report) => void heard.push(report);
  const table = new LeaseTable({ log, clock, leaseMs, registered: () => registered, onReport });
  const live = async () => {
    const { reports, settled } = await table.live(signal);
    const standing = reports.map(({ edge, serving, state }) => [edge, state, serving?.revision]);
    return { settled, standing };
  };
  return { clock, log, registered, heard, table, live };
}

function report(edge: string, beat: number, position: number | undefined, more = {}): Report {
  const serving = position === undefined ? undefined : cursor(position);
  const state = serving === undefined ? 'joining' : 'serving';
  return { edge, session: 1, beat, state, serving, ...more };
}

test('an edge is live for one lease after each report, and not a moment longer', async () => {
  const { clock, live, table } = setUp(['one']);
  assert.equal(await table.report(report('one', 1, 5), signal), 'held');
  await clock.passes(leaseMs - 1);
  assert.deepEqual((await live()).standing, [['one', 'serving', 5]]);
  assert.equal(await table.report(report('one', 2, 5), signal), 'held');
  await clock.passes(leaseMs - 1);
  assert.deepEqual((await live()).standing, [['one', 'serving', 5]]);
  await clock.passes(1);
  assert.deepEqual((await live()).standing, []);
});

test('asking who is live renews nothing', async () => {
  const { clock, live, table } = setUp(['one']);
  await table.report(report('one', 1, 5), signal);
  for (let second = 0; second < 10; second += 1) {
    assert.equal((await live()).standing.length, 1);
    await clock.passes(1_000);
  }
  assert.equal((await live()).standing.length, 0);
});

test('a late report is told so, and undoes nothing', async () => {
  const { log, live, table } = setUp(['one']);
  await table.report(report('one', 7, 5), signal);
  log.end = 6;
  await table.report(report('one', 9, 6), signal);
  assert.equal(await table.report(report('one', 8, 5), signal), 'older');
  assert.equal(await table.report(report('one', 99, 6, { session: 0 }), signal), 'older');
  assert.deepEqual((await live()).standing, [['one', 'serving', 6]]);
});

test('a report that waits for the log while a later one is taken is late too', async () => {
  const { log, live, table } = setUp(['one']);
  log.slow = true;
  const early = table.report(report('one', 1, 4), signal);
  const late = table.report(report('one', 2, 5, { state: 'draining' }), signal);
  await settle();
  log.slow = false;
  log.answerAll();
  assert.deepEqual(await Promise.all([early, late]), ['older', 'held']);
  assert.deepEqual((await live()).standing, [['one', 'draining', 5]]);
});

test('a late report is known even after the lease of the later one has ended', async () => {
  const { clock, live, table } = setUp(['one']);
  await table.report(report('one', 2, 5), signal);
  await clock.passes(leaseMs * 100);
  assert.equal(await table.report(report('one', 1, 5), signal), 'older');
  assert.deepEqual((await live()).standing, []);
});

test('the same report again is answered as at first, and renews nothing', async () => {
  const { clock, heard, live, table } = setUp(['one', 'two']);
  assert.equal(await table.report(report('one', 1, 5), signal), 'held');
  assert.equal(await table.report(report('two', 1, 4), signal), 'behind');
  await clock.passes(leaseMs - 1);
  assert.equal(await table.report(report('one', 1, 5), signal), 'held');
  assert.equal(await table.report(report('two', 1, 4), signal), 'behind');
  assert.equal(heard.length, 2);
  await clock.passes(1);
  assert.deepEqual((await live()).standing, []);
});

test('a point of another history is not taken, and the edge is told to begin anew', async () => {
  const { heard, live, table } = setUp(['one']);
  const strange = { ...cursor(4), writeId: writeId(new Uint8Array(16).fill(255)) };
  const foreign = { ...cursor(4), logId: logId(new Uint8Array(16).fill(255)) };
  for (const serving of [strange, foreign, cursor(6)]) {
    assert.equal(await table.report(report('one', 1, 5, { serving }), signal), 'snapshot');
  }
  assert.deepEqual(heard, []);
  assert.deepEqual((await live()).standing, []);
  assert.equal(await table.report(report('one', 1, 5), signal), 'held');
});

test('an edge that was away counts as joining until it has the head', async () => {
  const { clock, live, log, table } = setUp(['one']);
  assert.equal(await table.report(report('one', 1, 4), signal), 'behind');
  assert.deepEqual((await live()).standing, [['one', 'joining', 4]]);
  assert.equal(await table.report(report('one', 2, 5), signal), 'held');
  log.end = 7;
  assert.equal(await table.report(report('one', 3, 6), signal), 'held', 'it lags, but is live');
  assert.deepEqual((await live()).standing, [['one', 'serving', 6]]);
  await clock.passes(leaseMs);
  assert.equal(await table.report(report('one', 4, 6), signal), 'behind');
  assert.equal(await table.report(report('one', 1, 6, { session: 2 }), signal), 'behind');
  assert.equal(await table.report(report('one', 2, 7, { session: 2 }), signal), 'held');
});

test('an edge that starts anew within its lease catches up before it counts', async () => {
  const { live, log, table } = setUp(['one']);
  await table.report(report('one', 1, 5), signal);
  log.end = 6;
  assert.equal(await table.report(report('one', 1, 5, { session: 2 }), signal), 'behind');
  assert.deepEqual((await live()).standing, [['one', 'joining', 5]]);
});

test('the head is never older than what an edge serves', async () => {
  const { log, table } = setUp(['one']);
  await table.report(report('one', 1, 5), signal);
  let asked = 0;
  log.head = async () => {
    asked += 1;
    return cursor(asked === 1 ? 4 : 5);
  };
  assert.equal((await table.live(signal)).head.revision, 5);
  log.head = async () => cursor(4);
  await assert.rejects(table.live(signal), /beyond the end/);
});

test('an edge that goes back behind what it has said counts as joining', async () => {
  const { live, log, table } = setUp(['one']);
  await table.report(report('one', 1, 5), signal);
  log.end = 6;
  assert.equal(await table.report(report('one', 2, 4), signal), 'behind');
  assert.deepEqual((await live()).standing, [['one', 'joining', 4]]);
});

test('it is unsettled for one lease, or until every registered edge has reported', async () => {
  const { clock, live, registered, table } = setUp(['one', 'two']);
  assert.equal((await live()).settled, false);
  await table.report(report('one', 1, 5), signal);
  assert.equal((await live()).settled, false);
  await table.report(report('two', 1, undefined), signal);
  assert.equal((await live()).settled, true);
  registered.add('three');
  assert.equal((await live()).settled, false);
  await clock.passes(leaseMs - 1);
  assert.equal((await live()).settled, false);
  await clock.passes(1);
  assert.equal((await live()).settled, true);
});

test('with no edge registered it is settled at once', async () => {
  assert.equal((await setUp([]).live()).settled, true);
});

test('no answer of the log is no answer of who is live', async () => {
  const { table, log } = setUp(['one']);
  log.head = () => Promise.reject(new Error('out of reach'));
  await assert.rejects(table.live(signal), /out of reach/);
  log.proves = () => Promise.reject(new Error('out of reach'));
  await assert.rejects(table.report(report('one', 1, 5), signal), /out of reach/);
  log.proves = async () => true;
  log.head = async () => cursor(1);
  await assert.rejects(table.live(AbortSignal.abort(new Error('given up'))), /given up/);
});

test('names that no document holds are forgotten in the end, and only those', async () => {
  const { clock, table } = setUp(['one']);
  await table.report(report('one', 5, 5), signal);
  await table.report(report('stranger', 5, 5), signal);
  await clock.passes(leaseMs * (strangerLeasesMax + 1));
  await table.report(report('newcomer', 1, 5), signal);
  assert.equal(await table.report(report('one', 4, 5), signal), 'older');
  assert.equal(await table.report(report('stranger', 4, 5), signal), 'held');
});

type Step =
  | { readonly kind: 'append' | 'live' | 'answer' }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'advance' | 'restart' | 'report' | 'drain'; readonly edge: number }
  | { readonly kind: 'deliver' | 'lose'; readonly message: number; readonly twice: boolean };

const edges = ['one', 'two', 'three'];
const anEdge = fc.nat(edges.length - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('append', 'live', 'live', 'live') }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('answer') }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('pass'), ms: fc.integer({ min: 1, max: 6_000 }) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'advance',
        'advance',
        'advance',
        'report',
        'report',
        'report',
        'drain',
        'restart',
      ),
      edge: anEdge,
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom('deliver', 'deliver', 'deliver', 'lose'),
      message: fc.nat(5),
      twice: fc.boolean(),
    }),
  },
);

/** Edges that report over a network that delays, swaps, doubles and loses, to a log that is slow. */
class World {
  readonly clock = new ManualClock();
  readonly log = new FakeLog();
  readonly table: LeaseTable;
  readonly #edges = edges.map((name) => ({ name, session: 1, beat: 0, position: 5 }));
  readonly #underWay: Report[] = [];
  /** The latest report of each edge that was answered as taken, and when. */
  readonly #taken = new Map<string, { report: Report; atMs: number }>();
  #deployed = 0;
  #failure: unknown;
  readonly seen = { lives: 0, deployments: 0, held: 0, older: 0, behind: 0 };

  constructor() {
    this.log.slow = true;
    const { clock, log } = this;
    this.table = new LeaseTable({ log, clock, leaseMs, registered: () => new Set(edges) });
  }

  async take(step: Step): Promise<void> {
    if (step.kind === 'append') this.log.end += 1;
    if (step.kind === 'answer') this.log.answerOne();
    if (step.kind === 'pass') await this.clock.passes(step.ms);
    if (step.kind === 'live')
      this.#watch(this.table.live(signal).then((seen) => this.#check(seen)));
    if ('edge' in step) this.#act(step.kind, step.edge);
    if ('message' in step) {
      const [message] = this.#underWay.splice(step.message % (this.#underWay.length || 1), 1);
      if (message !== undefined && step.kind === 'deliver') {
        if (step.twice) this.#underWay.push(message);
        const answered = this.table.report(message, signal);
        this.#watch(answered.then((answer) => this.#hear(message, answer)));
      }
    }
    await settle();
    assert.equal(this.#failure, undefined);
  }

  async end(): Promise<void> {
    this.log.slow = false;
    this.log.answerAll();
    await settle();
    this.#check(await this.table.live(signal));
  }

  #watch(checked: Promise<void>): void {
    checked.catch((thrown: unknown) => {
      this.#failure ??= thrown;
    });
  }

  #act(kind: string, index: number): void {
    const edge = this.#edges[index];
    assert(edge !== undefined);
    if (kind === 'advance') edge.position = Math.min(edge.position + 2, this.log.end);
    if (kind === 'restart') {
      edge.session += 1;
      edge.beat = 0;
    }
    if (kind !== 'report' && kind !== 'drain') return;
    edge.beat += 1;
    const { beat, name, position, session } = edge;
    const state = kind === 'drain' ? 'draining' : 'serving';
    this.#underWay.push(report(name, beat, position, { session, state }));
  }

  #hear(report: Report, answer: ReportAnswer): void {
    if (answer !== 'snapshot') this.seen[answer] += 1;
    const known = this.#taken.get(report.edge);
    const order =
      known === undefined
        ? 1
        : report.session - known.report.session || report.beat - known.report.beat;
    if (answer === 'older') return assert(order < 0, 'older is said only of what is');
    assert(order >= 0, `${answer} was said of a late report`);
    if (order === 0) return; // Doubled: it renews nothing.
    const state = answer === 'behind' ? 'joining' : report.state;
    this.#taken.set(report.edge, { report: { ...report, state }, atMs: this.clock.monotonicMs() });
  }

  #check({ head, reports, settled }: Liveness): void {
    this.seen.lives += 1;
    const nowMs = this.clock.monotonicMs();
    const standing = [...this.#taken.values()].filter(({ atMs }) => nowMs - atMs < leaseMs);
    assert.deepEqual(new Set(reports), new Set(standing.map(({ report }) => report)));
    assert.equal(settled, nowMs >= leaseMs || this.#taken.size === edges.length);
    const serving = reports.filter(({ state }) => state === 'serving');
    const positions = serving.map((report) => report.serving?.revision ?? 0);
    for (const position of positions) {
      assert(position <= head.revision, 'no edge is beyond the head');
      assert(
        position >= this.#deployed,
        `a live edge is at ${position}, Deployed ${this.#deployed}`,
      );
    }
    if (settled && positions.length > 0) {
      const reached = Math.min(...positions);
      if (reached > this.#deployed) this.seen.deployments += 1;
      this.#deployed = Math.max(this.#deployed, reached);
    }
  }
}

test('whatever the network does, who is live and where is told as it is', async () => {
  const seen = { lives: 0, deployments: 0, held: 0, older: 0, behind: 0 };
  const steps = fc.array(step, { minLength: 60, maxLength: 200, size: 'max' });
  await fc.assert(
    fc.asyncProperty(steps, async (steps) => {
      const world = new World();
      for (const one of steps) await world.take(one);
      await world.end();
      seen.lives += world.seen.lives;
      seen.deployments += world.seen.deployments;
      seen.held += world.seen.held;
      seen.older += world.seen.older;
      seen.behind += world.seen.behind;
    }),
    { numRuns: 200 },
  );
  // Each thing happened often enough to mean something.
  assert(Math.min(...Object.values(seen)) > 100, JSON.stringify(seen));
});

test('what was once reached is kept, and a point of another log takes its place', async () => {
  const { table } = setUp();
  const reached = async () => (await table.live(signal)).reached?.revision;
  assert.equal(await reached(), undefined);
  await table.latch(cursor(4));
  await table.latch(cursor(2));
  assert.equal(await reached(), 4);
  await table.latch({ ...cursor(1), logId: logId(new Uint8Array(16).fill(8)) });
  assert.equal(await reached(), 1);
});
