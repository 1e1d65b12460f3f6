import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keptScreen } from '../../test/harness/cli-world.ts';
import { type Addresses, banner, readyLine, type ToldSettings } from './banner.ts';

const addresses: Addresses = {
  api: 'http://127.0.0.1:4400',
  apiTls: 'https://127.0.0.1:4443',
  edges: [
    { name: 'lima', http: 'http://127.0.0.1:8080', https: 'https://127.0.0.1:8443' },
    { name: 'tokyo', http: 'http://127.0.0.1:8081', https: undefined },
  ],
  dns: '127.0.0.1:53',
  caFile: '/data/ca.pem',
};
const settings: ToldSettings = {
  data: '/data',
  domain: 'cloudfront.localhost',
  credentialsFile: undefined,
  publicEndpoint: undefined,
  join: undefined,
};

test('the banner says where everything is, how tools are pointed at it, and at last that all is ready', () => {
  const text = banner(settings, addresses, keptScreen());
  for (const part of [
    'http://127.0.0.1:4400  https://127.0.0.1:4443',
    'lima   http://127.0.0.1:8080  https://127.0.0.1:8443',
    'tokyo  http://127.0.0.1:8081\n',
    '/data/ca.pem',
    'npx warmfront distribution create',
    'access_key = warmfront, secret_key = warmfront-secret, cloudfront_host = localhost:4443',
    'ca_certs_file = /data/ca.pem',
    "host='127.0.0.1', port=4400",
    'curl -H',
    'export AWS_ACCESS_KEY_ID=warmfront AWS_SECRET_ACCESS_KEY=warmfront-secret AWS_DEFAULT_REGION=us-east-1\n',
    'export AWS_ENDPOINT_URL_CLOUDFRONT=http://127.0.0.1:4400 ',
    'aws --endpoint-url http://127.0.0.1:4400 cloudfront create-distribution',
    "boto3.client('cloudfront', endpoint_url='http://127.0.0.1:4400')",
    "new CloudFrontClient({ endpoint: 'http://127.0.0.1:4400', region: 'us-east-1' })",
  ]) {
    assert(text.includes(part), part);
  }
  assert.doesNotMatch(text, /WARMFRONT_ENDPOINT/);
  assert(text.endsWith('\nwarmfront ready\n'));
});

test('keys of the operator are never shown, and other addresses are told to the client commands', () => {
  const text = banner(
    { ...settings, data: undefined, credentialsFile: '/keys.json' },
    { ...addresses, api: 'http://[::1]:4401', apiTls: undefined, caFile: undefined },
    keptScreen(),
  );
  assert.match(text, /WARMFRONT_ENDPOINT=http:\/\/\[::1\]:4401 /);
  assert.match(text, /CloudFrontConnection\('KEY', 'SECRET', host='::1', port=4401\)/);
  assert.doesNotMatch(text, /warmfront-secret|s3cmd/);
});

test('the ready line is one JSON object with every address', () => {
  const line = readyLine(addresses);
  assert.equal(line.indexOf('\n'), line.length - 1);
  assert.partialDeepStrictEqual(JSON.parse(line), {
    event: 'ready',
    api: 'http://127.0.0.1:4400',
    apiTls: 'https://127.0.0.1:4443',
    edges: [{ name: 'lima' }, { name: 'tokyo', https: null }],
    caFile: '/data/ca.pem',
  });
});

test('an edge machine says what it follows and where its health is, and nothing of an API', () => {
  const join = { urls: ['https://a.example:4443', 'https://b.example:4443'] };
  const told = { ...addresses, apiTls: undefined, caFile: undefined };
  const text = banner({ ...settings, join }, told, keptScreen());
  assert.match(text, /follows +https:\/\/a\.example:4443 {2}https:\/\/b\.example:4443/);
  assert.match(text, /health +http:\/\/127\.0\.0\.1:4400\/_warmfront\/health/);
  assert.doesNotMatch(text, /API|boto|s3cmd/);
});

test('a control machine without edges says how one joins', () => {
  const text = banner(settings, { ...addresses, edges: [] }, keptScreen());
  assert.match(text, /edge-token create NAME/);
});
