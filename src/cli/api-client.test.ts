import assert from 'node:assert/strict';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import {
  answerOf,
  fakeConfig,
  fakeDistribution,
  fakeInvalidations,
} from '../../test/harness/fake-answers.ts';
import { fakeApi, type Given, refusal } from '../../test/harness/fake-api.ts';
import { ManualClock } from '../../test/harness/manual-clock.ts';
import { until } from '../../test/harness/until.ts';
import { createKeyring } from '../api/credentials.ts';
import { checkHeadV4 } from '../api/signature/check-signature-v4.ts';
import { openAuthority } from '../authority/authority.ts';
import { type Clock, systemClock } from '../base/clock.ts';
import { systemRandomness } from '../base/randomness.ts';
import { accountId } from '../model/ids.ts';
import { ApiClient, ApiRefusal, Unreachable } from './api-client.ts';
import { CommandFailure } from './failure.ts';

/** Time that needs no waiting: what is due in a while is due at once, but for the answer's limit. */
const impatientClock: Clock = {
  ...systemClock,
  after: (delayMs, act) => systemClock.after(delayMs < 5_000 ? 0 : delayMs, act),
};

function clientOf(
  url: string,
  clock: Clock = impatientClock,
  interrupted = new AbortController().signal,
  authorities?: string,
): ApiClient {
  const key = { accessKeyId: 'AKID', secretAccessKey: 'secret', sessionToken: 'token' };
  return new ApiClient({ url: new URL(url), ...key, authorities }, { clock, interrupted });
}

const list = answerOf('ListInvalidations', { InvalidationList: fakeInvalidations([]) });

test('a request carries its operation, a body, and a signature of both', async (t) => {
  const { asked, url } = await fakeApi(t, () =>
    answerOf('UpdateDistribution', { Distribution: fakeDistribution(), ETag: 'E1' }),
  );
  const { Distribution, ETag } = await clientOf(url).call('UpdateDistribution', {
    Id: 'E/1',
    IfMatch: 'E0',
    DistributionConfig: fakeConfig({ Comment: 'ö' }),
  });
  assert.equal(ETag, 'E1');
  assert.equal(Distribution?.Id, 'E1');
  const [one] = asked;
  assert(one !== undefined);
  const { body, headers, method, path } = one;
  assert.deepEqual([method, path], ['PUT', '/2020-05-31/distribution/E%2F1/config']);
  assert.match(body, /^<\?xml.*\n<DistributionConfig xmlns="[^"]*2020-05-31\/">.*<Comment>ö</);
  assert.equal(headers['if-match'], 'E0');
  assert.equal(headers['x-amz-security-token'], 'token');
  assert.equal(headers['content-length'], String(Buffer.byteLength(body)));
  const distinct = Object.entries(headers).map(([name, value]) => [name, [String(value)]]);
  const keyring = createKeyring([
    { accessKeyId: 'AKID', secretAccessKey: 'secret', accountId: accountId('000000000000') },
  ]);
  const head = { method, path, query: '', headers: Object.fromEntries(distinct) };
  const signed = checkHeadV4(head, keyring, 'cloudfront', systemClock.now());
  signed.checkBody(Buffer.from(body));
  assert.throws(() => signed.checkBody(Buffer.from('another')), /does not match/);
});

test('a refusal keeps code, message, status and request id, in XML and in JSON', async (t) => {
  const answers: readonly Given[] = [
    refusal(404, 'NoSuchDistribution', 'There is none.'),
    { status: 404, body: '{"code":"NoSuchEdge","message":"There is none.","requestId":"id-1"}' },
  ];
  let next = 0;
  const { url } = await fakeApi(t, () => answers[next++] ?? 'broken');
  for (const code of ['NoSuchDistribution', 'NoSuchEdge']) {
    await assert.rejects(clientOf(url).ask('GET', '/'), (error) => {
      assert(error instanceof ApiRefusal);
      assert.equal(error.code, code);
      assert.equal(error.message, 'There is none.');
      assert.equal(error.told, `There is none. (${code}, status 404, request id id-1)`);
      assert.deepEqual(error.facts, { status: 404, requestId: 'id-1' });
      return true;
    });
  }
});

test('reading is tried again where the server or the connection failed, writing is not', async (t) => {
  let answers: Given[] = [];
  const { asked, url } = await fakeApi(t, () => answers.shift() ?? list);
  answers = [refusal(503, 'ServiceUnavailable'), 'broken', refusal(400, 'Throttling')];
  assert.equal((await clientOf(url).ask('GET', '/')).status, 200);
  assert.equal(asked.length, 4);

  answers = Array.from({ length: 9 }, () => refusal(500, 'InternalError'));
  await assert.rejects(clientOf(url).ask('GET', '/'), ApiRefusal);
  assert.equal(asked.length, 8);

  for (const fault of [refusal(503, 'ServiceUnavailable'), 'broken'] as const) {
    answers = [fault];
    await assert.rejects(clientOf(url).ask('DELETE', '/'), CommandFailure);
    assert.equal(answers.length, 0);
  }
  assert.equal(asked.length, 10);
});

test('a server that is not there is told with how to start one', async () => {
  await assert.rejects(clientOf('http://127.0.0.1:1').ask('GET', '/'), (error) => {
    assert(error instanceof Unreachable);
    assert.equal(error.maybeDone, false);
    assert.match(error.message, /Nothing listens at http:\/\/127\.0\.0\.1:1\. Start a server with/);
    return true;
  });
});

test('a server that says nothing is given up after 30 s', async (t) => {
  const clock = new ManualClock();
  const { asked, url } = await fakeApi(t, () => 'silent');
  const asking = assert.rejects(clientOf(url, clock).ask('DELETE', '/'), (error) => {
    assert(error instanceof Unreachable);
    assert.equal(error.maybeDone, true);
    assert.match(error.message, /no answer came within 30 s/);
    return true;
  });
  await until('the request has arrived', () => asked[0]);
  await clock.passes(30_000);
  await asking;
});

test('an interruption ends a request and the waits between', async (t) => {
  const { asked, url } = await fakeApi(t, () => 'silent');
  const interruption = new AbortController();
  const client = clientOf(url, impatientClock, interruption.signal);
  const asking = assert.rejects(client.ask('GET', '/'));
  await until('the request has arrived', () => asked[0]);
  interruption.abort();
  await asking;
  assert.equal(asked.length, 1);
});

test('an answer of something else is told as that', async (t) => {
  const answers: readonly Given[] = [
    { status: 200, body: '<html><p>hello</html>' },
    { status: 201, body: '<Invalidation><Id>I1</Id><CreateTime>x</CreateTime></Invalidation>' },
    { status: 404, body: 'not here' },
    { status: 302, headers: { location: '/' } },
    { status: 200, body: 'x'.repeat(16_777_217) },
  ];
  let next = 0;
  const { url } = await fakeApi(t, () => answers[Math.floor(next++)] ?? 'broken');
  const faults = [
    /not XML/,
    /answer to CreateInvalidation is not in the form expected: 3 validation errors.*createTime/,
    /404 without an error document/,
    /302 without/,
    /more than 16777216/,
  ];
  const batch = {
    DistributionId: 'E1',
    InvalidationBatch: { CallerReference: 'r', Paths: { Quantity: 0 } },
  };
  for (const fault of faults) {
    await assert.rejects(clientOf(url).call('CreateInvalidation', batch), (error) => {
      assert(error instanceof CommandFailure);
      assert.match(error.message, fault);
      return true;
    });
  }
});

async function tlsServer(t: TestContext): Promise<{ url: string; ca: string }> {
  const ports = { clock: systemClock, randomness: systemRandomness };
  const authority = await openAuthority(undefined, ports);
  const { certificate, key } = await authority.certificateFor(['localhost']);
  const server = createServer({ cert: certificate, key }, (_, answer) => answer.end('{"a":1}'));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address: AddressInfo | string | null = server.address();
  assert(typeof address === 'object' && address !== null);
  return { url: `https://localhost:${address.port}`, ca: authority.certificate };
}

test('newer words and more than the model knows are no fault of an answer', async (t) => {
  const { url } = await fakeApi(t, () => ({
    status: 200,
    headers: { etag: 'E1' },
    body:
      '<Distribution><Id>E1</Id><ARN>a</ARN><Status>Napping</Status><LastModifiedTime>2026-11-22T21:22:35Z</LastModifiedTime>' +
      '<InProgressInvalidationBatches>0</InProgressInvalidationBatches><DomainName>d</DomainName><Mood>good</Mood>' +
      '<DistributionConfig><CallerReference>r</CallerReference><Origins><Quantity>0</Quantity><Items/></Origins>' +
      '<DefaultCacheBehavior><TargetOriginId>o</TargetOriginId><ViewerProtocolPolicy>quic-only</ViewerProtocolPolicy>' +
      '</DefaultCacheBehavior><Comment/><Enabled>true</Enabled></DistributionConfig></Distribution>',
  }));
  const { Distribution } = await clientOf(url).call('GetDistribution', { Id: 'E1' });
  const policy: string | undefined =
    Distribution?.DistributionConfig.DefaultCacheBehavior.ViewerProtocolPolicy;
  assert.equal(policy, 'quic-only');
  assert.equal(Distribution?.Status, 'Napping');
});

test('over TLS, the authority that WARMFRONT_CA names is trusted, and no other', async (t) => {
  const { ca, url } = await tlsServer(t);
  const none = new AbortController().signal;
  const trusting = clientOf(url, impatientClock, none, ca);
  assert.deepEqual(await trusting.askJson('GET', '/'), { a: 1 });
  await assert.rejects(clientOf(url).askJson('GET', '/'), /not trusted .*WARMFRONT_CA/);
});
