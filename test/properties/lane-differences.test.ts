/**
 * Two edges that differ in nothing but the lane answer every viewer alike: the same bytes but for the
 * id of the request, and the same lines of the access log. What viewers send is a corpus, the corpus cut in two at
 * every byte, and changes of it by chance.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import type { LineFacts } from '../../src/access-log/fields.ts';
import { formatHttpDate } from '../../src/http/dates.ts';
import { makeInput } from '../fuzz/mutation.ts';
import { Lines, logging as plainLogging } from '../harness/logged.ts';
import { openSocket } from '../harness/raw-http.ts';
import { host, setTheStage } from '../harness/scenario.ts';
import { SeededRandomness } from '../harness/seeded-randomness.ts';

/** Cookies too, so that lines differ where they would be lost. */
const logging = { ...plainLogging, withCookies: true };

type Side = Awaited<ReturnType<typeof setTheStage>> & { readonly lines: Lines };

/** Ends the connection, whatever stood before it, unless that takes it for something of its own. */
const last = `GET /last HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
const plain = request('GET /a');
const answersAsFiles = {
  'cache-control': 'max-age=60',
  'content-type': 'text/plain',
  etag: '"v1"',
  'last-modified': 'Wed, 01 Jan 2020 00:00:00 GMT',
};

function request(line: string, ...fields: string[]): string {
  return `${line} HTTP/1.1\r\nHost: ${host}\r\n${fields.map((one) => `${one}\r\n`).join('')}\r\n`;
}

const browser = [
  'Connection: keep-alive',
  'Cache-Control: max-age=0',
  'Upgrade-Insecure-Requests: 1',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) "quoted" \ttab',
  'Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8',
  'Referer: https://example.com/?a=b c',
  'Accept-Encoding: gzip, deflate, br, zstd',
  'Accept-Language: en-US,en;q=0.5',
  'Cookie: a=b; c=d',
  'X-Forwarded-For: 192.0.2.1',
];

const corpus: readonly string[] = [
  plain,
  request('HEAD /a'),
  request('GET /a?x=1&y=2'),
  request('GET /'),
  request('GET /empty'),
  request('GET /large'),
  request('GET /a', ...browser),
  request('HEAD /a', ...browser),
  request('GET /a', 'If-None-Match: "v1"'),
  request('GET /a', 'If-None-Match: W/"v1"'),
  request('GET /a', 'If-None-Match: "v0", "v1"'),
  request('GET /a', 'If-None-Match: *'),
  request('GET /a', 'If-None-Match: "v2"'),
  request('GET /a', 'If-None-Match: "v1"', 'If-None-Match: "v2"'),
  request('HEAD /a', 'If-None-Match: "v1"'),
  request('GET /a', 'If-Modified-Since: Wed, 01 Jan 2020 00:00:00 GMT'),
  request('GET /a', 'If-Modified-Since: Wed, 01 Jan 2020 00:00:01 GMT'),
  request('GET /a', 'If-Modified-Since: Wed, 01 Jan 2019 00:00:00 GMT'),
  request('GET /a', 'If-None-Match: "v1"', 'If-Modified-Since: Wed, 01 Jan 2019 00:00:00 GMT'),
  request('GET /a', 'Range: bytes=1-2'),
  request('GET /a', 'Range: bytes=1-2', 'If-Range: "v1"'),
  request('GET /a', 'Connection: close'),
  request('GET /a', 'Connection: Keep-Alive'),
  request('GET /a', 'Connection: keep-alive, X-Mine', 'X-Mine: 1'),
  request('GET /a', 'Connection: Host'),
  request('GET /a', 'Content-Length: 0'),
  request('GET /a', 'Content-Length: 3') + 'abc',
  request('GET /a', 'Transfer-Encoding: chunked') + '0\r\n\r\n',
  request('GET /a', 'Expect: 100-continue'),
  request('GET /a', 'Expect: other'),
  request('GET /a', 'Upgrade: websocket'),
  request('GET /a', 'Host: other'),
  request('GET /a', 'Accept-Encoding: gzip'),
  request('GET /a', 'Accept-Encoding: gzip;q=0', 'Accept-Encoding: gzip'),
  request('GET /a', 'Accept-Encoding:'),
  request('GET /a', 'X-Forwarded-For: 192.0.2.1', 'X-Forwarded-For: 192.0.2.2'),
  request('GET /a', 'User-Agent: one', 'User-Agent: two', 'Referer: one', 'Referer: two'),
  request('GET /a', 'User-Agent:   blanks around \t '),
  request('GET /a', 'User-Agent: \xe4\xf6'),
  request('GET /a', 'CDN-Loop: cloudfront.localhost, cloudfront.localhost'),
  request('GET /a', 'Authorization: Basic eDp5'),
  request('GET /a', 'Warmfront-Explain: 1'),
  request('GET /a', 'X : y'),
  request('GET /a', ': y'),
  request('GET /a', ' folded'),
  request('GET /a', 'X: \x01'),
  request('GET /a', `X: ${'x'.repeat(40_000)}`),
  request('GET /a', ...Array.from({ length: 250 }, (_, index) => `X${index}: y`)),
  request(`GET /${'a'.repeat(9_000)}`),
  request('GET /a#b'),
  request('GET /\xe4'),
  request('get /a'),
  request('POST /a', 'Content-Length: 1') + 'x',
  request('OPTIONS /a'),
  request(`GET http://${host}/a`),
  request('GET http://other.test/a'),
  `GET /a HTTP/1.1\r\nHost: ${host.toUpperCase()}\r\n\r\n`,
  `GET /a HTTP/1.1\r\nHost: ${host}:80\r\n\r\n`,
  `GET /a HTTP/1.1\r\nHost: ${host}.\r\n\r\n`,
  'GET /a HTTP/1.1\r\nHost: unknown.test\r\n\r\n',
  'GET /a HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
  'GET /a HTTP/1.1\r\nHost:\r\n\r\n',
  'GET /a HTTP/1.1\r\n\r\n',
  `GET /a HTTP/1.0\r\nHost: ${host}\r\n\r\n`,
  `GET /a HTTP/1.0\r\nHost: ${host}\r\nConnection: keep-alive\r\n\r\n`,
  `GET /a HTTP/2.0\r\nHost: ${host}\r\n\r\n`,
  `GET  /a HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
  `GET /a HTTP/1.1\nHost: ${host}\n\n`,
  `GET /a HTTP/1.1\r\nHost: ${host}\n\r\n`,
  `\r\n${plain}`,
  `\r\n\r\n${plain}`,
  `${plain}\r\n${plain}`,
  plain.repeat(3),
  plain.repeat(200),
  plain + request('GET /new') + plain,
  plain + request('HEAD /a') + request('GET /a', 'If-None-Match: "v1"') + request('GET /large'),
  plain + request('GET /a', 'Range: bytes=-1') + plain + request('GET /a', 'Connection: close'),
  plain + 'GARBAGE\r\n\r\n',
  request('GET /large').repeat(20),
];

async function side(t: TestContext, lane: boolean): Promise<Side> {
  const lines = new Lines();
  const stage = await setTheStage(
    { lane, accessLog: lines, config: { logging }, settings: { explain: true } },
    t,
  );
  stage.origin.does((socket, { target }) => {
    const body = bodyFor(target);
    const fields = Object.entries({ ...answersAsFiles, 'content-length': String(body.length) });
    const head = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    const date = formatHttpDate(stage.clock.now());
    socket.write(`HTTP/1.1 200 OK\r\nDate: ${date}\r\n${head}\r\n${body}`);
  });
  return { ...stage, lines };
}

function bodyFor(path: string): string {
  if (path === '/empty') return '';
  return path === '/large' ? 'large '.repeat(8_000) : `this is ${path.slice(0, 100)}`;
}

type Said = { readonly answer: string; readonly lines: readonly LineFacts[] };

async function say({ lines, port }: Side, pieces: readonly string[]): Promise<Said> {
  const before = lines.facts.length;
  const socket = await openSocket(port, { allowHalfOpen: true });
  const closed = once(socket, 'close');
  let answer = '';
  socket.setEncoding('latin1');
  socket.on('data', (piece: string) => {
    answer += piece;
  });
  socket.on('error', () => undefined);
  socket.on('end', () => socket.end());
  for (const piece of pieces) {
    socket.write(piece, 'latin1');
    // So that the edge reads them one by one.
    await turn();
    await turn();
  }
  socket.end();
  await closed;
  return { answer, lines: lines.facts.slice(before) };
}

const anyId = /X-Amz-Cf-Id: \S+|Request ID: \S+/g;
const explanation = /Warmfront-Explain: .*/g;

function comparable({ answer, lines }: Said): unknown {
  return {
    answer: answer.replace(anyId, 'an id').replace(explanation, 'an explanation'),
    lines: lines.map((line) => ({ ...line, requestId: 'an id', viewerPort: 0 })),
  };
}

async function assertAlike(sides: readonly [Side, Side], pieces: readonly string[]): Promise<void> {
  const [one, other] = await Promise.all(sides.map((each) => say(each, pieces)));
  assert(one && other);
  assert.deepEqual(comparable(one), comparable(other), JSON.stringify(pieces).slice(0, 2_000));
}

async function withBoth(t: TestContext, play: (both: readonly [Side, Side]) => Promise<void>) {
  await using withLane = await side(t, true);
  await using without = await side(t, false);
  await play([withLane, without]);
  assert(
    withLane.exchanges.length * 1.1 < without.exchanges.length,
    `${withLane.exchanges.length} of ${without.exchanges.length} took the long way`,
  );
}

test('each request of the corpus, new, known, and known to the lane', { timeout: 40_000 }, (t) =>
  withBoth(t, async (sides) => {
    for (let round = 0; round < 3; round += 1) {
      for (const text of corpus) await assertAlike(sides, [text, last]);
      for (const text of corpus) await assertAlike(sides, [text + last]);
    }
  }),
);

test('cut in two at every byte', { timeout: 40_000 }, (t) =>
  withBoth(t, async (sides) => {
    const text = plain + request('GET /a', ...browser.slice(0, 3), 'If-None-Match: "v1"') + plain;
    for (let round = 0; round < 2; round += 1) await assertAlike(sides, [text, last]);
    for (let at = 1; at < text.length; at += 1) {
      await assertAlike(sides, [text.slice(0, at), text.slice(at), last]);
    }
  }),
);

test('with changes by chance', { timeout: 40_000 }, (t) =>
  withBoth(t, async (sides) => {
    const random = new SeededRandomness(1);
    const seeds = corpus.filter((text) => text.length < 2_000);
    for (const text of seeds) await assertAlike(sides, [text, last]);
    const tokens = ['\r\n', '\r', '\n', ' ', '\t', ':', ',', '"v1"', ...browser, plain, 'HTTP/1.1'];
    for (let made = 0; made < cases; made += 1) {
      const text = random.chance(0.3)
        ? plain + makeInput(mutable(seeds, tokens), random)
        : makeInput(mutable(seeds, tokens), random) + plain;
      await assertAlike(sides, [text + last]);
    }
  }),
);

const cases = 600;

function mutable(seeds: readonly string[], tokens: readonly string[]) {
  return { name: 'requests', seeds, tokens, holds: () => undefined };
}
