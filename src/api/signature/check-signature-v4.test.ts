/** Requests are signed by the SDK's own signer, so that a fault of ours is seen. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SignatureV4 } from '@smithy/signature-v4';
import { Sha256 } from '../../../test/harness/independent-signature.ts';
import { type Instant, instant } from '../../base/clock.ts';
import { accountId } from '../../model/ids.ts';
import { Refusal, type RefusalCode } from '../../model/refusal.ts';
import { createKeyring, type Credential } from '../credentials.ts';
import { checkHeadV4, type HeadToCheck, skewMsMax } from './check-signature-v4.ts';

const credential: Credential = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  accountId: accountId('111122223333'),
};
const keyring = createKeyring([credential]);
const now = instant(Date.UTC(2024, 0, 2, 3, 4, 5));
const body = '<a>é</a>';

type Fields = Readonly<Record<string, string>>;
type Made = HeadToCheck & { readonly fields: Fields };

type ToSign = {
  readonly at?: number;
  readonly path?: string;
  readonly query?: Fields;
  readonly service?: string;
  readonly region?: string;
  readonly secretAccessKey?: string;
  readonly fields?: Fields;
  /** Whether the hash of the body is sent. */
  readonly sendsHash?: boolean;
};

async function sign(given: ToSign = {}): Promise<Made> {
  const { path = '/2020-05-31/distribution', query = {}, sendsHash = true } = given;
  const signer = new SignatureV4({
    credentials: {
      ...credential,
      secretAccessKey: given.secretAccessKey ?? credential.secretAccessKey,
    },
    region: given.region ?? 'us-east-1',
    service: given.service ?? 'cloudfront',
    sha256: Sha256,
    applyChecksum: sendsHash,
  });
  const { headers } = await signer.sign(
    {
      method: 'POST',
      protocol: 'http:',
      hostname: 'cdn.example',
      path,
      query: { ...query },
      headers: { host: 'cdn.example', 'content-type': 'text/xml', ...given.fields },
      body,
    },
    { signingDate: new Date(given.at ?? now) },
  );
  const said = Object.entries(query).map(([name, value]) => `${encode(name)}=${encode(value)}`);
  return headOf({ method: 'POST', path, query: said.join('&') }, headers);
}

function encode(text: string): string {
  return encodeURIComponent(text);
}

function headOf(head: Pick<HeadToCheck, 'method' | 'path' | 'query'>, fields: Fields): Made {
  const headers = Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name.toLowerCase(), [value]]),
  );
  return { ...head, headers, fields };
}

/** The same request, sent with something else in it. */
function changed(made: Made, fields: Fields, head: Partial<HeadToCheck> = {}): Made {
  return { ...headOf(made, { ...made.fields, ...fields }), ...head };
}

function check(made: HeadToCheck, at: Instant = now, sent = body): Credential {
  const signed = checkHeadV4(made, keyring, 'cloudfront', at);
  signed.checkBody(Buffer.from(sent));
  return signed.credential;
}

function refuses(code: RefusalCode, made: HeadToCheck, at?: Instant, sent?: string): void {
  assert.throws(
    () => check(made, at, sent),
    (error) => error instanceof Refusal && error.code === code,
  );
}

test('what the SDK signs is taken, whatever its path, query, fields and region', async () => {
  for (const given of [
    {},
    { region: 'eu-west-1' },
    { path: '/2020-05-31/a%20b/caf%C3%A9/%2F' },
    { path: '//2020-05-31//tagging/' },
    { query: { Resource: 'arn:aws:cloudfront::1:distribution/E1', Operation: 'Tag', a: '~ +' } },
    { query: { b: '2', B: '1', a: '' } },
    { fields: { 'x-amz-meta': '  two   blanks  ', 'X-Amz-B': 'c' } },
    { sendsHash: false },
  ] satisfies readonly ToSign[]) {
    assert.equal(check(await sign(given)), credential, JSON.stringify(given));
  }
});

test('a blank of a query may be sent as a plus, and a plus is sent encoded', async () => {
  const blank = await sign({ query: { Marker: 'a b' } });
  assert.equal(check({ ...blank, query: 'Marker=a+b' }), credential);
  const plus = await sign({ query: { Marker: 'a+b' } });
  assert.equal(check({ ...plus, query: 'Marker=a%2Bb' }), credential);
  refuses('SignatureDoesNotMatch', { ...plus, query: 'Marker=a+b' });
});

test('a body that is signed by less than its hash is refused', async () => {
  for (const said of ['UNSIGNED-PAYLOAD', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD', '']) {
    refuses('SignatureDoesNotMatch', await sign({ fields: { 'x-amz-content-sha256': said } }));
  }
});

test('a body that is another than the one that was signed is refused', async () => {
  for (const sendsHash of [true, false]) {
    refuses('SignatureDoesNotMatch', await sign({ sendsHash }), now, `${body} `);
  }
});

test('whatever is changed of what was signed is refused', async () => {
  const made = await sign({ query: { Marker: 'a' }, fields: { 'x-amz-a': 'b' } });
  assert.equal(check(made), credential);
  refuses('SignatureDoesNotMatch', { ...made, method: 'PUT' });
  refuses('SignatureDoesNotMatch', { ...made, path: '/2020-05-31/function' });
  refuses('SignatureDoesNotMatch', { ...made, query: 'Marker=b' });
  refuses('SignatureDoesNotMatch', { ...made, query: 'Marker=a&Marker=a' });
  refuses('SignatureDoesNotMatch', changed(made, { host: 'evil.example' }));
  refuses('SignatureDoesNotMatch', changed(made, { 'x-amz-a': 'c' }));
  refuses('SignatureDoesNotMatch', changed(made, { 'content-type': 'text/plain' }));
  refuses('SignatureDoesNotMatch', changed(made, { 'x-amz-content-sha256': '0'.repeat(64) }));
});

test('a field that counts and was not signed, or was signed and not sent, is refused', async () => {
  const made = await sign();
  refuses('SignatureDoesNotMatch', changed(made, { 'x-amz-security-token': 'x' }));
  const { 'content-type': _, ...headers } = made.headers;
  refuses('SignatureDoesNotMatch', { ...made, headers });
  const twice = { ...made.headers, 'x-amz-date': ['20240102T030405Z', '20240102T030405Z'] };
  refuses('SignatureDoesNotMatch', { ...made, headers: twice });
});

test('a key that nobody has, a secret that is another, a scope of another service', async () => {
  const made = await sign();
  const authorization = made.fields['authorization'] ?? '';
  const other = authorization.replace('AKIDEXAMPLE', 'AKIDOTHER');
  refuses('InvalidClientTokenId', changed(made, { authorization: other }));
  refuses('SignatureDoesNotMatch', await sign({ secretAccessKey: 'another' }));
  refuses('SignatureDoesNotMatch', await sign({ service: 's3' }));
});

test('its time may be five minutes off, and belongs to the day of its scope', async () => {
  for (const ms of [-skewMsMax, skewMsMax]) {
    assert.equal(check(await sign({ at: now + ms })), credential);
  }
  for (const ms of [-skewMsMax - 1_000, skewMsMax + 1_000]) {
    refuses('SignatureDoesNotMatch', await sign({ at: now + ms }));
  }
  const made = await sign();
  refuses('SignatureDoesNotMatch', changed(made, { 'x-amz-date': '20240103T030405Z' }));
  refuses('SignatureDoesNotMatch', changed(made, { 'x-amz-date': '20240102T990405Z' }));
  refuses('IncompleteSignature', changed(made, { 'x-amz-date': 'yesterday' }));
  const { 'x-amz-date': _, ...headers } = made.headers;
  refuses('IncompleteSignature', { ...made, headers });
});

test('a path with a segment of dots is refused, since readers would walk it', async () => {
  const made = await sign();
  for (const path of ['/2020-05-31/../a', '/2020-05-31/.', '/..']) {
    refuses('InvalidURI', { ...made, path });
  }
});

test('a header of another form is told so', async () => {
  const made = await sign();
  const authorization = made.fields['authorization'] ?? '';
  const { authorization: _, ...headers } = made.headers;
  refuses('MissingAuthenticationToken', { ...made, headers });
  refuses('IncompleteSignature', {
    ...made,
    headers: { ...made.headers, authorization: [authorization, authorization] },
  });
  for (const other of [
    'AWS4-HMAC-SHA256',
    authorization.replace('AWS4-HMAC-SHA256', 'AWS4-HMAC-SHA512'),
    authorization.replace('aws4_request', 'aws4'),
    authorization.replace(/SignedHeaders=[^,]+/, 'SignedHeaders='),
    authorization.replace(/Signature=.*/, 'Signature=zz'),
    authorization.replace('SignedHeaders=content-type;host', 'SignedHeaders=host;content-type'),
    authorization.replace('SignedHeaders=', 'SignedHeaders=content-type;'),
    `${authorization}${' '.repeat(9_000)}x`,
  ]) {
    refuses('IncompleteSignature', changed(made, { authorization: other }));
  }
});
