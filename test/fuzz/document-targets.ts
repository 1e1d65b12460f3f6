/** Documents of the API and of operators: XML, JSON, PEM, settings, and what stands in the log. */
import assert from 'node:assert/strict';
import { readAccessIdentityConfig } from '../../src/api/2010-11-01/access-identity-shape.ts';
import {
  readDistributionConfig,
  writeDistributionConfig,
} from '../../src/api/2010-11-01/distribution-config-shape.ts';
import {
  readInvalidationBatch,
  writeInvalidationBatch,
} from '../../src/api/2010-11-01/invalidation-shape.ts';
import { readStreamingDistributionConfig } from '../../src/api/2010-11-01/streaming-distribution-config-shape.ts';
import { namespace } from '../../src/api/2010-11-01/wire-form.ts';
import { CredentialsFault, readCredentials } from '../../src/api/credentials.ts';
import { readJsonObject } from '../../src/api/private/json-form.ts';
import { readPublicKey } from '../../src/api/private/public-key.ts';
import { readRequestTarget } from '../../src/api/request-target.ts';
import { formatByteSize, parseByteSize } from '../../src/base/byte-size.ts';
import { instant } from '../../src/base/clock.ts';
import { formatDuration, parseDuration } from '../../src/base/duration.ts';
import { formatListenAddress, parseListenAddress } from '../../src/base/listen-address.ts';
import { decodeKey, encodeKey, parseKey, revision, writeId } from '../../src/base/log-record.ts';
import { readXml, writeXml, XmlFault } from '../../src/base/xml.ts';
import { readSettings } from '../../src/config.ts';
import { Catalog } from '../../src/model/catalog.ts';
import { PemFault, readPem } from '../../src/model/pem.ts';
import { readCertificate } from '../../src/model/read-certificate.ts';
import { Refusal } from '../../src/model/refusal.ts';
import { faultOfHostName } from '../../src/model/host-name.ts';
import {
  IdentityCredentialsFault,
  readIdentityCredentials,
} from '../../src/origin/identity-credentials.ts';
import { makeCertificate } from '../harness/test-certificates.ts';
import { bytesOf, type Target, unlessRefused } from './target.ts';

const xmlBounds = { bytesMax: 131_072, depthMax: 64, elementsMax: 10_000 };
const head = '<?xml version="1.0" encoding="UTF-8"?>';
const ns = 'xmlns="http://cloudfront.amazonaws.com/doc/2010-11-01/"';
const distribution = `${head}<DistributionConfig ${ns}><S3Origin><DNSName>a.s3.amazonaws.com</DNSName><OriginAccessIdentity>origin-access-identity/cloudfront/E1</OriginAccessIdentity></S3Origin><CallerReference>1</CallerReference><CNAME>a.example.com</CNAME><Comment>x &amp; y</Comment><Enabled>true</Enabled><DefaultRootObject>i.html</DefaultRootObject><Logging><Bucket>l.s3.amazonaws.com</Bucket><Prefix>p/</Prefix></Logging><TrustedSigners><Self/><AwsAccountNumber>111122223333</AwsAccountNumber></TrustedSigners><RequiredProtocols><Protocol>https</Protocol></RequiredProtocols></DistributionConfig>`;
const custom = `${head}<DistributionConfig ${ns}><CustomOrigin><DNSName>www.example.com</DNSName><HTTPPort>80</HTTPPort><HTTPSPort>443</HTTPSPort><OriginProtocolPolicy>match-viewer</OriginProtocolPolicy></CustomOrigin><CallerReference>2</CallerReference><Enabled>false</Enabled></DistributionConfig>`;
const streaming = `${head}<StreamingDistributionConfig ${ns}><S3Origin><DNSName>a.s3.amazonaws.com</DNSName></S3Origin><CallerReference>3</CallerReference><Comment></Comment><Enabled>true</Enabled></StreamingDistributionConfig>`;
const batch = `${head}<InvalidationBatch ${ns}><Path>/a</Path><Path>/b*</Path><CallerReference>r</CallerReference></InvalidationBatch>`;
const identity = `${head}<CloudFrontOriginAccessIdentityConfig ${ns}><CallerReference>1</CallerReference><Comment>c</Comment></CloudFrontOriginAccessIdentityConfig>`;
const ofXml = [
  '<',
  '>',
  '</',
  '/>',
  '&',
  '&#0;',
  '&#x10FFFF;',
  '&lol;',
  '<!DOCTYPE a>',
  '<![CDATA[',
  ']]>',
  '<!--',
  '-->',
  '<?x ?>',
  'xmlns:a="b"',
  '"',
  '<a>',
  '</a>',
  '\xff',
  '\xef\xbb\xbf',
  ' ',
  '<Enabled>1</Enabled>',
  '\xc3\xa9',
];
const defaults = { minTtlS: 0 };

const ofJson = [
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  '"',
  '\\u0000',
  'null',
  '1e999',
  '"__proto__"',
  '\xff',
  'true',
  '-1',
  '[[[[',
];
const credentials = '[{"accessKeyId":"A","secretAccessKey":"12345678","accountId":"000000000000"}]';
const identities =
  '[{"identity":"E1234567890ABC","accessKeyId":"A","secretAccessKey":"B","region":"eu-west-1"}]';

const { certificate, key } = await makeCertificate();
const ofPem = [
  '-----BEGIN CERTIFICATE-----\n',
  '-----END CERTIFICATE-----\n',
  '-----BEGIN PRIVATE KEY-----\n',
  '-----BEGIN PUBLIC KEY-----\n',
  '\n',
  '\r\n',
  'MII',
  '=',
  '-----',
  ' ',
];

const settingsLines = [
  '--edge\nlocal1=127.0.0.1:8080,127.0.0.1:8443\n--domain\nexample.com',
  '--bucket\npics=/tmp,private=E1234567890ABC\n--limit\naliases=5\n--memory',
  '--origin\nwww.example.com=http://127.0.0.1:3000/a\n--edge-lease\n5s\n--cache-memory\n1GiB',
  '--config\n{"edge": ["paris=127.0.0.1:8081"], "memory": true, "domain": "a.b"}',
];
const ofSettings = [
  '\n',
  '=',
  ',',
  ':',
  '--config',
  '--memory',
  '--api',
  'off',
  '[::1]:0',
  '1h',
  '64MiB',
  '/',
  '{',
  '}',
  '"',
  '--no-such',
  '\0',
];

function settingsHold(text: string): void {
  const argv = text.split('\n');
  const json = text.slice(text.indexOf('{'));
  const files = {
    readText: () => json,
    isFolder: () => true,
    isFile: () => true,
  };
  const environment = { WARMFRONT_DOMAIN: argv[1], WARMFRONT_EDGE: argv[3] };
  for (const given of [argv, ['--config', 'x.json']]) {
    const outcome = readSettings(given, environment, files);
    if (outcome.kind === 'wrong') assert(outcome.message !== '' && outcome.message.length < 5_000);
  }
}

const documents = [
  'distribution\n{"format":1,"id":"E1","account":"000000000000","etag":"a","createdAt":0,"config":{"kind":"download","callerReference":"1","aliases":["a.example.com"],"origins":[{"kind":"s3","id":"o","host":"a.s3.amazonaws.com"}],"defaultBehavior":{},"logging":null},"createdWith":{"origins":[]}}',
  'invalidation\n{"format":1,"id":"I1","account":"000000000000","distributionId":"E1","createdAt":0,"batch":{"paths":["/a*"],"callerReference":"1"}}',
  'access-identity\n{"format":1,"id":"E1","account":"000000000000","etag":"a","createdAt":0,"config":{"callerReference":"1","comment":""}}',
  'key-pair\n{"format":1,"id":"K1","account":"000000000000","publicKey":"x","active":true}',
  'edge\n{"format":1,"name":"local1","held":false}',
  'tags\n{"format":1,"resource":"x","tags":[{"key":"a","value":"b"}]}',
  'key-value\n{"format":1,"key":"a","value":"b"}',
  'cache-policy\n{"format":1,"id":"P1","config":{"name":"a"}}',
  'of-a-later-release\nno JSON at all',
];

/** A log that is damaged, or of a later release, is told as an error and never misread for long. */
function documentsHold(text: string): void {
  const [kind = '', ...rest] = text.split('\n');
  if (!/^[a-z-]{1,40}$/.test(kind)) return;
  const key = encodeKey({ account: '000000000000', kind, id: 'E1' });
  const of = (value: Uint8Array | null, position: number) => ({
    revision: revision(position),
    writeId: writeId(new Uint8Array(16)),
    changes: [{ key, value }],
  });
  const catalog = new Catalog();
  const applied = unlessRefused([Error], () => catalog.apply(of(bytesOf(rest.join('\n')), 1)));
  if (applied === undefined) return;
  assert(catalog.distributions.size <= 1 && applied.length <= 1);
  unlessRefused([Error], () => catalog.apply(of(null, 2)));
}

export const documentTargets: readonly Target[] = [
  {
    name: 'XML',
    seeds: [distribution, custom, batch, '<a b="c"><d>e</d></a>', '<x:a xmlns:x="y">&lt;</x:a>'],
    tokens: ofXml,
    holds(text) {
      const root = unlessRefused([XmlFault], () => readXml(bytesOf(text), xmlBounds));
      if (root === undefined) return;
      // What is written has no room for attributes, and none for text between elements.
      const written = unlessRefused([Error], () => writeXml(root, undefined));
      if (written === undefined) return;
      const bounds = { ...xmlBounds, bytesMax: 1_048_576 };
      assert.deepEqual(writeXml(readXml(Buffer.from(written), bounds), undefined), written);
    },
  },
  {
    name: 'configurations of distributions',
    seeds: [distribution, custom],
    tokens: ofXml,
    holds(text) {
      const read = () => readDistributionConfig(bytesOf(text), defaults);
      const config = unlessRefused([Refusal], read);
      if (config === undefined) return;
      const written = Buffer.from(writeXml(writeDistributionConfig(config), namespace));
      assert.deepEqual(readDistributionConfig(written, defaults), config);
    },
  },
  {
    name: 'other documents of the API',
    seeds: [streaming, batch, identity],
    tokens: ofXml,
    holds(text) {
      const bytes = bytesOf(text);
      unlessRefused([Refusal], () => readStreamingDistributionConfig(bytes, defaults));
      unlessRefused([Refusal], () => readAccessIdentityConfig(bytes));
      const read = unlessRefused([Refusal], () => readInvalidationBatch(bytes));
      if (read === undefined) return;
      const written = Buffer.from(writeXml(writeInvalidationBatch(read), namespace));
      assert.deepEqual(readInvalidationBatch(written), read);
    },
  },
  {
    name: 'targets of the API',
    seeds: ['/2010-11-01/distribution/E1?MaxItems=1', 'http://h//a//b%2Fc', '/_warmfront/x'],
    tokens: ['/', '//', '%', '%2f', '%ff', '?', '&', '=', '#', 'http://', '\xff', '..'],
    holds(text) {
      const read = unlessRefused([Refusal], () => readRequestTarget(text));
      if (read === undefined) return;
      assert(!read.segments.includes(''));
      const again = `/${read.segments.map(encodeURIComponent).join('/')}`;
      if (again.length <= 1_024) assert.deepEqual(readRequestTarget(again).segments, read.segments);
    },
  },
  {
    name: 'JSON of operators',
    seeds: [credentials, identities, '{"a":1}'],
    tokens: ofJson,
    holds(text) {
      unlessRefused([CredentialsFault], () => readCredentials(text));
      unlessRefused([IdentityCredentialsFault], () => readIdentityCredentials(text));
      unlessRefused([Refusal], () => readJsonObject(bytesOf(text)));
    },
  },
  {
    name: 'PEM',
    seeds: [certificate, key, `text\n${certificate}${key}`],
    tokens: ofPem,
    holds(text) {
      const blocks = unlessRefused([PemFault], () => readPem(text));
      if (blocks === undefined) return;
      assert.deepEqual(readPem(blocks.map(({ pem }) => pem).join('')), blocks);
    },
  },
  {
    name: 'certificates and keys',
    seeds: [certificate, certificate + certificate],
    tokens: ofPem,
    // Reading a certificate that is good comes with its key and its signature.
    msMax: 100,
    holds(text, random) {
      const given = random.chance(0.5) ? { certificate: text, key } : { certificate, key: text };
      unlessRefused([Refusal], () => readCertificate(given, instant(0)));
      unlessRefused([Refusal], () => readPublicKey(text));
    },
  },
  {
    name: 'settings',
    seeds: settingsLines,
    tokens: ofSettings,
    holds: settingsHold,
    // Tens of thousands of arguments take the platform's parser so long.
    msMax: 300,
  },
  {
    name: 'values of settings',
    seeds: ['127.0.0.1:80', '[::1]:443', '64MiB', '15m', 'a.example.com', '1.5h', '0'],
    tokens: ['.', ':', '[', ']', 'KiB', 'GiB', 'ms', 'h', '0', '-', '999999999999999999', 'a'],
    holds(text) {
      const address = parseListenAddress(text);
      if (typeof address !== 'string') {
        assert.deepEqual(parseListenAddress(formatListenAddress(address)), address);
      }
      const bytes = parseByteSize(text);
      if (bytes !== undefined) assert.equal(parseByteSize(formatByteSize(bytes)), bytes);
      const ms = parseDuration(text);
      // For people, who are told one place behind the point.
      const told = ms === undefined ? undefined : parseDuration(formatDuration(ms));
      if (ms !== undefined) assert(Math.abs((told ?? 0) - ms) <= 0.05 * ms + 0.5);
      if (faultOfHostName(text) === undefined) assert(text.length <= 253 && !text.includes('..'));
    },
  },
  {
    name: 'keys of the log',
    seeds: ['000000000000/distribution/E1', 'warmfront/edge/a%2Fb'],
    tokens: ['/', '%', '%2F', '%zz', 'a', '\xff', '.'],
    holds(text) {
      const [account = '', kind = '', ...ids] = text.split('/').map((one) => one.slice(0, 100));
      const id = ids.join('/').slice(0, 100);
      if (account !== '' && kind !== '' && id !== '') {
        const parts = { account, kind, id };
        assert.deepEqual(decodeKey(parseKey(encodeKey(parts))), parts);
      }
      unlessRefused([Error], () => parseKey(text));
    },
  },
  {
    name: 'documents of the log',
    seeds: documents,
    tokens: [...ofJson, '\n', '"format":1,', '"format":2,', '{}'],
    holds: documentsHold,
  },
];
