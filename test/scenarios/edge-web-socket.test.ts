/** WebSocket: the handshake goes through the pipeline, then bytes pass both ways (edge contract 1.8). */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import type { LineFacts } from '../../src/access-log/fields.ts';
import { edgeBounds } from '../../src/edge/bounds.ts';
import { headerValue } from '../../src/http/header-list.ts';
import { signedUrl } from '../../src/http/signed-url.ts';
import { plainLogging } from '../../src/model/plain-config.ts';
import { testAuthority } from '../harness/certificates.ts';
import {
  domain,
  host,
  originHost,
  scenario,
  type Setting,
  setTheStage,
  type Stage,
} from '../harness/scenario.ts';
import { openSocket } from '../harness/raw-http.ts';
import { makeKeyPair, placeKeyPair, targetOf } from '../harness/signing.ts';
import { until } from '../harness/until.ts';

const authority = await testAuthority('Test Authority');
const https = {
  host: '127.0.0.1',
  port: 0,
  ...(await authority.issue([`*.${domain}`])),
  ticketKeys: new Uint8Array(48),
  sealingKey: new Uint8Array(32),
};
const logging = { ...plainLogging, bucket: 'logs.s3.amazonaws.com' };
const key = 'dGhlIHNhbXBsZSBub25jZQ==';
const accept = createHash('sha1')
  .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
  .digest('base64');
const switched =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n';
const handshake =
  `GET /chat HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
  `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`;

/** The harness cannot read a 101; this reads its head and leaves the rest. */
async function headOf(socket: Socket): Promise<{ head: string; rest: Buffer }> {
  let bytes = Buffer.alloc(0);
  for (;;) {
    const [piece]: Buffer[] = await once(socket, 'data');
    assert(piece !== undefined);
    bytes = Buffer.concat([bytes, piece]);
    const end = bytes.indexOf('\r\n\r\n');
    if (end >= 0) return { head: bytes.toString('latin1', 0, end), rest: bytes.subarray(end + 4) };
  }
}

/** An origin that says back what it hears, in messages; plain requests are answered with `plain`. */
async function startEcho(t: TestContext): Promise<{ url: string; server: WebSocketServer }> {
  const http: Server = createServer((_, response) => void response.end('plain'));
  const server = new WebSocketServer({ server: http });
  server.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  await new Promise<void>((resolve) => {
    http.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => {
    server.close();
    for (const socket of server.clients) socket.terminate();
    http.closeAllConnections();
    http.close();
  });
  const at = http.address();
  assert(typeof at === 'object' && at !== null);
  return { url: `http://127.0.0.1:${at.port}`, server };
}

type Talk = {
  readonly stage: Stage;
  readonly server: WebSocketServer;
  readonly lines: LineFacts[];
};

function talk(title: string, setting: Setting, play: (talk: Talk) => Promise<void>): void {
  test(title, { timeout: 60_000 }, async (t) => {
    const { server, url } = await startEcho(t);
    const lines: LineFacts[] = [];
    await using stage = await setTheStage(
      {
        ...setting,
        config: { logging, ...setting.config },
        accessLog: { write: (_, facts) => void lines.push(facts) },
        settings: { originUrls: { [originHost]: url }, ...setting.settings },
      },
      t,
    );
    await play({ stage, server, lines });
  });
}

async function open({ port }: Pick<Stage, 'port'>, path: string): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, 'chat', { headers: { host } });
  await once(socket, 'open');
  return socket;
}

async function echoes(socket: WebSocket, message: Buffer | string): Promise<void> {
  const heard = once(socket, 'message');
  socket.send(message);
  const [data]: unknown[] = await heard;
  assert(Buffer.isBuffer(data));
  assert(data.equals(Buffer.from(message)));
}

talk('T1.21 bytes flow both ways, and the line at close says so', {}, async (given) => {
  const { lines, stage } = given;
  const socket = await open(stage, '/chat?room=1');
  await echoes(socket, 'hello');
  // Larger than every buffer on the way, so it passes with back-pressure.
  await echoes(socket, Buffer.alloc(8 * 1_024 * 1_024, 7));
  assert.equal(lines.length, 0, 'there is no line before the close');
  await stage.clock.passes(5_000);
  socket.close();
  await once(socket, 'close');
  const line = await until('there is a line', () => lines[0]);
  assert.equal(line.protocol, 'ws');
  assert.equal(line.status, 101);
  assert.equal(line.resultType, 'Miss');
  assert.equal(line.detailedResultType, 'Miss');
  assert.equal(line.path, '/chat');
  assert.equal(line.endedAt, stage.clock.now());
  assert.equal(line.takenMs, 5_000);
  assert(line.receivedBytes > 8 * 1_024 * 1_024 && line.sentBytes > 8 * 1_024 * 1_024);
  assert(line.receivedBytes < 9 * 1_024 * 1_024 && line.sentBytes < 9 * 1_024 * 1_024);
});

talk('T1.21 an origin that is silent for 10 minutes ends it', {}, async ({ lines, stage }) => {
  const socket = await open(stage, '/chat');
  const closed = once(socket, 'close');
  await stage.clock.passes(edgeBounds.webSocketIdleMsMax - 1_000);
  await echoes(socket, 'still here');
  await stage.clock.passes(edgeBounds.webSocketIdleMsMax - 1_000);
  assert.equal(socket.readyState, WebSocket.OPEN);
  await stage.clock.passes(2_000);
  await closed;
  await until('there is a line', () => lines[0]);
});

const pair = makeKeyPair();

talk(
  'over HTTPS it is wss, and a private behavior lets signed handshakes through alone',
  {
    settings: { https },
    behavior: { trustedSigners: { self: true, accounts: [] }, viewerProtocolPolicy: 'https-only' },
  },
  async ({ lines, server, stage }) => {
    placeKeyPair(stage.routing, pair);
    const url = `wss://127.0.0.1:${stage.httpsPort}`;
    const options = { ca: authority.certificate, servername: host, headers: { host } };
    const unsigned = new WebSocket(`${url}/chat`, options);
    const [, refusal]: unknown[] = await once(unsigned, 'unexpected-response');
    assert(refusal instanceof IncomingMessage);
    assert.equal(refusal.statusCode, 403);
    refusal.destroy();
    unsigned.on('error', () => undefined);
    unsigned.terminate();
    assert.equal(server.clients.size, 0);
    const access = { kind: 'canned', expires: stage.clock.now() / 1_000 + 60 } as const;
    const keyPair = { keyPairId: pair.id, privateKey: pair.privateKey };
    const target = targetOf(signedUrl(`https://${host}/chat`, access, keyPair));
    const socket = new WebSocket(`${url}${target}`, options);
    await once(socket, 'open');
    await echoes(socket, 'hello over TLS');
    socket.close();
    const line = await until('there is a second line', () => lines[1]);
    assert.equal(line.protocol, 'wss');
    assert.equal(line.resultType, 'Miss');
  },
);

talk('a stored object of the same path is no answer to a handshake', {}, async ({ stage }) => {
  await stage.viewer.gets('/chat').sees({ xCache: 'Miss', body: 'plain' });
  await stage.viewer.gets('/chat').sees({ xCache: 'Hit', body: 'plain' });
  await echoes(await open(stage, '/chat'), 'hello');
  await stage.viewer.gets('/chat').sees({ xCache: 'Hit', body: 'plain' });
});

talk('the death of either side is that of the other', {}, async ({ lines, server, stage }) => {
  const first = await open(stage, '/a');
  const [atOrigin] = server.clients;
  assert(atOrigin);
  const gone = once(atOrigin, 'close');
  first.terminate();
  await gone;
  const second = await open(stage, '/b');
  const left = once(second, 'close');
  for (const client of server.clients) client.terminate();
  await left;
  await until('there are two lines', () => lines[1]);
  await stage.viewer.gets('/c').sees({ status: 200, body: 'plain' });
});

talk('an edge that closes lets a WebSocket live for the grace', {}, async ({ stage }) => {
  const socket = await open(stage, '/a');
  const closed = once(socket, 'close');
  const closing = stage.edge.close(10_000);
  await stage.clock.passes(9_000);
  await echoes(socket, 'still here');
  await stage.clock.passes(2_000);
  await closed;
  await closing;
});

talk(
  'a WebSocket counts as a connection for as long as it lives',
  { bounds: { connectionsMax: 1 } },
  async ({ stage }) => {
    const socket = await open(stage, '/a');
    await using refused = await stage.viewer.connects();
    await refused.closed;
    socket.close();
    await once(socket, 'close');
    await until('there is room again', async () => {
      const answer = await stage.viewer.gets('/a').answer.catch(() => undefined);
      return answer?.status === 200 ? true : undefined;
    });
  },
);

scenario('the origin is sent the handshake, and what follows at once', async (stage) => {
  const { origin, port } = stage;
  origin.does((socket) =>
    socket.write(`${switched}Sec-WebSocket-Accept: ${accept}\r\n\r\nHTTP/1.1 100 x`),
  );
  const socket = await openSocket(port);
  socket.write(`${handshake}GET /early HTTP/1.1\r\n\r\n`);
  const { head, rest } = await headOf(socket);
  assert.match(head, /^HTTP\/1\.1 101 Switching Protocols\r\n/);
  assert.match(head, /\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n/);
  assert.match(head, /\r\nX-Cache: Miss from cloudfront\r\n/);
  // What looks like HTTP is passed on like all else, in both directions.
  await origin.hears(2);
  assert.equal(origin.last.target, '/early');
  const [first] = origin.asked;
  assert(first);
  for (const [name, value] of [
    ['connection', 'upgrade'],
    ['upgrade', 'websocket'],
    ['sec-websocket-key', key],
    ['sec-websocket-version', '13'],
  ] as const) {
    assert.equal(headerValue(first.headers, name), value);
  }
  const said = rest.length > 0 ? rest : (await once(socket, 'data'))[0];
  assert.equal(String(said).slice(0, 14), 'HTTP/1.1 100 x');
  socket.destroy();
  await origin.isLeft(1);
});

scenario('each side may end its own half', async ({ origin, port }) => {
  origin.does((socket, { target }) => {
    if (target === '/chat') socket.write(`${switched}Sec-WebSocket-Accept: ${accept}\r\n\r\n`);
    else socket.once('end', () => socket.end('goodbye'));
  });
  const socket = await openSocket(port, { allowHalfOpen: true });
  socket.write(handshake);
  await headOf(socket);
  socket.end('GET /bye HTTP/1.1\r\n\r\n');
  const [said]: unknown[] = await once(socket, 'data');
  assert.equal(String(said), 'goodbye');
  await once(socket, 'close');
});

scenario('an origin that takes up another handshake is refused with 502', async (stage) => {
  const { origin, viewer } = stage;
  for (const answer of [
    `${switched}Sec-WebSocket-Accept: ${accept.replace(/./, '-')}\r\n\r\n`,
    `${switched}\r\n`,
    `${switched}Sec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    switched.replace('websocket', 'h2c') + `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
  ]) {
    origin.sends(answer);
    await viewer.sends(handshake).sees({ status: 502, body: /OriginInvalidResponse/ });
    await origin.isLeft(origin.connections);
  }
});

scenario('another answer passes and is not kept, and what follows is a request', async (stage) => {
  const { origin, viewer } = stage;
  origin.answers(426, { 'cache-control': 'max-age=60', 'sec-websocket-version': '13' }, 'no');
  await using connection = await viewer.connects();
  connection.write(`${handshake}GET /next HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  const answer = await connection.answer();
  assert.equal(answer.status, 426);
  assert.equal(answer.body, 'no');
  assert.equal((await connection.answer()).status, 426);
  assert.deepEqual(
    origin.asked.map(({ target }) => target),
    ['/chat', '/next'],
  );
  origin.answers(200, { 'cache-control': 'max-age=60' }, 'yes');
  await viewer.sends(handshake).sees({ status: 200, body: 'yes', xCache: 'Miss' });
  await viewer.sends(handshake).sees({ status: 200, body: 'yes', xCache: 'Miss' });
  await viewer.gets('/chat').sees({ status: 200, xCache: 'Miss' });
});

scenario('what is not quite a handshake is an ordinary request', async ({ origin, viewer }) => {
  origin.answers(200, { 'cache-control': 'max-age=60' }, 'hello');
  for (const request of [
    handshake.replace('Upgrade: websocket', 'Upgrade: websocket, h2c'),
    handshake.replace('Upgrade: websocket', 'Upgrade: h2c'),
    handshake.replace('Connection: Upgrade', 'Connection: keep-alive'),
    handshake.replace(/Sec-WebSocket-Key: .*\r\n/, ''),
    handshake.replace('HTTP/1.1', 'HTTP/1.0'),
  ]) {
    await viewer.sends(request).sees({ status: 200, body: 'hello' });
    assert.equal(headerValue(origin.last.headers, 'upgrade'), undefined);
  }
  origin.wasAsked(1);
});
