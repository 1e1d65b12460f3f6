import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OriginFailure } from './origin-failure.ts';
import { StreamedBody } from './streamed-body.ts';

function delivering() {
  const calls: string[] = [];
  const body = new StreamedBody({
    pause: () => calls.push('pause'),
    resume: () => calls.push('resume'),
    abort: () => calls.push('abort'),
  });
  return { body, calls };
}

const piece = new Uint8Array(40_000);

test('pieces come in order, whoever is first', async () => {
  const { body } = delivering();
  const iterator = body[Symbol.asyncIterator]();
  const first = iterator.next();
  body.push(Buffer.from('a'));
  body.push(Buffer.from('b'));
  body.end();
  assert.deepEqual(await first, { done: false, value: Buffer.from('a') });
  assert.deepEqual(await iterator.next(), { done: false, value: Buffer.from('b') });
  assert.equal((await iterator.next()).done, true);
  assert.equal((await iterator.next()).done, true);
});

test('the deliverer is paused while too much waits, and goes on when it is read', async () => {
  const { body, calls } = delivering();
  body.push(piece);
  assert.deepEqual(calls, []);
  body.push(piece);
  body.push(piece);
  assert.deepEqual(calls, ['pause']);
  const iterator = body[Symbol.asyncIterator]();
  await iterator.next();
  assert.deepEqual(calls, ['pause']);
  await iterator.next();
  assert.deepEqual(calls, ['pause', 'resume']);
});

test('a failure comes after the pieces before it, and stays', async () => {
  const { body } = delivering();
  const failure = new OriginFailure('body', 'closed', { retryable: false });
  body.push(piece);
  body.fail(failure);
  body.push(piece);
  body.end();
  const iterator = body[Symbol.asyncIterator]();
  await iterator.next();
  await assert.rejects(iterator.next(), failure);
  await assert.rejects(iterator.next(), failure);
});

test('who leaves early ends the transfer, once', async () => {
  const { body, calls } = delivering();
  body.push(piece);
  for await (const taken of body) {
    assert.equal(taken, piece);
    break;
  }
  body.discard();
  assert.deepEqual(calls, ['abort']);
  const whole = delivering();
  whole.body.end();
  whole.body.discard();
  assert.deepEqual(whole.calls, []);
});
