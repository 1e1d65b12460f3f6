/**
 * Whatever is copied from one side to another stays one value: a key of a bucket, a Location, an id, a
 * handshake, an explanation, a field of a log line. Nothing of it ends a line, a head or a log record.
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fieldNames, lineBytesMax, LineWriter } from '../../src/access-log/fields.ts';
import { headerValue, headerValues } from '../../src/http/header-list.ts';
import { logged } from '../harness/logged.ts';
import { distributionOf, host, scenario } from '../harness/scenario.ts';

const split = '%0d%0aX-Evil:%201%0d%0a%0d%0aHTTP/1.1%20200%20OK';

scenario('a key of a bucket with line ends in it names a file', async (stage) => {
  const { folder, origin, serves, viewer } = stage;
  serves(distributionOf('s3'));
  await writeFile(join(folder, 'a\r\nX-Evil: 1'), 'found');
  const noEvil = { 'x-evil': undefined };
  await viewer.gets('/a%0d%0aX-Evil:%201').sees({ status: 200, body: 'found', headers: noEvil });
  await viewer.gets(`/b${split}`).sees({ status: 404, headers: noEvil });
  origin.wasAsked(0);
});

scenario('a Location of an origin is passed on as it is, and ends where it ends', async (stage) => {
  const { origin, viewer } = stage;
  for (const [index, location] of [
    `/${split}`,
    `//evil.example/${split}`,
    '/caf\xe9?a=\xff',
    'javascript:alert(1)',
    '/a\tb',
    '',
  ].entries()) {
    const head = `Location: ${location}\r\nContent-Length: 0\r\n`;
    origin.sends(`HTTP/1.1 302 Found\r\n${head}\r\n`);
    const { headers } = await viewer.gets(`/${index}`).sees({ status: 302 });
    assert.deepEqual(headerValues(headers, 'location'), [location]);
    assert.equal(headerValue(headers, 'x-evil'), undefined);
  }
});

scenario('ids of requests are the edge’s own, whoever else sends some', async (stage) => {
  const { origin, viewer } = stage;
  origin.answers(200, { 'x-amz-cf-id': 'of-the-origin', 'x-amz-cf-pop': 'of-the-origin' }, 'hello');
  const { headers } = await viewer
    .gets('/a', { 'X-Amz-Cf-Id': 'of-the-viewer', 'X-Cache': 'Hit', Via: '1.1 of-the-viewer' })
    .sees({ status: 200, xCache: 'Miss', headers: { 'x-amz-cf-pop': 'TEST1' } });
  const [id, ...others] = headerValues(headers, 'x-amz-cf-id');
  assert.match(id ?? '', /^[\w-]{54}==$/);
  assert.deepEqual(others, []);
  assert.deepEqual(headerValues(origin.last.headers, 'x-amz-cf-id'), [id]);
});

scenario(
  'pages of the edge repeat nothing of a request',
  { settings: { explain: true } },
  async ({ origin, viewer }) => {
    const mark = '<script>evil()</script>';
    origin.sends(`HTTP/1.1 200 OK\r\nX-${mark}: 1\r\n\r\n`, 'end');
    const fields = { 'User-Agent': mark, Cookie: mark, Referer: mark };
    for (const asking of [
      viewer.gets(`/${mark}?${mark}`, fields),
      viewer.asks('EVIL', `/${mark}`, fields),
      viewer.gets(`/a`, { Expect: mark }),
      viewer.for('evil.example').gets(`/${mark}`, fields),
      viewer.sends(`GET /a HTTP/1.1\r\nHost: ${mark}\r\n\r\n`),
      viewer.sends(`GET /a HTTP/1.1\r\nHost: ${host}\r\nX-${mark}: 1\r\n\r\n`),
    ]) {
      const { body, status } = await asking.answer;
      assert(status >= 400, String(status));
      assert(!body.includes('evil') && !body.includes('script'), body);
    }
  },
);

scenario(
  'an explanation is one field, whatever the origin sent',
  { settings: { explain: true } },
  async ({ origin, viewer }) => {
    for (const [index, sent] of [
      'HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n',
      'HTTP/1.1 \r\n\r\n',
      'HTTP/1.1 200 \x01\x02\r\nContent-Length: x\r\nX-Evil: 1\r\n\r\n',
      `HTTP/1.1 206 OK\r\nContent-Range: \xe9\xff${'a'.repeat(5_000)}\r\n\r\n`,
      'no HTTP\r\nX-Evil: 1\r\n\r\n',
    ].entries()) {
      origin.sends(sent, 'end');
      const { headers } = await viewer
        .gets(`/${index}`, { 'Warmfront-Explain': '1' })
        .sees({ status: 502, headers: { 'x-evil': undefined } });
      const [said = '', ...others] = headerValues(headers, 'warmfront-explain');
      assert.match(said, /^[\x20-\x7e]{10,2000}$/);
      assert.deepEqual(others, []);
    }
  },
);

scenario('an answer to a handshake that is none begins no tunnel', async ({ origin, viewer }) => {
  const handshake = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version': '13',
  };
  const accept = 'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n';
  for (const head of [
    `Upgrade: h2c\r\nConnection: Upgrade\r\n${accept}`,
    `Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: other\r\n`,
    `Upgrade: websocket\r\nConnection: Upgrade\r\n${accept}X: a\nX-Evil: 1\r\n`,
    `Upgrade: websocket\r\nConnection: Upgrade\r\n${accept}${accept}`,
  ]) {
    origin.sends(`HTTP/1.1 101 Switching Protocols\r\n${head}\r\nGET /evil HTTP/1.1\r\n\r\n`);
    await viewer.gets('/chat', handshake).sees({ status: 502, headers: { 'x-evil': undefined } });
  }
});

logged('what a viewer sends stays in its column of the log', async ({ origin, viewer }, lines) => {
  origin.answers(200, { 'content-type': 'text/html\tx' }, 'hello');
  const odd = 'a\tb "c" \\ #Version: 1.0 %0a \xe9\xff';
  await viewer
    .gets(`/a${split}?q=${split}\xe9`, { 'User-Agent': odd, Referer: odd, Cookie: `${odd}=1` })
    .sees({ status: 200 });
  await lines.last(1);
  const [facts] = lines.facts;
  assert(facts);
  const bytes = Buffer.alloc(lineBytesMax(facts));
  const line = bytes.toString('latin1', 0, new LineWriter('modern').write(bytes, 0, facts));
  assert.match(line, /^[!-~\t]+\n$/);
  const columns = line.slice(0, -1).split('\t');
  const decoded = (name: (typeof fieldNames.modern)[number]): string =>
    (columns[fieldNames.modern.indexOf(name)] ?? '').replace(/%([0-9A-F]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  assert.equal(columns.length, fieldNames.modern.length);
  assert.equal(decoded('cs(User-Agent)'), odd);
  assert.equal(decoded('cs(Referer)'), odd);
  assert.equal(decoded('cs-uri-stem'), `/a${split}`);
});
