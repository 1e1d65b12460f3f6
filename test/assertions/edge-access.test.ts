/** Key groups, access controls and policies, as an edge learns them from the log, by number. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { getSignedUrl } from '@aws-sdk/cloudfront-signer';
import { headerValue } from '../../src/http/header-list.ts';
import { s3OriginOf } from '../harness/configs.ts';
import { judgeSignature } from '../harness/independent-signature.ts';
import { placeResource } from '../harness/placing.ts';
import { s3StoreKey } from '../harness/s3-store.ts';
import { bucketHost, distributionOf, host, scenario } from '../harness/scenario.ts';
import { targetOf } from '../harness/signing.ts';

const control = 'E2QWRUHAPOMQZL';
const secrets = { [s3StoreKey.accessKeyId]: s3StoreKey.secretAccessKey };
const settings = {
  identityCredentials: [{ identity: control, keys: s3StoreKey, region: undefined }],
};

for (const signs of ['always', 'no-override', 'never'] as const) {
  scenario(`T10.06 an access control that signs ${signs}`, { settings }, async (stage) => {
    const { origin, routing, serves, viewer } = stage;
    const config = {
      name: 'x',
      description: '',
      originType: 's3',
      signs,
      protocol: 'sigv4',
    } as const;
    placeResource(routing, { kind: 'origin-access-control', id: control, config });
    const bucket = { ...s3OriginOf('default', 'pics'), domainName: bucketHost };
    serves(
      distributionOf(
        's3',
        { origins: [{ ...bucket, accessControl: control }] },
        { keyedHeaders: ['Authorization'] },
      ),
    );
    origin.answers(200, {}, 'hello');
    await viewer.gets('/a').sees({ status: 200 });
    const { kind } = await judgeSignature(origin.last, secrets);
    assert.equal(kind, signs === 'never' ? 'unsigned' : 'good');
    await viewer.gets('/b', { Authorization: 'Basic dTpw' }).sees({ status: 200 });
    const theirs = headerValue(origin.last.headers, 'authorization') === 'Basic dTpw';
    assert.equal(theirs, signs !== 'always');
  });
}

for (const type of ['rsa', 'ec'] as const) {
  scenario(
    `T9.06 T9.07 a key of a trusted group signs, of type ${type}; a key of no group does not`,
    async (stage) => {
      const { clock, origin, routing, serves, viewer } = stage;
      const pem = { type: 'spki', format: 'pem' } as const;
      const pair =
        type === 'rsa'
          ? generateKeyPairSync('rsa', { modulusLength: 2_048 })
          : generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
      const privateKey = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
      const encodedKey = pair.publicKey.export(pem).toString();
      const about = { name: 'n', comment: '' };
      for (const id of ['KEXAMPLE0000001', 'KEXAMPLE0000002']) {
        const config = { ...about, callerReference: id, encodedKey };
        placeResource(routing, { kind: 'public-key', id, config });
      }
      const group = { ...about, publicKeys: ['KEXAMPLE0000001'] };
      placeResource(routing, { kind: 'key-group', id: 'group', config: group });
      serves(distributionOf('custom', {}, { keyGroups: ['group'] }));
      origin.answers(200, {}, 'hello');
      const dateLessThan = new Date(clock.now() + 3_600_000).toISOString();
      const signed = (keyPairId: string): string =>
        targetOf(getSignedUrl({ url: `http://${host}/a`, keyPairId, privateKey, dateLessThan }));
      await viewer.gets('/a').sees({ status: 403, body: /MissingKey/ });
      await viewer.gets(signed('KEXAMPLE0000002')).sees({ status: 403, body: /UnknownKey/ });
      await viewer.gets(signed('KEXAMPLE0000001')).sees({ status: 200, body: 'hello' });
      placeResource(routing, {
        kind: 'key-group',
        id: 'group',
        config: { ...group, publicKeys: [] },
      });
      await viewer.gets(signed('KEXAMPLE0000001')).sees({ status: 403, body: /UnknownKey/ });
    },
  );
}

scenario('a change of a policy counts from the next request on', async (stage) => {
  const { origin, routing, serves, viewer } = stage;
  const none = { kind: 'none' } as const;
  const config = {
    name: 'p',
    comment: '',
    minTtlS: 0,
    defaultTtlS: 60,
    maxTtlS: 60,
    query: none,
    headers: ['X-One'],
    cookies: none,
    gzip: false,
    brotli: false,
  };
  placeResource(routing, { kind: 'cache-policy', id: 'p', config });
  serves(distributionOf('custom', {}, { cachePolicy: 'p' }));
  origin.answers(200, {}, 'a');
  await viewer.gets('/a?x').sees({ xCache: 'Miss' });
  assert.equal(origin.last.target, '/a');
  await viewer.gets('/a?y').sees({ xCache: 'Hit' });
  placeResource(routing, {
    kind: 'cache-policy',
    id: 'p',
    config: { ...config, query: { kind: 'all' } },
  });
  await viewer.gets('/a?y').sees({ xCache: 'Miss' });
  assert.equal(origin.last.target, '/a?y');
  await viewer.gets('/a?y', { 'X-One': '1' }).sees({ xCache: 'Miss' });
});
