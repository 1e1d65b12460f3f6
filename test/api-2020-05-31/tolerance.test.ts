/**
 * What clients send otherwise than the SDK does, and what is meant all the same (API 2020-05-31, sections
 * 2.1, 2.6 and 7): the same batch or configuration in every form, read as one and the same input.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Handlers } from '../../src/api/2020-05-31/handler.ts';
import { handlers } from '../../src/api/2020-05-31/handlers.ts';
import { protocolOf } from '../../src/api/2020-05-31/protocol.ts';
import { assertFault, startRawWorld } from './raw-world.ts';

let heard: unknown;
const echo = {
  async CreateCachePolicy(input) {
    heard = input;
    return await Promise.resolve({});
  },
  async CreateInvalidation(input) {
    heard = input;
    return await Promise.resolve({});
  },
  async TagResource(input) {
    heard = input;
    return await Promise.resolve({});
  },
  async GetMonitoringSubscription(input) {
    heard = input;
    return await Promise.resolve({});
  },
} satisfies Handlers;

const raw = await startRawWorld({
  protocols: [protocolOf({ ...handlers, ...echo })],
  publicEndpoint: 'https://cdn.example:4443/cdn/api',
});

const expected = {
  CachePolicyConfig: {
    Name: 'a & b',
    MinTTL: 1,
    ParametersInCacheKeyAndForwardedToOrigin: {
      EnableAcceptEncodingGzip: true,
      EnableAcceptEncodingBrotli: false,
      HeadersConfig: {
        HeaderBehavior: 'whitelist',
        Headers: { Quantity: 2, Items: ['Accept', 'x-b'] },
      },
      CookiesConfig: { CookieBehavior: 'none' },
      QueryStringsConfig: { QueryStringBehavior: 'none' },
    },
  },
};

const headers = '<Quantity>2</Quantity><Items><Name>Accept</Name><Name>x-b</Name></Items>';
const inner =
  '<EnableAcceptEncodingGzip>true</EnableAcceptEncodingGzip><EnableAcceptEncodingBrotli>false</EnableAcceptEncodingBrotli>' +
  `<HeadersConfig><HeaderBehavior>whitelist</HeaderBehavior><Headers>${headers}</Headers></HeadersConfig>` +
  '<CookiesConfig><CookieBehavior>none</CookieBehavior></CookiesConfig>' +
  '<QueryStringsConfig><QueryStringBehavior>none</QueryStringBehavior></QueryStringsConfig>';
const parameters = 'ParametersInCacheKeyAndForwardedToOrigin';
const plain = `<CachePolicyConfig><Name>a &amp; b</Name><MinTTL>1</MinTTL><${parameters}>${inner}</${parameters}></CachePolicyConfig>`;
const namespace = 'http://cloudfront.amazonaws.com/doc/2020-05-31/';

function replaced(from: string, to: string): string {
  assert.ok(plain.includes(from), from);
  return plain.replaceAll(from, to);
}

const forms: Readonly<Record<string, string>> = {
  'without a declaration, as botocore and Go send it': plain,
  'with a declaration and a namespace': `<?xml version="1.0" encoding="UTF-8"?>\n${replaced('<CachePolicyConfig>', `<CachePolicyConfig xmlns="${namespace}">`)}`,
  'with the namespace of another version': replaced(
    '<CachePolicyConfig>',
    '<CachePolicyConfig xmlns="http://cloudfront.amazonaws.com/doc/2019-03-26/">',
  ),
  'with prefixes': plain
    .replaceAll(/<(\/?)(\w+)>/g, '<$1cf:$2>')
    .replace('<cf:CachePolicyConfig>', `<cf:CachePolicyConfig xmlns:cf="${namespace}">`),
  'pretty-printed': plain.replaceAll('><', '>\n    <'),
  'pretty-printed with line ends of Windows': plain.replaceAll('><', '>\r\n\t<'),
  'with CDATA': replaced('a &amp; b', '<![CDATA[a & b]]>'),
  'with CDATA in pieces': replaced('a &amp; b', 'a <![CDATA[&]]> b'),
  'with characters by number': replaced('a &amp; b', '&#97; &#x26; b'),
  'with comments': `<!-- one -->${plain.replaceAll('><', '><!-- <a> & --><')}<!-- two -->`,
  'with a comment within a text': replaced('<Name>Accept</Name>', '<Name>Acc<!-- -->ept</Name>'),
  'with processing instructions': `<?xml-stylesheet href="http://127.0.0.1:1/"?>${plain}<?x?>`,
  'with a byte order mark': `\u{feff}${plain}`,
  'with a byte order mark and a declaration': `\u{feff}<?xml version="1.0"?>${plain}`,
  'with booleans in capitals': plain.replace('>true<', '>TRUE<').replace('>false<', '>False<'),
  'with blanks around what is no text': plain
    .replace('>true<', '> true <')
    .replace('<MinTTL>1<', '<MinTTL>\n1\n<'),
  'with Items before Quantity, as Go and the SDK send it': replaced(
    headers,
    '<Items><Name>Accept</Name><Name>x-b</Name></Items><Quantity>2</Quantity>',
  ),
  'with items of another name': replaced(
    headers,
    '<Quantity>2</Quantity><Items><member>Accept</member><member>x-b</member></Items>',
  ),
  'with elements and attributes of newer clients': plain
    .replace('<MinTTL>', '<Newer a="b"><MinTTL>9</MinTTL></Newer><MinTTL unit="s">')
    .replace('<CachePolicyConfig>', '<CachePolicyConfig version="2">'),
  'with an element that stands there again': replaced(
    '<MinTTL>1</MinTTL>',
    '<MinTTL>1</MinTTL><MinTTL>2</MinTTL>',
  ),
  'with another name of the root': plain.replaceAll('CachePolicyConfig>', 'Config>'),
  'with an enumeration in another case': replaced('>whitelist<', '>WhiteList<'),
};

for (const [said, body] of Object.entries(forms)) {
  test(`read as it is meant: ${said}`, async () => {
    const answer = await raw.asks({ method: 'POST', path: '/2020-05-31/cache-policy', body });
    assert.match(answer, /^HTTP\/1\.1 201 Created/);
    assert.deepEqual(heard, expected);
  });
}

for (const empty of ['', '<Items/>', '<Items></Items>', '<Items> </Items>']) {
  test(`a list of nothing may be ${empty === '' ? 'left out' : empty}`, async () => {
    const body = `<InvalidationBatch><Paths><Quantity>0</Quantity>${empty}</Paths><CallerReference>r</CallerReference></InvalidationBatch>`;
    const path = '/2020-05-31/distribution/E1/invalidation';
    assert.match(await raw.asks({ method: 'POST', path, body }), /^HTTP\/1\.1 201 /);
    const Paths = empty === '' ? { Quantity: 0 } : { Quantity: 0, Items: [] };
    assert.deepEqual(heard, {
      DistributionId: 'E1',
      InvalidationBatch: { Paths, CallerReference: 'r' },
    });
  });
}

test('paths: a slash at the end, slashes in a row, the path of the endpoint', async () => {
  const path = '/2020-05-31/distributions/E1/monitoring-subscription';
  for (const form of [path, `${path}/`, path.replaceAll('/', '//'), `/cdn/api${path}`]) {
    assert.match(await raw.asks({ path: form }), /^HTTP\/1\.1 200 /, form);
    assert.deepEqual(heard, { DistributionId: 'E1' });
  }
  assertFault(await raw.asks({ path: `/other${path}` }), 400, 'InvalidURI');
});

test('a part of the query that chooses the operation stands beside others', async () => {
  const body = '<Tags><Items><Tag><Key>team</Key><Value/></Tag></Items></Tags>';
  const Resource = 'arn:aws:cloudfront::1:distribution/E1';
  const query = { Resource, Operation: 'Tag' };
  const answer = await raw.asks({ method: 'POST', path: '/2020-05-31/tagging', query, body });
  assert.match(answer, /^HTTP\/1\.1 204 /);
  assert.deepEqual(heard, { Resource, Tags: { Items: [{ Key: 'team', Value: '' }] } });
});

test('all that is wrong with a request is told at once, each with its place', async () => {
  const wrong = plain
    .replace('<Name>a &amp; b</Name>', '')
    .replace('<MinTTL>1</MinTTL>', '<MinTTL>soon</MinTTL>')
    .replace('>whitelist<', '>some<')
    .replace('>true<', '>maybe<')
    .replace('<Quantity>2<', '<Quantity>3<')
    .replace('<CookieBehavior>none</CookieBehavior>', '');
  const answer = await raw.asks({ method: 'POST', path: '/2020-05-31/cache-policy', body: wrong });
  assertFault(answer, 400, 'MalformedInput', /^6 validation errors detected: /);
  for (const told of [
    "Value null at 'cachePolicyConfig.name' failed to satisfy constraint: Member must not be null",
    "Value 'soon' at 'cachePolicyConfig.minTTL' failed",
    "headersConfig.headerBehavior' failed to satisfy constraint: Member must satisfy enum value set: [none, whitelist]",
    "Value 'maybe' at 'cachePolicyConfig.parametersInCacheKeyAndForwardedToOrigin.enableAcceptEncodingGzip' failed",
    "Value '3' at 'cachePolicyConfig.parametersInCacheKeyAndForwardedToOrigin.headersConfig.headers.quantity' failed",
    "cookiesConfig.cookieBehavior' failed to satisfy constraint: Member must not be null",
  ]) {
    assert.ok(answer.includes(told), `${told} in ${answer}`);
  }
});
