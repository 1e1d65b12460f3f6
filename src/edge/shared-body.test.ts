import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant } from '../base/clock.ts';
import { revision } from '../base/log-record.ts';
import { MemoryStore } from '../cache/memory-store.ts';
import type { OriginBody } from '../origin/origin-answer.ts';
import { OriginFailure } from '../origin/origin-failure.ts';
import type { Keeping } from './passing.ts';
import { SharedBody } from './shared-body.ts';
import { Tally } from './tally.ts';

const pieceBytes = 65_536;
const plenty = 1_073_741_824;

/** Pieces that tell which they are, as many as are asked for. */
class CountedSource implements OriginBody {
  given = 0;
  discarded = false;
  readonly #pieces: number;
  readonly #failure: Error | undefined;

  constructor(pieces: number, failure?: Error) {
    this.#pieces = pieces;
    this.#failure = failure;
  }

  discard(): void {
    this.discarded = true;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    while (this.given < this.#pieces) {
      this.given += 1;
      yield Buffer.alloc(pieceBytes, this.given);
      await Promise.resolve();
    }
    if (this.#failure !== undefined) throw this.#failure;
  }
}

function keepingOf(declared: number | undefined): { keeping: Keeping; store: MemoryStore } {
  const store = new MemoryStore({ bytesMax: plenty, bodyBytesMax: plenty });
  const filling = store.fill('k', declared);
  assert(filling);
  const aging = { receivedAt: instant(0), ageAtArrivalMs: 0, lifetimeS: 60 };
  const ttl = { minS: 0, defaultS: 60, maxS: 60 };
  const object = { key: 'k', status: 200, headers: [], aging, ttl, fetchedAt: revision(1) };
  return { keeping: { filling, object, inPieces: false }, store };
}

function kept(source: CountedSource, pieces: number, memory = new Tally(plenty)) {
  const declared = pieces * pieceBytes;
  const { keeping, store } = keepingOf(declared);
  return { body: new SharedBody(source, { declared, keeping, memory }), store, memory };
}

function unkept(source: CountedSource, memory = new Tally(plenty)): SharedBody {
  return new SharedBody(source, { declared: undefined, keeping: undefined, memory });
}

function joined(body: SharedBody): AsyncIterator<Uint8Array> & { readonly reader: OriginBody } {
  const reader = body.join();
  assert(reader, 'it can still be joined');
  const iterator = reader[Symbol.asyncIterator]();
  return { reader, next: () => iterator.next() };
}

/** The numbers of the pieces that a reader still gets, by their first bytes. */
async function rest(reader: AsyncIterator<Uint8Array>): Promise<number[]> {
  const numbers: number[] = [];
  let seen = 0;
  for (;;) {
    const { done, value } = await reader.next();
    if (done === true) return numbers;
    for (const byte of value) {
      if (seen % pieceBytes === 0) numbers.push(byte);
      seen += 1;
    }
  }
}

function upTo(count: number, from = 1): number[] {
  return Array.from({ length: count - from + 1 }, (_, index) => from + index);
}

test('all who read get every byte, and it is stored', async () => {
  const { body, memory, store } = kept(new CountedSource(3), 3);
  const readers = [joined(body), joined(body), joined(body)];
  assert.deepEqual(await Promise.all(readers.map(rest)), [upTo(3), upTo(3), upTo(3)]);
  assert.equal(store.find('k')?.body?.length, 3 * pieceBytes);
  await body.over;
  assert.equal(memory.inUse, 0);
});

test('bytes that several readers have not taken yet are counted once', async () => {
  const { body, memory } = kept(new CountedSource(8), 8);
  const [fast, slow, other] = [joined(body), joined(body), joined(body)];
  for (let taken = 0; taken < 3; taken += 1) await fast.next();
  assert.equal(memory.inUse, 3 * pieceBytes);
  slow.reader.discard();
  other.reader.discard();
  assert.deepEqual(await rest(fast), upTo(8, 4));
  assert.equal(memory.inUse, 0);
});

test('who comes late reads from the start, as long as that is at hand', async () => {
  const { body } = kept(new CountedSource(8), 8);
  const other = unkept(new CountedSource(8));
  for (const one of [body, other]) {
    const first = joined(one);
    await first.next();
    assert.deepEqual((await joined(one).next()).value?.[0], 1);
    for (let taken = 1; taken < 4; taken += 1) await first.next();
  }
  const first = joined(body);
  for (let taken = 0; taken < 6; taken += 1) await first.next();
  assert.deepEqual(await rest(joined(body)), upTo(8), 'read back from what is kept');
});

test('who comes late to a body that is not kept finds its start no more', async () => {
  const body = unkept(new CountedSource(8));
  const first = joined(body);
  for (let taken = 0; taken < 6; taken += 1) await first.next();
  assert.equal(body.join(), undefined);
  assert.equal(body.joinFor({ start: 0, end: 1 }), undefined);
});

test('where bytes are kept, a slow reader holds up nobody and goes on from the store', async () => {
  const { body } = kept(new CountedSource(12), 12);
  const [fast, slow] = [joined(body), joined(body)];
  assert.deepEqual(await rest(fast), upTo(12));
  assert.deepEqual(await rest(slow), upTo(12));
});

test('a slow reader that is left alone has the rest fetched', async () => {
  const source = new CountedSource(12);
  const { body, store } = kept(source, 12);
  const [fast, slow] = [joined(body), joined(body)];
  for (let taken = 0; taken < 8; taken += 1) await fast.next();
  fast.reader.discard();
  assert.deepEqual(await rest(slow), upTo(12));
  assert.equal(source.given, 12);
  assert(store.find('k'));
});

test('where bytes are not kept, the slowest reader sets the pace', async () => {
  const source = new CountedSource(20);
  const body = unkept(source);
  const [fast, slow] = [joined(body), joined(body)];
  for (let taken = 0; taken < 4; taken += 1) await fast.next();
  const fifth = fast.next();
  const early = await Promise.race([fifth.then(() => 'given'), settled()]);
  assert.equal(early, 'not given');
  const all = rest(slow);
  assert.equal((await fifth).value?.[0], 5);
  assert.deepEqual(await Promise.all([all, rest(fast)]), [upTo(20), upTo(20, 6)]);
});

test('where memory is full, no start is held and no queue takes a second piece', async () => {
  const memory = new Tally(pieceBytes);
  const other = new Tally(0);
  assert(other.isFull);
  memory.take(pieceBytes);
  const source = new CountedSource(20);
  const body = unkept(source, memory);
  const [fast, slow] = [joined(body), joined(body)];
  await fast.next();
  assert.equal(body.join(), undefined, 'no start is held');
  assert.equal(memory.inUse, 2 * pieceBytes, 'the piece that the slow reader has');
  const second = fast.next();
  assert.equal(await Promise.race([second.then(() => 'given'), settled()]), 'not given');
  const all = rest(slow);
  assert.equal((await second).value?.[0], 2);
  assert.deepEqual(await Promise.all([all, rest(fast)]), [upTo(20), upTo(20, 3)]);
  assert.equal(memory.inUse, pieceBytes);
});

test('when the last reader leaves, the fetch ends and nothing is stored', async () => {
  const source = new CountedSource(8);
  const { body, memory, store } = kept(source, 8);
  const [one, two] = [joined(body), joined(body)];
  await one.next();
  one.reader.discard();
  assert(!source.discarded);
  two.reader.discard();
  assert(source.discarded);
  await body.over;
  assert.equal(store.find('k'), undefined);
  assert.equal(memory.inUse, 0);
  assert.equal(body.join(), undefined);
});

test('where the origin fails, every reader hears of it and nothing is stored', async () => {
  const failure = new OriginFailure('body', 'closed', { retryable: false });
  const { body, memory, store } = kept(new CountedSource(2, failure), 4);
  const readers = [joined(body), joined(body)];
  const outcomes = await Promise.allSettled(readers.map(rest));
  for (const outcome of outcomes) {
    assert(outcome.status === 'rejected' && outcome.reason === failure);
  }
  assert.equal(store.find('k'), undefined);
  assert.equal(memory.inUse, 0);
});

test('a part is cut from what comes, and read back from what has come', async () => {
  const source = new CountedSource(24);
  const { body } = kept(source, 24);
  const first = joined(body);
  await first.next();
  const part = (start: number, end: number) => body.joinFor({ start, end });
  const early = part(pieceBytes + 10, 3 * pieceBytes);
  assert(early);
  assert.equal(part(20 * pieceBytes, 21 * pieceBytes), undefined, 'too far ahead');
  const [all, some] = await Promise.all([rest(first), bytesOf(early)]);
  assert.deepEqual(all, upTo(24, 2));
  assert.equal(some.length, 2 * pieceBytes - 10);
  assert.deepEqual([some[0], some.at(-1)], [2, 3]);
  const late = part(20 * pieceBytes + 1, 20 * pieceBytes + 3);
  assert(late);
  assert.deepEqual(await bytesOf(late), Buffer.from([21, 21]));
});

test('who has its part leaves, and the fetch ends with the last one', async () => {
  const source = new CountedSource(24);
  const { body } = kept(source, 24);
  const part = body.joinFor({ start: 1, end: 3 });
  assert(part);
  assert.deepEqual(await bytesOf(part), Buffer.from([1, 1]));
  assert(source.discarded);
  await body.over;
});

async function bytesOf(body: OriginBody): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** After everything that could have happened by now. */
async function settled(): Promise<'not given'> {
  for (let turn = 0; turn < 20; turn += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  return 'not given';
}
