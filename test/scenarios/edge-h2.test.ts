/** HTTP/2 for viewers, as Node's own client sees it: who is offered it, answers, bodies, ends. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { headerValue } from '../../src/http/header-list.ts';
import { accountId } from '../../src/model/ids.ts';
import { authority, H2Client, h2Setting, openRaw, rawOptions } from '../harness/h2-stage.ts';
import { assertHas, logged } from '../harness/logged.ts';
import { flag, frame } from '../harness/raw-h2.ts';
import {
  distributionOf,
  domain,
  host,
  originHost,
  scenario,
  setTheStage,
} from '../harness/scenario.ts';
import { until } from '../harness/until.ts';

async function offered(
  port: number,
  servername: string | undefined,
): Promise<string | false | null> {
  const socket = connect({
    port,
    host: '127.0.0.1',
    ...(servername === undefined ? {} : { servername }),
    ca: authority.certificate,
    checkServerIdentity: () => undefined,
    ALPNProtocols: ['h2', 'http/1.1'],
  });
  await once(socket, 'secureConnect');
  const { alpnProtocol } = socket;
  socket.destroy();
  return alpnProtocol;
}

scenario(
  'h2 is offered for the names of distributions that speak it',
  h2Setting(),
  async (stage) => {
    const { port } = rawOptions(stage);
    const other = `d222222abcdef8.${domain}`;
    const plain = { httpVersion: 'http1.1' } as const;
    stage.serves(distributionOf('custom', plain, {}, { id: 'E222222ABCDEF8', domainName: other }));
    assert.equal(await offered(port, host), 'h2');
    assert.equal(await offered(port, host.toUpperCase()), 'h2');
    assert.equal(await offered(port, other), 'http/1.1');
    assert.equal(await offered(port, `d333333abcdef8.${domain}`), 'http/1.1');
    assert.equal(await offered(port, undefined), 'http/1.1');
  },
);

scenario(
  'a hit and a miss, HEAD, 304 and a range over one connection',
  h2Setting(),
  async (stage) => {
    stage.origin.answers(200, { 'Cache-Control': 'max-age=60', ETag: '"a"' }, 'hello world');
    await using client = new H2Client(stage);
    const miss = await client.gets('/a');
    assert.equal(miss.status, 200);
    assert.equal(miss.fields['x-cache'], 'Miss from cloudfront');
    assert.equal(String(miss.body), 'hello world');
    assert.equal(miss.fields['connection'], undefined);
    const hit = await client.gets('/a');
    assert.equal(hit.fields['x-cache'], 'Hit from cloudfront');
    assert.equal(String(hit.body), 'hello world');
    const head = await client.asks({ ':method': 'HEAD', ':path': '/a' });
    assert.equal(head.fields['content-length'], '11');
    assert.equal(head.body.length, 0);
    const same = await client.gets('/a', { 'if-none-match': '"a"' });
    assert.equal(same.status, 304);
    const part = await client.gets('/a', { range: 'bytes=6-' });
    assert.equal(part.status, 206);
    assert.equal(String(part.body), 'world');
    assert.equal(stage.origin.asked.length, 1);
  },
);

scenario(
  'another host over the same connection is served, or misdirected, or unknown',
  h2Setting(),
  async (stage) => {
    stage.origin.answers(200, {}, 'hello');
    const names = ['E222222ABCDEF8', 'E333333ABCDEF8', 'E444444ABCDEF8'] as const;
    const [mine, plain, theirs] = names.map((id) => {
      const domainName = `d${id.slice(1).toLowerCase()}.${domain}`;
      const httpVersion = id === names[1] ? 'http1.1' : 'http2';
      return distributionOf('custom', { httpVersion }, {}, { id, domainName });
    });
    assert(mine !== undefined && plain !== undefined && theirs !== undefined);
    stage.serves(mine);
    stage.serves(plain);
    stage.serves({ ...theirs, account: accountId('111122223333') });
    await using client = new H2Client(stage);
    const cases: readonly (readonly [string, number])[] = [
      [host, 200],
      [mine.domainName, 200],
      // One account and one certificate, but it was never offered HTTP/2.
      [plain.domainName, 421],
      [theirs.domainName, 421],
      [`d555555abcdef8.${domain}`, 403],
    ];
    for (const [authorityText, status] of cases) {
      const answered = await client.asks({ ':authority': authorityText, ':path': '/' });
      assert.equal(answered.status, status, authorityText);
    }
    assert.equal(stage.origin.asked.length, 2);
  },
);

logged('the line says HTTP/2.0', h2Setting(), async (stage, lines) => {
  stage.origin.answers(200, { 'content-type': 'text/plain' }, 'hello');
  await using client = new H2Client(stage);
  await client.gets('/a?b=c', { 'user-agent': 'a b' });
  const line = await lines.last(1);
  assertHas(line, {
    'cs-method': 'GET',
    'cs-uri-stem': '/a',
    'cs-uri-query': 'b=c',
    'cs-user-agent': 'a b',
    'sc-status': '200',
    'x-host-header': host,
    'cs-protocol': 'https',
    'cs-protocol-version': 'HTTP/2.0',
    'ssl-protocol': 'TLSv1.3',
    'ssl-cipher': 'TLS_AES_128_GCM_SHA256',
    'sc-content-len': '5',
  });
  assert.ok(Number(line['cs-bytes']) > '/a?b=c'.length);
  assert.ok(Number(line['sc-bytes']) > 'hello'.length);
});

const text = 'a long body of many frames; '.repeat(100_000);
const bytes = Buffer.from(text);

scenario('long answers, many at once', h2Setting(), async (stage) => {
  stage.origin.answers(200, { 'Cache-Control': 'no-store' }, text);
  await using client = new H2Client(stage);
  const many = await Promise.all(
    Array.from({ length: 20 }, (_, index) => client.gets(`/${index}`)),
  );
  for (const { body } of many) assert.equal(sha(body), sha(bytes));
});

test('a long body reaches the origin as it is', async (t) => {
  const server = createServer((request, response) => {
    const hash = createHash('sha256');
    request.on('data', (piece: Buffer) => hash.update(piece));
    request.on('end', () => response.end(hash.digest('hex')));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => server.close());
  const at = server.address();
  assert(typeof at === 'object' && at !== null);
  const originUrls = { [originHost]: `http://127.0.0.1:${at.port}` };
  const setting = { behavior: { allowedMethods: 'all' }, settings: { originUrls } } as const;
  await using stage = await setTheStage(h2Setting(setting), t);
  await using client = new H2Client(stage);
  for (const more of [{}, { 'content-length': `${bytes.length}` }]) {
    const answered = await client.asks({ ':method': 'POST', ':path': '/form', ...more }, bytes);
    assert.equal(String(answered.body), sha(bytes));
  }
});

function sha(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('hex');
}

scenario(
  'who expects 100 is told to go on, where the body is wanted',
  h2Setting({ behavior: { allowedMethods: 'all' } }),
  async (stage) => {
    stage.origin.answers(200, {}, 'taken');
    await using raw = await openRaw(stage);
    raw.asks(1, raw.fields('/a', [['expect', '100-continue']], 'PUT'), 0);
    const interim = await raw.sees('100', ({ type }) => type === frame.headers);
    assert.equal(await raw.answered(1), undefined, 'no status of the static table, as 100 is none');
    assert.equal(interim.flags & flag.endStream, 0);
    raw.send(frame.data, flag.endStream, 1, Buffer.from('a body'));
    assert.equal(String(await raw.body(1)), 'taken');
  },
);

scenario('an answer that breaks off is reset, not ended', h2Setting(), async (stage) => {
  stage.origin.does((socket) => {
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
  });
  await using raw = await openRaw(stage);
  raw.asks(1);
  assert.equal(await raw.reset(1), 2);
  await raw.lives();
});

scenario(
  'crumbs of a cookie reach the origin as one field',
  h2Setting({
    behavior: { keyedCookies: { kind: 'all' } },
  }),
  async (stage) => {
    stage.origin.answers(200, {}, 'x');
    await using client = new H2Client(stage);
    await client.gets('/', { cookie: ['a=1', 'b=2'] });
    assert.equal(headerValue(stage.origin.last.headers, 'cookie'), 'a=1; b=2');
  },
);

scenario('an edge that stops says so, and finishes what it began', h2Setting(), async (stage) => {
  let go: (() => void) | undefined;
  stage.origin.does((socket) => {
    go = () => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate');
  });
  const raw = await openRaw(stage);
  raw.asks(1);
  await until('the origin is asked', () => (go === undefined ? undefined : true));
  const closed = stage.edge.close(5_000);
  await raw.sees('GOAWAY', ({ type }) => type === frame.goAway);
  go?.();
  assert.equal(String(await raw.body(1)), 'late');
  await closed;
});

scenario('a connection that is idle for too long is ended', h2Setting(), async (stage) => {
  stage.origin.answers(200, {}, 'x');
  const raw = await openRaw(stage);
  raw.asks(1);
  assert.equal(await raw.answered(1), 200);
  await stage.clock.passes(70_000);
  assert.equal(await raw.goneAway(), 0);
});

scenario(
  'a viewer that takes nothing is cut off, and holds up nobody',
  h2Setting(),
  async (stage) => {
    stage.origin.answers(200, { 'Cache-Control': 'max-age=60' }, text);
    // A window of nothing: its answer can never begin.
    const slow = await openRaw(stage, [4, 0]);
    slow.asks(1, slow.fields('/a'));
    await slow.sees('its head', (one) => one.type === frame.headers && one.stream === 1);
    await using client = new H2Client(stage);
    assert.equal(sha((await client.gets('/a')).body), sha(bytes));
    await stage.clock.passes(70_000);
    assert.equal(await slow.reset(1), 2);
    slow.send(frame.ping, flag.ack, 0, Buffer.alloc(8));
  },
);
