/** Requests in the name of an identity, as a store that is not ours judges them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { type Facts, silentRecorder } from '../base/recorder.ts';
import { headerValue, headerValues, type HeaderList } from '../http/header-list.ts';
import type { CustomOrigin, S3Origin } from '../model/distribution.ts';
import { judgeSignature, type SignedAs } from '../../test/harness/independent-signature.ts';
import { ManualClock } from '../../test/harness/manual-clock.ts';
import { type OriginAsked, TestOrigin } from '../../test/harness/origin.ts';
import { edgeBounds } from '../edge/bounds.ts';
import { plainCustomOrigin, plainOrigin } from '../model/plain-config.ts';
import type { IdentityCredentials } from './identity-credentials.ts';
import type { AskedOrigin } from './origin-specifics.ts';
import { Origins } from './origins.ts';

const identity = 'E2QWRUHAPOMQZL';
const secrets = { AKIDEXAMPLE: 'wJalrXUtnFEMI/K7MDENG' };
const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: secrets.AKIDEXAMPLE };
const credentials: IdentityCredentials = { identity, keys, region: undefined };
const bucket: S3Origin = {
  ...plainOrigin,
  kind: 's3',
  id: 'default',
  domainName: 'pics.s3.amazonaws.com',
  accessIdentity: identity,
};

type Store = {
  readonly clock: ManualClock;
  readonly store: TestOrigin;
  readonly warnings: readonly Facts[];
  /** What the store was asked. */
  readonly asks: (
    origin: AskedOrigin,
    request?: { method?: 'GET' | 'HEAD'; path?: string; headers?: HeaderList },
  ) => Promise<OriginAsked>;
};

type Given = { readonly credentials?: readonly IdentityCredentials[]; readonly basePath?: string };

function withStore(title: string, given: Given, play: (stage: Store) => Promise<void>): void {
  test(title, async () => {
    const clock = new ManualClock(Date.UTC(2026, 10, 25, 3, 4, 5, 678));
    const store = await TestOrigin.start(clock);
    store.answers(200, {}, 'hello');
    const warnings: Facts[] = [];
    const url = `http://127.0.0.1:${store.port}${given.basePath ?? ''}`;
    const origins = new Origins({
      settings: {
        buckets: {},
        privateBuckets: {},
        identityCredentials: given.credentials ?? [credentials],
        originUrls: Object.fromEntries(hosts.map((host) => [host, url])),
        privateOrigins: 'refuse',
        originAuthorities: undefined,
        originConnectTimeoutMs: 10_000,
        originReadTimeoutMs: 10_000,
      },
      clock,
      recorder: { ...silentRecorder, warn: (facts) => void warnings.push(facts) },
      bounds: edgeBounds,
    });
    const asks: Store['asks'] = async (origin, { headers, method = 'GET', path = '/a' } = {}) => {
      const answer = await origins.ask(origin, {
        method,
        path,
        headers: headers ?? ['X-Amz-Cf-Id', 'id=='],
        viewerScheme: 'http',
        signal: new AbortController().signal,
      });
      answer.body?.discard();
      return store.last;
    };
    try {
      await play({ clock, store, warnings, asks });
    } finally {
      await origins.close();
      await store.close();
    }
  });
}

const hosts = [
  'pics.s3.amazonaws.com',
  'pics.s3-eu-west-1.amazonaws.com',
  'pics.s3.eu-central-1.amazonaws.com',
  'pics.s3.dualstack.ap-southeast-2.amazonaws.com',
  'pics.s3-external-1.amazonaws.com',
  'my.pics.s3.us-gov-west-1.amazonaws.com',
  'www.example.com',
];

async function good(asked: OriginAsked): Promise<SignedAs> {
  const judged = await judgeSignature(asked, secrets);
  assert(judged.kind === 'good', JSON.stringify(judged));
  return judged.as;
}

withStore('a request is signed with what a store asks for', {}, async ({ asks }) => {
  for (const method of ['GET', 'HEAD'] as const) {
    const asked = await asks(bucket, { method, path: '/a/b.jpg' });
    assert.deepEqual(await good(asked), {
      accessKeyId: 'AKIDEXAMPLE',
      date: '20261125',
      region: 'us-east-1',
      service: 's3',
      signedHeaders: ['host', 'x-amz-cf-id', 'x-amz-content-sha256', 'x-amz-date'],
    });
    assert.equal(headerValue(asked.headers, 'host'), 'pics.s3.amazonaws.com');
    assert.equal(headerValue(asked.headers, 'x-amz-date'), '20261125T030405Z');
    assert.equal(
      headerValue(asked.headers, 'x-amz-content-sha256'),
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
  }
});

withStore('each request is signed at its own time', {}, async ({ asks, clock }) => {
  await asks(bucket);
  await clock.passes(86_400_000);
  assert.equal((await good(await asks(bucket))).date, '20261126');
});

withStore('conditions, ranges and other fields go along unsigned', {}, async ({ asks }) => {
  const headers = [
    'If-None-Match',
    '"v1"',
    'Range',
    'bytes=0-1',
    'X-Custom',
    'kept',
    'User-Agent',
    'Amazon CloudFront',
    'X-Amz-Cf-Id',
    'id==',
  ];
  const asked = await asks(bucket, { headers });
  const { signedHeaders } = await good(asked);
  for (const name of ['if-none-match', 'range', 'x-custom', 'user-agent']) {
    assert(!signedHeaders.includes(name), name);
    assert.notEqual(headerValue(asked.headers, name), undefined, name);
  }
});

withStore('no field of a viewer speaks for the identity', {}, async ({ asks }) => {
  const headers = [
    'X-Amz-Date',
    '20200101T000000Z',
    'x-amz-content-sha256',
    'UNSIGNED-PAYLOAD',
    'X-Amz-Security-Token',
    'theirs',
    'X-Amz-Request-Payer',
    'requester',
    'x-amz-server-side-encryption-customer-key',
    'theirs',
    'Authorization',
    'Bearer theirs',
    'X-Amz-Cf-Id',
    'id==',
  ];
  const asked = await asks(bucket, { headers });
  await good(asked);
  for (const name of ['x-amz-date', 'x-amz-content-sha256', 'authorization']) {
    assert.equal(headerValues(asked.headers, name).length, 1, name);
  }
  for (const name of ['x-amz-security-token', 'x-amz-request-payer']) {
    assert.equal(headerValue(asked.headers, name), undefined, name);
  }
  assert.doesNotMatch(asked.headers.join('\n'), /theirs/);
});

withStore('the region is that of the host name', {}, async ({ asks }) => {
  const regionOf = async (domainName: string): Promise<string> =>
    (await good(await asks({ ...bucket, domainName }))).region;
  assert.equal(await regionOf('pics.s3.amazonaws.com'), 'us-east-1');
  assert.equal(await regionOf('pics.s3-eu-west-1.amazonaws.com'), 'eu-west-1');
  assert.equal(await regionOf('Pics.S3.eu-central-1.amazonaws.com'), 'eu-central-1');
  assert.equal(await regionOf('pics.s3.dualstack.ap-southeast-2.amazonaws.com'), 'ap-southeast-2');
  assert.equal(await regionOf('pics.s3-external-1.amazonaws.com'), 'us-east-1');
  assert.equal(await regionOf('my.pics.s3.us-gov-west-1.amazonaws.com'), 'us-gov-west-1');
});

const elsewhere: IdentityCredentials = {
  identity,
  keys: { ...keys, sessionToken: 'token/+==' },
  region: 'garage',
};

withStore(
  'without one in the host name it is that of the credentials; a session token is signed',
  { credentials: [elsewhere] },
  async ({ asks }) => {
    const asked = await asks(bucket);
    const as = await good(asked);
    assert.equal(as.region, 'garage');
    assert(as.signedHeaders.includes('x-amz-security-token'));
    const named = await asks({ ...bucket, domainName: 'pics.s3-eu-west-1.amazonaws.com' });
    assert.equal((await good(named)).region, 'eu-west-1');
  },
);

withStore('what is signed is the path that is sent', { basePath: '/pics' }, async ({ asks }) => {
  for (const path of [
    '/',
    '/a',
    "/a%20b+c/%c3%a4;@!$&'()*,=:~",
    '/a%2Fb//c/../d',
    '/%zz%',
    '/\u00e9',
  ]) {
    const asked = await asks(bucket, { path });
    assert.equal(asked.target, `/pics${path}`);
    await good(asked);
  }
});

withStore('any path is signed as a store reads it', {}, async ({ asks }) => {
  const path = fc
    .array(fc.constantFrom('a', '%', '%2', '%2F', '%e9', '/', '.', '+', '~', '*', '\u00ff', "'"))
    .map((parts) => `/${parts.join('')}`);
  await fc.assert(
    fc.asyncProperty(path, async (one) => {
      await good(await asks(bucket, { path: one }));
    }),
    { numRuns: 100 },
  );
});

withStore('nobody signs where no identity is named', {}, async ({ asks, warnings }) => {
  const custom: CustomOrigin = {
    ...plainCustomOrigin,
    id: 'default',
    domainName: 'www.example.com',
    protocolPolicy: 'http-only',
  };
  for (const origin of [custom, { ...bucket, accessIdentity: undefined }]) {
    const asked = await asks(origin, { headers: ['X-Amz-Meta', 'kept'] });
    assert.equal((await judgeSignature(asked, secrets)).kind, 'unsigned');
    assert.equal(headerValue(asked.headers, 'x-amz-meta'), 'kept');
  }
  assert.deepEqual(warnings, []);
});

withStore('an identity without keys is told of once, and asks unsigned', {}, async (stage) => {
  const { asks, warnings } = stage;
  for (let time = 0; time < 3; time += 1) {
    for (const accessIdentity of ['E00000000UNKNOWN', 'E00000000OTHERONE']) {
      const asked = await asks({ ...bucket, accessIdentity });
      assert.equal((await judgeSignature(asked, secrets)).kind, 'unsigned');
    }
  }
  assert.deepEqual(
    warnings.map((facts) => facts['identity']),
    ['E00000000UNKNOWN', 'E00000000OTHERONE'],
  );
});
