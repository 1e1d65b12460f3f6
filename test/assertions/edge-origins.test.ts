/** The assertions of the edge contract on origins and on what is said of their failures, by number. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { testAuthority } from '../harness/certificates.ts';
import { s3OriginOf } from '../harness/configs.ts';
import { judgeSignature } from '../harness/independent-signature.ts';
import { s3StoreKey, startS3Store } from '../harness/s3-store.ts';
import {
  bucketHost,
  customOrigin,
  distributionOf,
  domain,
  host,
  originHost,
  scenario,
  setTheStage,
} from '../harness/scenario.ts';
import { makeCertificate, makeChain } from '../harness/test-certificates.ts';
import { until } from '../harness/until.ts';
import { Viewer } from '../harness/viewer.ts';

const keptAlive = { connection: 'keep-alive' } as const;
const attempts = 3;
const connectTimeoutMs = 10_000;

scenario(
  'T7.02 a refused connection is 502',
  { settings: { privateOrigins: 'allow' } },
  async ({ origin, serves, viewer }) => {
    const place = { ...customOrigin, domainName: '127.0.0.1', httpPort: origin.port };
    serves(distributionOf('custom', { origins: [place] }));
    await origin.close();
    await viewer.gets('/a').sees({ status: 502, body: /OriginConnect/, headers: keptAlive });
  },
);

scenario(
  'T7.02 a connection that does not come about is 504 after attempts × timeout',
  { originScheme: 'https' },
  async ({ clock, origin, viewer }) => {
    // A handshake that is never answered counts as connecting.
    let answered = false;
    const asking = viewer
      .gets('/a')
      .sees({ status: 504, body: /OriginTimeout/, headers: keptAlive })
      .finally(() => {
        answered = true;
      });
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      await until(`attempt ${attempt} is made`, () => origin.connections === attempt || undefined);
      await clock.passes(connectTimeoutMs - 1);
      assert(!answered && origin.connections === attempt);
      await clock.passes(1);
    }
    await asking;
    assert.equal(origin.connections, attempts);
  },
);

scenario('T7.02 a name without an address is 502', async ({ serves, viewer }) => {
  const place = { ...customOrigin, domainName: 'nowhere.invalid' };
  serves(distributionOf('custom', { origins: [place] }));
  await viewer.gets('/a').sees({ status: 502, body: /OriginDns/, headers: keptAlive });
});

const authority = await testAuthority('Test Authority');
const chained = await makeChain({ names: [originHost] });

for (const [what, originCertificate, trusted] of [
  ['self-signed', await makeCertificate({ names: [originHost] }), undefined],
  ['expired', await authority.issue([originHost], -1), authority.certificate],
  ['for another name', await authority.issue(['other.example.com']), authority.certificate],
  ['without its chain', chained.leaf, chained.root.certificate],
] as const) {
  scenario(
    `T7.03 a certificate that is ${what} is 502`,
    { originScheme: 'https', originCertificate, settings: { originAuthorities: trusted } },
    async ({ origin, viewer }) => {
      origin.answers(200, {}, 'hello');
      await viewer.gets('/a').sees({ status: 502, body: /OriginTls/, headers: keptAlive });
      origin.wasAsked(0);
    },
  );
}

scenario(
  'T10.01 what stays unanswered is asked again for GET, and once for POST',
  {
    settings: { originReadTimeoutMs: 50 },
    behavior: { allowedMethods: 'all' },
  },
  async ({ origin, viewer }) => {
    origin.does(() => undefined);
    await viewer.gets('/a').sees({ status: 504, body: /OriginTimeout/ });
    origin.wasAsked(attempts);
    await viewer.asks('OPTIONS', '/b').sees({ status: 504, body: /OriginTimeout/ });
    origin.wasAsked(1);
    await viewer
      .asks('POST', '/c', { 'Content-Length': '0' })
      .sees({ status: 504, body: /OriginTimeout/ });
    origin.wasAsked(1);
  },
);

test('T10.01 a connection that fails is tried again for POST too, and its body arrives whole', async (t) => {
  // Lets the first connection die in its handshake.
  let connections = 0;
  let port = 0;
  const between = createServer((socket) => {
    connections += 1;
    if (connections === 1) {
      socket.resetAndDestroy();
      return;
    }
    const onwards = connect(port, '127.0.0.1');
    socket.pipe(onwards).pipe(socket);
    for (const end of [socket, onwards]) end.on('error', () => undefined);
  });
  between.listen(0, '127.0.0.1');
  await once(between, 'listening');
  await using stage = await setTheStage(
    {
      behavior: { allowedMethods: 'all' },
      originCertificate: await authority.issue([originHost]),
      settings: {
        originAuthorities: authority.certificate,
        originUrls: { [originHost]: `https://127.0.0.1:${portOf(between)}` },
      },
    },
    t,
  );
  const { origin, viewer } = stage;
  port = origin.port;
  // A body that this origin takes for one more request, and so remembers.
  const body = 'BODY /whole HTTP/1.1\r\n\r\n';
  origin.does((socket, { method }) => {
    if (method === 'BODY') socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\ntaken');
  });
  await viewer
    .sends(`POST /a HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
    .sees({ status: 200, body: 'taken' });
  assert.equal(connections, 2);
  assert.deepEqual(
    origin.asked.map(({ method, target }) => `${method} ${target}`),
    ['POST /a', 'BODY /whole'],
  );
  between.close();
});

function portOf(server: Server): number {
  const at = server.address();
  assert(at !== null && typeof at === 'object');
  return at.port;
}

const edgeCertificate = await authority.issue([`*.${domain}`]);

scenario(
  'T10.05 match-viewer uses the scheme of the viewer, and the port for it',
  {
    originCertificate: await authority.issue(['localhost']),
    settings: {
      https: {
        host: '127.0.0.1',
        port: 0,
        ...edgeCertificate,
        ticketKeys: new Uint8Array(48),
        sealingKey: new Uint8Array(32),
      },
      originAuthorities: authority.certificate,
      privateOrigins: 'allow',
    },
  },
  async ({ httpsPort, origin, serves, viewer }) => {
    const secure = new Viewer({ port: httpsPort ?? 0, host, authority: authority.certificate });
    const place = { ...customOrigin, domainName: 'localhost' };
    origin.answers(200, { 'cache-control': 'no-store' }, 'hello');
    const matching = { ...place, protocolPolicy: 'match-viewer', httpPort: 1 } as const;
    serves(distributionOf('custom', { origins: [{ ...matching, httpsPort: origin.port }] }));
    await secure.gets('/a').sees({ status: 200, body: 'hello' });
    assert.equal(origin.last.tlsName, 'localhost');
    await viewer.gets('/a').sees({ status: 502, body: /OriginConnect/ });
    // With http-only it is plain HTTP whoever asks, which an origin that wants TLS does not understand.
    serves(distributionOf('custom', { origins: [{ ...place, httpPort: origin.port }] }));
    await secure.gets('/b').sees({ status: 502, body: /OriginInvalidResponse/ });
    origin.wasAsked(1);
  },
);

/** As they stand in the request line; the last one is not escaped at all. */
const paths = ['/a%20b', '/a+b', '/a%2Fb', '/%C3%A9%E2%82%AC', '/a%2Bb&c=d', '/\u00c3\u00a9'];
const identity = 'E2QWRUHAPOMQZL';
const distribution = distributionOf('s3', {
  origins: [{ ...s3OriginOf('default', 'pics', identity), domainName: bucketHost }],
});

scenario(
  'T10.07 the signature of a path with special characters is right',
  { settings: { identityCredentials: [{ identity, keys: s3StoreKey, region: undefined }] } },
  async ({ origin, serves, viewer }) => {
    serves(distribution);
    origin.answers(200, {}, 'hello');
    for (const path of paths) {
      await viewer.gets(path).sees({ status: 200 });
      assert.equal(origin.last.target, path);
      const judged = await judgeSignature(origin.last, {
        [s3StoreKey.accessKeyId]: s3StoreKey.secretAccessKey,
      });
      assert.equal(judged.kind, 'good', `${path}: ${JSON.stringify(judged)}`);
    }
  },
);

test('T10.07 an S3-compatible store takes a path with special characters', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'warmfront-store-'));
  const store = await startS3Store({ folder, buckets: ['pics'], addressed: 'by-path' });
  try {
    await using stage = await setTheStage(
      {
        // The store compares the time of the signature with its own.
        startsAt: Date.now(),
        settings: {
          identityCredentials: [{ identity, keys: s3StoreKey, region: undefined }],
          originUrls: { [bucketHost]: `${store.url}/pics` },
        },
      },
      t,
    );
    stage.serves(distribution);
    for (const path of ['/a%20b', '/a%2Bb', '/a%2Fb', '/%C3%A9%E2%82%AC']) {
      await store.put('pics', path.slice(1), path);
      await stage.viewer.gets(path).sees({ status: 200, body: path });
    }
  } finally {
    await store.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
