/** Assertions of the edge contract on Origin Shield (10.6), by number. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headerValue } from '../../src/http/header-list.ts';
import { makeKeyPair, placeKeyPair } from '../harness/signing.ts';
import { invalidates } from '../harness/invalidating.ts';
import { assertHas, Lines, logging } from '../harness/logged.ts';
import { placeResource } from '../harness/placing.ts';
import { customOrigin, distributionOf, host, type Setting } from '../harness/scenario.ts';
import { region, setShielded } from '../harness/shielded.ts';
import { cannedPolicy, signedUrl } from '../../src/http/signed-url.ts';
import { targetOf } from '../harness/signing.ts';

const fresh = { 'cache-control': 'max-age=60' };
const origins = [{ ...customOrigin, shieldRegion: region }];
const config = { origins };

test('T10.08 two edges and one shield ask the origin once for equal misses', async (t) => {
  const lines = [new Lines(), new Lines()];
  const others = lines.map((accessLog): Setting => ({ accessLog }));
  await using all = await setShielded(t, { config: { ...config, logging } }, others);
  const { edges, origin, passes } = all;
  origin.answers(200, { ...fresh, etag: '"v1"', 'x-mine': '1' }, 'hello');
  const [first, second] = edges;
  assert(first !== undefined && second !== undefined);
  const answer = await first.viewer.gets('/a').sees({ status: 200, xCache: 'Miss', body: 'hello' });
  assert.equal(headerValue(answer.headers, 'x-mine'), '1');
  assert.equal(headerValue(answer.headers, 'warmfront-shield'), undefined);
  await passes(7_000);
  await second.viewer.gets('/a').sees({ status: 200, xCache: 'Hit', body: 'hello' });
  const hit = await second.viewer.gets('/a').sees({ xCache: 'Hit', headers: { age: '7' } });
  assert.equal(headerValue(hit.headers, 'date'), headerValue(answer.headers, 'date'));
  origin.wasAsked(1);
  assertHas((await lines[0]?.nth(1)) ?? {}, { 'x-edge-detailed-result-type': 'Miss' });
  assertHas((await lines[1]?.nth(1)) ?? {}, { 'x-edge-detailed-result-type': 'OriginShieldHit' });
  assertHas((await lines[1]?.nth(2)) ?? {}, { 'x-edge-detailed-result-type': 'Hit' });
  // It is as old for the edges as for the shield.
  await passes(54_000);
  origin.answers(304, { ...fresh, etag: '"v1"' });
  await second.viewer.gets('/a').sees({ status: 200, xCache: 'RefreshHit', body: 'hello' });
  await first.viewer.gets('/a').sees({ status: 200, xCache: 'RefreshHit', body: 'hello' });
  origin.wasAsked(1);
});

test('T10.08 equal misses at one time are one question', async (t) => {
  await using all = await setShielded(t, { config });
  const { edges, origin } = all;
  let answer: (() => void) | undefined;
  origin.does((socket) => {
    answer = () =>
      void socket.write(
        'HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 5\r\n\r\nhello',
      );
  });
  const asking = edges.map(({ viewer }) => viewer.gets('/a').sees({ status: 200, body: 'hello' }));
  await origin.hears(1);
  answer?.();
  await Promise.all(asking);
  assert.equal(origin.asked.length, 1);
});

test('what the origin sees is as it would see it from an edge', async (t) => {
  await using all = await setShielded(t, {
    config,
    behavior: { keyedHeaders: ['Host', 'X-Keyed'], keyedQuery: { kind: 'all' } },
  });
  const { edges, origin } = all;
  origin.answers(200, fresh, 'hello');
  const [first, second] = edges;
  const sent = { 'X-Keyed': 'A', 'X-Forwarded-For': '192.0.2.1', 'X-Any': 'b' };
  const seen = await first?.viewer.gets('/a?b=1', sent).sees({ status: 200, xCache: 'Miss' });
  const { headers, target } = origin.last;
  assert.equal(target, '/a?b=1');
  assert.equal(headerValue(headers, 'host'), host);
  assert.equal(headerValue(headers, 'x-keyed'), 'A');
  assert.equal(headerValue(headers, 'x-any'), 'b');
  assert.equal(headerValue(headers, 'x-forwarded-for'), '192.0.2.1, 127.0.0.1');
  assert.equal(headerValue(headers, 'cdn-loop'), 'cloudfront.localhost');
  assert.equal(headerValue(headers, 'warmfront-shield'), undefined);
  assert.equal(
    headerValue(headers, 'x-amz-cf-id'),
    headerValue(seen?.headers ?? [], 'x-amz-cf-id'),
  );
  await second?.viewer.gets('/a?b=1', { 'X-Keyed': 'B' }).sees({ xCache: 'Miss' });
  await second?.viewer.gets('/a?b=1', { 'X-Keyed': 'A' }).sees({ xCache: 'Hit' });
  assert.equal(origin.asked.length, 2);
});

test('checks are those of the edge, and each viewer gets what is made for it alone', async (t) => {
  const pair = makeKeyPair();
  await using all = await setShielded(t, { config });
  const { edges, origin, serves, shield } = all;
  const cors = {
    allowOrigins: ['https://one.test', 'https://two.test'],
    allowMethods: ['GET'],
    allowHeaders: ['*'],
    exposeHeaders: [],
    allowCredentials: false,
    maxAgeS: undefined,
    override: true,
  } as const;
  for (const { routing } of [shield, ...edges]) {
    placeKeyPair(routing, pair);
    placeResource(routing, {
      kind: 'response-headers-policy',
      id: 'p',
      config: {
        name: 'p',
        comment: '',
        cors,
        security: undefined,
        custom: [],
        removed: [],
        serverTiming: { enabled: true, samplingRate: 100 },
      },
    });
  }
  const isPrivate = { trustedSigners: { self: true, accounts: [] }, responseHeadersPolicy: 'p' };
  serves(distributionOf('custom', config, isPrivate));
  origin.answers(200, fresh, 'hello');
  const expires = shield.clock.now() / 1_000 + 60;
  const target = targetOf(
    signedUrl(
      `http://${host}/a`,
      { kind: 'custom', policy: cannedPolicy('*', expires) },
      { keyPairId: pair.id, privateKey: pair.privateKey },
    ),
  );
  const [first, second] = edges;
  await first?.viewer.gets('/a').sees({ status: 403, body: /MissingKey/ });
  const one = await first?.viewer
    .gets(target, { Origin: 'https://one.test' })
    .sees({ status: 200 });
  const two = await second?.viewer
    .gets(target, { Origin: 'https://two.test' })
    .sees({ xCache: 'Hit' });
  const allowed = 'access-control-allow-origin';
  assert.equal(headerValue(one?.headers ?? [], allowed), 'https://one.test');
  assert.equal(headerValue(two?.headers ?? [], allowed), 'https://two.test');
  assert.match(
    headerValue(two?.headers ?? [], 'server-timing') ?? '',
    /^cdn-cache-hit.*cdn-hit-layer;desc="Origin Shield"/,
  );
  assert.equal(origin.asked.length, 1);
});

test('nobody but an edge is answered by the shield as one', async (t) => {
  const other = { key: new Uint8Array(32).fill(9) };
  await using all = await setShielded(
    t,
    { config, behavior: { trustedSigners: { self: true, accounts: [] } } },
    [{}, other],
  );
  const { edges, origin, shield } = all;
  origin.answers(200, fresh, 'hello');
  for (const note of ['', 'x', 'A'.repeat(200), 'A'.repeat(5_000)]) {
    await shield.viewer
      .gets('/a', { 'Warmfront-Shield': note })
      .sees({ status: 403, body: /MissingKey/ });
  }
  assert.equal(origin.asked.length, 0);
  // With another key an edge is no edge; it asks the origin, and says so to its operator.
  for (const one of [shield, ...edges]) one.serves(distributionOf('custom', config));
  await edges[1]?.viewer.gets('/a').sees({ status: 200, xCache: 'Miss' });
  await edges[1]?.viewer.gets('/b').sees({ status: 200, xCache: 'Miss' });
  assert.equal(edges[1]?.warnings.length, 1);
});

test('a shield that is not to be had is skipped, and tried again later', async (t) => {
  await using all = await setShielded(t, { config });
  const { edges, origin, passes, shield } = all;
  origin.answers(200, fresh, 'hello');
  const [edge] = edges;
  const closing = shield.edge.close(0);
  await shield.clock.passes(0);
  await closing;
  await edge?.viewer.gets('/a').sees({ status: 200, xCache: 'Miss', body: 'hello' });
  await edge?.viewer.gets('/b').sees({ status: 200, xCache: 'Miss', body: 'hello' });
  assert.equal(edge?.warnings.length, 1);
  await passes(10_000);
  await edge?.viewer.gets('/c').sees({ status: 200, xCache: 'Miss' });
  assert.equal(edge?.warnings.length, 2);
  assert.equal(origin.asked.length, 3);
});

test('what an invalidation has taken does not come back from a shield that lags', async (t) => {
  await using all = await setShielded(t, { config });
  const { edges, origin } = all;
  origin.answers(200, fresh, 'old');
  const [first, second] = edges;
  assert(first !== undefined && second !== undefined);
  await first.viewer.gets('/a').sees({ body: 'old' });
  origin.answers(200, fresh, 'new');
  invalidates(first, '/a');
  invalidates(second, '/a');
  await first.viewer.gets('/a').sees({ body: 'new', xCache: 'Miss' });
  await second.viewer.gets('/a').sees({ body: 'new', xCache: 'Miss' });
  await second.viewer.gets('/a').sees({ body: 'new', xCache: 'Hit' });
  // It lies there no longer once the shield has heard of it.
  invalidates(all.shield, '/a');
  await all.shield.viewer.gets('/a').sees({ body: 'new', xCache: 'Miss' });
});

test('errors come from the shield as they would from the origin, and are remembered', async (t) => {
  await using all = await setShielded(t, {
    config: {
      ...config,
      errorResponses: [{ status: 404, pagePath: '/404', pageStatus: 200, minTtlS: 10 }],
    },
  });
  const { edges, origin, passes } = all;
  origin.answers(404, {}, 'none');
  origin.whenAsked({ host: 'www.example.com', 'x-page': '1' }).answers(200, fresh, 'the page');
  const [first, second] = edges;
  await first?.viewer.gets('/a', { 'X-Page': '0' }).sees({ xCache: 'Error', body: 'none' });
  origin.dropConnections();
  origin.sends('', 'reset');
  await second?.viewer.gets('/b').sees({ status: 502, xCache: 'Error', body: /OriginInvalid/ });
  const asked = origin.asked.length;
  await second?.viewer.gets('/b').sees({ status: 502, xCache: 'Error' });
  await first?.viewer.gets('/b').sees({ status: 502, xCache: 'Error' });
  assert.equal(origin.asked.length, asked);
  await passes(11_000);
  origin.answers(200, fresh, 'back');
  await first?.viewer.gets('/b').sees({ status: 200, body: 'back' });
});

test('ranges, HEAD and what is not cached pass through the shield', async (t) => {
  await using all = await setShielded(t, { config, behavior: { allowedMethods: 'all' } });
  const { edges, origin } = all;
  const [first, second] = edges;
  origin.answers(200, fresh, 'hello');
  await first?.viewer.heads('/h').sees({ status: 200, headers: { 'content-length': '5' } });
  await first?.viewer.gets('/a').sees({ body: 'hello' });
  await second?.viewer.gets('/a', { Range: 'bytes=1-2' }).sees({ status: 206, body: 'el' });
  assert.equal(origin.asked.length, 2);
  origin.answers(200, { 'cache-control': 'private' }, 'mine');
  await first?.viewer.gets('/p').sees({ xCache: 'Miss', body: 'mine' });
  await second?.viewer.gets('/p').sees({ xCache: 'Miss', body: 'mine' });
  assert.equal(origin.asked.length, 4);
  await first?.viewer.asks('POST', '/p', { 'Content-Length': '0' }).sees({ status: 200 });
  assert.equal(origin.last.method, 'POST');
  // The shield's own viewers and other regions' origins are asked for as ever.
  await all.shield.viewer.gets('/s').sees({ body: 'mine' });
  all.serves(
    distributionOf('custom', { origins: [{ ...customOrigin, shieldRegion: 'us-east-1' }] }),
  );
  await first?.viewer.gets('/o').sees({ body: 'mine' });
  assert.equal(origin.asked.length, 7);
});
