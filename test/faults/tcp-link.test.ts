/** A link that is cut holds what is sent and loses nothing; who was cut off hears of nothing. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { TcpLink, type TcpLinkOptions } from '../harness/tcp-link.ts';
import { pause, until } from '../harness/until.ts';

type Ends = { readonly link: TcpLink; readonly dial: () => Promise<End>; readonly far: End[] };

class End {
  heard = '';
  isOver = false;
  readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1').on('data', (piece: string) => {
      this.heard += piece;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.isOver = true;
    });
  }

  hears(text: string): Promise<true> {
    return until(`${text} is heard`, () => this.heard === text || undefined, {
      seen: () => this.heard,
    });
  }
}

async function open(t: TestContext, options?: TcpLinkOptions): Promise<Ends> {
  const far: End[] = [];
  const server = createServer((socket) => far.push(new End(socket)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert(typeof address === 'object' && address !== null);
  const link = await TcpLink.open(address.port, options);
  t.after(async () => {
    await link.close();
    server.close();
  });
  const dial = async (): Promise<End> => {
    const socket = connect({ port: link.port, host: '127.0.0.1' });
    await once(socket, 'connect');
    return new End(socket);
  };
  return { link, far, dial };
}

async function next(far: readonly End[], count: number): Promise<End> {
  return until(`connection ${count} arrives`, () => far[count - 1]);
}

test('what is sent during a cut comes afterwards, in its order, and its end last', async (t) => {
  const { dial, far, link } = await open(t);
  const near = await dial();
  near.socket.write('a');
  const other = await next(far, 1);
  await other.hears('a');
  link.cut();
  near.socket.write('b');
  other.socket.write('x');
  await pause(30);
  near.socket.end('c');
  await pause(30);
  assert.deepEqual([other.heard, near.heard, other.isOver], ['a', '', false]);
  link.heal();
  await other.hears('abc');
  await near.hears('x');
  await until('both are over', () => (near.isOver && other.isOver) || undefined);
});

test('one way may be cut alone', async (t) => {
  const { dial, far, link } = await open(t);
  const near = await dial();
  link.cut({ directions: ['down'] });
  near.socket.write('a');
  const other = await next(far, 1);
  await other.hears('a');
  other.socket.write('x');
  await pause(30);
  assert.equal(near.heard, '');
  link.heal();
  await near.hears('x');
});

test('one of several senders may be cut off alone', async (t) => {
  const { dial, far, link } = await open(t, { senderOf: (first) => first.slice(0, 1) });
  link.cut({ directions: ['up', 'down'], sender: 'a' });
  const cutOff = await dial();
  cutOff.socket.write('a1');
  await next(far, 1);
  const other = await dial();
  other.socket.write('b1');
  await (await next(far, 2)).hears('b1');
  assert.equal(far[0]?.heard, '');
  link.heal();
  await far[0]?.hears('a1');
});

test('a text is seen before it arrives, also in two pieces', async (t) => {
  const { dial, far, link } = await open(t);
  const near = await dial();
  link.watch('needle', () => link.cut({ directions: ['down'] }));
  near.socket.write('hay nee');
  const other = await next(far, 1);
  await other.hears('hay nee');
  near.socket.write('dle hay');
  await other.hears('hay needle hay');
  other.socket.write('an answer');
  await pause(30);
  assert.equal(near.heard, '');
  link.heal();
  await near.hears('an answer');
});
