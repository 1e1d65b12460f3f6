/**
 * Bodies of any size pass in constant memory: the origin is read no faster than the viewer reads, and
 * a viewer that does not read at all is let go in the end (edge contract 6.2, 6.3).
 */
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { edgeBounds } from '../../src/edge/bounds.ts';
import { distributionOf, host, scenario, type Stage } from '../harness/scenario.ts';
import { until } from '../harness/until.ts';

const mebibyte = 1_024 * 1_024;
const piece = Buffer.alloc(65_536, 'warmfront ');

/** Writes `length` bytes as fast as they are taken; tells how many have been. */
function pour(socket: Socket, length: number): { readonly poured: () => number } {
  let poured = 0;
  socket.write(`HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Length: ${length}\r\n\r\n`);
  const go = (): void => {
    while (poured < length) {
      const next = piece.subarray(0, Math.min(piece.length, length - poured));
      poured += next.length;
      if (!socket.write(next)) {
        socket.once('drain', go);
        return;
      }
    }
  };
  go();
  return { poured: () => poured };
}

type Taken = { readonly bytes: number; readonly status: string };

/** Reads a whole answer and keeps none of it. */
async function takes(port: number, path: string, whenAt: (bytes: number) => void): Promise<Taken> {
  const socket = connect(port, '127.0.0.1');
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  let status = '';
  let bytes = 0;
  for await (const arrived of socket) {
    assert(Buffer.isBuffer(arrived));
    let body = arrived;
    if (status === '') {
      const end = arrived.indexOf('\r\n\r\n');
      assert(end > 0, 'the head comes in one piece');
      status = arrived.toString('latin1', 0, arrived.indexOf('\r\n'));
      body = arrived.subarray(end + 4);
    }
    bytes += body.length;
    whenAt(bytes);
  }
  return { status, bytes };
}

function residentMebibytes(): number {
  return process.memoryUsage.rss() / mebibyte;
}

async function passesInConstantMemory(
  { port }: Stage,
  path: string,
  length: number,
): Promise<void> {
  let before = 0;
  let most = 0;
  let next = 0;
  const taken = await takes(port, path, (bytes) => {
    if (bytes < next) return;
    next = bytes + 16 * mebibyte;
    // Once everything is under way, what is needed has been taken from the system.
    if (bytes > length / 8 && before === 0) before = residentMebibytes();
    most = Math.max(most, residentMebibytes());
  });
  assert.deepEqual(taken, { status: 'HTTP/1.1 200 OK', bytes: length });
  assert(most - before < 64, `memory grew by ${Math.round(most - before)} MiB`);
}

/** What the cache takes of memory is no growth that is meant here. */
const smallCache = { settings: { cacheBytesMax: 4 * mebibyte } };

scenario('a gibibyte from an origin passes in constant memory', smallCache, async (stage) => {
  const length = 1_024 * mebibyte;
  stage.origin.does((socket) => void pour(socket, length));
  await passesInConstantMemory(stage, '/a', length);
});

scenario('a quarter of one from a folder passes in constant memory', smallCache, async (stage) => {
  const length = 256 * mebibyte;
  stage.serves(distributionOf('s3'));
  const file = await open(join(stage.folder, 'large'), 'w');
  await file.truncate(length);
  await file.close();
  await passesInConstantMemory(stage, '/large', length);
});

scenario('an origin is read no faster than the viewer reads', async ({ origin, viewer }) => {
  const length = 256 * mebibyte;
  let poured: (() => number) | undefined;
  origin.does((socket) => {
    ({ poured } = pour(socket, length));
  });
  await using connection = await viewer.connects();
  connection.socket.pause();
  connection.write(`GET /a HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  await origin.hears(1);
  let last = -1;
  const stopped = await until('the origin is no longer read', async () => {
    await new Promise((resolve) => setTimeout(resolve, 200));
    const now = poured?.() ?? 0;
    if (now === last && now > 0) return now;
    last = now;
    return undefined;
  });
  // What the sockets of loopback take on their way, several times over; never the whole.
  assert(stopped < 32 * mebibyte, `${stopped} bytes were read ahead`);
});

scenario(
  'a slow viewer is no failure of the origin, and gets all of it',
  { settings: { originReadTimeoutMs: 200 } },
  async ({ origin, port }) => {
    const length = 24 * mebibyte;
    origin.does((socket) => void pour(socket, length));
    const socket = connect(port, '127.0.0.1');
    socket.pause();
    socket.write(`GET /a HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    await origin.hears(1);
    // Longer than the origin may be silent, also by the coarse timers of its client.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    let bytes = 0;
    socket.on('data', (arrived: Buffer) => {
      bytes += arrived.length;
    });
    socket.resume();
    await once(socket, 'end');
    assert(bytes > length, `${bytes} bytes of ${length} came`);
  },
);

scenario('a viewer that takes nothing is let go, and so is the origin', async (stage) => {
  const { clock, origin, viewer } = stage;
  origin.does((socket) => void pour(socket, 256 * mebibyte));
  await using connection = await viewer.connects();
  connection.socket.pause();
  connection.write(`GET /a HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  await origin.hears(1);
  await until('the origin is left', async () => {
    await clock.passes(edgeBounds.drainMsMax / 4);
    await new Promise(setImmediate);
    return origin.isOpen(1) ? undefined : true;
  });
});

scenario('a hit is written no faster than it is taken, and many are', async (stage) => {
  const { edge, origin, viewer } = stage;
  const body = 'x'.repeat(8 * mebibyte);
  origin.answers(200, {}, body);
  await viewer.gets('/a').sees({ xCache: 'Miss', body });
  const connections = await Promise.all(Array.from({ length: 20 }, () => viewer.connects()));
  for (const connection of connections) {
    connection.socket.pause();
    connection.write(`GET /a HTTP/1.1\r\nHost: ${host}\r\n\r\n`.repeat(50));
  }
  // A thousand answers of 8 MiB are due; what is held is held once.
  const before = residentMebibytes();
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert(residentMebibytes() - before < 128, 'memory is bounded');
  edge.forget();
  const [first] = connections;
  assert(first);
  first.socket.resume();
  assert.equal((await first.answer()).body.length, body.length);
  for (const connection of connections) connection.socket.destroy();
});

scenario('closing lets what is under way finish, and takes nothing new', async (stage) => {
  const { edge, origin, viewer } = stage;
  let finish: (() => void) | undefined;
  origin.does((socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nha');
    finish = () => socket.write('lf');
  });
  await using idle = await viewer.connects();
  const asking = viewer.gets('/a');
  await origin.hears(1);
  const closing = edge.close(10_000);
  await idle.closed;
  await assert.rejects(viewer.gets('/b').answer);
  finish?.();
  await asking.sees({ status: 200, body: 'half' });
  await closing;
});

scenario('closing cuts what does not finish in time', async ({ clock, edge, origin, viewer }) => {
  origin.sends('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nha');
  const asking = viewer.gets('/a');
  await origin.hears(1);
  const closing = edge.close(10_000);
  await clock.passes(10_000);
  await closing;
  await assert.rejects(asking.answer, /cut/);
});
