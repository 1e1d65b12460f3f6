/**
 * The line of an exchange: what stands in it for everything that can become of a request (edge
 * contract 13.1 to 13.3). Each line is also read by a parser that knows nothing of this program.
 */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { instant } from '../../src/base/clock.ts';
import { headerValue } from '../../src/http/header-list.ts';
import { testAuthority } from '../harness/certificates.ts';
import { assertHas, logged, logging } from '../harness/logged.ts';
import { distributionOf, domain, host } from '../harness/scenario.ts';
import { until } from '../harness/until.ts';
import { type Answer, Viewer } from '../harness/viewer.ts';

/** What a viewer saw of the wire: the status line, its fields and the body. */
function bytesOf(answer: Answer, phrase = 'OK'): number {
  const head = answer.headers.join('').length + answer.headers.length * 2;
  return `HTTP/1.1 200 ${phrase}\r\n`.length + head + 2 + answer.bytes.length;
}

logged('a miss and a hit, with everything a viewer said of itself', async (stage, lines) => {
  const { clock, origin, viewer } = stage;
  origin.answers(200, { 'content-type': 'text/plain' }, 'hello');
  const headers = {
    'User-Agent': 'Mozilla/5.0 (X11; "Linux")',
    Referer: 'https://www.example.com/a?b',
    Cookie: 'session=1',
    'X-Forwarded-For': '203.0.113.9',
  };
  const request =
    `GET /a%20b.txt?q=1&r=%2F HTTP/1.1\r\nHost: ${host}:8080\r\n` +
    `${Object.entries(headers)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')}\r\n`;
  const miss = await viewer.sends(request).sees({ xCache: 'Miss' });
  assertHas(await lines.last(1), {
    date: '2026-01-01',
    time: '00:00:00',
    'x-edge-location': 'TEST1',
    'sc-bytes': String(bytesOf(miss)),
    'c-ip': '127.0.0.1',
    'cs-method': 'GET',
    'cs-host': host,
    'cs-uri-stem': '/a b.txt',
    'sc-status': '200',
    'cs-referer': 'https://www.example.com/a?b',
    'cs-user-agent': 'Mozilla/5.0 (X11; "Linux")',
    'cs-uri-query': 'q=1&r=%2F',
    'cs-cookie': '-',
    'x-edge-result-type': 'Miss',
    'x-edge-request-id': headerValue(miss.headers, 'x-amz-cf-id') ?? '',
    'x-host-header': `${host}:8080`,
    'cs-protocol': 'http',
    'cs-bytes': String(request.length),
    'time-taken': '0.000',
    'x-forwarded-for': '203.0.113.9',
    'ssl-protocol': '-',
    'ssl-cipher': '-',
    'x-edge-response-result-type': 'Miss',
    'cs-protocol-version': 'HTTP/1.1',
    'fle-status': '-',
    'fle-encrypted-fields': '-',
    'time-to-first-byte': '0.000',
    'x-edge-detailed-result-type': 'Miss',
    'sc-content-type': 'text/plain',
    'sc-content-len': '5',
    'sc-range-start': '-',
    'sc-range-end': '-',
  });
  assert(Number((await lines.nth(1))['c-port']) > 0);
  assert.deepEqual(lines.targets[0], {
    distributionId: 'E111111ABCDEF8',
    bucket: 'logs',
    prefix: 'site/',
  });

  await clock.passes(3_723_000);
  const hit = await viewer.gets('/a%20b.txt').sees({ xCache: 'Hit' });
  assertHas(await lines.last(2), {
    date: '2026-01-01',
    time: '01:02:03',
    'sc-bytes': String(bytesOf(hit)),
    'x-edge-result-type': 'Hit',
    'x-edge-response-result-type': 'Hit',
    'x-edge-detailed-result-type': 'Hit',
    'cs-user-agent': '-',
    'cs-uri-query': '-',
    'x-forwarded-for': '-',
  });
});

logged(
  'without logging there is no line',
  { config: { logging: undefined } },
  async (stage, lines) => {
    stage.origin.answers(200, {}, 'hello');
    await stage.viewer.gets('/a').sees({ status: 200 });
    await stage.viewer.gets('/a').sees({ status: 200 });
    assert.equal(lines.count, 0);
  },
);

logged('a change of where logs go counts from the next request on', async (stage, lines) => {
  const { origin, serves, viewer } = stage;
  origin.answers(200, {}, 'hello');
  await viewer.gets('/a').sees({ status: 200 });
  serves(distributionOf('custom', { logging: { ...logging, prefix: 'other/' } }));
  await viewer.gets('/a').sees({ status: 200 });
  serves(distributionOf('custom', { logging: undefined }));
  await viewer.gets('/a').sees({ status: 200 });
  await lines.last(2);
  assert.deepEqual(
    lines.targets.map(({ prefix }) => prefix),
    ['site/', 'other/'],
  );
});

logged('a 304, a HEAD, a range and a revalidation say what they were', async (stage, lines) => {
  const { clock, origin, viewer } = stage;
  const body = '0123456789';
  origin.answers(200, { etag: '"v"', 'cache-control': 'max-age=60' }, body);
  await viewer.gets('/a').sees({ xCache: 'Miss' });
  await viewer.gets('/a', { 'If-None-Match': '"v"' }).sees({ status: 304 });
  assertHas(await lines.last(2), {
    'sc-status': '304',
    'x-edge-result-type': 'Hit',
    'sc-content-len': '-',
  });
  const headed = await viewer.heads('/a').sees({ status: 200 });
  assertHas(await lines.last(3), {
    'cs-method': 'HEAD',
    'sc-bytes': String(bytesOf(headed)),
    'sc-content-len': '10',
  });
  await viewer.gets('/a', { Range: 'bytes=2-5' }).sees({ status: 206 });
  assertHas(await lines.last(4), {
    'sc-status': '206',
    'sc-content-len': '4',
    'sc-range-start': '2',
    'sc-range-end': '5',
  });
  await clock.passes(61_000);
  origin.whenAsked({ 'if-none-match': '"v"' }).answers(304);
  await viewer.gets('/a').sees({ xCache: 'RefreshHit' });
  assertHas(await lines.last(5), {
    'x-edge-result-type': 'RefreshHit',
    'x-edge-detailed-result-type': 'RefreshHit',
  });
});

logged('a chunked answer counts its framing', async ({ origin, viewer }, lines) => {
  origin.answers(200, { 'transfer-encoding': 'chunked', 'content-length': '' }, 'hello');
  const answer = await viewer.gets('/a').sees({ status: 200, body: 'hello' });
  const framing = '5\r\n\r\n0\r\n\r\n'.length;
  assertHas(await lines.last(1), {
    'sc-bytes': String(bytesOf(answer) + framing),
    'sc-content-len': '-',
  });
});

logged('times are from the request to the first and the last byte', async (stage, lines) => {
  const { clock, origin, viewer } = stage;
  let answering: Socket | undefined;
  origin.does((socket) => {
    answering = socket;
  });
  await using connection = await viewer.connects();
  connection.write(`GET /slow HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  await origin.hears(1);
  await clock.passes(1_250);
  answering?.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\nCache-Control: no-store\r\n\r\nab');
  await until('half of it has come', () => (connection.unread.includes('ab') ? true : undefined));
  await clock.passes(2_000);
  answering?.write('cd');
  await connection.answer();
  assertHas(await lines.last(1), { 'time-to-first-byte': '1.250', 'time-taken': '3.250' });
  assert.equal(lines.facts[0]?.endedAt, instant(Date.UTC(2026, 0, 1, 0, 0, 3, 250)));
});

logged('errors of an origin, stored or not, are errors', async ({ origin, viewer }, lines) => {
  origin.answers(404, {}, 'no');
  await viewer.gets('/a').sees({ status: 404 });
  assertHas(await lines.last(1), {
    'sc-status': '404',
    'x-edge-result-type': 'Error',
    'x-edge-response-result-type': 'Error',
    'x-edge-detailed-result-type': 'Error',
  });
});

logged('what is refused says why', async ({ httpsPort, origin, viewer }, lines) => {
  assert.equal(httpsPort, undefined);
  origin.answers(200, {}, 'hello');
  await viewer.gets('/a').sees({ status: 200 });
  const cases: readonly [Answer, string, string][] = [
    [await viewer.asks('DELETE', '/a').answer, '403', 'InvalidRequestMethod'],
    [await viewer.asks('GET', '/a', { 'Content-Length': '0', Expect: 'x' }).answer, '417', ''],
    [await viewer.gets('/a', { Range: 'bytes=99-' }).answer, '416', 'InvalidRequestHeader'],
    [
      await viewer.gets('/a', { 'CDN-Loop': `${domain}, ${domain}` }).answer,
      '403',
      'InvalidRequestBlocked',
    ],
  ];
  let count = 1;
  for (const [answer, status, detail] of cases) {
    assert.equal(String(answer.status), status);
    // Refused before its distribution was known: nobody's line.
    if (detail === '') continue;
    count += 1;
    assertHas(await lines.nth(count), {
      'sc-status': status,
      'x-edge-result-type': 'Error',
      'x-edge-detailed-result-type': detail,
    });
  }
  assert.equal(lines.count, count);
});

logged(
  'what is no HTTP, too large, or for an unknown host leaves no line',
  async (stage, lines) => {
    const { viewer } = stage;
    await viewer.sends('GET / HTTP/1.1\r\nHost : x\r\n\r\n').sees({ status: 400 });
    await viewer.gets(`/${'a'.repeat(9_000)}`).sees({ status: 414 });
    await viewer.gets('/', { Cookie: 'a'.repeat(40_000) }).sees({ status: 494 });
    await viewer.for('unknown.example.com').gets('/').sees({ status: 403 });
    await viewer.for('127.0.0.1').gets('/').sees({ status: 403 });
    assert.equal(lines.count, 0);
  },
);

logged('how an origin failed is the detail', async ({ origin, viewer }, lines) => {
  const cases: readonly [() => void, string, string][] = [
    [() => origin.sends('nonsense\r\n\r\n', 'end'), '502', 'OriginInvalidResponseError'],
    [() => origin.sends('', 'end'), '502', 'OriginReadError'],
    [
      () => origin.sends(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`, 'end'),
      '502',
      'OriginHeaderTooBigError',
    ],
  ];
  let count = 0;
  for (const [fail, status, detail] of cases) {
    fail();
    count += 1;
    const answer = await viewer.gets(`/${count}`).answer;
    assert.equal(String(answer.status), status, detail);
    assertHas(await lines.last(count), {
      'sc-status': status,
      'x-edge-result-type': 'Error',
      'x-edge-detailed-result-type': detail,
    });
  }
  await origin.close();
  await viewer.gets('/closed').sees({ status: 502 });
  assertHas(await lines.last(count + 1), { 'x-edge-detailed-result-type': 'OriginConnectError' });
});

logged(
  'an origin that is too slow is an error of communication',
  { settings: { originReadTimeoutMs: 50, originConnectAttempts: 1 } },
  async ({ origin, viewer }, lines) => {
    origin.does(() => undefined);
    await viewer.gets('/a').sees({ status: 504 });
    assertHas(await lines.last(1), {
      'sc-status': '504',
      'x-edge-detailed-result-type': 'OriginCommError',
    });
  },
);

logged('an answer that its origin cuts is an error after all', async (stage, lines) => {
  stage.origin.sends('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf', 'end');
  await assert.rejects(stage.viewer.gets('/a').answer);
  assertHas(await lines.last(1), {
    'sc-status': '200',
    'x-edge-result-type': 'Error',
    'x-edge-response-result-type': 'Miss',
    'x-edge-detailed-result-type': 'OriginReadError',
  });
});

logged('a viewer that leaves before it is answered has status 000', async (stage, lines) => {
  stage.origin.does(() => undefined);
  const connection = await stage.viewer.connects();
  connection.write(`GET /a HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  await stage.origin.hears(1);
  connection.socket.resetAndDestroy();
  assertHas(await lines.last(1), {
    'sc-status': '000',
    'sc-bytes': '0',
    'time-to-first-byte': '-',
    'x-edge-result-type': 'Error',
    'x-edge-response-result-type': 'Error',
    'x-edge-detailed-result-type': 'ClientHungUpRequest',
    'sc-content-type': '-',
  });
});

logged('a viewer that leaves in between turns a miss into an error', async (stage, lines) => {
  const { origin, viewer } = stage;
  origin.does((socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\nbegin');
    const pour = (): void => {
      while (!socket.destroyed && socket.write(Buffer.alloc(65_536)));
      socket.once('drain', pour);
    };
    pour();
  });
  const connection = await viewer.connects();
  connection.write(`GET /a HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  await until('it begins', () => (connection.unread.includes('begin') ? true : undefined));
  connection.socket.resetAndDestroy();
  assertHas(await lines.last(1), {
    'sc-status': '200',
    'x-edge-result-type': 'Error',
    'x-edge-response-result-type': 'Miss',
    'x-edge-detailed-result-type': 'ClientCommError',
    'sc-content-len': '100000000',
  });
});

logged('T13.02 a viewer that leaves in between turns a hit into an error', async (stage, lines) => {
  const { origin, viewer } = stage;
  // More than the sockets of loopback take on their way.
  const body = 'x'.repeat(12_000_000);
  origin.answers(200, { 'cache-control': 'max-age=60' }, body);
  await viewer.gets('/a').sees({ status: 200, xCache: 'Miss' });
  const connection = await viewer.connects();
  // It takes no more than the beginning, however fast it is.
  connection.socket.once('data', () => connection.socket.pause());
  connection.write(`GET /a HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  await until('it begins', () => (connection.unread.includes('xxx') ? true : undefined));
  connection.socket.resetAndDestroy();
  assertHas(await lines.last(2), {
    'sc-status': '200',
    'x-edge-result-type': 'Error',
    'x-edge-response-result-type': 'Hit',
    'x-edge-detailed-result-type': 'ClientCommError',
  });
});

logged(
  'every request of a connection has its line, in order',
  async ({ origin, viewer }, lines) => {
    origin.answers(200, { 'cache-control': 'max-age=60' }, 'hello');
    await using connection = await viewer.connects();
    const paths = Array.from({ length: 50 }, (_, index) => `/${index % 5}`);
    connection.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`).join(''));
    for (const _ of paths) await connection.answer();
    await lines.last(50);
    assert.deepEqual(
      lines.facts.map(({ path }) => path),
      paths,
    );
  },
);

const authority = await testAuthority('Access Log Authority');
const certificate = await authority.issue([`*.${domain}`]);
const https = {
  host: '127.0.0.1',
  port: 0,
  ...certificate,
  ticketKeys: new Uint8Array(48),
  sealingKey: new Uint8Array(32),
};

logged('over TLS the line says which', { settings: { https } }, async (stage, lines) => {
  const { httpsPort, origin } = stage;
  origin.answers(200, {}, 'hello');
  const secure = new Viewer({ port: httpsPort ?? 0, host, authority: authority.certificate });
  await secure.gets('/a').sees({ status: 200 });
  const line = await lines.last(1);
  assertHas(line, { 'cs-protocol': 'https', 'ssl-protocol': 'TLSv1.3' });
  assert.match(line['ssl-cipher'] ?? '', /^TLS_[A-Z0-9_]+$/);
});

logged('an HTTP/1.0 viewer is said to be one', async ({ origin, viewer }, lines) => {
  origin.answers(200, {}, 'hello');
  await viewer.sends(`GET /a HTTP/1.0\r\nHost: ${host}\r\n\r\n`).sees({ status: 200 });
  assertHas(await lines.last(1), { 'cs-protocol-version': 'HTTP/1.0' });
});

logged(
  'the root object is logged as the viewer asked for it',
  { config: { defaultRootObject: 'index.html' } },
  async ({ origin, viewer }, lines) => {
    origin.answers(200, {}, 'hello');
    await viewer.gets('/').sees({ status: 200 });
    assertHas(await lines.last(1), { 'cs-uri-stem': '/' });
  },
);

for (const withCookies of [true, false]) {
  logged(
    `T13.01 cookies stand in the log ${withCookies ? 'whole, on hits too' : 'only where they are asked for'}`,
    { config: { logging: { ...logging, withCookies } } },
    async ({ origin, viewer }, lines) => {
      origin.answers(200, { 'cache-control': 'max-age=60' }, 'hello');
      const cookies = { Cookie: 'a=1; b="x y"; c=%' };
      const logged = withCookies ? cookies.Cookie : '-';
      for (let count = 1; count <= 4; count += 1) {
        await viewer.gets('/a', cookies).sees({ status: 200 });
        assertHas(await lines.last(count), { 'cs-cookie': logged });
      }
      const more = `GET /a HTTP/1.1\r\nHost: ${host}\r\nCookie: a=1\r\nCookie: b=2\r\n\r\n`;
      await viewer.sends(more).sees({ status: 200 });
      assertHas(await lines.last(5), { 'cs-cookie': withCookies ? 'a=1; b=2' : '-' });
      await viewer.gets('/a').sees({ status: 200 });
      assertHas(await lines.last(6), { 'cs-cookie': '-' });
    },
  );
}
