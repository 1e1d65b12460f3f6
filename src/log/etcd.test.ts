/**
 * What becomes of appends and readers when the wire to etcd fails in the middle: an outcome that is
 * not known is settled by the same call again, and no reader misses or repeats a record.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, suite, test } from 'node:test';
import { Followed } from '../../test/contract/followed.ts';
import { Etcd } from '../../test/harness/etcd.ts';
import { needs } from '../../test/harness/programs.ts';
import { WireTap } from '../../test/harness/wire-tap.ts';
import { systemClock } from '../base/clock.ts';
import { type Cursor, encodeKey, writeId } from '../base/log-record.ts';
import { systemRandomness } from '../base/randomness.ts';
import { silentRecorder } from '../base/recorder.ts';
import { openEtcd } from './etcd-opening.ts';
import type { Append, AppendOutcome, ChangeLog } from './log.ts';

const { signal } = new AbortController();
const ports = { clock: systemClock, randomness: systemRandomness, recorder: silentRecorder };

function appendAt(at: Cursor, value: string): Append {
  const key = encodeKey({ account: 'test', kind: 'thing', id: 'x' });
  const changes = [{ key, value: Buffer.from(value) }];
  return { at, changes, writeId: writeId(systemRandomness.bytes(16)) };
}

/** The very same call, until it is known. */
async function settled(log: ChangeLog, append: Append): Promise<AppendOutcome> {
  for (;;) {
    const outcome = await log.append(append, signal);
    if (outcome.kind !== 'unknown') return outcome;
  }
}

suite('the wire to etcd', needs('etcd', 'etcdctl'), () => {
  let etcd: Etcd;
  before(async () => {
    etcd = await Etcd.start();
  });
  after(() => etcd.remove());

  /** A log behind a tap, and another one that reaches etcd directly. */
  async function tapped() {
    const tap = await WireTap.open(etcd.addresses[0] ?? '');
    const prefix = randomUUID();
    const open = async (server: string): Promise<ChangeLog> => {
      const settings = { servers: [server], prefix, tls: undefined, quotaBytes: 2 ** 32 };
      return (await openEtcd(settings, ports)).log;
    };
    const log = await open(tap.address);
    const direct = await open(etcd.addresses[0] ?? '');
    const close = async (): Promise<void> => {
      await log.close();
      await direct.close();
      await tap.close();
    };
    return { tap, log, direct, close };
  }

  test('an append whose answer is lost is found again by the same call', async () => {
    const { close, direct, log, tap } = await tapped();
    const append = appendAt(await log.head(signal), '1');
    const direction = tap.swallow('answers');
    const first = log.append(append, signal);
    await direction;
    assert.equal((await first).kind, 'unknown');
    assert.equal((await direct.head(signal)).revision, 1, 'it was made');
    tap.cut();
    const outcome = await settled(log, append);
    assert.deepEqual(outcome, { kind: 'appended', cursor: await direct.head(signal) });
    await close();
  });

  test('one that never arrived is made by the same call, once', async () => {
    const { close, direct, log, tap } = await tapped();
    const append = appendAt(await log.head(signal), '1');
    const direction = tap.swallow('requests');
    const first = log.append(append, signal);
    await direction;
    assert.equal((await first).kind, 'unknown');
    assert.equal((await direct.head(signal)).revision, 0, 'it was not made');
    tap.cut();
    assert.equal((await settled(log, append)).kind, 'appended');
    assert.equal((await direct.head(signal)).revision, 1);
    await close();
  });

  test('where another write came first meanwhile, it is told so, whoever lost the answer', async () => {
    const { close, direct, log, tap } = await tapped();
    const zero = await log.head(signal);
    const [lost, other] = [appendAt(zero, 'lost'), appendAt(zero, 'other')];
    const direction = tap.swallow('requests');
    const first = log.append(lost, signal);
    await direction;
    assert.equal((await first).kind, 'unknown');
    assert.equal((await direct.append(other, signal)).kind, 'appended');
    tap.cut();
    assert.equal((await settled(log, lost)).kind, 'conflict');
    await close();
  });

  test('an answer that is lost, and written over by others, is found all the same', async () => {
    const { close, direct, log, tap } = await tapped();
    const append = appendAt(await log.head(signal), 'mine');
    const direction = tap.swallow('answers');
    const first = log.append(append, signal);
    await direction;
    assert.equal((await first).kind, 'unknown');
    for (const value of ['2', '3', '4']) {
      const next = appendAt(await direct.head(signal), value);
      assert.equal((await direct.append(next, signal)).kind, 'appended');
    }
    tap.cut();
    const outcome = await settled(log, append);
    assert(outcome.kind === 'appended');
    assert.equal(outcome.cursor.revision, 1);
    await close();
  });

  test('a reader whose wire falls silent is told, and misses and repeats nothing', async () => {
    const { close, direct, log, tap } = await tapped();
    const reader = new Followed(log);
    await reader.reaches(0);
    await direct.append(appendAt(await direct.head(signal), '1'), signal);
    await reader.reaches(1);
    await tap.swallow('answers');
    await reader.until(() => reader.told.includes('detached'), 'notice');
    await direct.append(appendAt(await direct.head(signal), '2'), signal);
    await direct.append(appendAt(await direct.head(signal), '3'), signal);
    tap.cut();
    await reader.reaches(3);
    await direct.append(appendAt(await direct.head(signal), '4'), signal);
    await reader.reaches(4);
    await reader.stop();
    const told = reader.told.filter((word) => word !== 'detached' && !word.startsWith('caught'));
    assert.deepEqual(told, ['snapshot', '1', '2', '3', '4']);
    await close();
  });

  test('a log that is deleted under its readers is told as lost, not as empty', async () => {
    const { close, direct, log } = await tapped();
    await direct.append(appendAt(await direct.head(signal), '1'), signal);
    const reader = new Followed(log);
    await reader.reaches(1);
    etcd.control('del', '', '--from-key');
    await reader.until(() => reader.told.at(-1) === 'detached', 'notice');
    await assert.rejects(log.head(signal), /no log under/);
    assert.equal(reader.documents.size, 1);
    await reader.stop();
    await close();
  });
});
