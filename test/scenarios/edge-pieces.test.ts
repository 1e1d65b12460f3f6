/**
 * Objects in pieces: what is too large for the cache in one is kept in parts, each of which may go by
 * itself, and what is missing of a range or of the whole is fetched and no more than that.
 */
import assert from 'node:assert/strict';
import { headerValue } from '../../src/http/header-list.ts';
import { invalidates } from '../harness/invalidating.ts';
import { givesRanges, numberedBody } from '../harness/ranged-origin.ts';
import { scenario, type Stage } from '../harness/scenario.ts';

const mebibyte = 1_048_576;
const small = { cacheBytesMax: 8 * mebibyte, cachedBodyBytesMax: mebibyte };

function rangesAsked({ origin }: Stage, since: number): readonly (string | undefined)[] {
  return origin.asked.slice(since).map(({ headers }) => headerValue(headers, 'range'));
}

async function read(stage: Stage, range?: string) {
  const answer = await stage.viewer.gets('/a', range === undefined ? {} : { Range: range }).answer;
  return { ...answer, xCache: headerValue(answer.headers, 'x-cache')?.split(' ')[0] };
}

scenario(
  'a body too large for the cache in one is a hit in pieces',
  { settings: small },
  async (stage) => {
    const body = numberedBody(3 * mebibyte + 1_000);
    stage.origin.does(givesRanges(body));
    const first = await read(stage);
    assert.equal(first.xCache, 'Miss');
    assert.ok(first.bytes.equals(body));
    stage.origin.wasAsked(1);
    await stage.clock.passes(7_000);
    const again = await read(stage);
    assert.deepEqual(
      [again.status, again.xCache, headerValue(again.headers, 'age')],
      [200, 'Hit', '7'],
    );
    assert.ok(again.bytes.equals(body));
    const part = await read(stage, `bytes=${mebibyte - 10}-${2 * mebibyte + 9}`);
    assert.deepEqual([part.status, part.xCache], [206, 'Hit']);
    assert.ok(part.bytes.equals(body.subarray(mebibyte - 10, 2 * mebibyte + 10)));
    stage.origin.wasAsked(0);
  },
);

scenario('only what is missing of a range is fetched', { settings: small }, async (stage) => {
  const body = numberedBody(10_000);
  stage.origin.does(givesRanges(body));
  await read(stage, 'bytes=1000-1999');
  await read(stage, 'bytes=4000-4999');
  const joined = await read(stage, 'bytes=1500-5499');
  assert.deepEqual([joined.status, joined.xCache], [206, 'Miss']);
  assert.equal(headerValue(joined.headers, 'content-range'), 'bytes 1500-5499/10000');
  assert.ok(joined.bytes.equals(body.subarray(1_500, 5_500)));
  assert.deepEqual(rangesAsked(stage, 2), ['bytes=2000-3999', 'bytes=5000-5499']);
  const before = await read(stage, 'bytes=500-1200');
  assert.ok(before.bytes.equals(body.subarray(500, 1_201)));
  assert.deepEqual(rangesAsked(stage, 4), ['bytes=500-999']);
  // What was fetched for it is kept.
  const hit = await read(stage, 'bytes=500-5499');
  assert.equal(hit.xCache, 'Hit');
  assert.ok(hit.bytes.equals(body.subarray(500, 5_500)));
  assert.equal(stage.origin.asked.length, 5);
});

scenario(
  'pieces that the cache has let go of are fetched again',
  { settings: small },
  async (stage) => {
    const body = numberedBody(6 * mebibyte);
    stage.origin.does(givesRanges(body));
    await read(stage);
    stage.origin.wasAsked(1);
    // Others push most of it out.
    stage.origin.does((socket) => {
      const other = Buffer.alloc(900_000, 'x');
      socket.write(
        `HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: ${other.length}\r\n\r\n`,
      );
      socket.write(other);
    });
    for (let time = 0; time < 5; time += 1) await stage.viewer.gets(`/other-${time}`).answer;
    stage.origin.does(givesRanges(body));
    const asked = stage.origin.asked.length;
    const again = await read(stage);
    assert.ok(again.bytes.equals(body));
    const ranges = rangesAsked(stage, asked);
    assert.ok(ranges.length > 0, 'something was missing');
  },
);

scenario(
  'a changed object is never joined with what it was',
  { settings: small },
  async (stage) => {
    const old = numberedBody(10_000);
    const changed = numberedBody(10_000, 7);
    stage.origin.does(givesRanges(old));
    await read(stage, 'bytes=1000-1999');
    stage.origin.does(givesRanges(changed, '"v2"'));
    // The first byte is missing, so the origin is asked before the head goes out.
    const fresh = await read(stage, 'bytes=0-1999');
    assert.equal(fresh.status, 206);
    assert.ok(fresh.bytes.equals(changed.subarray(0, 2_000)));
    assert.equal(headerValue(fresh.headers, 'etag'), '"v2"');

    stage.origin.does(givesRanges(old, '"v3"'));
    // The head is out already when the change is seen: what is short is cut, never filled up.
    await assert.rejects(read(stage, 'bytes=1000-3999'), /cut/);
    const then = await read(stage, 'bytes=1000-3999');
    assert.ok(then.bytes.equals(old.subarray(1_000, 4_000)));
  },
);

scenario('a viewer may leave in the midst of it', { settings: small }, async (stage) => {
  const body = numberedBody(3 * mebibyte);
  stage.origin.does(givesRanges(body));
  await read(stage, `bytes=0-${mebibyte - 1}`);
  const connection = await stage.viewer.connects();
  connection.write('GET /a HTTP/1.1\r\nHost: d111111abcdef8.cloudfront.localhost\r\n\r\n');
  await stage.origin.hears(2);
  await connection[Symbol.asyncDispose]();
  const whole = await read(stage);
  assert.ok(whole.bytes.equals(body));
});

scenario(
  'an origin that does not know ranges is never asked for parts',
  { settings: small },
  async (stage) => {
    const body = numberedBody(2 * mebibyte);
    stage.origin.does((socket) => {
      socket.write(
        `HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nETag: "a"\r\nContent-Length: ${body.length}\r\n\r\n`,
      );
      socket.write(body);
    });
    for (let time = 0; time < 2; time += 1) {
      const whole = await read(stage);
      assert.equal(whole.xCache, 'Miss');
      assert.ok(whole.bytes.equals(body));
    }
    assert.deepEqual(rangesAsked(stage, 0), [undefined, undefined]);
  },
);

scenario('an invalidation takes pieces along', { settings: small }, async (stage) => {
  const old = numberedBody(2 * mebibyte);
  stage.origin.does(givesRanges(old));
  await read(stage);
  invalidates(stage, '/a');
  const changed = numberedBody(2 * mebibyte, 9);
  stage.origin.does(givesRanges(changed));
  const fresh = await read(stage, 'bytes=100-199');
  assert.ok(fresh.bytes.equals(changed.subarray(100, 200)));
  assert.equal(fresh.xCache, 'Miss');
});
