/**
 * Signatures that do not hold, and forms that only just do, over a socket (API 2020-05-31, sections 2.2
 * and 7). Requests are signed by the SDK's own signer and changed before they are sent.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Handlers } from '../../src/api/2020-05-31/handler.ts';
import { handlers } from '../../src/api/2020-05-31/handlers.ts';
import { protocolOf } from '../../src/api/2020-05-31/protocol.ts';
import { defaultKey } from '../harness/api-caller.ts';
import {
  altered,
  bytesOfV4,
  signedV4,
  type V4Asking,
  type V4Request,
} from '../harness/v4-request.ts';
import { assertFault, hostile, startRawWorld } from './raw-world.ts';

const raw = await startRawWorld();
const { asks, clock, sends } = raw;

/** What two handlers were asked, so that it is seen how a request was understood. */
const heard: unknown[] = [];
const echo = {
  async ListTagsForResource({ Resource }) {
    heard.push(Resource);
    return await Promise.resolve({ Tags: { Items: [] } });
  },
  async GetTrustStore({ Identifier }) {
    heard.push(Identifier);
    return await Promise.resolve({ ETag: 'E1' });
  },
} satisfies Handlers;
const listening = await startRawWorld({ protocols: [protocolOf({ ...handlers, ...echo })] });

const post = { method: 'POST', body: '<DistributionConfig/>' } as const;

type Asking = Omit<V4Asking, 'at'>;

function signed(asking: Asking = {}): Promise<V4Request> {
  return signedV4({ ...asking, at: clock.now() });
}

function refused(
  title: string,
  make: () => Promise<V4Request>,
  [status, code, message]: readonly [number, string, RegExp?] = [403, 'SignatureDoesNotMatch'],
): void {
  hostile(title, raw, async () => {
    assertFault(await sends(bytesOfV4(await make())), status, code, message);
  });
}

function taken(title: string, make: () => Promise<V4Request>): void {
  test(`taken: ${title}`, async () => {
    assert.match(await sends(bytesOfV4(await make())), /^HTTP\/1\.1 200 OK/);
  });
}

refused('a wrong secret', () => signed({ key: { ...defaultKey, secretAccessKey: 'another' } }));
refused(
  'a key that nobody has',
  () => signed({ key: { ...defaultKey, accessKeyId: 'AKIDNOBODY' } }),
  [403, 'InvalidClientTokenId'],
);
refused('a changed body', async () => ({
  ...(await signed(post)),
  body: Buffer.from('<DistributionConfig></DistributionConfig>'),
}));
refused('a changed body whose hash was not sent', async () => ({
  ...(await signed({ ...post, sendsHash: false })),
  body: Buffer.from('<DistributionConfig></DistributionConfig>'),
}));
refused('a changed body with the hash that fits it', async () =>
  altered(
    { ...(await signed(post)), body: Buffer.from('') },
    {
      'x-amz-content-sha256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    },
  ),
);
refused('a changed method', async () => ({ ...(await signed(post)), method: 'GET' }));
refused('a changed path', async () => ({
  ...(await signed()),
  target: '/2020-05-31/streaming-distribution',
}));
refused('a changed header', async () =>
  altered(await signed({ fields: { 'if-match': 'E1' } }), { 'if-match': 'E2' }),
);
refused('an added x-amz-* header', async () => altered(await signed(), { 'x-amz-meta': 'more' }));
refused('a session token that was not signed', async () =>
  altered(await signed(), { 'x-amz-security-token': 'more' }),
);
refused('a session token in the place of the one that was signed', async () =>
  altered(await signed({ sessionToken: 'mine' }), { 'x-amz-security-token': 'other' }),
);
refused('a signed header that is missing', async () =>
  altered(await signed({ fields: { 'if-match': 'E1' } }), { 'if-match': undefined }),
);
refused('x-amz-date twice', async () => {
  const request = await signed();
  const date = request.fields.filter(([name]) => name === 'x-amz-date');
  return { ...request, fields: [...request.fields, ...date] };
});
refused('a signed header twice', async () => {
  const request = await signed({ fields: { 'x-amz-meta': 'a' } });
  return { ...request, fields: [...request.fields, ['x-amz-meta', 'a']] };
});
refused('Authorization twice', async () => {
  const request = await signed();
  const twice = request.fields.filter(([name]) => name === 'authorization');
  return { ...request, fields: [...request.fields, ...twice] };
}, [400, 'IncompleteSignature']);
refused('Host twice', async () => {
  const request = await signed();
  return { ...request, fields: [...request.fields, ['host', 'localhost']] };
}, [400, 'InvalidHTTPRequest']);
refused('another host than the one that was signed', async () =>
  altered(await signed(), { host: 'cdn.example' }),
);
refused('a port that was not signed', async () =>
  altered(await signed(), { host: 'localhost:4400' }),
);
refused('a host that is not signed', async () => {
  const request = await signed();
  const authorization = request.fields.find(([name]) => name === 'authorization')?.[1] ?? '';
  return altered(request, { authorization: authorization.replace('host;', '') });
});
refused('a scope of another service', () => signed({ service: 's3' }));
refused('a scope of another day', async () => {
  const request = await signed();
  const authorization = request.fields.find(([name]) => name === 'authorization')?.[1] ?? '';
  return altered(request, { authorization: authorization.replace('/20260101/', '/20251231/') });
});
refused('a time six minutes ago', () => signedV4({ at: clock.now() - 6 * 60_000 }), [
  403,
  'SignatureDoesNotMatch',
  /Signature expired: 20251231T235400Z is now earlier than 20251231T235500Z \(20260101T000000Z - 5 min\.\)/,
]);
refused('a time in six minutes', () => signedV4({ at: clock.now() + 6 * 60_000 }), [
  403,
  'SignatureDoesNotMatch',
  /Signature not yet current: 20260101T000600Z is still later than 20260101T000500Z \(20260101T000000Z \+ 5 min\.\)/,
]);
refused('no signature', async () => altered(await signed(), { authorization: undefined }), [
  403,
  'MissingAuthenticationToken',
]);
refused('the presigned form, which no client uses here', async () => {
  const request = await signed();
  const query = new URLSearchParams({
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': 'warmfront/20260101/us-east-1/cloudfront/aws4_request',
    'X-Amz-Date': '20260101T000000Z',
    'X-Amz-Expires': '300',
    'X-Amz-SignedHeaders': 'host',
    'X-Amz-Signature': '0'.repeat(64),
  });
  return altered(
    { ...request, target: `${request.target}?${query.toString()}` },
    { authorization: undefined },
  );
}, [403, 'MissingAuthenticationToken']);
refused(
  'half a signature',
  async () => altered(await signed(), { authorization: 'AWS4-HMAC-SHA256 Credential=warmfront' }),
  [400, 'IncompleteSignature'],
);
refused('another algorithm', async () => {
  const request = await signed();
  const authorization = request.fields.find(([name]) => name === 'authorization')?.[1] ?? '';
  return altered(request, { authorization: authorization.replace('SHA256', 'SHA1') });
}, [400, 'IncompleteSignature']);
refused('a segment of dots', () => signed({ path: '/2020-05-31/function/../distribution' }), [
  404,
  'NoSuchOperation',
]);
for (const said of [
  'UNSIGNED-PAYLOAD',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
]) {
  refused(
    `${said} in the place of a hash`,
    () => signed({ ...post, fields: { 'x-amz-content-sha256': said } }),
    [403, 'SignatureDoesNotMatch', /hash of the body/],
  );
}
refused('a blank that is sent as another than the plus that was signed', async () => {
  const request = await signed({ query: { Marker: 'a+b' } });
  return { ...request, target: request.target.replace('%2B', '+') };
});
refused('a query that was not signed', async () => {
  const request = await signed();
  return { ...request, target: `${request.target}?MaxItems=1` };
});

taken('a time four minutes off, either way', () => signedV4({ at: clock.now() - 4 * 60_000 }));
taken('a time four minutes early', () => signedV4({ at: clock.now() + 4 * 60_000 }));
taken('no hash of the body', () => signed({ sendsHash: false }));
taken('a session token that is signed', () => signed({ sessionToken: 'mine' }));
taken('a header that is added and is none of x-amz-*', async () =>
  altered(await signed(), { 'amz-sdk-request': 'attempt=1' }),
);
taken('blanks around and within the value of a signed header', async () =>
  altered(await signed({ fields: { 'x-amz-meta': 'a b' } }), { 'x-amz-meta': '  a   b ' }),
);
taken('a query whose parts come in another order than they are signed', async () => {
  const request = await signed({ query: { MaxItems: '1', Marker: '' } });
  return { ...request, target: '/2020-05-31/distribution?Marker&MaxItems=1' };
});
taken('a slash at the end that is signed', () => signed({ path: '/2020-05-31/distribution/' }));

test('taken: a body in chunks of HTTP, by the hash of the whole', async () => {
  const request = await signed({ ...post, body: 'not XML' });
  const chunks = Buffer.from('3\r\nnot\r\n4\r\n XML\r\n0\r\n\r\n');
  const bytes = bytesOfV4(
    altered({ ...request, body: chunks }, { 'transfer-encoding': 'chunked' }),
  );
  assertFault(await sends(bytes), 400, 'MalformedXML');
});

test('blanks, pluses and slashes mean what was signed, in queries and in paths', async () => {
  for (const text of ['a b', 'a+b', 'a%2Bb', 'a%20b', 'a/b', 'a&b=c', 'é~*']) {
    const Resource = `arn:aws:cloudfront::1:distribution/${text}`;
    await listening.asks({ path: '/2020-05-31/tagging', query: { Resource } });
    assert.equal(heard.at(-1), Resource);
    const path = `/2020-05-31/trust-store/${encodeURIComponent(Resource)}`;
    await listening.asks({ path });
    assert.equal(heard.at(-1), Resource);
  }
  const blank = await signedV4({
    path: '/2020-05-31/tagging',
    query: { Resource: 'arn:aws:cloudfront::1:a b' },
    at: listening.clock.now(),
  });
  await listening.sends(bytesOfV4({ ...blank, target: blank.target.replace('%20', '+') }));
  assert.equal(heard.at(-1), 'arn:aws:cloudfront::1:a b');
});

test('what a slash of a path means cannot be changed under its signature', async () => {
  const path = '/2020-05-31/trust-store/a%2Fb';
  const request = await signedV4({ path, at: listening.clock.now() });
  const bytes = bytesOfV4({ ...request, target: path.replace('%2F', '/') });
  assertFault(await listening.sends(bytes), 404, 'NoSuchOperation');
});

hostile(
  'a body beyond the bound that nobody signed tells nothing of what is there',
  raw,
  async () => {
    for (const store of ['there-is-none', 'nor-here']) {
      const request = await signed({
        method: 'PUT',
        path: `/key-value-stores/${store}/keys/k`,
        body: 'x'.repeat(9 * 1_048_576),
        service: 'cloudfront-keyvaluestore',
        sendsHash: false,
        key: { ...defaultKey, secretAccessKey: 'another' },
      });
      const answer = await sends(bytesOfV4(request));
      assert.match(answer, /^HTTP\/1\.1 400 [\s\S]*is larger than \d+ bytes/);
    }
  },
);

test('all of a request is judged: the head before its body is read', async () => {
  const request = await signed({ ...post, key: { ...defaultKey, secretAccessKey: 'another' } });
  const head = bytesOfV4({ ...request, body: Buffer.alloc(1_000_000) }).subarray(0, -1_000_000);
  assertFault(await sends(head), 403, 'SignatureDoesNotMatch');
});

test('the fields of the fault are those that clients read', async () => {
  const answer = await asks({ key: { ...defaultKey, secretAccessKey: 'another' } });
  assert.match(answer, /^content-type: text\/xml/im);
  assert.match(answer, /<Type>Sender<\/Type>/);
  assert.ok(answer.includes('xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"'), answer);
});
