import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { plainFacts } from '../../test/harness/access-log-lines.ts';
import { until } from '../../test/harness/until.ts';
import { instant, systemClock } from '../base/clock.ts';
import { systemRandomness } from '../base/randomness.ts';
import { type Facts, type Recorder, silentRecorder } from '../base/recorder.ts';
import { AccessLogs, type AccessLogSettings, type StartedJournal } from './access-logs.ts';
import { Journal } from './journal.ts';
import { journalName } from './spool.ts';

const target = { distributionId: 'E1', bucket: 'Logs', prefix: '' };

type World = {
  readonly root: string;
  readonly logs: AccessLogs;
  readonly said: readonly string[];
  readonly lines: () => number[];
};

function worldOf(t: TestContext, changed: Partial<AccessLogSettings> = {}): World {
  const folder = mkdtempSync(join(tmpdir(), 'warmfront-logs-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const bucket = join(folder, 'bucket');
  mkdirSync(bucket);
  const root = join(folder, 'edges');
  const said: string[] = [];
  const say = (_: Facts, message: string): void => void said.push(message);
  const recorder: Recorder = { ...silentRecorder, warn: say, error: say };
  const logs = new AccessLogs({
    settings: {
      root,
      isTemporary: false,
      fields: 'modern',
      intervalMs: 60_000,
      spoolBytesMax: 100_000_000,
      buckets: { logs: bucket },
      store: undefined,
      workers: 1,
      ...changed,
    },
    clock: systemClock,
    randomness: systemRandomness,
    recorder,
    recorderOptions: { level: 'silent', readable: false, colors: false },
  });
  const lines = (): number[] =>
    readdirSync(bucket)
      .filter((name) => name.endsWith('.gz'))
      .flatMap((name) =>
        gunzipSync(readFileSync(join(bucket, name)))
          .toString('latin1')
          .split('\n'),
      )
      .filter((line) => line.startsWith('2010'))
      .map((line) => Number(line.split('\t')[3]))
      .sort((a, b) => a - b);
  return { root, logs, said, lines };
}

/** As the thread of a worker makes it. */
function journalOf({ start }: StartedJournal): Journal {
  return new Journal({
    ...start,
    clock: systemClock,
    recorder: silentRecorder,
    onClosed: () => start.notices.postMessage('closed'),
  });
}

async function opened(root: string): Promise<void> {
  await until('the line is on disk', () => {
    const names = existsSync(root) ? readdirSync(root, { recursive: true }) : [];
    return names.some((name) => String(name).endsWith('.open')) ? true : undefined;
  });
}

test('what a journal closes is delivered by a thread of its own, which ends with the server', async (t) => {
  const { lines, logs, root } = worldOf(t);
  await logs.start();
  const started = logs.startJournal('paris');
  const journal = journalOf(started);
  for (const sentBytes of [1, 2, 3]) journal.write(target, { ...plainFacts, sentBytes });
  await journal.close();
  started.start.notices.close();
  started.ended();
  await logs.stop();
  assert.deepEqual(lines(), [1, 2, 3]);
  assert.deepEqual(readdirSync(join(root, 'paris/access-log')), []);
  assert.equal(logs.counts.deliveredLines, 3);
});

test('what a dead thread left open is delivered, and what another writes is left alone', async (t) => {
  const { lines, logs, root } = worldOf(t);
  await logs.start();
  const dead = logs.startJournal('paris');
  journalOf(dead).write(target, { ...plainFacts, sentBytes: 1 });
  await opened(root);
  const alive = logs.startJournal('rome');
  const journal = journalOf(alive);
  journal.write(target, { ...plainFacts, sentBytes: 2 });
  await opened(join(root, 'rome'));

  dead.ended();
  await until('the dead one has its line', () => (lines().length === 1 ? true : undefined));
  assert.deepEqual(lines(), [1]);
  assert.equal(
    readdirSync(join(root, 'rome/access-log')).filter((name) => name.endsWith('.open')).length,
    1,
  );

  await journal.close();
  alive.ended();
  await logs.stop();
  assert.deepEqual(lines(), [1, 2]);
});

test('a start takes up what an earlier run left open', async (t) => {
  const { lines, logs, root } = worldOf(t);
  const before = logs.startJournal('paris');
  journalOf(before).write(target, { ...plainFacts, sentBytes: 7 });
  await opened(root);
  // Another server on the same folder, after a kill.
  const again = worldOf(t, { root, buckets: { LOGS: join(root, '../bucket') } });
  await again.logs.start();
  await until('it is delivered', () => (lines().length === 1 ? true : undefined));
  await again.logs.stop();
  await logs.stop();
});

test('without a line there is neither a folder nor a thread', async (t) => {
  const { logs, root } = worldOf(t);
  await logs.start();
  const started = logs.startJournal('paris');
  await journalOf(started).close();
  started.ended();
  const begun = performance.now();
  await logs.stop();
  assert(performance.now() - begun < 1_000);
  assert(!existsSync(root));
});

test('a temporary folder goes with the server, and what is lost with it is told', async (t) => {
  const { logs, root, said } = worldOf(t, { isTemporary: true, buckets: {} });
  const started = logs.startJournal('paris');
  const journal = journalOf(started);
  journal.write(target, plainFacts);
  await journal.close();
  started.ended();
  await logs.stop();
  assert(!existsSync(root));
  assert.match(said.join(), /no bucket took/);
});

test('a journal that cannot be closed keeps neither the server nor the others', async (t) => {
  const { lines, logs, root, said } = worldOf(t);
  const before = logs.startJournal('paris');
  journalOf(before).write(target, { ...plainFacts, sentBytes: 7 });
  await opened(root);
  const spool = join(root, 'paris/access-log');
  mkdirSync(spool, { recursive: true });
  const stuck = journalName(instant(1), '0123456789abcdef0123', 1);
  writeFileSync(join(spool, `${stuck}.open`), '');
  // What it would be renamed to is a folder that is not empty.
  mkdirSync(join(spool, `${stuck}.closed/x`), { recursive: true });
  const again = worldOf(t, { root, buckets: { logs: join(root, '../bucket') } });
  await again.logs.start();
  assert.deepEqual(again.said, ['a journal of access logs cannot be closed']);
  rmSync(join(spool, `${stuck}.closed`), { recursive: true });
  await again.logs.stop();
  assert.deepEqual(lines(), [7]);
  assert.deepEqual(said, []);
  await logs.stop();
});
