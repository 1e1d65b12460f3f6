/**
 * The cache as a weapon: answers made bad for others by what the key does not tell, errors provoked
 * to be kept, and private pages under names that look public. What the key tells apart, nobody else
 * is given; what CloudFront itself lets through is shown as it is.
 */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { headerValue } from '../../src/http/header-list.ts';
import { host, scenario } from '../harness/scenario.ts';
import type { OriginAsked } from '../harness/origin.ts';

const lasting = 'Cache-Control: max-age=3600\r\n';

/** Answers with what it was told in this field, as a careless origin would. */
function reflects(field: string): (socket: Socket, asked: OriginAsked) => void {
  return (socket, { headers }) => {
    const said = headerValue(headers, field) ?? 'nothing';
    socket.write(`HTTP/1.1 200 OK\r\n${lasting}Content-Length: ${said.length}\r\n\r\n${said}`);
  };
}

scenario(
  'a field that the key tells is nobody else’s',
  { behavior: { keyedHeaders: ['x-forwarded-host', 'x-original-url'] } },
  async ({ origin, viewer }) => {
    for (const field of ['X-Forwarded-Host', 'X-Original-URL']) {
      origin.does(reflects(field.toLowerCase()));
      const path = `/${field}`;
      await viewer.gets(path, { [field]: 'evil' }).sees({ xCache: 'Miss', body: 'evil' });
      await viewer.gets(path).sees({ xCache: 'Miss', body: 'nothing' });
      await viewer.gets(path, { [field]: 'evil' }).sees({ xCache: 'Hit', body: 'evil' });
    }
  },
);

// A keyed field that is taken back by Connection would be stored under the key of those who have it.
scenario(
  'a keyed field that Connection names is neither sent nor keyed',
  { behavior: { keyedHeaders: ['x-tenant'] } },
  async ({ origin, viewer }) => {
    origin.does(reflects('x-tenant'));
    const attack = { 'X-Tenant': 'victim', Connection: 'close, X-Tenant' };
    await viewer.gets('/a', attack).sees({ xCache: 'Miss', body: 'nothing' });
    await viewer.gets('/a', { 'X-Tenant': 'victim' }).sees({ xCache: 'Miss', body: 'victim' });
    await viewer.gets('/a').sees({ xCache: 'Hit', body: 'nothing' });
  },
);

scenario('Connection cannot take back what the edge says of the viewer', async (stage) => {
  const { origin, viewer } = stage;
  origin.answers(200, {}, 'hello');
  const names = 'close, Host, X-Forwarded-For, Via, X-Amz-Cf-Id, User-Agent, Content-Length';
  await viewer.gets('/a', { Connection: names, 'X-Forwarded-For': '192.0.2.9' }).sees({
    status: 200,
  });
  const { headers } = origin.last;
  assert.equal(headerValue(headers, 'host'), 'www.example.com');
  assert.equal(headerValue(headers, 'x-forwarded-for'), '127.0.0.1');
  assert(headerValue(headers, 'via') !== undefined);
  assert(headerValue(headers, 'x-amz-cf-id') !== undefined);
});

scenario(
  'fields beside the key reach the origin as CloudFront lets them, but for overrides of the method',
  async (stage) => {
    const { origin, viewer } = stage;
    origin.answers(200, {}, 'hello');
    await viewer
      .gets('/a', {
        'X-Forwarded-Host': 'evil.test',
        'X-Original-URL': '/admin',
        Forwarded: 'host=evil.test',
        'X-HTTP-Method-Override': 'DELETE',
      })
      .sees({ status: 200 });
    const { headers } = origin.last;
    // Edge contract 4.5: an origin that trusts them has to key them.
    assert.equal(headerValue(headers, 'x-forwarded-host'), 'evil.test');
    assert.equal(headerValue(headers, 'x-original-url'), '/admin');
    assert.equal(headerValue(headers, 'forwarded'), 'host=evil.test');
    assert.equal(headerValue(headers, 'x-http-method-override'), undefined);
    assert.equal(headerValue(headers, 'host'), 'www.example.com');
  },
);

scenario('a query beside the key never reaches the origin', async ({ origin, viewer }) => {
  origin.does((socket, { target }) => {
    socket.write(`HTTP/1.1 200 OK\r\n${lasting}Content-Length: ${target.length}\r\n\r\n${target}`);
  });
  await viewer.gets('/a?utm=<script>').sees({ xCache: 'Miss', body: '/a' });
  await viewer.gets('/a').sees({ xCache: 'Hit', body: '/a' });
});

scenario('an error that a request provoked is not kept for others', async ({ origin, viewer }) => {
  // What an origin with smaller bounds, or other ideas of a field, answers: HHO, HMC, HMO.
  for (const [status, provoking] of [
    [400, { 'X-Oversized': 'x'.repeat(20_000) }],
    [431, { 'X-Oversized': 'x'.repeat(20_000) }],
    [413, { 'X-Odd': '\xff\t{{' }],
    [403, { 'X-Waf': "' or 1=1 --" }],
    [405, { 'X-Method-Override': 'POST' }],
    [501, { 'X-HTTP-Method': 'DELETE' }],
  ] as const) {
    const path = `/${status}-${Object.keys(provoking)[0]}`;
    origin.answers(status, {}, 'no');
    await viewer.gets(path, provoking).sees({ status });
    origin.answers(200, {}, 'fine');
    const isKept = status === 501;
    await viewer.gets(path).sees(isKept ? { status: 501 } : { status: 200, body: 'fine' });
  }
});

scenario('a control character in a field never reaches an origin', async ({ origin, viewer }) => {
  for (const character of ['\0', '\x01', '\x07', '\x0b', '\x7f', '\r', '\n']) {
    const request = `GET /a HTTP/1.1\r\nHost: ${host}\r\nX-Meta: a${character}b\r\n\r\n`;
    await viewer.sends(request).sees({ status: 400 });
  }
  origin.wasAsked(0);
});

const disguises = [
  '/account/x.css',
  '/account;x.css',
  '/account%2Fx.css',
  '/account%2fx.css',
  '/account%3B.css',
  '/account%00.css',
  '/account%0A.css',
  '/account%0d%0aX-Evil:1',
  '/account%23.css',
  '/account%3f.css',
  '/static/../account',
  '/static/%2e%2e/account',
  '/static/..%2faccount',
  '/static/..;/account',
  '//account',
  '/account/',
  '/account/.',
  '/account\\x.css',
  '/\xe9account',
];

scenario('a private page under a public name is kept for nobody', async ({ origin, viewer }) => {
  let visits = 0;
  origin.does((socket) => {
    visits += 1;
    const body = `secret ${visits}`;
    const head = `Cache-Control: private, no-store\r\nContent-Length: ${body.length}\r\n`;
    socket.write(`HTTP/1.1 200 OK\r\n${head}\r\n${body}`);
  });
  for (const path of disguises) {
    await viewer.gets(path).sees({ xCache: 'Miss', body: `secret ${visits + 1}` });
    assert.equal(origin.last.target, path, 'byte for byte');
    await viewer.gets(path).sees({ xCache: 'Miss', body: `secret ${visits + 1}` });
  }
});

scenario('a name in disguise is an object of its own', async ({ origin, viewer }) => {
  origin.does((socket, { target }) => {
    const head = `HTTP/1.1 200 OK\r\n${lasting}Content-Length: ${target.length}\r\n\r\n`;
    socket.write(Buffer.from(head + target, 'latin1'));
  });
  await viewer.gets('/account').sees({ xCache: 'Miss', body: '/account' });
  for (const path of disguises) {
    const { bytes } = await viewer.gets(path).sees({ xCache: 'Miss' });
    assert.equal(bytes.toString('latin1'), path);
  }
  await viewer.gets('/account').sees({ xCache: 'Hit', body: '/account' });
});

scenario(
  'nothing that is copied to an origin begins another request',
  { behavior: { keyedQuery: { kind: 'all' }, keyedCookies: { kind: 'all' } } },
  async ({ origin, viewer }) => {
    origin.answers(200, {}, 'hello');
    const split = '%0d%0aGET%20/evil%20HTTP/1.1%0d%0aHost:%20x';
    await viewer.gets(`/a${split}?q=${split}`, { Cookie: `a=${split}`, 'X-A': split }).sees({
      status: 200,
    });
    assert.equal(origin.last.target, `/a${split}?q=${split}`);
    assert.equal(headerValue(origin.last.headers, 'cookie'), `a=${split}`);
    origin.wasAsked(1);
  },
);

scenario('nothing that an origin sends begins another answer', async ({ origin, viewer }) => {
  const second = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil';
  for (const head of [
    'Location: /a\nX-Evil: 1\r\nContent-Length: 0\r\n',
    'Location: /a\rX-Evil: 1\r\nContent-Length: 0\r\n',
    'Set-Cookie: a\0b\r\nContent-Length: 0\r\n',
    'Content-Length: 0\r\nContent-Length: 4\r\n',
    'Content-Length: 0\r\nTransfer-Encoding: chunked\r\n',
    'Transfer-Encoding: chunked\r\nContent-Length: 0\r\n',
    'Transfer-Encoding : chunked\r\n',
    'Transfer-Encoding: xchunked\r\n',
    'Content-Length: +0\r\n',
    'X-A: 1\r\n folded\r\nContent-Length: 0\r\n',
  ]) {
    origin.sends(`HTTP/1.1 302 Found\r\n${head}\r\n${second}`, 'end');
    await viewer.gets(`/${encodeURIComponent(head)}`).sees({
      status: 502,
      headers: { 'x-evil': undefined, location: undefined },
    });
  }
  // What stands behind a whole answer is not the answer to the next request.
  origin.sends(`HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood${second}`);
  await viewer.gets('/one').sees({ body: 'good' });
  origin.sends('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnext');
  await viewer.gets('/two').sees({ body: 'next' });
});
