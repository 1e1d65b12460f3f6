/** Assertions of the edge contract on what is sent to origins, and what of it is keyed, by number. */
import assert from 'node:assert/strict';
import { type HeaderList, headerValue } from '../../src/http/header-list.ts';
import { signedUrl } from '../../src/http/signed-url.ts';
import type { BehaviorRules, NameSelection } from '../../src/model/behavior-rules.ts';
import { testAuthority } from '../harness/certificates.ts';
import { domain, host, originHost, scenario } from '../harness/scenario.ts';
import { makeKeyPair, placeKeyPair, targetOf } from '../harness/signing.ts';
import { Viewer } from '../harness/viewer.ts';

const fresh = { 'cache-control': 'max-age=60' };
const policy = { kind: 'policy', gzip: false, brotli: false } as const;

const authority = await testAuthority('Test Authority');
const https = {
  host: '127.0.0.1',
  port: 0,
  ...(await authority.issue([`*.${domain}`])),
  ticketKeys: new Uint8Array(48),
  sealingKey: new Uint8Array(32),
};

function namesOf(headers: HeaderList): readonly string[] {
  return headers.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
}

scenario(
  'T4.04 ForwardedValues with a list of keys: all of the query is sent, the list is keyed',
  {
    behavior: {
      keyedQuery: { kind: 'only', names: ['a'] },
      forwardedQuery: { kind: 'all' },
    },
  },
  async ({ origin, viewer }) => {
    origin.answers(200, fresh, 'a');
    await viewer.gets('/a?b=1&a=2').sees({ xCache: 'Miss' });
    assert.equal(origin.last.target, '/a?b=1&a=2');
    await viewer.gets('/a?a=2&b=3').sees({ xCache: 'Hit' });
    await viewer.gets('/a?a=3&b=1').sees({ xCache: 'Miss' });
  },
);

scenario(
  'T4.06 all fields of viewers without a cache policy: all arrive, and nothing is cached',
  { behavior: { forwardedHeaders: { kind: 'all' }, maxTtlS: 31_536_000 } },
  async ({ origin, viewer }) => {
    origin.answers(200, fresh, 'a');
    const sent = { Accept: 'text/html', 'User-Agent': 'one', Referer: 'two', 'X-Three': 'three' };
    for (let time = 0; time < 2; time += 1) {
      await viewer.gets('/a', sent).sees({ xCache: 'Miss' });
      for (const [name, value] of Object.entries(sent)) {
        assert.equal(headerValue(origin.last.headers, name.toLowerCase()), value);
      }
      assert.equal(headerValue(origin.last.headers, 'host'), host);
    }
    origin.wasAsked(2);
  },
);

for (const isPattern of [true, false]) {
  scenario(
    `T4.08 user_* ${isPattern ? 'in ForwardedValues' : 'in a policy'}`,
    {
      behavior: isPattern
        ? { keyedCookies: { kind: 'matching', patterns: ['user_*'] } }
        : { keyedCookies: { kind: 'only', names: ['user_*'] }, encodings: policy },
    },
    async ({ origin, viewer }) => {
      origin.answers(200, fresh, 'a');
      await viewer.gets('/a', { Cookie: 'user_b=2; other=1; user_a=1' }).sees({ xCache: 'Miss' });
      const sent = isPattern ? 'user_a=1; user_b=2' : undefined;
      assert.equal(headerValue(origin.last.headers, 'cookie'), sent);
      await viewer.gets('/a', { Cookie: 'user_a=3' }).sees({ xCache: isPattern ? 'Miss' : 'Hit' });
    },
  );
}

for (const keyedHeaders of [[], ['cloudfront-forwarded-proto']]) {
  const isKeyed = keyedHeaders.length > 0;
  scenario(
    `T4.10 HTTP and HTTPS ${isKeyed ? 'have an object each where that is keyed' : 'share one object'}`,
    { settings: { https }, behavior: { keyedHeaders } },
    async ({ httpsPort, origin, viewer }) => {
      origin.answers(200, fresh, 'a');
      await viewer.gets('/a').sees({ xCache: 'Miss' });
      const secure = new Viewer({
        port: httpsPort ?? 0,
        host,
        authority: authority.certificate,
      });
      await secure.gets('/a').sees({ xCache: isKeyed ? 'Miss' : 'Hit' });
      const told = headerValue(origin.last.headers, 'cloudfront-forwarded-proto');
      assert.equal(told, isKeyed ? 'https' : undefined);
    },
  );
}

for (const keyedHeaders of [[], ['host']]) {
  const isKeyed = keyedHeaders.length > 0;
  scenario(
    `T4.11 alias and domain ${isKeyed ? 'have an object each where Host is keyed' : 'share one object'}`,
    { config: { aliases: ['www.alias.test'] }, behavior: { keyedHeaders } },
    async ({ origin, viewer }) => {
      origin.answers(200, fresh, 'a');
      await viewer.gets('/a').sees({ xCache: 'Miss' });
      const alias = viewer.for('www.alias.test');
      await alias.gets('/a').sees({ xCache: isKeyed ? 'Miss' : 'Hit' });
      const asked = isKeyed ? 'www.alias.test' : originHost;
      assert.equal(headerValue(origin.last.headers, 'host'), asked);
    },
  );
}

/** One letter a parameter or cookie; `k` stands in lists of the cache policy, `o` in the other's. */
const selections: Readonly<Record<string, readonly [cache: NameSelection, beyond: NameSelection]>> =
  {
    none: [{ kind: 'none' }, { kind: 'none' }],
    all: [{ kind: 'all' }, { kind: 'all' }],
    list: [
      { kind: 'only', names: ['k'] },
      { kind: 'only', names: ['o'] },
    ],
    block: [
      { kind: 'except', names: ['k'] },
      { kind: 'except', names: ['o'] },
    ],
  };

/** What of `k`, `o` and `x` is sent: rows by cache policy, columns by origin request policy. */
const cells: Readonly<
  Record<string, readonly [none: string, all: string, list: string, block: string]>
> = {
  none: ['', 'kox', 'o', 'kx'],
  all: ['kox', 'kox', 'kox', 'kox'],
  list: ['k', 'kox', 'ko', 'kx'],
  block: ['ox', 'kox', 'ox', 'x'],
};

for (const [row, sent] of Object.entries(cells)) {
  for (const [index, column] of ['none', 'all', 'list', 'block'].entries()) {
    const keyed = selections[row]?.[0] ?? { kind: 'none' };
    const beyond = selections[column]?.[1] ?? { kind: 'none' };
    const behavior: Partial<BehaviorRules> = {
      encodings: policy,
      keyedQuery: keyed,
      forwardedQuery: beyond,
      keyedCookies: keyed,
      forwardedCookies: beyond,
    };
    scenario(
      `T4.14 cache policy ${row}, origin request policy ${column}`,
      { behavior },
      async (stage) => {
        const { origin, viewer } = stage;
        origin.answers(200, fresh, 'a');
        await viewer.gets('/a?k=1&o=1&x=1', { Cookie: 'k=1; o=1; x=1' }).sees({ xCache: 'Miss' });
        const letters = (sent[index] ?? '').split('');
        const query = letters.map((letter) => `${letter}=1`).join('&');
        assert.equal(origin.last.target, query === '' ? '/a' : `/a?${query}`);
        const cookies = letters.map((letter) => `${letter}=1`).join('; ');
        const expected = cookies === '' ? undefined : cookies;
        assert.equal(headerValue(origin.last.headers, 'cookie'), expected);
        // Only what the cache policy selects tells objects apart.
        for (const letter of ['k', 'o', 'x']) {
          const isKeyed =
            row === 'all' || (row === 'list') === (letter === 'k') ? row !== 'none' : false;
          const other = `k=1&o=1&x=1`.replace(`${letter}=1`, `${letter}=2`);
          const xCache = isKeyed ? 'Miss' : 'Hit';
          await viewer.gets(`/a?${other}`, { Cookie: 'k=1; o=1; x=1' }).sees({ xCache });
          const cookie = { Cookie: other.replaceAll('&', '; ') };
          await viewer.gets('/a?k=1&o=1&x=1', cookie).sees({ xCache });
        }
      },
    );
  }
}

scenario('T4.15 what the origin is told by the edge itself', async ({ origin, viewer }) => {
  origin.answers(200, fresh, 'a');
  const answer = await viewer.gets('/a', { 'User-Agent': 'one', Via: '1.0 proxy' }).answer;
  const { headers } = origin.last;
  assert.equal(headerValue(headers, 'host'), originHost);
  assert.equal(headerValue(headers, 'user-agent'), 'Amazon CloudFront');
  assert.equal(headerValue(headers, 'connection')?.toLowerCase(), 'keep-alive');
  const via = /^1\.0 proxy, 1\.1 [0-9a-f]{32}\.cloudfront\.localhost \(CloudFront\)$/;
  assert.match(headerValue(headers, 'via') ?? '', via);
  assert.equal(headerValue(headers, 'x-amz-cf-id'), headerValue(answer.headers, 'x-amz-cf-id'));
});

scenario('T4.16 the address of the viewer is added to those before', async (stage) => {
  const { origin, viewer } = stage;
  origin.answers(200, fresh, 'a');
  await viewer.gets('/a', { 'X-Forwarded-For': '1.1.1.1' }).sees({ status: 200 });
  assert.equal(headerValue(origin.last.headers, 'x-forwarded-for'), '1.1.1.1, 127.0.0.1');
  await viewer.gets('/b').sees({ status: 200 });
  assert.equal(headerValue(origin.last.headers, 'x-forwarded-for'), '127.0.0.1');
});

scenario('T4.17 what never goes on unasked', async ({ origin, viewer }) => {
  origin.answers(200, fresh, 'a');
  const removed = {
    Accept: 'text/html',
    'Accept-Language': 'de',
    Referer: 'http://a.test/',
    TE: 'trailers',
    'X-Real-IP': '1.1.1.1',
    'X-Forwarded-Proto': 'https',
    'X-Edge-Foo': 'a',
  };
  await viewer.gets('/a', { ...removed, 'X-Other': 'stays' }).sees({ status: 200 });
  const names = namesOf(origin.last.headers);
  for (const name of Object.keys(removed)) assert.ok(!names.includes(name.toLowerCase()), name);
  assert.ok(names.includes('x-other'));
  await viewer.gets('/b', { Expect: 'nothing' }).sees({ status: 417 });
});

scenario(
  'T4.18 under a policy that sends all, Authorization is kept on GET',
  { behavior: { encodings: policy, forwardedHeaders: { kind: 'all' } } },
  async ({ origin, viewer }) => {
    origin.answers(200, fresh, 'a');
    await viewer.gets('/a', { Authorization: 'Basic x' }).sees({ status: 200 });
    assert.equal(headerValue(origin.last.headers, 'authorization'), 'Basic x');
  },
);

scenario(
  'T4.20 a fact of ours that the viewer sends counts for nothing',
  {
    behavior: {
      encodings: policy,
      keyedHeaders: ['cloudfront-viewer-country'],
      forwardedHeaders: { kind: 'all-and', names: ['cloudfront-viewer-address'] },
    },
  },
  async ({ origin, viewer }) => {
    origin.answers(200, fresh, 'a');
    const sent = { 'CloudFront-Viewer-Country': 'XX', 'CloudFront-Viewer-Address': '1.1.1.1:1' };
    await viewer.gets('/a', sent).sees({ xCache: 'Miss' });
    const { headers } = origin.last;
    // The country is not known, so nothing is said of it.
    assert.equal(headerValue(headers, 'cloudfront-viewer-country'), undefined);
    assert.match(headerValue(headers, 'cloudfront-viewer-address') ?? '', /^127\.0\.0\.1:\d+$/);
    const other = { 'CloudFront-Viewer-Country': 'YY' };
    await viewer.gets('/a', other).sees({ xCache: 'Hit' });
  },
);

const devices = ['android', 'desktop', 'ios', 'mobile', 'smarttv', 'tablet'];

scenario(
  'T4.20 the kind of device is told where a policy asks for it, and Vary keeps User-Agent then',
  {
    behavior: {
      encodings: policy,
      keyedHeaders: ['CloudFront-Is-Mobile-Viewer'],
      forwardedHeaders: {
        kind: 'only',
        names: devices.map((kind) => `cloudfront-is-${kind}-viewer`),
      },
    },
  },
  async ({ origin, viewer }) => {
    origin.answers(200, { ...fresh, vary: 'User-Agent, Accept' }, 'a');
    const phone = { 'User-Agent': 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0) Mobile/15E148' };
    const other = { 'User-Agent': 'Mozilla/5.0 (Android 14; Mobile; rv:120.0) Firefox/120.0' };
    await viewer
      .gets('/a', { ...phone, 'CloudFront-Is-Mobile-Viewer': 'false' })
      .sees({ xCache: 'Miss', headers: { vary: 'User-Agent' } });
    const said = devices.map((kind) =>
      headerValue(origin.last.headers, `cloudfront-is-${kind}-viewer`),
    );
    assert.deepEqual(said, ['false', 'false', 'true', 'true', 'false', 'false']);
    await viewer.gets('/a', other).sees({ xCache: 'Hit' });
    await viewer.gets('/a', { 'User-Agent': 'curl/8.5.0' }).sees({ xCache: 'Miss' });
    await viewer.gets('/a').sees({ xCache: 'Hit' });
  },
);

scenario(
  'T4.22 what lets a viewer in reaches neither key nor origin',
  {
    behavior: {
      trustedSigners: { self: true, accounts: [] },
      keyedQuery: { kind: 'all' },
      keyedCookies: { kind: 'all' },
    },
  },
  async ({ clock, origin, routing, viewer }) => {
    const pair = makeKeyPair();
    placeKeyPair(routing, pair);
    origin.answers(200, fresh, 'a');
    const keyPair = { keyPairId: pair.id, privateKey: pair.privateKey };
    const signed = (expiresIn: number): string =>
      targetOf(
        signedUrl(
          `http://${host}/a?x=1`,
          { kind: 'canned', expires: Math.floor(clock.now() / 1_000) + expiresIn },
          keyPair,
        ),
      );
    await viewer.gets(signed(100)).sees({ xCache: 'Miss' });
    assert.equal(origin.last.target, '/a?x=1');
    await viewer.gets(signed(200)).sees({ xCache: 'Hit' });
    const cookie = { Cookie: 'CloudFront-Key-Pair-Id=a; other=1' };
    await viewer.gets(signed(100), cookie).sees({ xCache: 'Miss' });
    assert.equal(headerValue(origin.last.headers, 'cookie'), 'other=1');
  },
);
