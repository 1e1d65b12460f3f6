/**
 * What is no request is refused with an answer of its own, and the connection ends, so that nothing
 * after it is taken for a request (edge contract 1.2 to 1.9).
 */
import assert from 'node:assert/strict';
import { edgeBounds } from '../../src/edge/bounds.ts';
import { headerValue } from '../../src/http/header-list.ts';
import { host, scenario } from '../harness/scenario.ts';
import { SeededRandomness } from '../harness/seeded-randomness.ts';
import type { Viewer, ViewerConnection } from '../harness/viewer.ts';

const hostLine = `Host: ${host}\r\n`;
/** Stands behind what is refused; nothing may ever answer it. */
const smuggled = `GET /smuggled HTTP/1.1\r\n${hostLine}\r\n`;

const refusedRequests: Readonly<Record<string, readonly [status: number, request: string]>> = {
  'no Host': [400, 'GET / HTTP/1.1\r\n\r\n'],
  'two Host': [400, `GET / HTTP/1.1\r\n${hostLine}${hostLine}\r\n`],
  'an empty Host': [400, 'GET / HTTP/1.1\r\nHost:\r\n\r\n'],
  'a Host that is no name': [400, 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n'],
  'a Host with a user': [400, `GET / HTTP/1.1\r\nHost: x@${host}\r\n\r\n`],
  'a Host with a strange port': [400, `GET / HTTP/1.1\r\nHost: ${host}:80x\r\n\r\n`],
  'HTTP/1.0 without a Host': [400, 'GET / HTTP/1.0\r\n\r\n'],
  'Content-Length with Transfer-Encoding': [
    400,
    `GET / HTTP/1.1\r\n${hostLine}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  'Transfer-Encoding with Content-Length': [
    400,
    `GET / HTTP/1.1\r\n${hostLine}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`,
  ],
  'two equal Content-Length': [
    400,
    `GET / HTTP/1.1\r\n${hostLine}Content-Length: 0\r\nContent-Length: 0\r\n\r\n`,
  ],
  'two different Content-Length': [
    400,
    `GET / HTTP/1.1\r\n${hostLine}Content-Length: 0\r\nContent-Length: 1\r\n\r\n`,
  ],
  'a list of Content-Length': [400, `GET / HTTP/1.1\r\n${hostLine}Content-Length: 0, 0\r\n\r\n`],
  'Content-Length +0': [400, `GET / HTTP/1.1\r\n${hostLine}Content-Length: +0\r\n\r\n`],
  'Content-Length -1': [400, `GET / HTTP/1.1\r\n${hostLine}Content-Length: -1\r\n\r\n`],
  'Content-Length 0x1': [400, `GET / HTTP/1.1\r\n${hostLine}Content-Length: 0x1\r\n\r\n`],
  'an empty Content-Length': [400, `GET / HTTP/1.1\r\n${hostLine}Content-Length:\r\n\r\n`],
  'Content-Length past 2^53': [
    400,
    `GET / HTTP/1.1\r\n${hostLine}Content-Length: 9007199254740993\r\n\r\n`,
  ],
  'an unknown transfer coding': [
    501,
    `GET / HTTP/1.1\r\n${hostLine}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
  ],
  'two transfer codings': [
    400,
    `GET / HTTP/1.1\r\n${hostLine}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
  ],
  'chunked twice': [
    400,
    `GET / HTTP/1.1\r\n${hostLine}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  'Transfer-Encoding in HTTP/1.0': [
    400,
    `GET / HTTP/1.0\r\n${hostLine}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  'a bare line feed after the request line': [400, `GET / HTTP/1.1\n${hostLine}\r\n`],
  'a bare line feed after a field': [400, `GET / HTTP/1.1\r\n${hostLine}X: a\nY: b\r\n\r\n`],
  'a bare line feed at the end': [400, `GET / HTTP/1.1\r\n${hostLine}\n`],
  'nothing but line feeds': [400, `GET / HTTP/1.1\nHost: ${host}\n\n`],
  'a bare carriage return': [400, `GET / HTTP/1.1\r\n${hostLine}X: a\rb\r\n\r\n`],
  'NUL in a value': [400, `GET / HTTP/1.1\r\n${hostLine}X: a\0b\r\n\r\n`],
  'a control character in a value': [400, `GET / HTTP/1.1\r\n${hostLine}X: a\x01b\r\n\r\n`],
  'DEL in a value': [400, `GET / HTTP/1.1\r\n${hostLine}X: a\x7fb\r\n\r\n`],
  'a blank before the colon': [400, `GET / HTTP/1.1\r\nHost : ${host}\r\n\r\n`],
  'a tab before the colon': [400, `GET / HTTP/1.1\r\n${hostLine}X\t: a\r\n\r\n`],
  'an empty name': [400, `GET / HTTP/1.1\r\n${hostLine}: a\r\n\r\n`],
  'a name that is no token': [400, `GET / HTTP/1.1\r\n${hostLine}X@: a\r\n\r\n`],
  'a name of other letters': [400, `GET / HTTP/1.1\r\n${hostLine}X\xe9: a\r\n\r\n`],
  'a line without a colon': [400, `GET / HTTP/1.1\r\n${hostLine}nothing\r\n\r\n`],
  'a folded value': [400, `GET / HTTP/1.1\r\n${hostLine}X: a\r\n b\r\n\r\n`],
  'a fold at the beginning': [400, `GET / HTTP/1.1\r\n ${hostLine}\r\n`],
  'two blanks before the target': [400, `GET  / HTTP/1.1\r\n${hostLine}\r\n`],
  'two blanks after the target': [400, `GET /  HTTP/1.1\r\n${hostLine}\r\n`],
  'a blank after the version': [400, `GET / HTTP/1.1 \r\n${hostLine}\r\n`],
  'a tab in the request line': [400, `GET\t/ HTTP/1.1\r\n${hostLine}\r\n`],
  'HTTP/0.9': [400, 'GET /\r\n'],
  'HTTP/0.9 in full': [400, `GET / HTTP/0.9\r\n${hostLine}\r\n`],
  'HTTP/1.2': [400, `GET / HTTP/1.2\r\n${hostLine}\r\n`],
  'HTTP/2.0': [505, `GET / HTTP/2.0\r\n${hostLine}\r\n`],
  'HTTP/3.0': [505, `GET / HTTP/3.0\r\n${hostLine}\r\n`],
  'the preface of HTTP/2': [505, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  'http in lower case': [400, `GET / http/1.1\r\n${hostLine}\r\n`],
  'another protocol': [400, `GET / RTSP/1.0\r\n${hostLine}\r\n`],
  'a fragment': [400, `GET /a#b HTTP/1.1\r\n${hostLine}\r\n`],
  'a blank in the target': [400, `GET /a b HTTP/1.1\r\n${hostLine}\r\n`],
  'a control character in the target': [400, `GET /a\x01 HTTP/1.1\r\n${hostLine}\r\n`],
  'DEL in the target': [400, `GET /a\x7f HTTP/1.1\r\n${hostLine}\r\n`],
  'a relative target': [400, `GET a HTTP/1.1\r\n${hostLine}\r\n`],
  'a target that is a query': [400, `GET ?a HTTP/1.1\r\n${hostLine}\r\n`],
  'a target of another scheme': [400, `GET ftp://${host}/ HTTP/1.1\r\n${hostLine}\r\n`],
  'a target with a user': [400, `GET http://u@${host}/ HTTP/1.1\r\n${hostLine}\r\n`],
  'a target without a host': [400, `GET http:///a HTTP/1.1\r\n${hostLine}\r\n`],
  'two empty lines before it': [400, `\r\n\r\nGET / HTTP/1.1\r\n${hostLine}\r\n`],
  'a bare line feed before it': [400, `\nGET / HTTP/1.1\r\n${hostLine}\r\n`],
  'a blank before it': [400, ` GET / HTTP/1.1\r\n${hostLine}\r\n`],
  'the beginning of TLS': [400, '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  'bytes of no meaning': [400, '\0\x01\x02\x03'],
  'an unknown expectation': [417, `GET / HTTP/1.1\r\n${hostLine}Expect: 200-maybe\r\n\r\n`],
};

scenario('each is refused, and nothing after it is answered', async ({ origin, viewer, test }) => {
  for (const [what, [status, request]] of Object.entries(refusedRequests)) {
    await test.test(what, async () => {
      await using connection = await viewer.connects();
      connection.write(request + smuggled);
      const answer = await connection.answer();
      assert.equal(answer.status, status);
      assert.equal(headerValue(answer.headers, 'connection'), 'close');
      assert.equal(headerValue(answer.headers, 'x-cache'), 'Error from cloudfront');
      connection.socket.end();
      await connection.closed;
      assert.equal(connection.unread.length, 0);
    });
  }
  origin.wasAsked(0);
});

scenario('they are refused alike when their bytes come one at a time', async ({ viewer }) => {
  for (const what of ['two Host', 'a folded value', 'HTTP/0.9', 'nothing but line feeds']) {
    const [status, request] = refusedRequests[what] ?? [0, ''];
    await using connection = await viewer.connects();
    for (const byte of request) {
      connection.write(byte);
      await new Promise(setImmediate);
    }
    assert.equal((await connection.answer()).status, status, what);
  }
});

scenario('one empty line before a request is passed over', async ({ origin, viewer }) => {
  origin.answers(200, {}, 'hello');
  const request = `\r\nGET /a HTTP/1.1\r\n${hostLine}\r\n`;
  await using connection = await viewer.connects();
  connection.write(request + request);
  assert.equal((await connection.answer()).status, 200);
  assert.equal((await connection.answer()).status, 200);
  for (const byte of request) {
    connection.write(byte);
    await new Promise(setImmediate);
  }
  assert.equal((await connection.answer()).status, 200);
});

scenario('other methods are refused, and the connection goes on', async ({ origin, viewer }) => {
  origin.answers(200, {}, 'hello');
  await using connection = await viewer.connects();
  for (const method of [
    'POST',
    'PUT',
    'DELETE',
    'OPTIONS',
    'PATCH',
    'TRACE',
    'get',
    'FOO',
    'G~T',
  ]) {
    connection.write(`${method} /a HTTP/1.1\r\n${hostLine}\r\n`);
    const answer = await connection.answer();
    assert.equal(answer.status, 403, method);
    assert.match(answer.body, /InvalidMethod/);
    assert.equal(headerValue(answer.headers, 'connection'), 'keep-alive');
  }
  connection.write(`OPTIONS * HTTP/1.1\r\n${hostLine}\r\n`);
  assert.equal((await connection.answer()).status, 403);
  origin.wasAsked(0);
  connection.write(`GET /a HTTP/1.1\r\n${hostLine}\r\n`);
  assert.equal((await connection.answer()).status, 200);
  // But for this one: what follows may be meant for somebody else.
  connection.write(`CONNECT ${host}:443 HTTP/1.1\r\n${hostLine}\r\n`);
  const last = await connection.answer();
  assert.deepEqual([last.status, headerValue(last.headers, 'connection')], [403, 'close']);
  origin.wasAsked(1);
});

scenario('a body is refused unread, and a length of zero is none', async ({ origin, viewer }) => {
  origin.answers(200, {}, 'hello');
  for (const [method, fields] of [
    ['GET', 'Content-Length: 5\r\n'],
    ['HEAD', 'Content-Length: 5\r\n'],
    ['GET', 'Transfer-Encoding: chunked\r\n'],
    ['GET', 'Content-Length: 5\r\nExpect: 100-continue\r\n'],
    ['POST', 'Content-Length: 5\r\n'],
    ['POST', 'Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n'],
  ] as const) {
    const request = `${method} / HTTP/1.1\r\n${hostLine}${fields}\r\n${smuggled}`;
    await using connection = await viewer.connects();
    connection.write(request);
    const answer = await connection.answer(method === 'HEAD');
    assert.equal(answer.status, 403);
    assert.equal(headerValue(answer.headers, 'connection'), 'close');
    connection.socket.end();
    await connection.closed;
    assert.equal(connection.unread.length, 0);
  }
  origin.wasAsked(0);
  await viewer.gets('/a', { 'Content-Length': '0' }).sees({ status: 200 });
  await viewer.gets('/b', { Expect: '100-Continue' }).sees({ status: 200 });
  assert.equal(headerValue(origin.last.headers, 'expect'), undefined);
});

scenario('a large body that is refused does not tear the refusal away', async ({ viewer }) => {
  await using connection = await viewer.connects();
  connection.write(`POST / HTTP/1.1\r\n${hostLine}Content-Length: 4000000\r\n\r\n`);
  for (let sent = 0; sent < 4_000_000; sent += 100_000) connection.write('x'.repeat(100_000));
  assert.equal((await connection.answer()).status, 403);
});

scenario('a URL and a head are taken up to their bounds', async ({ origin, viewer }) => {
  origin.answers(200, {}, 'hello');
  const { fieldNameBytesMax, fieldsMax, headBytesMax, urlBytesMax } = edgeBounds;
  const path = `/${'a'.repeat(urlBytesMax - `http://${host}/`.length)}`;
  await viewer.gets(path).sees({ status: 200 });
  const tooLong = { status: 414, headers: { connection: 'close' } };
  await viewer.gets(`${path}a`).sees(tooLong);
  await viewer.gets(`/${'a'.repeat(20_000)}`).sees(tooLong);
  await viewer.gets(`/${'a'.repeat(100_000)}`).sees(tooLong);

  const head = `GET / HTTP/1.1\r\n${hostLine}X: `;
  const value = 'a'.repeat(headBytesMax - head.length - 4);
  await viewer.sends(`${head}${value}\r\n\r\n`).sees({ status: 200 });
  const tooLarge = { status: 494, headers: { connection: 'close' } };
  await viewer.sends(`${head}${value}a\r\n\r\n`).sees(tooLarge);
  await viewer.sends(`${head}${value}${value}`).sees(tooLarge);
  await viewer.sends(`${head}${' '.repeat(100_000)}`).sees(tooLarge);

  await viewer
    .sends(`GET / HTTP/1.1\r\n${hostLine}${'X: a\r\n'.repeat(fieldsMax - 1)}\r\n`)
    .sees({ status: 200 });
  await viewer
    .sends(`GET / HTTP/1.1\r\n${hostLine}${'X: a\r\n'.repeat(fieldsMax)}\r\n`)
    .sees(tooLarge);
  const name = 'N'.repeat(fieldNameBytesMax);
  await viewer.gets('/', { [name]: 'a' }).sees({ status: 200 });
  await viewer.gets('/', { [`${name}N`]: 'a' }).sees(tooLarge);
});

scenario('ten megabytes of header fields are refused with memory bounded', async ({ viewer }) => {
  await using connection = await viewer.connects();
  connection.write(`GET / HTTP/1.1\r\n${hostLine}`);
  for (let sent = 0; sent < 10_000_000; sent += 1_000) {
    if (connection.isClosed) break;
    connection.write(`X-${sent}: ${'a'.repeat(1_000)}\r\n`);
  }
  assert.equal((await connection.answer()).status, 494);
});

scenario('requests in one piece are answered in order', async ({ origin, viewer }) => {
  origin.does((socket, { target }) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${target.length}\r\n\r\n${target}`);
  });
  await using connection = await viewer.connects();
  const paths = Array.from({ length: 300 }, (_, index) => `/${index % 7}`);
  connection.write(paths.map((path) => `GET ${path} HTTP/1.1\r\n${hostLine}\r\n`).join(''));
  for (const path of paths) assert.equal((await connection.answer()).body, path);
  assert.equal(origin.asked.length, 7);
});

scenario('a connection goes on or ends as the viewer wants it', async ({ origin, viewer }) => {
  origin.answers(200, {}, 'hello');
  for (const [request, connectionField] of [
    [`GET /a HTTP/1.1\r\n${hostLine}\r\n`, 'keep-alive'],
    [`GET /a HTTP/1.1\r\n${hostLine}Connection: close\r\n\r\n`, 'close'],
    [`GET /a HTTP/1.1\r\n${hostLine}Connection: x, Close\r\n\r\n`, 'close'],
    [`GET /a HTTP/1.0\r\n${hostLine}\r\n`, 'close'],
    [`GET /a HTTP/1.0\r\n${hostLine}Connection: keep-alive\r\n\r\n`, 'keep-alive'],
    [
      `GET http://${host}/a HTTP/1.0\r\n\r\n`
        .replace('1.0', '1.1')
        .replace('\r\n\r\n', `\r\n${hostLine}\r\n`),
      'keep-alive',
    ],
  ] as const) {
    await using connection = await viewer.connects();
    connection.write(request);
    const answer = await connection.answer();
    assert.equal(headerValue(answer.headers, 'connection'), connectionField);
    if (connectionField === 'close') assert.equal(await connection.closed, false);
    else {
      connection.write(`GET /a HTTP/1.1\r\n${hostLine}\r\n`);
      assert.equal((await connection.answer()).status, 200);
    }
  }
});

scenario('a viewer of HTTP/1.0 gets no chunks and nothing compressed', async (stage) => {
  const { origin, viewer } = stage;
  origin.answers(200, { 'transfer-encoding': 'chunked', 'content-length': '' }, 'hello');
  const request = `GET /a HTTP/1.0\r\n${hostLine}Accept-Encoding: gzip\r\nConnection: keep-alive\r\n\r\n`;
  for (const xCache of ['Miss', 'Hit']) {
    const answer = await viewer.sends(request).sees({
      xCache,
      body: 'hello',
      headers: { 'transfer-encoding': undefined, connection: 'close', via: /^1\.0 / },
    });
    assert.equal(answer.framing, 'until-close');
  }
  assert.equal(headerValue(origin.last.headers, 'accept-encoding'), undefined);
});

scenario(
  'a viewer that has ended its side is answered all the same',
  async ({ origin, viewer }) => {
    origin.answers(200, {}, 'hello');
    await using connection = await viewer.connects();
    connection.socket.end(`GET /a HTTP/1.1\r\n${hostLine}\r\n`);
    const answer = await connection.answer();
    assert.equal(answer.body, 'hello');
    assert.equal(await connection.closed, false);
  },
);

scenario('so are the requests before its end, and no half of one', async ({ origin, viewer }) => {
  origin.answers(200, {}, 'hello');
  await using connection = await viewer.connects();
  const request = `GET /a HTTP/1.1\r\n${hostLine}\r\n`;
  connection.socket.end(`${request}${request}${request}GET /b HTTP/1.1\r\n`);
  for (let count = 0; count < 3; count += 1) assert.equal((await connection.answer()).status, 200);
  await connection.closed;
  assert.equal(connection.unread.length, 0);
  origin.wasAsked(1);
});

scenario('an upgrade is not taken, the request is answered', async ({ origin, viewer }) => {
  origin.answers(200, {}, 'hello');
  const fields = { Connection: 'Upgrade, HTTP2-Settings', Upgrade: 'h2c', 'HTTP2-Settings': 'AAA' };
  await viewer.gets('/a', fields).sees({ status: 200, body: 'hello' });
  for (const name of ['upgrade', 'http2-settings']) {
    assert.equal(headerValue(origin.last.headers, name), undefined);
  }
});

/**
 * Sends a request and, in the same piece, what follows it; when the answer is there, the rest has
 * been read as well, so time may move.
 */
async function afterAnAnswer(viewer: Viewer, rest: string): Promise<ViewerConnection> {
  const connection = await viewer.connects();
  connection.write(`GET /a HTTP/1.1\r\n${hostLine}\r\n${rest}`);
  assert.equal((await connection.answer()).status, 200);
  return connection;
}

scenario('a head that comes too slowly is refused', async ({ clock, origin, viewer }) => {
  origin.answers(200, {}, 'hello');
  for (const begun of ['G', `GET / HTTP/1.1\r\n${hostLine}`]) {
    await using connection = await afterAnAnswer(viewer, begun);
    await clock.passes(edgeBounds.headMsMax - 1_000);
    assert.equal(connection.isClosed, false);
    // Bytes that still come do not give the head more time.
    connection.write(begun === 'G' ? 'E' : 'X');
    await clock.passes(2_000);
    assert.equal((await connection.answer()).status, 408);
    await connection.closed;
  }
});

scenario('a connection without a request is closed in silence', async (stage) => {
  const { clock, origin, viewer } = stage;
  origin.answers(200, {}, 'hello');
  await using connection = await afterAnAnswer(viewer, '');
  await clock.passes(edgeBounds.idleMsMax - 1_000);
  assert.equal(connection.isClosed, false);
  await clock.passes(2_000);
  await connection.closed;
  assert.equal(connection.unread.length, 0);
});

scenario(
  'connections beyond the bound are closed at once',
  { bounds: { connectionsMax: 2 } },
  async ({ origin, viewer }) => {
    origin.answers(200, {}, 'hello');
    await using first = await afterAnAnswer(viewer, '');
    await using second = await afterAnAnswer(viewer, '');
    await using third = await viewer.connects();
    await third.closed;
    second.socket.end();
    await second.closed;
    assert.equal(first.isClosed, false);
    await viewer.gets('/a').sees({ status: 200 });
  },
);

scenario('garbled requests end nothing but their own connection', async ({ origin, viewer }) => {
  const chance = new SeededRandomness(7);
  origin.answers(200, {}, 'hello');
  const sound = `GET /a HTTP/1.1\r\n${hostLine}Accept: */*\r\nRange: bytes=0-1\r\n\r\n`;
  const odd = ['\0', '\r', '\n', '\r\n', '\r\n\r\n', ' ', '\t', ':', '\x7f', '\xff', 'GET ', '/'];
  for (let batch = 0; batch < 20; batch += 1) {
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        let text = sound + sound;
        for (let change = chance.below(4); change >= 0; change -= 1) {
          const at = chance.below(text.length);
          const cut = chance.below(6);
          text = text.slice(0, at) + (chance.pick(odd) ?? '') + text.slice(at + cut);
        }
        await using connection = await viewer.connects();
        connection.socket.end(Buffer.from(text, 'latin1'));
        await connection.closed;
        // What came back is answers and nothing else.
        while (connection.unread.length > 0) {
          const { status } = await connection.answer();
          assert([200, 206, 400, 403, 501, 505].includes(status), `${status} to ${text}`);
        }
      }),
    );
  }
  await viewer.gets('/a').sees({ status: 200 });
});
