import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import type { OriginBody } from '../origin/origin-answer.ts';
import { OriginFailure } from '../origin/origin-failure.ts';
import { Compressions } from './compressed-body.ts';

const inflate = { br: brotliDecompressSync, gzip: gunzipSync };

/** An origin's body out of pieces, which tells what was read of it. */
class Source implements OriginBody {
  readonly #pieces: Iterable<Uint8Array | Error>;
  read = 0;
  isDiscarded = false;
  isLeft = false;

  constructor(pieces: Iterable<Uint8Array | Error>) {
    this.#pieces = pieces;
  }

  discard(): void {
    this.isDiscarded = true;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (const piece of this.#pieces) {
        await Promise.resolve();
        if (piece instanceof Error) throw piece;
        this.read += piece.length;
        yield piece;
      }
    } finally {
      this.isLeft = true;
    }
  }
}

async function all(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces);
}

function begun(compressions: Compressions, source: OriginBody, length: number) {
  const body = compressions.begin(source, 'gzip', length);
  assert(body);
  return body;
}

test('what is compressed gives back the bytes of the origin, however they came', async () => {
  const compressions = new Compressions(1);
  const pieces = fc.array(
    fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.tuple(fc.nat(255), fc.nat(40_000)).map(([byte, size]) => new Uint8Array(size).fill(byte)),
    ),
    { maxLength: 30 },
  );
  await fc.assert(
    fc.asyncProperty(pieces, fc.constantFrom('br', 'gzip'), async (given, coding) => {
      const length = given.reduce((sum, piece) => sum + piece.length, 0);
      const body = compressions.begin(new Source(given), coding, length);
      assert(body);
      assert.deepEqual(inflate[coding](await all(body)), Buffer.concat(given));
      await turn();
      assert.equal(compressions.underWay, 0);
    }),
    { numRuns: 60 },
  );
});

test('a body that ends too early, or fails, fails', async () => {
  const compressions = new Compressions(2);
  const short = begun(compressions, new Source([new Uint8Array(9)]), 10);
  await assert.rejects(all(short), OriginFailure);
  const failure = new OriginFailure('body', 'timeout', { retryable: false });
  const failing = begun(compressions, new Source([new Uint8Array(9), failure]), 10);
  await assert.rejects(all(failing), (error) => error === failure);
  await turn();
  assert.equal(compressions.underWay, 0);
});

test('what is beyond the declared length is dropped', async () => {
  const compressions = new Compressions(1);
  const source = new Source([new Uint8Array(9), new Uint8Array(9).fill(1), new Uint8Array(9)]);
  const bytes = gunzipSync(await all(begun(compressions, source, 10)));
  assert.deepEqual([...bytes], [0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
});

function* endless(): Generator<Uint8Array> {
  // No two are alike, so that they do not shrink to nothing.
  let state = 1;
  for (;;) {
    const piece = new Uint8Array(16_384);
    for (let at = 0; at < piece.length; at += 1) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      piece[at] = state;
    }
    yield piece;
  }
}

test('no more is read than is taken', async () => {
  const compressions = new Compressions(1);
  const source = new Source(endless());
  const body = begun(compressions, source, 10_000_000);
  const iterator = body[Symbol.asyncIterator]();
  await iterator.next();
  let before = -1;
  while (before < source.read) {
    before = source.read;
    for (let turns = 0; turns < 50; turns += 1) await turn();
  }
  assert(source.read < 400_000, `${source.read} bytes were read`);
  await iterator.return?.();
  await turn();
  assert(source.isLeft, 'the origin is let go');
  assert.equal(compressions.underWay, 0);
});

test('so many at one time; who is discarded gives his place back', async () => {
  const compressions = new Compressions(2);
  const unread = new Source([new Uint8Array(10)]);
  const one = begun(compressions, unread, 10);
  const reading = new Source([new Uint8Array(5)]);
  const other = begun(compressions, reading, 10);
  assert.equal(compressions.begin(new Source([]), 'br', 10), undefined);
  one.discard();
  one.discard();
  assert(unread.isDiscarded);
  assert.equal(compressions.underWay, 1);
  await assert.rejects(all(one), OriginFailure);
  const lost = assert.rejects(all(other), OriginFailure);
  other.discard();
  await lost;
  await turn();
  assert(reading.isDiscarded);
  assert.equal(compressions.underWay, 0);
});
