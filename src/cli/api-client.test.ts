import assert from 'node:assert/strict';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { fakeApi, type Given, refusal } from '../../test/harness/fake-api.ts';
import { ManualClock } from '../../test/harness/manual-clock.ts';
import { until } from '../../test/harness/until.ts';
import { openAuthority } from '../authority/authority.ts';
import { type Clock, systemClock } from '../base/clock.ts';
import { systemRandomness } from '../base/randomness.ts';
import { signDate } from '../http/date-signature.ts';
import { parseHttpDate } from '../http/dates.ts';
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

const list = '<?xml version="1.0"?>\n<DistributionList xmlns="x"><Marker/></DistributionList>';

test('a request carries its date, the signature of it, and what goes with a body', async (t) => {
  const { asked, url } = await fakeApi(t, () => ({
    status: 200,
    headers: { etag: 'E1' },
    body: list,
  }));
  const { etag, root } = await clientOf(url).askXml('PUT', '/2010-11-01/x?Marker=a', {
    ifMatch: 'E0',
    body: '<A>ö</A>',
  });
  assert.equal(etag, 'E1');
  assert.equal(root.name, 'DistributionList');
  const [one] = asked;
  assert(one !== undefined);
  assert.deepEqual([one.method, one.path, one.body], ['PUT', '/2010-11-01/x?Marker=a', '<A>ö</A>']);
  const { authorization, date = '' } = one.headers;
  const sent = parseHttpDate(date, systemClock.now());
  assert(sent !== undefined && Math.abs(systemClock.now() - sent) < 60_000);
  assert.equal(authorization, `AWS AKID:${signDate('secret', date)}`);
  assert.equal(one.headers['if-match'], 'E0');
  assert.equal(one.headers['x-amz-security-token'], 'token');
  assert.equal(one.headers['content-length'], '9');
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
  const { asked, url } = await fakeApi(t, () => answers.shift() ?? { status: 200, body: list });
  answers = [refusal(503, 'ServiceUnavailable'), 'broken', refusal(400, 'Throttling')];
  assert.equal((await clientOf(url).ask('GET', '/')).status, 200);
  assert.equal(asked.length, 4);

  answers = Array.from({ length: 9 }, () => refusal(500, 'InternalError'));
  await assert.rejects(clientOf(url).ask('GET', '/'), ApiRefusal);
  assert.equal(asked.length, 8);

  for (const fault of [refusal(503, 'ServiceUnavailable'), 'broken'] as const) {
    answers = [fault];
    await assert.rejects(clientOf(url).ask('DELETE', '/', { ifMatch: 'E1' }), CommandFailure);
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
    { status: 404, body: 'not here' },
    { status: 302, headers: { location: '/' } },
    { status: 200, body: 'x'.repeat(16_777_217) },
  ];
  let next = 0;
  const { url } = await fakeApi(t, () => answers[Math.floor(next++)] ?? 'broken');
  const faults = [/not XML/, /404 without an error document/, /302 without/, /more than 16777216/];
  for (const fault of faults) {
    await assert.rejects(clientOf(url).askXml('DELETE', '/'), (error) => {
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

test('over TLS, the authority that WARMFRONT_CA names is trusted, and no other', async (t) => {
  const { ca, url } = await tlsServer(t);
  const none = new AbortController().signal;
  const trusting = clientOf(url, impatientClock, none, ca);
  assert.deepEqual(await trusting.askJson('GET', '/'), { a: 1 });
  await assert.rejects(clientOf(url).askJson('GET', '/'), /not trusted .*WARMFRONT_CA/);
});
