/** Presence in etcd: whoever is asked answers alike, and who is cut off does not answer. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, suite, test } from 'node:test';
import { Etcd } from '../../test/harness/etcd.ts';
import { needs } from '../../test/harness/programs.ts';
import { until } from '../../test/harness/until.ts';
import { systemClock } from '../base/clock.ts';
import { type Cursor, encodeKey, writeId } from '../base/log-record.ts';
import { systemRandomness } from '../base/randomness.ts';
import { silentRecorder } from '../base/recorder.ts';
import { openEtcd } from './etcd-opening.ts';
import type { ChangeLog } from './log.ts';
import type { Liveness, Presence, Report } from './presence.ts';

const { signal } = new AbortController();
const ports = { randomness: systemRandomness, clock: systemClock, recorder: silentRecorder };
const leaseMs = 60_000;

type Process = {
  readonly log: ChangeLog;
  readonly presence: Presence;
  readonly heard: readonly Report[];
};

suite('presence in etcd', needs('etcd'), () => {
  let etcd: Etcd;
  const open: ChangeLog[] = [];
  before(async () => {
    etcd = await Etcd.start();
  });
  after(async () => {
    for (const log of open) await log.close();
    await etcd.remove();
  });

  /** API processes on one log. */
  async function processes(
    count: number,
    names = ['one', 'two'],
    ms = leaseMs,
  ): Promise<readonly [Process, ...Process[]]> {
    const settings = {
      servers: etcd.addresses,
      prefix: randomUUID(),
      tls: undefined,
      quotaBytes: 2 ** 32,
    };
    const registered = (): ReadonlySet<string> => new Set(names);
    const start = async (): Promise<Process> => {
      const { log, makePresence } = await openEtcd(settings, ports);
      open.push(log);
      const heard: Report[] = [];
      const onReport = (one: Report): void => void heard.push(one);
      return { log, heard, presence: makePresence({ leaseMs: ms, registered, onReport }) };
    };
    const first = await start();
    return [first, ...(await Promise.all(Array.from({ length: count - 1 }, start)))];
  }

  test('every process gives the same answer, through whichever an edge reports', async () => {
    const [a, b, c] = await processes(3);
    assert(b && c);
    const head = await a.log.head(signal);
    assert.equal(await a.presence.report(report('one', 1, head), signal), 'held');
    assert.equal(await b.presence.report(report('two', 1, head), signal), 'held');
    const next = await append(a.log);
    assert.equal(await c.presence.report(report('one', 2, next), signal), 'held');
    for (const { presence } of [a, b, c]) {
      const live = await presence.live(signal);
      assert.deepEqual(told(live), ['one serving 1', 'two serving 0']);
      assert.deepEqual(live.head, next);
      assert(live.settled);
    }
  });

  test('a late report is told so, and a report that comes twice is answered alike', async () => {
    const [a, b] = await processes(2);
    assert(b);
    const zero = await a.log.head(signal);
    assert.equal(await a.presence.report(report('one', 7, zero), signal), 'held');
    assert.equal(await b.presence.report(report('one', 7, zero), signal), 'held');
    const one = await append(a.log);
    assert.equal(await b.presence.report(report('one', 9, one), signal), 'held');
    assert.equal(await a.presence.report(report('one', 8, zero), signal), 'older');
    const before = { ...report('one', 99, one), session: 0 };
    assert.equal(await a.presence.report(before, signal), 'older');
    assert.deepEqual(told(await a.presence.live(signal)), ['one serving 1']);
  });

  test('a point of no history, or of another log, is not taken', async () => {
    const [a] = await processes(1);
    const [other] = await processes(1);
    const head = await a.log.head(signal);
    const forged = { ...head, writeId: writeId(new Uint8Array(16).fill(9)) };
    assert.equal(await a.presence.report(report('one', 1, forged), signal), 'snapshot');
    const elsewhere = await other.log.head(signal);
    assert.equal(await a.presence.report(report('one', 2, elsewhere), signal), 'snapshot');
    assert.deepEqual(told(await a.presence.live(signal)), []);
  });

  test('an edge that comes back is live only once it serves the head', async () => {
    const [a] = await processes(1);
    const zero = await a.log.head(signal);
    const one = await append(a.log);
    assert.equal(await a.presence.report(report('one', 1, zero), signal), 'behind');
    assert.deepEqual(told(await a.presence.live(signal)), ['one joining 0']);
    assert.equal(await a.presence.report(report('one', 2, one), signal), 'held');
    await append(a.log);
    assert.equal(await a.presence.report(report('one', 3, one), signal), 'held', 'it carries on');
    const begunAnew = { ...report('one', 1, one), session: 2 };
    assert.equal(await a.presence.report(begunAnew, signal), 'behind');
    assert.deepEqual(told(await a.presence.live(signal)), ['one joining 1']);
  });

  test('what an edge serves never goes back while it is live', async () => {
    const [a] = await processes(1);
    const zero = await a.log.head(signal);
    const one = await append(a.log);
    assert.equal(await a.presence.report(report('one', 1, one), signal), 'held');
    assert.equal(await a.presence.report(report('one', 2, zero), signal), 'behind');
    assert.deepEqual(told(await a.presence.live(signal)), ['one joining 0']);
  });

  test('reports that come together are all answered, each by what it says', async () => {
    const names = Array.from({ length: 150 }, (_, index) => `edge${index}`);
    const [a, b] = await processes(2, names);
    assert(b);
    const head = await a.log.head(signal);
    const answers = await Promise.all(
      names.map((name, index) =>
        (index % 2 === 0 ? a : b).presence.report(report(name, 1, head), signal),
      ),
    );
    assert.deepEqual(new Set(answers), new Set(['held']));
    const live = await b.presence.live(signal);
    assert.equal(live.reports.length, 150);
    assert(live.settled);
  });

  test('of the reports of one edge that come together, the last one stands', async () => {
    const [a, b] = await processes(2);
    assert(b);
    const head = await a.log.head(signal);
    const beats = [5, 3, 4, 1, 2];
    const answers = await Promise.all(
      beats.map((beat, index) =>
        (index % 2 === 0 ? a : b).presence.report(
          { ...report('one', beat, head), state: beat === 5 ? 'draining' : 'serving' },
          signal,
        ),
      ),
    );
    assert.equal(answers[0], 'held');
    assert.deepEqual(told(await a.presence.live(signal)), ['one draining 0']);
  });

  test('every process hears of each report, through whichever it came', async () => {
    const [a, b] = await processes(2);
    assert(b);
    const head = await a.log.head(signal);
    let beat = 0;
    // What is said before both listen is not told later, so it is said until they do.
    await until('both listen', async () => {
      beat += 1;
      const state = beat % 2 === 0 ? 'serving' : 'draining';
      await a.presence.report({ ...report('one', beat, head), state }, signal);
      return [a, b].every(({ heard }) => heard.length > 0) || undefined;
    });
    const last = { ...report('two', 1, head), state: 'draining' } as const;
    await b.presence.report(last, signal);
    for (const { heard } of [a, b]) {
      await until('it is heard', () => heard.some(({ edge }) => edge === 'two') || undefined);
      assert.deepEqual(heard.at(-1), last);
    }
  });

  test('what one process said of all edges, every other one says too, and never less', async () => {
    const [a, b] = await processes(2);
    assert(b);
    assert.equal((await a.presence.live(signal)).reached, undefined);
    const zero = await a.log.head(signal);
    const one = await append(a.log);
    await a.presence.latch(one, signal);
    await b.presence.latch(zero, signal);
    for (const { presence } of [a, b]) {
      assert.deepEqual((await presence.live(signal)).reached, one);
    }
    const two = await append(a.log);
    await Promise.all([a.presence.latch(two, signal), b.presence.latch(one, signal)]);
    assert.deepEqual((await b.presence.live(signal)).reached, two);
  });

  test('an edge that falls silent is live no longer, and asking renews nothing', async () => {
    const [a, b] = await processes(2, ['one'], 2_000);
    assert(b);
    const head = await a.log.head(signal);
    await a.presence.report(report('one', 1, head), signal);
    assert.deepEqual(told(await b.presence.live(signal)), ['one serving 0']);
    await until('the lease has ended', async () => {
      return told(await b.presence.live(signal)).length === 0 || undefined;
    });
    assert.equal(await a.presence.report(report('one', 2, head), signal), 'held');
    assert.deepEqual(told(await b.presence.live(signal)), ['one serving 0']);
  });
});

suite('presence in etcd, cut off', needs('etcd'), () => {
  test('a process that does not reach etcd says nothing', async () => {
    const etcd = await Etcd.start();
    const settings = {
      servers: etcd.addresses,
      prefix: 'cut',
      tls: undefined,
      quotaBytes: 2 ** 32,
    };
    const { log, makePresence } = await openEtcd(settings, ports);
    try {
      const presence = makePresence({ leaseMs, registered: () => new Set(['one']) });
      const head = await log.head(signal);
      await presence.report(report('one', 1, head), signal);
      await etcd.servers[0]?.stop();
      await assert.rejects(presence.live(signal), /no answer/);
      await assert.rejects(presence.report(report('one', 2, head), signal), /no answer/);
      etcd.servers[0]?.goOn();
      await until('it answers again', async () => {
        const live = await presence.live(signal).catch(() => undefined);
        return live === undefined ? undefined : told(live).length === 1;
      });
    } finally {
      await log.close();
      await etcd.remove();
    }
  });
});

function report(edge: string, beat: number, serving: Cursor): Report {
  return { edge, session: 1, beat, state: 'serving', serving };
}

function told({ reports }: Liveness): readonly string[] {
  return reports.map(({ edge, serving, state }) => `${edge} ${state} ${serving?.revision}`).sort();
}

async function append(log: ChangeLog): Promise<Cursor> {
  const key = encodeKey({ account: 'test', kind: 'thing', id: 'x' });
  const outcome = await log.append(
    {
      at: await log.head(signal),
      changes: [{ key, value: Buffer.from('1') }],
      writeId: writeId(systemRandomness.bytes(16)),
    },
    signal,
  );
  assert(outcome.kind === 'appended', outcome.kind);
  return outcome.cursor;
}
