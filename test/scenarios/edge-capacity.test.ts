/**
 * What all viewers of a worker take together is bounded: requests under way, requests to origins, and
 * what bodies hold for viewers that are slow. Beyond it the answer is 503 with a reason and a time to
 * come back, and what needs no more of it is served as ever.
 */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { host, scenario } from '../harness/scenario.ts';
import { until } from '../harness/until.ts';

const refused = {
  status: 503,
  xCache: 'Error',
  body: /Capacity/,
  headers: { 'retry-after': '5' },
} as const;
const piece = 'x'.repeat(65_536);

/** Of a whole answer, none of it kept. */
async function countBytes(port: number, path: string): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  let bytes = 0;
  for await (const arrived of socket) {
    assert(Buffer.isBuffer(arrived));
    bytes += arrived.length;
  }
  return bytes;
}

scenario(
  'requests under way are bounded over all connections',
  { bounds: { exchangesMax: 2 }, settings: { explain: true } },
  async ({ origin, viewer }) => {
    origin.does(() => undefined);
    const first = viewer.gets('/1');
    const second = viewer.gets('/2');
    await origin.hears(2);
    const why = { 'Warmfront-Explain': '1' };
    await viewer.gets('/3', why).sees({
      ...refused,
      headers: {
        ...refused.headers,
        'warmfront-explain': /too many requests are under way/,
        connection: 'keep-alive',
      },
    });
    assert.equal(origin.asked.length, 2);
    origin.answers(200, {}, 'hello');
    origin.dropConnections();
    await first.sees({ status: 200 });
    await second.sees({ status: 200 });
    await viewer.gets('/3').sees({ status: 200, body: 'hello' });
  },
);

scenario(
  'requests to origins are bounded over all origins, and hits are served all the same',
  { bounds: { originRequestsMax: 1 } },
  async ({ origin, viewer }) => {
    origin.answers(200, { 'cache-control': 'max-age=60' }, 'stored');
    await viewer.gets('/stored').sees({ status: 200 });
    origin.does(() => undefined);
    const first = viewer.gets('/1');
    await origin.hears(2);
    await viewer.gets('/2').sees(refused);
    await viewer.gets('/stored').sees({ status: 200, xCache: 'Hit', body: 'stored' });
    origin.answers(200, {}, 'hello');
    origin.dropConnections();
    await first.sees({ status: 200 });
    await viewer.gets('/2').sees({ status: 200, body: 'hello' });
  },
);

scenario(
  'bodies that slow viewers do not take hold a bounded memory',
  { bounds: { bodyMemoryBytesMax: 131_072 } },
  async ({ origin, port, viewer }) => {
    origin.answers(200, { 'cache-control': 'max-age=60' }, 'stored');
    await viewer.gets('/stored').sees({ status: 200 });
    const sizes = { pieces: 0 };
    let begin: (() => void) | undefined;
    // No length is said, so what is not taken is nowhere else.
    origin.does((socket, { target }) => {
      if (target !== '/large') {
        socket.write('HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Length: 0\r\n\r\n');
        return;
      }
      const go = (): void => {
        while (sizes.pieces < 400) {
          sizes.pieces += 1;
          if (!socket.write(`10000\r\n${piece}\r\n`)) {
            socket.once('drain', go);
            return;
          }
        }
        socket.write('0\r\n\r\n');
      };
      begin = () => {
        socket.write(
          'HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nTransfer-Encoding: chunked\r\n\r\n',
        );
        go();
      };
    });
    await using slow = await viewer.connects();
    slow.socket.pause();
    slow.write(`GET /large HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    await origin.hears(2);
    // It reads along from the start, since it waits before the answer begins.
    const quick = countBytes(port, '/large');
    await viewer.gets('/stored').sees({ status: 200, xCache: 'Hit' });
    begin?.();
    await until('memory is full', async () => {
      const { status } = await viewer.gets('/other').answer;
      return status === 503 ? true : undefined;
    });
    await viewer.gets('/other').sees(refused);
    await viewer.gets('/stored').sees({ status: 200, xCache: 'Hit', body: 'stored' });
    // The origin is read no faster than the slow one reads: sockets take some of it, never all.
    assert(sizes.pieces < 400, 'the origin was read to its end');
    slow.socket.destroy();
    assert((await quick) > 400 * piece.length);
    origin.answers(200, {}, 'hello');
    await viewer.gets('/other').sees({ status: 200, body: 'hello' });
  },
);
