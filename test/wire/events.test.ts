/** The event stream of the private endpoints: what happens is told at once, and nobody is waited for. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { revision } from '../../src/base/log-record.ts';
import { signDate } from '../../src/http/date-signature.ts';
import { formatHttpDate } from '../../src/http/dates.ts';
import { accountId } from '../../src/model/ids.ts';
import { ApiWorld } from '../harness/api-world.ts';
import { configOf } from '../harness/configs.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import { exchangeRaw, openSocket } from '../harness/raw-http.ts';
import { SeededRandomness } from '../harness/seeded-randomness.ts';

const account = accountId('000000000000');

async function inWorld(play: (world: ApiWorld, clock: ManualClock) => Promise<void>) {
  const clock = new ManualClock();
  const world = await ApiWorld.start({ clock, randomness: new SeededRandomness(7) });
  try {
    await play(world, clock);
  } finally {
    await world.stop();
  }
}

function request(clock: ManualClock): string {
  const date = formatHttpDate(clock.now());
  const signature = signDate('warmfront-secret', date);
  return `GET /_warmfront/events HTTP/1.1\r\nHost: localhost\r\nDate: ${date}\r\nAuthorization: AWS warmfront:${signature}\r\n\r\n`;
}

/** A listener that keeps what it hears. */
class Listener {
  readonly socket: Socket;
  #text = '';
  #checks: (() => void)[] = [];

  static async open(world: ApiWorld, clock: ManualClock): Promise<Listener> {
    const socket = await openSocket(world.port);
    const listener = new Listener(socket);
    socket.write(request(clock));
    await listener.hears(/event: listening\ndata: \{"position":\d+\}\n\n/);
    return listener;
  }

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => undefined);
    socket.on('data', (piece) => {
      this.#text += piece.toString();
      for (const check of this.#checks) check();
    });
  }

  hears(pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        if (pattern.test(this.#text)) resolve(this.#text);
      };
      this.#checks.push(check);
      this.socket.once('close', () => reject(new Error(`closed after: ${this.#text}`)));
      check();
    });
  }
}

test('a listener hears of records and of edges as they happen', async () => {
  await inWorld(async (world, clock) => {
    const listener = await Listener.open(world, clock);
    const { distribution } = await world.control.create(account, 'download', () =>
      configOf('download', 'ref-1'),
    );
    await listener.hears(new RegExp(`event: record\\ndata: \\{"revision":2,.*${distribution.id}`));
    world.control.heardReport({
      edge: 'local1',
      session: 1,
      beat: 1,
      state: 'serving',
      serving: undefined,
    });
    const text = await listener.hears(/event: edge\ndata: .*"local1"/);
    assert.match(text, /Content-Type: text\/event-stream\r\n/);
    assert.match(text, /"state":"serving","position":null\}\n\n/);
    listener.socket.destroy();
  });
});

test('silence is broken by heartbeats', async () => {
  await inWorld(async (world, clock) => {
    const listener = await Listener.open(world, clock);
    await clock.passes(15_000);
    await listener.hears(/: heartbeat\n\n/);
    await clock.passes(15_000);
    await listener.hears(/: heartbeat\n\n[\s\S]*: heartbeat\n\n/);
    listener.socket.destroy();
  });
});

test('a listener that does not read is let go', async () => {
  await inWorld(async (world, clock) => {
    const listener = await Listener.open(world, clock);
    const { socket } = listener;
    socket.pause();
    const over = new Promise((resolve) => {
      socket.once('close', resolve);
    });
    const edge = 'e'.repeat(100_000);
    const head = await world.edgeCatchesUp();
    for (let position = 1; position <= 200; position += 1) {
      const serving = { ...head, revision: revision(position) };
      world.control.heardReport({ edge, session: 1, beat: position, state: 'serving', serving });
    }
    socket.resume();
    await over;
  });
});

test('the most listeners are a hundred, and one that goes makes room', async () => {
  await inWorld(async (world, clock) => {
    const listeners: Listener[] = [];
    for (let count = 0; count < 100; count += 1) listeners.push(await Listener.open(world, clock));
    const refused = await exchangeRaw(world.port, request(clock));
    assert.match(refused, /^HTTP\/1\.1 400 [\s\S]*"code":"Throttling"/);
    listeners[0]?.socket.destroy();
    const again = await retried(() => Listener.open(world, clock));
    for (const { socket } of [...listeners, again]) socket.destroy();
  });
});

/** The server hears of a closed connection a moment after it was closed. */
async function retried<Result>(act: () => Promise<Result>): Promise<Result> {
  for (let tries = 0; ; tries += 1) {
    const attempt = act();
    const outcome = await Promise.race([
      attempt.catch(() => undefined),
      new Promise<undefined>((resolve) => {
        setTimeout(resolve, 200, undefined);
      }),
    ]);
    if (outcome !== undefined) return outcome;
    assert(tries < 20, 'there is never room again');
  }
}

test('streams end when the server stops', async () => {
  const clock = new ManualClock();
  const world = await ApiWorld.start({ clock, randomness: new SeededRandomness(7) });
  const { socket } = await Listener.open(world, clock);
  const over = new Promise((resolve) => {
    socket.once('close', resolve);
  });
  await world.stop();
  await over;
});
