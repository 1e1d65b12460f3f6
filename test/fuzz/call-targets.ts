/** Whole calls to the API over a socket, signed well: each is answered, and none by a fault of ours. */
import assert from 'node:assert/strict';
import { readXml } from '../../src/base/xml.ts';
import { type HeaderList, eachHeader } from '../../src/http/header-list.ts';
import { hashPayload, signV4 } from '../../src/http/sigv4.ts';
import { ApiCaller, assertStatus, defaultKey, signed } from '../harness/api-caller.ts';
import { ApiWorld } from '../harness/api-world.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import { SeededRandomness } from '../harness/seeded-randomness.ts';
import type { Target } from './target.ts';

type Calling = {
  readonly world: ApiWorld;
  readonly caller: ApiCaller;
  /** What stands in targets in the place of ids that are minted. */
  readonly ids: Readonly<Record<string, string>>;
};

const clock = new ManualClock();
let calling: Promise<Calling> | undefined;

async function begin(): Promise<Calling> {
  const limits = { distributions: 1_000_000, accessIdentities: 1_000_000 };
  const world = await ApiWorld.start({ clock, randomness: new SeededRandomness(1), limits });
  const caller = new ApiCaller(`http://127.0.0.1:${world.port}`);
  const make = async (path: string, body: string): Promise<string> => {
    const headers = signedHeaders({ method: 'POST', path, body, port: world.port });
    const reply = await caller.call('POST', path, { body, headers });
    assertStatus(reply, 201);
    return reply.body;
  };
  const made = await make('/2010-11-01/distribution', distribution);
  const store = await make('/2020-05-31/key-value-store', keyValueStore);
  const ids = {
    DISTRIBUTION: /<Id>(\w+)/.exec(made)?.[1] ?? '',
    STORE: encodeURIComponent(/<ARN>([^<]+)/.exec(store)?.[1] ?? ''),
  };
  return { world, caller, ids };
}

async function close(): Promise<void> {
  const begun = await calling;
  calling = undefined;
  begun?.caller.close();
  await begun?.world.stop();
}

/** `METHOD /path?query`, a line feed, the body. */
async function callHolds(text: string): Promise<void> {
  calling ??= begin();
  const { caller, ids, world } = await calling;
  const at = text.indexOf('\n');
  const line = at < 0 ? text : text.slice(0, at);
  const body = at < 0 ? undefined : text.slice(at + 1);
  const [, method = 'GET', rest = ''] = /^([A-Z]{1,12}) (.*)$/.exec(line) ?? [];
  const named = rest.replace(/DISTRIBUTION|STORE/g, (name) => ids[name] ?? name);
  const path = `/${named.replace(/^\//, '').replaceAll(/[^!-~]|#/g, '')}`;
  if (method === 'CONNECT' || method === 'HEAD') return;
  const headers = signedHeaders({ method, path, body, port: world.port });
  const reply = await caller.call(
    method,
    path,
    body === undefined ? { headers } : { body, headers },
  );
  const seen = `${reply.status} ${reply.body.slice(0, 1_000)}`;
  assert((reply.status >= 200 && reply.status < 500) || reply.status === 501, seen);
  const type = reply.headers['content-type'] ?? '';
  if (type.startsWith('application/json')) JSON.parse(reply.body);
  if (/^(?:text|application)\/xml/.test(type)) {
    readXml(Buffer.from(reply.body), { bytesMax: 4_194_304, depthMax: 64, elementsMax: 100_000 });
  }
}

type ToSign = {
  readonly method: string;
  readonly path: string;
  readonly body: string | undefined;
  readonly port: number;
};

function signedHeaders({
  body = '',
  method,
  path,
  port,
}: ToSign): Record<string, string | undefined> {
  if (/^\/+(?:2010-11-01|_warmfront)\//.test(path)) {
    return signed(defaultKey, new Date(clock.now()).toUTCString());
  }
  const [before = '', ...query] = path.split('?');
  const headers: HeaderList = signV4({
    method,
    path: before,
    query: query.join('?'),
    headers: ['Host', `127.0.0.1:${port}`],
    payloadHash: hashPayload(Buffer.from(body)),
    at: clock.now(),
    region: 'us-east-1',
    service: path.startsWith('/key-value-stores') ? 'cloudfront-keyvaluestore' : 'cloudfront',
    keys: defaultKey,
  });
  const named: Record<string, string | undefined> = { date: undefined };
  for (const [name, value] of eachHeader(headers)) named[name.toLowerCase()] = value;
  return named;
}

const policy =
  '<CachePolicyConfig><Name>n</Name><MinTTL>1</MinTTL><ParametersInCacheKeyAndForwardedToOrigin><EnableAcceptEncodingGzip>true</EnableAcceptEncodingGzip><HeadersConfig><HeaderBehavior>whitelist</HeaderBehavior><Headers><Quantity>1</Quantity><Items><Name>x</Name></Items></Headers></HeadersConfig><CookiesConfig><CookieBehavior>none</CookieBehavior></CookiesConfig><QueryStringsConfig><QueryStringBehavior>none</QueryStringBehavior></QueryStringsConfig></ParametersInCacheKeyAndForwardedToOrigin></CachePolicyConfig>';
const publishedFunction =
  '<CreateFunctionRequest><Name>f</Name><FunctionConfig><Comment>c</Comment><Runtime>cloudfront-js-2.0</Runtime></FunctionConfig><FunctionCode>ZnVuY3Rpb24=</FunctionCode></CreateFunctionRequest>';
const keyValueStore =
  '<CreateKeyValueStoreRequest><Name>a</Name><Comment>c</Comment></CreateKeyValueStoreRequest>';
const batch =
  '<InvalidationBatch xmlns="http://cloudfront.amazonaws.com/doc/2010-11-01/"><Path>/a</Path><CallerReference>r</CallerReference></InvalidationBatch>';
const distribution =
  '<DistributionConfig xmlns="http://cloudfront.amazonaws.com/doc/2010-11-01/"><S3Origin><DNSName>a.s3.amazonaws.com</DNSName></S3Origin><CallerReference>1</CallerReference><Enabled>true</Enabled></DistributionConfig>';

export const callTargets: readonly Target[] = [
  {
    name: 'calls in XML',
    seeds: [
      `POST /2010-11-01/distribution\n${distribution}`,
      `POST /2010-11-01/distribution/DISTRIBUTION/invalidation\n${batch}`,
      'GET /2010-11-01/distribution?Marker=a&MaxItems=1',
      'DELETE /2010-11-01/origin-access-identity/cloudfront/E1',
      `POST /2020-05-31/cache-policy\n${policy}`,
      `POST /2020-05-31/function\n${publishedFunction}`,
      `POST /2020-05-31/key-value-store\n${keyValueStore}`,
      'GET /2020-05-31/cache-policy?Type=custom&MaxItems=2&Marker=x',
      'POST /2020-05-31/tagging?Operation=Tag&Resource=arn:aws:cloudfront::000000000000:distribution/E1\n<Tags><Items><Tag><Key>a</Key><Value>b</Value></Tag></Items></Tags>',
    ],
    tokens: [
      'PUT /2020-05-31/cache-policy/x\n',
      '<a>',
      '</a>',
      '<Quantity>2</Quantity>',
      '<Quantity>-1</Quantity>',
      '<Quantity>1e9</Quantity>',
      '&#0;',
      '<!DOCTYPE a>',
      '<![CDATA[',
      '\xff',
      '%00',
      '%ff',
      '?',
      '&',
      '//',
      '/..',
      'MaxItems=-1',
      '\n',
    ],
    holds: callHolds,
    msMax: 1_000,
    close,
  },
  {
    name: 'calls in JSON',
    seeds: [
      'PUT /_warmfront/conformance/DISTRIBUTION\n{"minTtlS":1,"allowedMethods":"all","keyedQuery":{"kind":"only","names":["a"]},"errorTtlS":{"404":1}}',
      'POST /_warmfront/key-pairs\n{"name":"a","publicKey":"-----BEGIN PUBLIC KEY-----"}',
      'POST /_warmfront/certificates\n{"certificate":"-----BEGIN CERTIFICATE-----","key":"x"}',
      'POST /_warmfront/edges/local1/hold\n{}',
      'GET /key-value-stores/STORE/keys?MaxResults=1&NextToken=YQ',
      'PUT /key-value-stores/STORE/keys/k\n{"Value":"v"}',
      'POST /key-value-stores/STORE/keys\n{"Puts":[{"Key":"a","Value":"b"}],"Deletes":[{"Key":"a"}]}',
    ],
    tokens: [
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      'null',
      '1e999',
      '-1',
      '"__proto__":{}',
      '\\u0000',
      '\\ud800',
      '\xff',
      '%2F',
      '%00',
      '%ff',
      '/',
      '[[[[[[',
    ],
    holds: callHolds,
    msMax: 1_000,
    close,
  },
];
