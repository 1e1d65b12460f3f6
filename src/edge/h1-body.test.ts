import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BodyFault, framingOf } from '../http/body-framing.ts';
import type { RequestBody } from '../http/request-head.ts';
import { H1Body } from './h1-body.ts';
import { ViewerGone } from './viewer.ts';

/** A connection on which bytes come when the test says so. */
class Bytes {
  unread = Buffer.alloc(0);
  waits = 0;
  toldToGoOn = 0;
  readonly body: H1Body;

  constructor(kind: Exclude<RequestBody, { kind: 'none' }>, expectsContinue = false) {
    this.body = new H1Body(framingOf(kind), kind.kind === 'length' ? kind.bytes : undefined, {
      peek: () => this.unread,
      consume: (count) => {
        this.unread = this.unread.subarray(count);
      },
      wait: () => {
        this.waits += 1;
      },
      tellToGoOn: expectsContinue
        ? () => {
            this.toldToGoOn += 1;
          }
        : undefined,
    });
  }

  /** True where somebody waited for it. */
  comes(text: string): boolean {
    this.unread = Buffer.concat([this.unread, Buffer.from(text, 'latin1')]);
    return this.body.arrive();
  }
}

function textOf({ value }: IteratorResult<Uint8Array>): string | undefined {
  return value === undefined ? undefined : Buffer.from(value).toString('latin1');
}

test('what has come is read at once, and what follows the body is left', async () => {
  const connection = new Bytes({ kind: 'length', bytes: 5 });
  assert.equal(connection.comes('helloNEXT'), false, 'nobody waits yet');
  const reading = connection.body[Symbol.asyncIterator]();
  assert.equal(textOf(await reading.next()), 'hello');
  assert.equal((await reading.next()).done, true);
  assert(connection.body.isComplete);
  assert.equal(connection.unread.toString(), 'NEXT');
  assert.equal(connection.waits, 0);
});

test('a reader waits for more, and is given it as it comes', async () => {
  const connection = new Bytes({ kind: 'chunked' });
  const reading = connection.body[Symbol.asyncIterator]();
  const first = reading.next();
  assert.equal(connection.waits, 1);
  assert.equal(connection.comes('5\r\n'), false, 'a size is nothing to read');
  assert.equal(connection.comes('hel'), true);
  assert.equal(textOf(await first), 'hel');
  const second = reading.next();
  assert.equal(connection.comes('lo\r\n2\r\n!!\r\n0\r\n\r\n'), true);
  assert.equal(textOf(await second), 'lo');
  assert.equal(textOf(await reading.next()), '!!');
  assert.equal((await reading.next()).done, true);
  assert.equal(connection.body.length, undefined);
});

test('nothing is taken off the connection before somebody reads', () => {
  const connection = new Bytes({ kind: 'length', bytes: 5 });
  connection.comes('hello');
  assert.equal(connection.unread.toString(), 'hello');
  assert(!connection.body.begun && !connection.body.isComplete);
});

test('a viewer that waits is told to go on at the first reading, and once', async () => {
  const connection = new Bytes({ kind: 'length', bytes: 2 }, true);
  assert.equal(connection.toldToGoOn, 0);
  const reading = connection.body[Symbol.asyncIterator]();
  const first = reading.next();
  assert.equal(connection.toldToGoOn, 1);
  connection.comes('a');
  await first;
  const second = reading.next();
  assert.equal(connection.toldToGoOn, 1);
  connection.comes('b');
  await second;
});

test('a viewer that did not wait is told nothing', async () => {
  const connection = new Bytes({ kind: 'length', bytes: 2 }, true);
  connection.comes('ab');
  assert.equal(textOf(await connection.body[Symbol.asyncIterator]().next()), 'ab');
  assert.equal(connection.toldToGoOn, 0);
});

test('what is no body is told at every reading, after what came before it', async () => {
  const connection = new Bytes({ kind: 'chunked' });
  const reading = connection.body[Symbol.asyncIterator]();
  connection.comes('2\r\nab\r\n');
  assert.equal(textOf(await reading.next()), 'ab');
  const waiting = reading.next();
  connection.comes('no size\r\n');
  await assert.rejects(waiting, BodyFault);
  await assert.rejects(reading.next(), BodyFault);
  assert(connection.body.fault instanceof BodyFault);
  assert(!connection.body.isComplete);
});

test('when the viewer goes, whoever reads hears of it; what is whole stays whole', async () => {
  const connection = new Bytes({ kind: 'length', bytes: 5 });
  const waiting = connection.body[Symbol.asyncIterator]().next();
  connection.body.leave();
  await assert.rejects(waiting, ViewerGone);
  assert(connection.body.fault instanceof ViewerGone);

  const whole = new Bytes({ kind: 'length', bytes: 1 });
  whole.comes('a');
  const reading = whole.body[Symbol.asyncIterator]();
  await reading.next();
  whole.body.leave();
  assert.equal(whole.body.fault, undefined);
  assert.equal((await reading.next()).done, true);
});
