/**
 * Origins: what they are sent (edge contract 4.5), what becomes of what they send, and what a viewer
 * is told when they fail (7.1, 10.3 and 10.4).
 */
import assert from 'node:assert/strict';
import { edgeBounds } from '../../src/edge/bounds.ts';
import { headerValue, headerValues } from '../../src/http/header-list.ts';
import { s3OriginOf } from '../harness/configs.ts';
import { chunked } from '../harness/origin.ts';
import {
  bucketHost,
  customOrigin,
  distributionOf,
  domain,
  originHost,
  scenario,
} from '../harness/scenario.ts';
import { until } from '../harness/until.ts';

scenario('an origin is sent fields made anew', async ({ origin, viewer }) => {
  origin.answers(200, {}, 'hello');
  const answer = await viewer
    .gets('/a?secret=1', {
      Accept: 'text/html',
      'Accept-Charset': 'utf-8',
      'Accept-Encoding': 'gzip, br',
      'Accept-Language': 'de',
      Authorization: 'Basic eDp5',
      'Cache-Control': 'no-cache',
      'CloudFront-Viewer-Country': 'XX',
      Connection: 'X-Nominated, keep-alive',
      Cookie: 'a=b',
      'Keep-Alive': 'timeout=5',
      Origin: 'https://example.org',
      Pragma: 'no-cache',
      'Proxy-Authorization': 'Basic eDp5',
      'Proxy-Connection': 'keep-alive',
      'Proxy-Thing': '1',
      Referer: 'http://example.org/',
      TE: 'trailers',
      Trailer: 'X',
      'User-Agent': 'a browser',
      Via: '1.0 a-proxy',
      'X-Amz-Cf-Id': 'forged',
      'X-Edge-Location': 'forged',
      'X-Forwarded-For': '1.1.1.1',
      'X-Forwarded-Proto': 'https',
      'X-HTTP-Method-Override': 'PUT',
      'X-Nominated': '1',
      'X-Other': 'kept',
      'X-Real-IP': '1.1.1.1',
    })
    .sees({ status: 200 });
  const id = headerValue(answer.headers, 'x-amz-cf-id');
  const via = headerValue(origin.last.headers, 'via') ?? '';
  assert.match(via, new RegExp(`^1\\.0 a-proxy, 1\\.1 [0-9a-f]{32}\\.${domain} \\(CloudFront\\)$`));
  assert.equal(origin.last.target, '/a');
  assert.deepEqual(fieldsOf(origin.last.headers), {
    'accept-encoding': ['gzip'],
    'cache-control': ['no-cache'],
    'cdn-loop': [domain],
    connection: ['keep-alive'],
    host: [originHost],
    origin: ['https://example.org'],
    pragma: ['no-cache'],
    'user-agent': ['Amazon CloudFront'],
    via: [via],
    'x-amz-cf-id': [id],
    'x-forwarded-for': ['1.1.1.1, 127.0.0.1'],
    'x-other': ['kept'],
  });
});

scenario('a bare request is sent no more than it needs', async ({ origin, viewer }) => {
  origin.answers(200, {}, 'hello');
  await viewer.gets('/a').sees({ status: 200 });
  assert.deepEqual(Object.keys(fieldsOf(origin.last.headers)), [
    'cdn-loop',
    'connection',
    'host',
    'user-agent',
    'via',
    'x-amz-cf-id',
    'x-forwarded-for',
  ]);
});

scenario('a bucket is not told who asks, nor asked to compress', async (stage) => {
  const { origin, serves, viewer } = stage;
  serves(
    distributionOf('s3', {
      origins: [{ ...s3OriginOf('default', 'pics'), domainName: bucketHost }],
    }),
  );
  origin.answers(200, { vary: 'Origin', 'x-amz-request-id': '1' }, 'hello');
  const fields = { 'Accept-Encoding': 'gzip', 'X-Forwarded-For': '1.1.1.1' };
  const shown = { vary: 'Origin', 'x-amz-request-id': '1' };
  await viewer.gets('/a', fields).sees({ xCache: 'Miss', headers: shown });
  assert.deepEqual(Object.keys(fieldsOf(origin.last.headers)), [
    'cdn-loop',
    'connection',
    'host',
    'user-agent',
    'via',
    'x-amz-cf-id',
  ]);
  assert.equal(headerValue(origin.last.headers, 'host'), bucketHost);
  await viewer.gets('/a').sees({ xCache: 'Hit', headers: shown });
});

function fieldsOf(headers: readonly string[]): Record<string, readonly string[]> {
  const names = headers.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
  return Object.fromEntries(
    names.toSorted().map((name) => [name, headerValues(headers, name)] as const),
  );
}

scenario('fields of one connection and of other caches do not pass', async ({ origin, viewer }) => {
  origin.answers(
    200,
    {
      connection: 'keep-alive, X-Nominated',
      'keep-alive': 'timeout=5',
      'proxy-authenticate': 'Basic',
      server: 'its own',
      trailer: 'X',
      via: '1.1 theirs',
      'x-amz-cf-id': 'forged',
      'x-amz-meta-owner': 'kept',
      'x-cache': 'Hit from elsewhere',
      'x-edge-location': 'forged',
      'x-nominated': '1',
      'x-other': 'kept',
    },
    'hello',
  );
  for (const xCache of ['Miss', 'Hit']) {
    await viewer.gets('/a').sees({
      xCache,
      headers: {
        connection: 'keep-alive',
        'keep-alive': undefined,
        'proxy-authenticate': undefined,
        server: 'its own',
        trailer: undefined,
        via: new RegExp(`^1\\.1 [0-9a-f]{32}\\.${domain} \\(CloudFront\\)$`),
        'x-amz-cf-id': /^[\w-]{54}==$/,
        'x-amz-cf-pop': 'TEST1',
        'x-amz-meta-owner': 'kept',
        'x-edge-location': undefined,
        'x-nominated': undefined,
        'x-other': 'kept',
      },
    });
  }
});

scenario('an answer without Date and Server gets those of the edge', async (stage) => {
  const { clock, origin, viewer } = stage;
  origin.sends('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello');
  const given = { date: 'Thu, 01 Jan 2026 00:00:00 GMT', server: 'CloudFront' };
  await viewer.gets('/a').sees({ xCache: 'Miss', headers: given });
  await clock.passes(5_000);
  await viewer.gets('/a').sees({ xCache: 'Hit', headers: { ...given, age: '5' } });
});

scenario('a connection to an origin is used again', async ({ origin, viewer }) => {
  origin.answers(200, { 'cache-control': 'no-store' }, 'hello');
  for (let count = 0; count < 5; count += 1) await viewer.gets('/a').sees({ status: 200 });
  assert.equal(origin.last.connection, 1);
});

scenario('interim answers stay between edge and origin', async ({ origin, viewer }) => {
  const final = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';
  const hints = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n';
  const goOn = 'HTTP/1.1 100 Continue\r\nX-Unasked: 1\r\n\r\n';
  for (const [path, bytes] of [
    ['/103', hints + final],
    ['/103-twice', hints + hints + final],
    ['/100', goOn + final],
    ['/100-and-103', goOn + hints + final],
  ] as const) {
    origin.sends(bytes);
    await viewer.gets(path).sees({ status: 200, body: 'hello', headers: { link: undefined } });
  }
  origin.does((socket) => {
    // In the smallest pieces there are.
    const bytes = Buffer.from(goOn + final, 'latin1');
    const next = (at: number): void => {
      if (at < bytes.length)
        socket.write(bytes.subarray(at, at + 1), () => setImmediate(next, at + 1));
    };
    next(0);
  });
  await viewer.gets('/slowly').sees({ status: 200, body: 'hello' });
  origin.sends(goOn + goOn + final);
  await viewer.gets('/twice').sees({ status: 502, body: /OriginInvalidResponse/ });
  origin.sends('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n');
  await viewer.gets('/101').sees({ status: 502, body: /OriginInvalidResponse/ });
});

const brokenAnswers: Readonly<Record<string, string>> = {
  'no HTTP': 'hello\r\n\r\n',
  'another version': 'HTTP/3.0 200 OK\r\n\r\n',
  'a status of two digits': 'HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n',
  'a status without a class': 'HTTP/1.1 999 OK\r\nContent-Length: 0\r\n\r\n',
  'a bare line feed': 'HTTP/1.1 200 OK\r\nX: a\nY: b\r\nContent-Length: 0\r\n\r\n',
  'a bare carriage return': 'HTTP/1.1 200 OK\r\nX: a\rb\r\nContent-Length: 0\r\n\r\n',
  'a folded value': 'HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n',
  'NUL in a value': 'HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n',
  'a blank before the colon': 'HTTP/1.1 200 OK\r\nX : a\r\nContent-Length: 0\r\n\r\n',
  'a name that is no token': 'HTTP/1.1 200 OK\r\nX@: a\r\nContent-Length: 0\r\n\r\n',
  'both framings':
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'two lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello',
  'two equal lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello',
  'a negative length': 'HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello',
  'another transfer coding': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello',
  'two transfer codings': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
};

scenario('what is no answer is refused with 502', async ({ clock, origin, test, viewer }) => {
  let asked = 0;
  for (const [what, bytes] of Object.entries(brokenAnswers)) {
    await test.test(what, async () => {
      // Another object each time, since the failure of one is remembered for a while.
      asked += 1;
      origin.sends(bytes, 'end');
      await viewer.gets(`/${asked}`).sees({
        status: 502,
        xCache: 'Error',
        body: /OriginInvalidResponse/,
        headers: { age: undefined, connection: 'keep-alive' },
      });
      assert.equal(origin.last.target, `/${asked}`);
    });
  }
  await clock.passes(11_000);
  origin.answers(200, {}, 'whole');
  for (let count = 1; count <= asked; count += 1) {
    await viewer.gets(`/${count}`).sees({ xCache: 'Miss', body: 'whole' });
  }
});

scenario('a head of an answer is taken up to its bound', async ({ origin, viewer }) => {
  const { responseHeadBytesMax } = edgeBounds;
  origin.answers(200, { 'x-large': 'a'.repeat(responseHeadBytesMax - 1_000) }, 'hello');
  await viewer.gets('/a').sees({ status: 200 });
  origin.answers(200, { 'x-large': 'a'.repeat(responseHeadBytesMax) }, 'hello');
  await viewer.gets('/b').sees({ status: 502, body: /OriginInvalidResponse/ });
});

scenario('a body that ends too early is cut and not kept', async ({ origin, viewer }) => {
  for (const bytes of [
    'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n',
  ]) {
    for (const end of ['end', 'reset'] as const) {
      origin.does((socket) => {
        socket.write(bytes.slice(0, -5), () => {
          // What has arrived so far has to be on its way before the connection is torn off.
          setImmediate(() => {
            socket.write(bytes.slice(-5));
            if (end === 'end') socket.end();
            else socket.resetAndDestroy();
          });
        });
      });
      const asking = viewer.gets('/a');
      await assert.rejects(async () => {
        const { status } = await asking.answer;
        assert.notEqual(status, 200, 'an answer that looks whole');
        throw new Error(`refused with ${status}`);
      });
    }
  }
  origin.answers(200, {}, 'whole');
  await viewer.gets('/a').sees({ xCache: 'Miss', body: 'whole' });
});

scenario('a viewer of HTTP/1.0 sees that a body was cut', async ({ origin, viewer }) => {
  origin.sends('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', 'end');
  await assert.rejects(
    viewer.sends(`GET /a HTTP/1.0\r\nHost: d111111abcdef8.${domain}\r\n\r\n`).answer,
    /torn off/,
  );
});

scenario('a body that ends with its connection is kept', async ({ origin, viewer }) => {
  origin.sends('HTTP/1.1 200 OK\r\n\r\nhello', 'end');
  await viewer.gets('/a').sees({ xCache: 'Miss', body: 'hello' });
  await viewer.gets('/a').sees({ xCache: 'Hit', body: 'hello' });
});

scenario('bytes beyond the length are dropped', async ({ origin, viewer }) => {
  origin.sends('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more');
  await viewer.gets('/a').sees({ body: 'hello' });
  await viewer.gets('/a').sees({ xCache: 'Hit', body: 'hello' });
  origin.answers(200, {}, 'other');
  await viewer.gets('/b').sees({ body: 'other' });
});

scenario('trailers are dropped', async ({ origin, viewer }) => {
  const body = chunked('hello').replace(/\r\n\r\n$/, '\r\nX-Trailer: 1\r\n\r\n');
  origin.sends(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${body}`);
  await viewer.gets('/a').sees({ body: 'hello', headers: { 'x-trailer': undefined } });
});

scenario('a kept connection that has died costs no attempt', async ({ origin, viewer }) => {
  origin.answers(200, { 'cache-control': 'no-store' }, 'hello');
  await viewer.gets('/a').sees({ status: 200 });
  let refusals = 1;
  origin.does((socket, asked) => {
    if (asked.connection === 1 && refusals > 0) {
      refusals -= 1;
      socket.destroy();
    } else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nagain');
  });
  await viewer.gets('/b').sees({ status: 200, body: 'again' });
  origin.wasAsked(3);
});

scenario('an origin that hangs up before it answers is asked twice', async ({ origin, viewer }) => {
  origin.does((socket) => socket.destroy());
  await viewer.gets('/a').sees({ status: 502, body: /OriginInvalidResponse/ });
  origin.wasAsked(2);
});

scenario(
  'an origin that stays silent is asked as often as attempts are allowed',
  { settings: { originReadTimeoutMs: 100 } },
  async ({ origin, viewer }) => {
    origin.does(() => undefined);
    await viewer.gets('/a').sees({
      status: 504,
      xCache: 'Error',
      body: /OriginTimeout/,
      headers: { connection: 'keep-alive' },
    });
    origin.wasAsked(3);
  },
);

scenario(
  'a body that stops in the middle is cut',
  { settings: { originReadTimeoutMs: 100 } },
  async ({ origin, viewer }) => {
    origin.sends('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello');
    await assert.rejects(viewer.gets('/a').answer, /cut/);
    origin.wasAsked(1);
  },
);

scenario(
  'a refused connection is 502',
  { settings: { privateOrigins: 'allow' } },
  async ({ origin, serves, viewer }) => {
    const { port } = origin;
    serves(
      distributionOf('custom', {
        origins: [{ ...customOrigin, domainName: '127.0.0.1', httpPort: port }],
      }),
    );
    await origin.close();
    await viewer.gets('/a').sees({ status: 502, body: /OriginConnect/ });
  },
);

scenario(
  'a connection that does not come about is 504 after all attempts',
  { originScheme: 'https' },
  async ({ clock, origin, viewer }) => {
    // It takes the connection, but never answers the handshake, which counts as connecting.
    const asking = viewer.gets('/a');
    for (const attempt of [1, 2, 3]) {
      await until('a connection is opened', () =>
        origin.connections === attempt ? true : undefined,
      );
      await clock.passes(9_000);
      assert.equal(origin.connections, attempt);
      await clock.passes(1_000);
      await origin.isLeft(attempt);
    }
    await asking.sees({ status: 504, body: /OriginTimeout/ });
    assert.equal(origin.connections, 3);
  },
);

scenario('loopback and private addresses are refused by name and by number', async (stage) => {
  const { origin, serves, viewer } = stage;
  origin.answers(200, {}, 'private');
  for (const name of ['localhost', '127.0.0.1', '169.254.169.254', '10.0.0.1', '0.0.0.0', '::1']) {
    serves(
      distributionOf('custom', {
        origins: [{ ...customOrigin, domainName: name, httpPort: origin.port }],
      }),
    );
    await viewer.gets(`/${name}`).sees({ status: 502, body: /OriginConnect/ });
  }
  origin.wasAsked(0);
});

scenario(
  'an operator may allow them',
  { settings: { privateOrigins: 'allow' } },
  async ({ origin, serves, viewer }) => {
    origin.answers(200, {}, 'private');
    for (const name of ['localhost', '127.0.0.1']) {
      serves(
        distributionOf('custom', {
          origins: [{ ...customOrigin, domainName: name, httpPort: origin.port }],
        }),
      );
      await viewer.gets(`/${name}`).sees({ status: 200, body: 'private' });
      assert.equal(headerValue(origin.last.headers, 'host'), name);
    }
  },
);

scenario('a name that leads nowhere is 502', async ({ serves, viewer }) => {
  serves(
    distributionOf('custom', { origins: [{ ...customOrigin, domainName: 'nowhere.invalid' }] }),
  );
  await viewer.gets('/a').sees({ status: 502, body: /OriginDns/ });
});

scenario(
  'too many requests to one origin are refused with 503',
  { bounds: { requestsPerEndpointMax: 2 } },
  async ({ origin, viewer }) => {
    origin.does(() => undefined);
    const first = viewer.gets('/1');
    const second = viewer.gets('/2');
    await origin.hears(2);
    await viewer.gets('/3').sees({ status: 503, body: /Capacity/ });
    origin.dropConnections();
    origin.answers(200, {}, 'hello');
    await Promise.allSettled([first.answer, second.answer]);
    await viewer.gets('/4').sees({ status: 200 });
  },
);

scenario('a viewer that goes away ends the fetch, and nothing is kept', async (stage) => {
  const { origin, viewer } = stage;
  origin.sends('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello');
  await using connection = await viewer.connects();
  connection.write(`GET /a HTTP/1.1\r\nHost: d111111abcdef8.${domain}\r\n\r\n`);
  await origin.hears(1);
  connection.socket.resetAndDestroy();
  await origin.isLeft(1);
  origin.answers(200, {}, 'whole');
  await viewer.gets('/a').sees({ xCache: 'Miss', body: 'whole' });
});

scenario('the operator is told of a failing origin, and not for every viewer', async (stage) => {
  const { clock, origin, viewer, warnings } = stage;
  origin.does((socket) => socket.destroy());
  // Other objects, since the failure of one is remembered for a while.
  for (let count = 0; count < 5; count += 1) await viewer.gets(`/${count}`).sees({ status: 502 });
  assert.equal(warnings.length, 1);
  await clock.passes(11_000);
  const answer = await viewer.gets('/a').sees({ status: 502 });
  const [, second] = warnings;
  assert.equal(second?.['requestId'], headerValue(answer.headers, 'x-amz-cf-id'));
  assert.equal(second?.['moreLikeIt'], 4);
  assert.equal(second?.['at'], 'headers');
  assert.equal(second?.['origin'], originHost);
});
