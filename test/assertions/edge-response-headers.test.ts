/** Assertions of the edge contract on response headers policies, by number. */
import assert from 'node:assert/strict';
import { headerValue, headerValues, type HeaderList } from '../../src/http/header-list.ts';
import type {
  CorsRules,
  ResponseHeadersPolicyConfig,
} from '../../src/model/resources/response-headers-policy.ts';
import { placeResource } from '../harness/placing.ts';
import { distributionOf, scenario, type Stage } from '../harness/scenario.ts';

const fresh = { 'cache-control': 'max-age=60' };
const nothing: ResponseHeadersPolicyConfig = {
  name: 'p',
  comment: '',
  cors: undefined,
  security: undefined,
  custom: [],
  removed: [],
  serverTiming: undefined,
};

function obeys(
  { routing, serves }: Stage,
  policy: Partial<ResponseHeadersPolicyConfig>,
  allowedMethods: 'read' | 'all' = 'read',
): void {
  const config = { ...nothing, ...policy };
  placeResource(routing, { kind: 'response-headers-policy', id: 'p', config });
  serves(distributionOf('custom', {}, { responseHeadersPolicy: 'p', allowedMethods }));
}

scenario('T8.04 what is removed is gone on hits too, and Server becomes ours', async (stage) => {
  const { origin, viewer } = stage;
  obeys(stage, { removed: ['Server', 'X-Powered-By'] });
  origin.answers(200, { ...fresh, server: 'theirs', 'x-powered-by': 'php' }, 'a');
  for (const xCache of ['Miss', 'Hit'] as const) {
    const { headers } = await viewer.gets('/a').sees({ xCache });
    assert.deepEqual(headerValues(headers, 'server'), ['CloudFront']);
    assert.equal(headerValue(headers, 'x-powered-by'), undefined);
  }
});

scenario('T2.06 an error of the origin has the fields of the policy, stored too', async (stage) => {
  const { origin, viewer } = stage;
  obeys(stage, {
    removed: ['X-Powered-By'],
    custom: [{ name: 'X-Ours', value: '1', override: true }],
  });
  origin.answers(404, { 'x-powered-by': 'php', 'x-ours': 'theirs' }, 'none');
  const seen = { 'x-ours': '1', 'x-powered-by': undefined };
  await viewer.gets('/a').sees({ status: 404, xCache: 'Error', headers: seen });
  await viewer.gets('/a').sees({ status: 404, xCache: 'Error', headers: seen });
  origin.wasAsked(1);
});

scenario(
  'T8.05 a field overrides or gives way, and is added where there is none',
  async (stage) => {
    const { origin, viewer } = stage;
    obeys(stage, {
      custom: [
        { name: 'X-Over', value: 'ours', override: true },
        { name: 'X-Under', value: 'ours', override: false },
      ],
    });
    origin.answers(200, { ...fresh, 'x-over': 'theirs', 'x-under': 'theirs' }, 'a');
    for (const xCache of ['Miss', 'Hit'] as const) {
      const { headers } = await viewer.gets('/both').sees({ xCache });
      assert.deepEqual(headerValues(headers, 'x-over'), ['ours']);
      assert.deepEqual(headerValues(headers, 'x-under'), ['theirs']);
    }
    origin.answers(404, {}, 'a');
    const { headers } = await viewer.gets('/none').sees({ status: 404 });
    assert.deepEqual(headerValues(headers, 'x-over'), ['ours']);
    assert.deepEqual(headerValues(headers, 'x-under'), ['ours']);
  },
);

scenario('T8.05 security fields are written as browsers read them', async (stage) => {
  const { origin, viewer } = stage;
  obeys(stage, {
    security: {
      contentSecurityPolicy: { value: "default-src 'self'", override: true },
      contentTypeOptions: { override: true },
      frameOptions: { value: 'DENY', override: true },
      referrerPolicy: { value: 'no-referrer', override: true },
      transportSecurity: {
        value: { maxAgeS: 60, includeSubdomains: true, preload: true },
        override: true,
      },
      xssProtection: {
        value: { protection: true, modeBlock: true, reportUri: undefined },
        override: true,
      },
    },
  });
  origin.answers(200, fresh, 'a');
  await viewer.gets('/a').sees({
    headers: {
      'content-security-policy': "default-src 'self'",
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'strict-transport-security': 'max-age=60; includeSubDomains; preload',
      'x-xss-protection': '1; mode=block',
    },
  });
});

const cors: CorsRules = {
  allowOrigins: ['https://*.example.org'],
  allowHeaders: ['x-a*', 'Authorization'],
  allowMethods: ['ALL'],
  allowCredentials: false,
  exposeHeaders: ['X-Seen'],
  maxAgeS: 60,
  override: false,
};

function corsOf(headers: HeaderList): readonly string[] {
  return headers.filter((text, index) => index % 2 === 0 && /^access-control-/i.test(text));
}

scenario('T8.06 CORS is answered to an Origin that fits, and to no other', async (stage) => {
  const { origin, viewer } = stage;
  obeys(stage, { cors }, 'all');
  origin.answers(200, fresh, 'a');
  const plain = await viewer.gets('/a').sees({ status: 200 });
  assert.deepEqual(corsOf(plain.headers), []);
  const other = await viewer.gets('/a', { Origin: 'http://a.example.org' }).sees({ status: 200 });
  assert.deepEqual(corsOf(other.headers), []);
  const good = { Origin: 'https://a.example.org' };
  await viewer.gets('/a', good).sees({
    xCache: 'Hit',
    headers: {
      'access-control-allow-origin': 'https://a.example.org',
      'access-control-expose-headers': 'X-Seen',
      vary: 'Origin',
    },
  });
  const preflight = await viewer
    .asks('OPTIONS', '/a', {
      ...good,
      'Access-Control-Request-Method': 'PUT',
      'Access-Control-Request-Headers': 'x-abc, x-b, authorization',
    })
    .sees({ status: 200 });
  const told = (name: string): unknown => headerValue(preflight.headers, `access-control-${name}`);
  assert.equal(told('allow-methods'), 'GET, DELETE, HEAD, OPTIONS, PATCH, POST, PUT');
  assert.equal(told('allow-headers'), 'x-abc, authorization');
  assert.equal(told('max-age'), '60');
  origin.answers(200, { ...fresh, 'access-control-max-age': '1' }, 'a');
  const theirs = await viewer.gets('/b', good).sees({ status: 200 });
  assert.deepEqual(corsOf(theirs.headers), ['access-control-max-age']);
});

scenario(
  'T8.07 Server-Timing tells how it was come by, or where it is asked for',
  async (stage) => {
    const { clock, origin, viewer } = stage;
    obeys(stage, { serverTiming: { enabled: true, samplingRate: 100 } });
    origin.answers(200, { ...fresh, etag: '"a"', 'server-timing': 'db;dur=1' }, 'a');
    const timing = async (path: string, headers = {}): Promise<string> => {
      const answer = await viewer.gets(path, headers).sees({ status: 200 });
      return headerValue(answer.headers, 'server-timing') ?? '';
    };
    assert.match(
      await timing('/a'),
      /^db;dur=1,cdn-upstream-layer;desc="EDGE",cdn-upstream-fbl;dur=0,cdn-cache-miss,cdn-pop.*,cdn-downstream-fbl;dur=0$/,
    );
    assert.match(
      await timing('/a'),
      /^cdn-cache-hit,cdn-pop;.*cdn-hit-layer;desc="EDGE",cdn-downstream-fbl;dur=0$/,
    );
    let answer: (() => void) | undefined;
    origin.does((socket) => {
      answer = () => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    });
    const asking = timing('/slow');
    await origin.hears(2);
    await clock.passes(30);
    answer?.();
    assert.match(await asking, /cdn-upstream-fbl;dur=30,.*cdn-downstream-fbl;dur=30$/);
    await clock.passes(61_000);
    origin.answers(304, { ...fresh, etag: '"a"' });
    assert.match(await timing('/a'), /^cdn-cache-refresh,/);
    obeys(stage, { serverTiming: { enabled: true, samplingRate: 0 } });
    origin.answers(200, fresh, 'a');
    assert.equal(await timing('/c'), '');
    assert.match(await timing('/c', { Pragma: 'server-timing' }), /cdn-cache-/);
  },
);
