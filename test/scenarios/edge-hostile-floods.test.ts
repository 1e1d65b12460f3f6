/**
 * Floods: viewers that hold or waste what an edge has. Each meets a bound; others are served all the
 * while, and nothing of the flood is left when it is over.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { edgeBounds } from '../../src/edge/bounds.ts';
import { testAuthority } from '../harness/certificates.ts';
import { openSocket } from '../harness/raw-http.ts';
import { domain, host, scenario } from '../harness/scenario.ts';
import { until } from '../harness/until.ts';
import { Viewer } from '../harness/viewer.ts';

const authority = await testAuthority('Test Authority');
const https = {
  host: '127.0.0.1',
  port: 0,
  ...(await authority.issue([`*.${domain}`])),
  ticketKeys: new Uint8Array(48),
  sealingKey: new Uint8Array(32),
};
const plain = `GET /a HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
const attacker = { localAddress: '127.0.0.2' };

async function flood(port: number, count: number): Promise<Socket[]> {
  const sockets = await Promise.all(
    Array.from({ length: count }, () => openSocket(port, attacker)),
  );
  for (const socket of sockets) socket.on('error', () => undefined).resume();
  return sockets;
}

function openOf(sockets: readonly Socket[]): number {
  return sockets.filter(({ readyState }) => readyState === 'open').length;
}

async function status(socket: Socket): Promise<number> {
  const [said]: unknown[] = await once(socket, 'data');
  return Number(/^HTTP\/1\.1 (\d+)/.exec(String(said))?.[1]);
}

scenario(
  'an address that floods is bounded, over both schemes together, and another is served',
  { settings: { https }, bounds: { connectionsPerAddressMax: 20, connectionsPerAddressSMax: 0 } },
  async ({ clock, httpsPort, origin, port, viewer, warnings }) => {
    origin.answers(200, {}, 'hello');
    const attack = [...(await flood(port, 60)), ...(await flood(httpsPort ?? 0, 60))];
    await until('all but 20 are closed', () => (openOf(attack) <= 20 ? true : undefined));
    assert.equal(openOf(attack), 20);
    for (let time = 0; time < 3; time += 1) await viewer.gets('/a').sees({ status: 200 });
    const neighbor = await openSocket(port, { localAddress: '127.0.0.3' });
    neighbor.write(plain);
    assert.equal(await status(neighbor), 200);
    neighbor.destroy();
    assert.equal(warnings.length, 1, 'a flood is no flood of the record');
    assert.equal(warnings[0]?.['address'], '127.0.0.2');
    // They say nothing, so they lose what they hold; then the address is served again.
    await clock.passes(edgeBounds.idleMsMax + edgeBounds.handshakeMsMax + 2_000);
    for (const socket of attack) socket.destroy();
    const served = await until('the address is served', async () => {
      const socket = await openSocket(port, attacker);
      socket.on('error', () => undefined);
      socket.write(plain);
      const said = await Promise.race([status(socket), once(socket, 'close')]).catch(() => 0);
      socket.destroy();
      return said === 200 ? said : undefined;
    });
    assert.equal(served, 200);
  },
);

scenario(
  'an address that connects anew all the time is let in so often a second',
  { bounds: { connectionsPerAddressSMax: 5 } },
  async ({ clock, origin, port, viewer }) => {
    origin.answers(200, {}, 'hello');
    const first = await flood(port, 20);
    await until('the others are closed', () => (openOf(first) <= 5 ? true : undefined));
    await viewer.gets('/a').sees({ status: 200 });
    await clock.passes(1_000);
    const second = await flood(port, 20);
    await until('five more are let in', () => (openOf(second) <= 5 ? true : undefined));
    assert.equal(openOf(first) + openOf(second), 10);
    for (const socket of [...first, ...second]) socket.destroy();
  },
);

scenario(
  'a thousand heads that never end are closed at their time, and take little memory',
  { bounds: { connectionsPerAddressSMax: 0 } },
  async ({ clock, origin, port, viewer }) => {
    origin.answers(200, {}, 'hello');
    await viewer.gets('/a').sees({ status: 200 });
    const before = process.memoryUsage().rss;
    const attack = await flood(port, 1_000);
    const begun = `GET / HTTP/1.1\r\nHost: ${host}\r\nX-Filler: ${'x'.repeat(1_000)}\r\n`;
    for (const socket of attack) socket.write(begun);
    for (let second = 0; second < 5; second += 1) {
      await clock.passes(1_000);
      for (const socket of attack) socket.write(`X-${second}: 1\r\n`);
    }
    await viewer.gets('/a').sees({ status: 200, xCache: 'Hit' });
    // Viewers and edge share this process: two sockets a connection, and what they hold.
    const taken = process.memoryUsage().rss - before;
    assert(taken < 150 * 1_024 * 1_024, `${taken} bytes for a thousand slow heads`);
    await until('each has its 408', async () => {
      await clock.passes(1_000);
      return openOf(attack) === 0 ? true : undefined;
    });
    await viewer.gets('/a').sees({ status: 200, xCache: 'Hit' });
  },
);

scenario(
  'a body that comes a byte at a time ends when its time is used up',
  { behavior: { allowedMethods: 'all' } },
  async ({ clock, origin, viewer }) => {
    origin.does((socket, { target }) => {
      if (target !== '/slow') socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    });
    await using slow = await viewer.connects();
    const head = `POST /slow HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 100000\r\n\r\n`;
    slow.write(`${head}x`);
    await origin.hears(1);
    let sent = 0;
    while (!slow.isClosed && sent < 100) {
      slow.write('x');
      sent += 1;
      await clock.passes(5_000);
    }
    await slow.closed;
    assert(sent >= 11 && sent <= 14, `${sent} bytes in ${sent * 5} s`);
    await viewer.gets('/a').sees({ status: 200 });
  },
);

function many(count: number): string {
  return Array.from({ length: count }, (_, at) => `X-${at}: 1\r\n`).join('');
}

function request(fields: string): string {
  return `GET /a HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${fields}\r\n`;
}

scenario('floods of fields are refused, whatever their form', async ({ origin, viewer }) => {
  origin.answers(200, {}, 'hello');
  await viewer.sends(request(many(edgeBounds.fieldsMax - 2))).sees({ status: 200 });
  for (const fields of [
    many(edgeBounds.fieldsMax - 1),
    many(2_000),
    'X: 1\r\n'.repeat(5_000),
    `${'X'.repeat(edgeBounds.fieldNameBytesMax + 1)}: 1\r\n`,
    `X: ${'x'.repeat(edgeBounds.headBytesMax)}\r\n`,
    `Cookie: ${'a=1; '.repeat(10_000)}\r\n`,
  ]) {
    await viewer.sends(request(fields)).sees({ status: 494, body: /HeadersTooLarge/ });
  }
  await viewer.sends(request(`${'X'.repeat(edgeBounds.fieldNameBytesMax)}: 1\r\n`)).sees({
    status: 200,
  });
  origin.wasAsked(1);
});

scenario(
  'over TLS, silence before the handshake keeps nobody out',
  { settings: { https } },
  async (s) => {
    const secure = new Viewer({
      port: s.httpsPort ?? 0,
      host,
      authority: authority.certificate,
    });
    s.origin.answers(200, {}, 'hello');
    const silent = await flood(s.httpsPort ?? 0, 50);
    await secure.gets('/a').sees({ status: 200 });
    for (const socket of silent) socket.destroy();
    await secure.gets('/a').sees({ status: 200, xCache: 'Hit' });
  },
);
