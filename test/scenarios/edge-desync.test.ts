/**
 * Two readers of one connection must never disagree where a request ends (request smuggling, desync).
 * Each form is sent as it stands, followed by the end of the connection; an origin that reads by the
 * narrowest rules tells what arrived. What is refused never reaches it, what is served reaches it as
 * one request with one framing, and nothing that stood in a body, or behind a refusal, is ever asked.
 */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test, type TestContext } from 'node:test';
import { headerValue } from '../../src/http/header-list.ts';
import { RawOrigin, type RawRequest } from '../harness/raw-origin.ts';
import { customOrigin, host, setTheStage } from '../harness/scenario.ts';

type Case = {
  readonly title: string;
  readonly sent: string;
  /** Of the answers that the viewer gets, in order. */
  readonly statuses: readonly number[];
  /** What the origin is asked: method, target and body. */
  readonly asked?: readonly string[];
};

const hostLine = `Host: ${host}\r\n`;
const smuggled = `GET /smuggled HTTP/1.1\r\n${hostLine}\r\n`;
const next = `GET /next HTTP/1.1\r\n${hostLine}\r\n`;

/** A POST with these fields and this behind its head. */
function post(fields: string, rest: string, version = '1.1'): string {
  return `POST /a HTTP/${version}\r\n${hostLine}${fields}\r\n${rest}`;
}

function get(fields: string, rest = smuggled): string {
  return `GET /a HTTP/1.1\r\n${hostLine}${fields}\r\n${rest}`;
}

function refused(title: string, sent: string, status = 400): Case {
  return { title, sent, statuses: [status] };
}

const chunkedLine = 'Transfer-Encoding: chunked\r\n';
const long = 'x'.repeat(300);

const bothFramings = [
  refused('CL.TE', post(`Content-Length: 6\r\n${chunkedLine}`, `0\r\n\r\n${smuggled}`)),
  refused('TE.CL', post(`${chunkedLine}Content-Length: 4\r\n`, `2c\r\n${smuggled}\r\n0\r\n\r\n`)),
  refused('CL.TE with a length of 0', post(`Content-Length: 0\r\n${chunkedLine}`, smuggled)),
  refused(
    'a length that Connection takes back',
    post(
      `Connection: Content-Length\r\n${chunkedLine}Content-Length: 3\r\n`,
      `0\r\n\r\n${smuggled}`,
    ),
  ),
];

const otherCodings = [
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding: identity',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding: identity, chunked',
  'Transfer-Encoding: chunked, chunked',
  'Transfer-Encoding: chunked,',
  'Transfer-Encoding: ,chunked',
  'Transfer-Encoding: "chunked"',
  'Transfer-Encoding: chunked;q=1',
  'Transfer-Encoding: chunked\x0b',
  'Transfer-Encoding:\x0bchunked',
  'Transfer-Encoding: chunked\0',
  'Transfer-Encoding\0: chunked',
  'Transfer-Encoding : chunked',
  'Transfer-Encoding\t: chunked',
  ' Transfer-Encoding: chunked',
  'X: y\r\n Transfer-Encoding: chunked',
  'Transfer-Encoding:\r\n chunked',
  'X: y\nTransfer-Encoding: chunked',
  'X: y\rTransfer-Encoding: chunked',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity',
  'Transfer-Encoding: x\r\nTransfer-Encoding: chunked',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked',
  'Transfer-Encoding: chun\xaded',
  'Transfer-Encoding: \xe2\x80\x8bchunked',
  'Transfer-Encoding:',
  'Transfer-Encoding chunked',
].flatMap((line) => [
  refused(
    `TE.TE ${JSON.stringify(line)}`,
    post(`${line}\r\n`, `0\r\n\r\n${smuggled}`),
    /^Transfer-Encoding: (?:xchunked|identity)$/.test(line) ? 501 : 400,
  ),
]);

const otherLengths = [
  'Content-Length: 0, 0',
  'Content-Length: 0\r\nContent-Length: 0',
  'Content-Length: 0\r\nContent-Length: 5',
  'Content-Length: +0',
  'Content-Length: -1',
  'Content-Length: 0x0',
  'Content-Length: 0 0',
  'Content-Length: 1e1',
  'Content-Length: 0;',
  'Content-Length: "0"',
  'Content-Length: 99999999999999999999',
  'Content-Length:',
  'Content-Length: \xb2',
  'Content-Length : 0',
  'Content-Length: 0\0',
  'Content-Length:\r\n 0',
].map((line) => refused(`CL.CL ${JSON.stringify(line)}`, post(`${line}\r\n`, smuggled)));

const lineEnds = [
  refused('bare line feeds', `GET /a HTTP/1.1\nHost: ${host}\n\n${smuggled}`),
  refused(
    'a bare line feed behind the request line',
    `GET /a HTTP/1.1\n${hostLine}\r\n${smuggled}`,
  ),
  refused(
    'a bare carriage return in the request line',
    `GET /a\rX HTTP/1.1\r\n${hostLine}\r\n${smuggled}`,
  ),
  refused('a bare carriage return in a value', get('X: a\rb\r\n')),
  refused('two carriage returns', `GET /a HTTP/1.1\r\r\n${hostLine}\r\n${smuggled}`),
  refused('NUL in a value', get('X: a\0b\r\n')),
  refused('NUL in the target', `GET /a\0b HTTP/1.1\r\n${hostLine}\r\n${smuggled}`),
  refused('a fold', get('X: a\r\n b\r\n')),
  refused('a fold of blanks', get('X: a\r\n \r\n')),
  refused('a fold of the request line', `GET /a HTTP/1.1\r\n X: y\r\n${hostLine}\r\n${smuggled}`),
  refused('a line without a colon', get('nothing\r\n')),
  refused('a name of none', get(': x\r\n')),
  refused('a blank in a name', get('X Y: z\r\n')),
  refused('a name in bytes above ASCII', get('X\xe9: z\r\n')),
];

const requestLines = [
  refused('two blanks', `GET  /a HTTP/1.1\r\n${hostLine}\r\n${smuggled}`),
  refused('a tab', `GET\t/a HTTP/1.1\r\n${hostLine}\r\n${smuggled}`),
  refused('a blank at the end', `GET /a HTTP/1.1 \r\n${hostLine}\r\n${smuggled}`),
  refused('a blank in the target', `GET /a b HTTP/1.1\r\n${hostLine}\r\n${smuggled}`),
  refused('HTTP/0.9', `GET /a\r\n${hostLine}\r\n${smuggled}`),
  refused('a version in lower case', `GET /a http/1.1\r\n${hostLine}\r\n${smuggled}`),
  refused('HTTP/1.2', `GET /a HTTP/1.2\r\n${hostLine}\r\n${smuggled}`),
  refused('HTTP/01.1', `GET /a HTTP/01.1\r\n${hostLine}\r\n${smuggled}`),
  refused('a version to come', `GET /a HTTP/3.0\r\n${hostLine}\r\n${smuggled}`, 505),
  refused('a fragment', `GET /a#b HTTP/1.1\r\n${hostLine}\r\n${smuggled}`),
  refused('another form of target', `GET a HTTP/1.1\r\n${hostLine}\r\n${smuggled}`),
  refused('CONNECT', `CONNECT ${host}:80 HTTP/1.1\r\n${hostLine}\r\n${smuggled}`, 403),
];

const hosts = [
  refused('two hosts', get(`Host: evil.example\r\n`)),
  refused('a host with a blank', `GET /a HTTP/1.1\r\nHost: ${host} evil\r\n\r\n${smuggled}`),
  refused('a list of hosts', `GET /a HTTP/1.1\r\nHost: ${host}, evil\r\n\r\n${smuggled}`),
  refused('a user before the host', `GET /a HTTP/1.1\r\nHost: evil@${host}\r\n\r\n${smuggled}`),
  refused('a path behind the host', `GET /a HTTP/1.1\r\nHost: ${host}/evil\r\n\r\n${smuggled}`),
  refused('no host', `GET /a HTTP/1.1\r\n\r\n${smuggled}`),
];

const bodies = [
  refused(
    'a chunk that is longer than it says',
    post(chunkedLine, `3\r\nhello\r\n0\r\n\r\n${smuggled}`),
  ),
  refused(
    'a chunk in hexadecimal with a mark',
    post(chunkedLine, `0x5\r\nhello\r\n0\r\n\r\n${smuggled}`),
  ),
  refused(
    'a chunk of a size below nothing',
    post(chunkedLine, `-1\r\nhello\r\n0\r\n\r\n${smuggled}`),
  ),
  refused(
    'a chunk of a size beyond numbers',
    post(chunkedLine, `FFFFFFFFFFFFFFFFF\r\n${smuggled}`),
  ),
  refused('a chunk whose size ends in a bare line feed', post(chunkedLine, `0\n\r\n${smuggled}`)),
  refused(
    'a chunk that ends in a bare line feed',
    post(chunkedLine, `5\r\nhello\n0\r\n\r\n${smuggled}`),
  ),
  refused('a chunk without an end', post(chunkedLine, `5\r\nhello0\r\n\r\n${smuggled}`)),
  refused('a blank before a size', post(chunkedLine, ` 5\r\nhello\r\n0\r\n\r\n${smuggled}`)),
  refused('an extension that is very long', post(chunkedLine, `0;${long}\r\n\r\n${smuggled}`)),
  refused('a bare carriage return in an extension', post(chunkedLine, `0;a\rb\r\n\r\n${smuggled}`)),
  refused(
    'a bare line feed in an extension',
    post(chunkedLine, `5;a\nhello\r\n0\r\n\r\n${smuggled}`),
  ),
];

const behindRefusals = [
  refused('behind a GET with a body', get('Content-Length: 5\r\n', `hello${smuggled}`), 403),
  refused('behind a GET with chunks', get(chunkedLine, `0\r\n\r\n${smuggled}`), 403),
  refused('a body that is a request (CL.0)', get(`Content-Length: ${smuggled.length}\r\n`), 403),
  refused(
    'behind a target that is too long',
    `GET /${'a'.repeat(40_000)} HTTP/1.1\r\n${hostLine}\r\n${smuggled}`,
    414,
  ),
  refused('behind a head that is too large', get(`X: ${'a'.repeat(40_000)}\r\n`), 494),
  refused('behind an unknown expectation', get('Expect: 200-maybe\r\n'), 417),
  refused('behind what asks for the end', get('Connection: close\r\n'), 200),
  refused('behind HTTP/1.0', `GET /a HTTP/1.0\r\n${hostLine}\r\n${smuggled}`, 200),
].map((one): Case => (one.statuses[0] === 200 ? { ...one, asked: ['GET /a '] } : one));

const served: readonly Case[] = [
  {
    title: 'requests that follow one another',
    sent: get('', next),
    statuses: [200, 200],
    asked: ['GET /a ', 'GET /next '],
  },
  {
    title: 'a body of a length that is a request',
    sent: post(`Content-Length: ${smuggled.length}\r\n`, smuggled + next),
    statuses: [200, 200],
    asked: [`POST /a ${smuggled}`, 'GET /next '],
  },
  {
    title: 'a body in chunks that is a request',
    sent: post(chunkedLine, `${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n${next}`),
    statuses: [200, 200],
    asked: [`POST /a ${smuggled}`, 'GET /next '],
  },
  {
    title: 'chunked in capitals, with extensions, and trailers that speak of framing and host',
    sent: post(
      'tRANSFER-eNCODING: CHUNKED\r\n',
      `5;a=b\r\nhello\r\n00;c\r\nContent-Length: 99\r\nHost: evil\r\nTransfer-Encoding: x\r\n\r\n${next}`,
    ),
    statuses: [200, 200],
    asked: ['POST /a hello', 'GET /next '],
  },
  {
    title: 'a length that Connection takes back is still the length',
    sent: post('Connection: Content-Length, Host\r\nContent-Length: 5\r\n', `hello${next}`),
    statuses: [200, 200],
    asked: ['POST /a hello', 'GET /next '],
  },
  {
    title: 'chunks that Connection takes back are still chunks',
    sent: post(`Connection: Transfer-Encoding\r\n${chunkedLine}`, `5\r\nhello\r\n0\r\n\r\n${next}`),
    statuses: [200, 200],
    asked: ['POST /a hello', 'GET /next '],
  },
  {
    title: 'a length with zeros before it',
    sent: post('Content-Length: 0005\r\n', `hello${next}`),
    statuses: [200, 200],
    asked: ['POST /a hello', 'GET /next '],
  },
  {
    title: 'empty lines before a request',
    sent: `\r\n${get('', `\r\n${next}`)}`,
    statuses: [200, 200],
    asked: ['GET /a ', 'GET /next '],
  },
  {
    title: 'a target in absolute form, whose host counts, and another Host',
    sent: `GET http://${host}/a HTTP/1.1\r\nHost: evil.example\r\n\r\n${next}`,
    statuses: [200, 200],
    asked: ['GET /a ', 'GET /next '],
  },
  {
    title: 'a target in absolute form for a host that nobody has',
    sent: `GET http://evil.example/a HTTP/1.1\r\n${hostLine}\r\n${next}`,
    statuses: [403, 200],
    asked: ['GET /next '],
  },
  {
    title: 'an upgrade that is none here',
    sent: get(
      'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n',
      next,
    ),
    statuses: [200, 200],
    asked: ['GET /a ', 'GET /next '],
  },
  {
    title: 'a method that is not allowed, without a body',
    sent: `TRACE /a HTTP/1.1\r\n${hostLine}\r\n${next}`,
    statuses: [403, 200],
    asked: ['GET /next '],
  },
];

const cases: readonly Case[] = [
  ...bothFramings,
  ...otherCodings,
  ...otherLengths,
  ...lineEnds,
  ...requestLines,
  ...hosts,
  ...bodies,
  ...behindRefusals,
  ...served,
];

test('every form of a request that readers could disagree on', { timeout: 60_000 }, async (t) => {
  await using origin = await RawOrigin.start();
  await using stage = await inFrontOf(origin, t);
  for (const { asked = [], sent, statuses, title } of cases) {
    await t.test(title, async () => {
      origin.forget();
      const seen = await converse(stage.port, sent);
      assert.deepEqual(seen.statuses, statuses, seen.text.slice(0, 2_000));
      assert.deepEqual(origin.requests.map(said), asked);
      assert.deepEqual([origin.faults, origin.leftOver], [[], []]);
      for (const { headers } of origin.requests) {
        assert.equal(headerValue(headers, 'host'), 'localhost');
        assert.equal(
          headerValue(headers, 'connection')?.toLowerCase() ?? 'keep-alive',
          'keep-alive',
        );
      }
      await stage.viewer.gets('/victim').sees({ status: 200, body: 'GET /victim ' });
    });
  }
});

// What is in memory may be answered by a shorter way, which has to read heads as strictly.
test('the same forms where their targets are stored', { timeout: 60_000 }, async (t) => {
  await using origin = await RawOrigin.start('max-age=3600');
  await using stage = await inFrontOf(origin, t);
  for (const path of ['/a', '/next', '/victim']) {
    await stage.viewer.gets(path).sees({ status: 200, xCache: 'Miss' });
    // The shorter way is learnt by the first hit, and taken from the second one on.
    for (const _ of [1, 2]) await stage.viewer.gets(path).sees({ status: 200, xCache: 'Hit' });
  }
  for (const { asked = [], sent, statuses, title } of cases) {
    await t.test(title, async () => {
      origin.forget();
      const seen = await converse(stage.port, sent);
      assert.deepEqual(seen.statuses, statuses, seen.text.slice(0, 2_000));
      const notStored = asked.filter((one) => !one.startsWith('GET '));
      assert.deepEqual(origin.requests.map(said), notStored);
      assert.deepEqual([origin.faults, origin.leftOver], [[], []]);
      for (const path of ['/victim', '/a', '/next']) {
        const again = await converse(stage.port, `GET ${path} HTTP/1.1\r\n${hostLine}\r\n`);
        assert.deepEqual(again.statuses, [200]);
        assert(again.text.endsWith(`\r\n\r\nGET ${path} `), again.text);
        assert.match(again.text, /X-Cache: Hit from cloudfront/);
      }
    });
  }
});

function said({ body, method, target }: RawRequest): string {
  return `${method} ${target} ${body}`;
}

function inFrontOf(origin: RawOrigin, t: TestContext): ReturnType<typeof setTheStage> {
  const place = { ...customOrigin, domainName: 'localhost', httpPort: origin.port };
  return setTheStage(
    {
      settings: { privateOrigins: 'allow' },
      config: { origins: [place] },
      behavior: { allowedMethods: 'all' },
    },
    t,
  );
}

type Conversation = { readonly text: string; readonly statuses: readonly number[] };

/** Sends it all, ends its side, and reads to the end of the connection. */
async function converse(port: number, sent: string): Promise<Conversation> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const pieces: Buffer[] = [];
  socket.on('data', (piece: Buffer) => pieces.push(piece));
  socket.on('error', () => undefined);
  socket.end(Buffer.from(sent, 'latin1'));
  await new Promise((resolve) => {
    socket.once('close', resolve);
  });
  const text = Buffer.concat(pieces).toString('latin1');
  const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
  return { text, statuses };
}
