/** Tails where the contract's suite does not reach: lost contact, and what is kept for the slow. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeKey, logId, revision, writeId } from '../base/log-record.ts';
import type { Cursor, LogRecord } from '../base/log-record.ts';
import { ManualClock, settle } from '../../test/harness/manual-clock.ts';
import { cursorOf } from './append-rules.ts';
import type { TailEvent } from './log.ts';
import { Tails, type Page, type PageRequest } from './tail.ts';

const zero: Cursor = {
  logId: logId(new Uint8Array(16)),
  revision: revision(0),
  writeId: writeId(new Uint8Array(16)),
};

function record(position: number, bytes = 10): LogRecord {
  const key = encodeKey({ account: 'a', kind: 'k', id: String(position) });
  const changes = [{ key, value: new Uint8Array(bytes) }];
  return { revision: revision(position), writeId: zero.writeId, changes };
}

/** Tails over a store that holds every record, and may be told to fail. */
function setUp(limits: { keptRecordsMax?: number; keptBytesMax?: number } = {}) {
  const clock = new ManualClock();
  const all: LogRecord[] = [];
  const asked: PageRequest[] = [];
  const failing = { now: false };
  const readPage = async (request: PageRequest): Promise<Page> => {
    asked.push(request);
    if (failing.now) throw new Error('the store is out of reach');
    const records = all.filter(({ revision }) => revision > request.after);
    const last = all.at(-1);
    return { kind: 'page', records, head: last ? cursorOf(zero, last) : zero, more: false };
  };
  const tails = new Tails({ head: zero, clock, readPage, ...limits });
  const push = (bytes?: number) => {
    const next = record(all.length + 1, bytes);
    all.push(next);
    tails.push(next);
  };
  return { asked, clock, failing, push, tails };
}

function told(event: TailEvent): string {
  if (event.kind === 'record') return String(event.record.revision);
  return event.kind === 'caughtUp' ? `caughtUp ${event.cursor.revision}` : event.kind;
}

async function next(tail: AsyncGenerator<TailEvent, void>): Promise<string> {
  const { done, value } = await tail.next();
  return done || !value ? 'end' : told(value);
}

test('lost contact is told, and the tail goes on by itself where it was', async () => {
  const { asked, clock, failing, push, tails } = setUp();
  const tail = tails.tail(zero, new AbortController().signal);
  push();
  failing.now = true;
  assert.equal(await next(tail), 'detached');
  // It waits longer after each failure, up to a second.
  for (const waitMs of [50, 100, 200, 400, 800, 1_000, 1_000]) {
    const failed = next(tail);
    await settle();
    const tries = asked.length;
    await clock.passes(waitMs - 1);
    assert.equal(asked.length, tries);
    await clock.passes(1);
    assert.equal(await failed, 'detached');
  }
  failing.now = false;
  const back = next(tail);
  await clock.passes(1_000);
  assert.equal(await back, '1');
  assert.equal(await next(tail), 'caughtUp 1');
  push();
  assert.equal(await next(tail), '2');
  assert.equal(await next(tail), 'caughtUp 2');
});

test('a lost log ends its tails after it was told, a closed one without a word', async () => {
  for (const cause of [undefined, new Error('the disk is gone')]) {
    const { tails } = setUp();
    const tail = tails.tail(zero, new AbortController().signal);
    assert.equal(await next(tail), 'caughtUp 0');
    const last = next(tail);
    tails.end(cause);
    if (cause !== undefined) assert.equal(await last, 'detached');
    assert.equal(cause === undefined ? await last : await next(tail), 'end');
    const late = tails.tail(undefined, new AbortController().signal);
    assert.equal(await next(late), cause === undefined ? 'end' : 'detached');
  }
});

test('a reader that keeps up is served from memory', async () => {
  const { asked, push, tails } = setUp({ keptRecordsMax: 3 });
  const tail = tails.tail(zero, new AbortController().signal);
  assert.equal(await next(tail), 'caughtUp 0');
  for (let position = 1; position <= 10; position += 1) {
    push();
    assert.equal(await next(tail), String(position));
    assert.equal(await next(tail), `caughtUp ${position}`);
  }
  assert.equal(asked.length, 1);
});

test('a reader that stood still is served from the store again, by number and by bytes', async () => {
  for (const limits of [{ keptRecordsMax: 3 }, { keptBytesMax: 400 }]) {
    const { asked, push, tails } = setUp(limits);
    const tail = tails.tail(zero, new AbortController().signal);
    assert.equal(await next(tail), 'caughtUp 0');
    for (let count = 0; count < 8; count += 1) push(100);
    for (let position = 1; position <= 8; position += 1) {
      assert.equal(await next(tail), String(position));
    }
    assert.equal(await next(tail), 'caughtUp 8');
    assert.deepEqual(
      asked.map(({ after, every }) => [after, every]),
      [
        [0, false],
        [0, true],
      ],
    );
  }
});

test('what is kept is kept once, whatever the number of readers', async () => {
  const { asked, push, tails } = setUp();
  const { signal } = new AbortController();
  const readers = Array.from({ length: 200 }, () => tails.tail(zero, signal));
  for (const reader of readers) assert.equal(await next(reader), 'caughtUp 0');
  const waiting = readers.map((reader) => reader.next());
  push();
  const events = await Promise.all(waiting);
  const records = new Set(
    events.map(({ value }) => (value?.kind === 'record' ? value.record : undefined)),
  );
  assert.equal(records.size, 1, 'all were given the same record');
  assert.equal(asked.length, 200);
});

test('records out of order are a bug that is not passed on', () => {
  const { tails } = setUp();
  assert.throws(() => tails.push(record(2)), /in order, none left out/);
});
