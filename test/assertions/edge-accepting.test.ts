/** Edge contract 15, accepting: T1.01 to T1.22, as far as API 2010-11-01 has words for them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LineFacts } from '../../src/access-log/fields.ts';
import { edgeBounds } from '../../src/edge/bounds.ts';
import { headerValue } from '../../src/http/header-list.ts';
import { plainLogging } from '../../src/model/plain-config.ts';
import { testAuthority } from '../harness/certificates.ts';
import { h2Setting, openRaw } from '../harness/h2-stage.ts';
import { code } from '../harness/raw-h2.ts';
import {
  distributionOf,
  domain,
  host,
  scenario,
  type Setting,
  setTheStage,
  type Stage,
} from '../harness/scenario.ts';
import { type Answer, Viewer } from '../harness/viewer.ts';

const authority = await testAuthority('Test Authority');
const https = {
  host: '127.0.0.1',
  port: 0,
  ...(await authority.issue([`*.${domain}`])),
  ticketKeys: new Uint8Array(48),
  sealingKey: new Uint8Array(32),
};
const hostLine = `Host: ${host}\r\n`;
const smuggled = `GET /smuggled HTTP/1.1\r\n${hostLine}\r\n`;

type Lines = readonly LineFacts[];

function logged(
  title: string,
  setting: Setting,
  play: (stage: Stage, lines: Lines) => Promise<void>,
): void {
  test(title, { timeout: 60_000 }, async (t) => {
    const lines: LineFacts[] = [];
    const config = {
      logging: { ...plainLogging, bucket: 'logs.s3.amazonaws.com' },
      ...setting.config,
    };
    const accessLog = { write: (_: unknown, facts: LineFacts) => void lines.push(facts) };
    await using stage = await setTheStage({ ...setting, config, accessLog }, t);
    stage.origin.answers(200, {}, 'hello');
    await play(stage, lines);
  });
}

/** The answer closes the connection, and nothing behind the request is answered. */
async function isRefused(viewer: Viewer, request: string, ...statuses: number[]): Promise<void> {
  await using connection = await viewer.connects();
  connection.write(request + smuggled);
  const answer = await connection.answer();
  assert(statuses.includes(answer.status), `${answer.status} to ${request}`);
  assert.equal(headerValue(answer.headers, 'connection'), 'close');
  connection.socket.end();
  await connection.closed;
  assert.equal(connection.unread.length, 0);
}

scenario('T1.01 a host is found whatever its case and port', async (stage) => {
  stage.serves(distributionOf('custom', { aliases: ['d.example.com'] }));
  stage.origin.answers(200, {}, 'hello');
  await stage.viewer.for('D.EXAMPLE.COM:8080').gets('/a').sees({ status: 200 });
});

scenario('T1.02 a wildcard alias takes every depth and not its own name', async (stage) => {
  stage.serves(distributionOf('custom', { aliases: ['*.example.com'] }));
  stage.origin.answers(200, {}, 'hello');
  await stage.viewer.for('a.b.example.com').gets('/a').sees({ status: 200 });
  await stage.viewer.for('example.com').gets('/a').sees({ status: 403 });
});

scenario('T1.03 an exact alias beats a wildcard of another distribution', async (stage) => {
  const { origin, serves, viewer } = stage;
  const other = { id: 'E222222ABCDEF8', domainName: `d222222abcdef8.${domain}` };
  const exact = { aliases: ['a.example.com'], defaultRootObject: 'exact' };
  serves(distributionOf('custom', exact, {}, other));
  serves(distributionOf('custom', { aliases: ['*.example.com'], defaultRootObject: 'wild' }));
  origin.answers(200, {}, 'hello');
  await viewer.for('a.example.com').gets('/').sees({ status: 200 });
  assert.equal(origin.last.target, '/exact');
});

logged(
  'T1.04 an unknown host: a page with the request id, and no line',
  {},
  async (stage, lines) => {
    const unknown = stage.viewer.for('unknown.example.com').gets('/a');
    const { body, headers } = await unknown.sees({ status: 403, xCache: 'Error' });
    assert.match(body, /<html/);
    assert(body.includes(headerValue(headers, 'x-amz-cf-id') ?? 'no id'));
    assert.equal(lines.length, 0);
    await stage.viewer.gets('/a').sees({ status: 200 });
    assert.equal(lines.length, 1);
  },
);

scenario('T1.05 a disabled distribution looks like an unknown host', async (stage) => {
  const { serves, viewer } = stage;
  const known = distributionOf('custom');
  serves({ ...known, config: { ...known.config, enabled: false } });
  const seen = async (name: string): Promise<string> => {
    const { body, headers }: Answer = await viewer.for(name).gets('/a').sees({ status: 403 });
    const id = headerValue(headers, 'x-amz-cf-id') ?? '';
    return JSON.stringify([headers, body]).replaceAll(id, '');
  };
  assert.equal(await seen(host), await seen('unknown.example.com'));
});

scenario('T1.06 a staging distribution is not reached by its own name', async (stage) => {
  const { origin, serves, viewer } = stage;
  origin.answers(200, {}, 'hello');
  const id = { id: 'E222222ABCDEF8', domainName: 'd222222abcdef8.cloudfront.localhost' };
  serves(distributionOf('custom', { staging: true, aliases: ['stage.example.com'] }, {}, id));
  for (const name of [id.domainName, 'stage.example.com']) {
    await viewer.for(name).gets('/a').sees({ status: 403, xCache: 'Error' });
  }
  origin.wasAsked(0);
  serves(distributionOf('custom', { staging: false }, {}, id));
  await viewer.for(id.domainName).gets('/a').sees({ status: 200 });
});

scenario('T1.08 no Host, or two of them', async ({ origin, viewer }) => {
  await isRefused(viewer, 'GET /a HTTP/1.1\r\n\r\n', 400);
  await isRefused(viewer, `GET /a HTTP/1.1\r\n${hostLine}${hostLine}\r\n`, 400);
  origin.wasAsked(0);
});

logged('T1.09 a URL is taken up to its bound; beyond it no line', {}, async (stage, lines) => {
  const { viewer } = stage;
  const path = `/${'a'.repeat(edgeBounds.urlBytesMax - `http://${host}/`.length)}`;
  await viewer.gets(path).sees({ status: 200 });
  await isRefused(viewer, `GET ${path}a HTTP/1.1\r\n${hostLine}\r\n`, 414);
  assert.equal(lines.length, 1);
});

logged('T1.10 a head is taken up to its bound; beyond it no line', {}, async (stage, lines) => {
  const { viewer } = stage;
  const head = `GET /a HTTP/1.1\r\n${hostLine}X: `;
  const value = 'a'.repeat(edgeBounds.headBytesMax - head.length - 4);
  await viewer.sends(`${head}${value}\r\n\r\n`).sees({ status: 200 });
  await isRefused(viewer, `${head}${value}a\r\n\r\n`, 494);
  assert.equal(lines.length, 1);
});

const framings: Readonly<Record<string, readonly [title: string, ...requests: string[]]>> = {
  'T1.11': [
    'both framings, and nothing smuggled is parsed',
    'Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n',
    'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  'T1.12': [
    'two Content-Length, equal or not',
    'Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello',
    'Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello',
  ],
  'T1.13': [
    'another transfer coding than chunked',
    'Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n',
    'Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n',
    'Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n',
    'Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n',
  ],
  'T1.14': [
    'a blank before the colon, a fold, a bare line feed, NUL',
    'X : a\r\n\r\n',
    'X: a\r\n b\r\n\r\n',
    'X: a\nY: b\r\n\r\n',
    'X: a\0b\r\n\r\n',
  ],
};

for (const [number, [title, ...requests]] of Object.entries(framings)) {
  scenario(
    `${number} ${title}`,
    { behavior: { allowedMethods: 'all' } },
    async ({ origin, viewer }) => {
      for (const rest of requests) {
        await isRefused(viewer, `POST /a HTTP/1.1\r\n${hostLine}${rest}`, 400, 501);
      }
      origin.wasAsked(0);
    },
  );
}

scenario(
  'T1.13 Transfer-Encoding in HTTP/1.0',
  { behavior: { allowedMethods: 'all' } },
  async ({ origin, viewer }) => {
    const coded = `POST /a HTTP/1.0\r\n${hostLine}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`;
    await isRefused(viewer, coded, 400);
    origin.wasAsked(0);
  },
);

scenario(
  'T1.15 connection or transfer-encoding in HTTP/2 ends the stream, and the connection lives on',
  h2Setting(),
  async (stage) => {
    stage.origin.answers(200, {}, 'hello');
    await using raw = await openRaw(stage);
    raw.asks(1, raw.fields('/a', [['connection', 'close']]));
    assert.equal(await raw.reset(1), code.protocolError);
    raw.asks(3, raw.fields('/a', [['transfer-encoding', 'chunked']]));
    assert.equal(await raw.reset(3), code.protocolError);
    stage.origin.wasAsked(0);
    raw.asks(5, raw.fields('/a'));
    assert.equal(await raw.answered(5), 200);
  },
);

logged('T1.16 DELETE and get where GET and HEAD are allowed', {}, async (stage, lines) => {
  for (const method of ['DELETE', 'get']) {
    await stage.viewer.asks(method, '/a').sees({ status: 403 });
    assert.equal(lines.at(-1)?.detailedResultType, 'InvalidRequestMethod');
    assert.equal(lines.at(-1)?.method, method);
  }
  stage.origin.wasAsked(0);
});

scenario('T1.17 GET with a body is refused, with a length of 0 it is served', async (stage) => {
  const { origin, viewer } = stage;
  origin.answers(200, {}, 'hello');
  await isRefused(viewer, `GET /a HTTP/1.1\r\n${hostLine}Content-Length: 5\r\n\r\nhello`, 403);
  origin.wasAsked(0);
  await viewer.gets('/a', { 'Content-Length': '0' }).sees({ status: 200 });
});

logged(
  'T1.18 redirect-to-https keeps host, path and query, and the method where there is one',
  {
    settings: { https },
    behavior: { viewerProtocolPolicy: 'redirect-to-https', allowedMethods: 'all' },
  },
  async (stage, lines) => {
    const { httpsPort, origin, viewer } = stage;
    const location = `https://${host}:${httpsPort}/a%20b//c\xe9?x=1&y`;
    const asked = '/a%20b//c\xe9?x=1&y';
    const { body } = await viewer.gets(asked).sees({
      status: 301,
      xCache: 'Redirect',
      headers: { location, 'content-type': 'text/html', server: 'CloudFront', age: undefined },
    });
    assert.match(body, /<h1>301 Moved Permanently<\/h1>/);
    await viewer.heads(asked).sees({ status: 301, body: '', headers: { location } });
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      await viewer.asks(method, asked).sees({ status: 307, headers: { location } });
    }
    for (const line of lines) {
      assert.equal(line.resultType, 'Redirect');
      assert.equal(line.detailedResultType, 'Redirect');
    }
    await viewer
      .sends(`POST /a HTTP/1.0\r\n${hostLine}Content-Length: 0\r\n\r\n`)
      .sees({ status: 403 });
    await viewer.asks('TRACE', '/a').sees({ status: 403 });
    await viewer.sends(`GET /b HTTP/1.1\r\nHost: ${host.toUpperCase()}:8080\r\n\r\n`).sees({
      status: 301,
      headers: { location: `https://${host.toUpperCase()}:${httpsPort}/b` },
    });
    assert.equal(origin.asked.length, 0);
    assert.equal(lines.length, 10);
  },
);

scenario(
  'T1.18 the port of a redirect is the one that viewers use, and is left out where it is the usual one',
  { settings: { viewerHttpsPort: 443 }, behavior: { viewerProtocolPolicy: 'redirect-to-https' } },
  async ({ viewer }) => {
    await viewer.gets('/a').sees({ status: 301, headers: { location: `https://${host}/a` } });
  },
);

scenario(
  'T1.19 https-only over HTTP is refused, over HTTPS served',
  { settings: { https }, behavior: { viewerProtocolPolicy: 'https-only' } },
  async ({ httpsPort, origin, viewer }) => {
    origin.answers(200, {}, 'hello');
    await viewer.gets('/a').sees({ status: 403 });
    origin.wasAsked(0);
    const secure = new Viewer({ port: httpsPort ?? 0, host, authority: authority.certificate });
    await secure.gets('/a').sees({ status: 200 });
  },
);

scenario(
  'T1.20 a request that is refused is not told to go on',
  { behavior: { allowedMethods: 'all' } },
  async ({ origin, viewer }) => {
    const expecting = `${hostLine}Expect: 100-continue\r\nContent-Length: `;
    for (const [request, status] of [
      [`GET /a HTTP/1.1\r\n${expecting}5\r\n\r\n`, 403],
      [`BREW /a HTTP/1.1\r\n${expecting}5\r\n\r\n`, 403],
      [`PUT /a HTTP/1.1\r\n${expecting}${edgeBounds.requestBodyBytesMax + 1}\r\n\r\n`, 413],
    ] as const) {
      await viewer.sends(request).sees({ status, headers: { connection: 'close' } });
    }
    origin.wasAsked(0);
  },
);

scenario('T1.22 HTTP/1.0 gets nothing compressed, and the end of the connection', async (stage) => {
  const { origin, viewer } = stage;
  const old = `GET /a HTTP/1.0\r\n${hostLine}Accept-Encoding: gzip\r\n\r\n`;
  origin.answers(200, {}, 'hello');
  origin.whenAsked({ 'accept-encoding': 'gzip' }).answers(200, { 'content-encoding': 'gzip' }, 'z');
  await viewer.sends(old).sees({
    status: 200,
    body: 'hello',
    headers: { connection: 'close', 'content-encoding': undefined },
  });
  assert.equal(headerValue(origin.last.headers, 'accept-encoding'), undefined);
});
