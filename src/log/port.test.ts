/** A reader on another thread where the contract's suite does not reach: ends, deaths, back-pressure. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import { encodeKey, writeId, type Cursor } from '../base/log-record.ts';
import { ManualClock, settle } from '../../test/harness/manual-clock.ts';
import { SeededRandomness } from '../../test/harness/seeded-randomness.ts';
import { Followed } from '../../test/contract/followed.ts';
import { recordBytesMax, type LogReader, type TailEvent } from './log.ts';
import { MemoryLog } from './memory.ts';
import { PortReader, serveReader, windowBytesMax, windowEventsMax } from './port.ts';

const { signal } = new AbortController();
const random = new SeededRandomness(1);
let log: MemoryLog;
let channel: MessageChannel;
let stop: () => void;
let reader: PortReader;

beforeEach(() => {
  log = new MemoryLog({ randomness: random, clock: new ManualClock() });
  channel = new MessageChannel();
  stop = serveReader(channel.port1, log);
  reader = new PortReader(channel.port2);
});

afterEach(async () => {
  await reader.close();
  stop();
  await log.close();
});

async function put(value: Uint8Array, id = 'i'): Promise<Cursor> {
  const changes = [{ key: encodeKey({ account: 'a', kind: 'k', id }), value }];
  const at = await log.head(signal);
  const outcome = await log.append({ at, changes, writeId: writeId(random.bytes(16)) }, signal);
  assert(outcome.kind === 'appended');
  return outcome.cursor;
}

function causeOf(event: TailEvent | undefined): string {
  return event?.kind === 'detached' ? event.cause.message : `no cause but ${event?.kind}`;
}

/** Serves a tail that counts what was taken of it. */
function countingReader(events: () => Iterable<TailEvent>) {
  const taken = { events: 0, over: false };
  const source: LogReader = {
    async *tail(_, signal) {
      for (const event of events()) {
        taken.events += 1;
        yield event;
      }
      if (!signal.aborted) {
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      }
      taken.over = true;
    },
    head: () => log.head(signal),
    close: async () => undefined,
  };
  const { port1, port2 } = new MessageChannel();
  const stop = serveReader(port1, source);
  return { reader: new PortReader(port2), stop, taken };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await settle();
}

test('when the side of the log stops, tails are detached and end, and calls are refused', async () => {
  const watched = new Followed(reader);
  await watched.reaches(0);
  stop();
  await watched.ended;
  assert.equal(watched.failure, undefined);
  assert.deepEqual(watched.told, ['snapshot', 'caughtUp 0', 'detached']);
  assert.match(causeOf(watched.events.at(-1)), /its side closed/);
  await assert.rejects(reader.head(signal), /its side closed/);
  const late = new Followed(reader);
  await late.ended;
  assert.deepEqual(late.told, ['detached']);
});

test('a head that is waited for when the other side stops is refused', async () => {
  const head = reader.head(signal);
  stop();
  await assert.rejects(head, /its side closed/);
});

test('when the log is closed, tails are detached and end', async () => {
  const watched = new Followed(reader);
  await watched.reaches(0);
  await log.close();
  await watched.ended;
  assert.match(causeOf(watched.events.at(-1)), /it was closed/);
  await assert.rejects(reader.head(signal), /closed/);
});

test('a tail that fails on the side of the log says why', async () => {
  const { reader, stop } = countingReader(() => {
    throw new Error('no such luck');
  });
  const watched = new Followed(reader);
  await watched.ended;
  assert.deepEqual(watched.told, ['detached']);
  assert.match(causeOf(watched.events[0]), /no such luck/);
  stop();
});

test('a closed reader ends its tails without a word, and the log gives them up', async () => {
  const { reader, stop, taken } = countingReader(() => [{ kind: 'snapshot' }]);
  const watched = new Followed(reader);
  await watched.until(() => watched.events.length === 1, 'begin');
  await reader.close();
  await reader.close();
  await watched.ended;
  assert.deepEqual(watched.told, ['snapshot']);
  await until(() => taken.over);
  await assert.rejects(reader.head(signal), /closed/);
  stop();
});

test('a reader that gives up is given up on the side of the log', async () => {
  const { reader, stop, taken } = countingReader(() => [{ kind: 'snapshot' }]);
  const watched = new Followed(reader);
  await watched.until(() => watched.events.length === 1, 'begin');
  await watched.stop();
  await until(() => taken.over);
  stop();
});

test('a reader that stands still is sent a window and no more', async () => {
  const small = countingReader(function* () {
    for (;;) yield { kind: 'snapshot' };
  });
  const stands = new Followed(
    small.reader,
    undefined,
    undefined,
    () => new Promise(() => undefined),
  );
  await stands.until(() => stands.events.length === 1, 'begin');
  await until(() => small.taken.events > windowEventsMax);
  for (let turn = 0; turn < 20; turn += 1) await settle();
  // The one beyond is held back on the side of the log.
  assert.equal(small.taken.events, windowEventsMax + 1);
  small.stop();
  await small.reader.close();

  const cursor = await put(new Uint8Array(recordBytesMax / 2));
  const key = encodeKey({ account: 'a', kind: 'k', id: 'i' });
  const changes = [{ key, value: new Uint8Array(recordBytesMax / 2) }];
  const { revision, writeId } = cursor;
  const large = countingReader(function* () {
    for (;;) yield { kind: 'record', record: { revision, writeId, changes } };
  });
  const stuck = new Followed(
    large.reader,
    undefined,
    undefined,
    () => new Promise(() => undefined),
  );
  await stuck.until(() => stuck.events.length === 1, 'begin');
  for (let turn = 0; turn < 50; turn += 1) await settle();
  assert(large.taken.events <= (2 * windowBytesMax) / recordBytesMax + 1);
  large.stop();
  await large.reader.close();
});

test('a value that is part of other memory crosses alone', async () => {
  const memory = Buffer.alloc(1_000_000, 'x');
  memory.write('"value"', 500);
  const { revision, writeId } = await put(Buffer.from('1'));
  const key = encodeKey({ account: 'a', kind: 'k', id: 'i' });
  const changes = [{ key, value: memory.subarray(500, 507) }];
  const { reader, stop } = countingReader(() => [
    { kind: 'record', record: { revision, writeId, changes } },
  ]);
  for await (const event of reader.tail(undefined, signal)) {
    assert(event.kind === 'record');
    const value = event.record.changes[0]?.value;
    assert(value);
    assert.equal(Buffer.from(value).toString(), '"value"');
    assert.equal(value.buffer.byteLength, 7);
    break;
  }
  stop();
  await reader.close();
});

test('when the thread of a reader dies, the log gives its tails up', async () => {
  const { port1, port2 } = new MessageChannel();
  let over = false;
  const stop = serveReader(port1, {
    async *tail(_, signal) {
      yield { kind: 'snapshot' };
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      over = true;
    },
    head: () => log.head(signal),
    close: async () => undefined,
  });
  const code = `
    const { workerData, parentPort } = require('node:worker_threads');
    workerData.on('message', (message) => parentPort.postMessage(message));
    workerData.postMessage({ kind: 'tail', id: 1, from: undefined });
  `;
  const thread = new Worker(code, { eval: true, workerData: port2, transferList: [port2] });
  await new Promise((resolve) => thread.once('message', resolve));
  await thread.terminate();
  await until(() => over);
  stop();
});

test('when the thread of the log dies, its readers are detached', async () => {
  const { port1, port2 } = new MessageChannel();
  const code = `
    const { workerData } = require('node:worker_threads');
    workerData.on('message', ({ id }) => {
      workerData.postMessage({ kind: 'event', id, event: { kind: 'snapshot' } });
    });
  `;
  const thread = new Worker(code, { eval: true, workerData: port1, transferList: [port1] });
  const orphan = new PortReader(port2 satisfies MessagePort);
  const watched = new Followed(orphan);
  await watched.until(() => watched.events.length === 1, 'begin');
  await thread.terminate();
  await watched.ended;
  assert.deepEqual(watched.told, ['snapshot', 'detached']);
  await assert.rejects(orphan.head(signal), /its side closed/);
});
