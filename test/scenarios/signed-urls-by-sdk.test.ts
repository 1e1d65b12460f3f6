/**
 * URLs and cookies made by another signer, that of the AWS SDK, are accepted, and fail each way they
 * should.
 */
import assert from 'node:assert/strict';
import { getSignedCookies, getSignedUrl } from '@aws-sdk/cloudfront-signer';
import { host, scenario, type Stage } from '../harness/scenario.ts';
import { makeKeyPair, placeKeyPair, targetOf } from '../harness/signing.ts';

const self = { behavior: { trustedSigners: { self: true, accounts: [] } } };
const pair = makeKeyPair('APKASDKSDKSDKSDKSDK0');
const signer = { keyPairId: pair.id, privateKey: pair.privatePem };
const denied = { status: 403, body: /<Code>AccessDenied<\/Code>/ };

function isoIn({ clock }: Stage, seconds: number): string {
  return new Date(clock.now() + seconds * 1_000).toISOString();
}

function ready({ origin, routing }: Stage): void {
  placeKeyPair(routing, pair);
  origin.answers(200, { 'cache-control': 'max-age=9999' }, 'hello');
}

function cookieOf(cookies: object): { readonly Cookie: string } {
  const said = Object.entries(cookies).map(([name, value]) => `${name}=${String(value)}`);
  return { Cookie: said.join('; ') };
}

const urls = [
  `http://${host}/a.jpg`,
  `http://${host}/a.jpg?size=2&name=x%20y`,
  `http://${host}/`,
  `http://${host}/a b/ä(1)'*.jpg?q=ä'&empty=&bare`,
  `http://${host}/a%2Fb%c3%a4?x=%e4`,
] as const;

scenario('T9.01 T9.06 canned, with SHA-1 and with SHA-256', self, async (stage) => {
  const { clock, viewer } = stage;
  ready(stage);
  for (const algorithm of [undefined, 'SHA1', 'SHA256'] as const) {
    for (const url of urls) {
      const dateLessThan = isoIn(stage, 60);
      const given = algorithm === undefined ? {} : { algorithm };
      const target = targetOf(getSignedUrl({ ...signer, ...given, url, dateLessThan }));
      await viewer.gets(target).sees({ status: 200, body: 'hello' });
      await viewer.gets(`${target}&more=1`).sees(denied);
      await viewer.gets(target.replace('Signature=', 'Signature=A')).sees(denied);
      await viewer
        .gets(
          target.replace(/&Hash-Algorithm=SHA256|$/, (said) =>
            said === '' ? '&Hash-Algorithm=SHA256' : '',
          ),
        )
        .sees(denied);
    }
  }
  const target = targetOf(
    getSignedUrl({ ...signer, url: urls[0], dateLessThan: isoIn(stage, 60) }),
  );
  await viewer.gets(target).sees({ status: 200 });
  await clock.passes(60_000);
  await viewer.gets(target).sees(denied);
});

scenario('T9.04 custom, by address and beginning', self, async (stage) => {
  const { clock, viewer } = stage;
  ready(stage);
  const dateLessThan = isoIn(stage, 60);
  for (const url of urls) {
    const asked = { ...signer, url, dateLessThan };
    for (const ipAddress of ['127.0.0.1', '127.0.0.0/8', '0.0.0.0/0']) {
      const target = targetOf(getSignedUrl({ ...asked, ipAddress }));
      await viewer.gets(target).sees({ status: 200 });
      await viewer.gets(target.replace(/^\/[^?]*/, '/other')).sees(denied);
    }
    await viewer.gets(targetOf(getSignedUrl({ ...asked, ipAddress: '192.0.2.0/24' }))).sees(denied);
  }
  const later = targetOf(
    getSignedUrl({ ...signer, url: urls[1], dateLessThan, dateGreaterThan: isoIn(stage, 10) }),
  );
  await viewer.gets(later).sees(denied);
  await clock.passes(10_001);
  await viewer.gets(later).sees({ status: 200 });
  await clock.passes(50_000);
  await viewer.gets(later).sees(denied);
});

scenario('a policy of the caller, with wildcards, for any URL', self, async (stage) => {
  const { viewer } = stage;
  ready(stage);
  const policy = JSON.stringify({
    Statement: [
      {
        Resource: `http*://${host}/video/*`,
        Condition: { DateLessThan: { 'AWS:EpochTime': stage.clock.now() / 1_000 + 60 } },
      },
    ],
  });
  const at = (path: string): string =>
    targetOf(getSignedUrl({ ...signer, url: `http://${host}${path}`, policy }));
  await viewer.gets(at('/video/1.ts')).sees({ status: 200 });
  await viewer.gets(at('/video/a/2.ts?quality=3')).sees({ status: 200 });
  await viewer.gets(at('/audio/1.ts')).sees(denied);
  const broken = targetOf(getSignedUrl({ ...signer, url: urls[0], policy: '{"Statement":[]}' }));
  await viewer.gets(broken).sees({ status: 403, body: /MalformedPolicy/ });
});

scenario(
  'T9.07 by a key nobody knows, and by one of an account that is not trusted',
  self,
  async (stage) => {
    const { routing, viewer } = stage;
    ready(stage);
    const stranger = makeKeyPair('APKASTRANGERSTRANGE0');
    const theirs = {
      keyPairId: stranger.id,
      privateKey: stranger.privatePem,
      dateLessThan: isoIn(stage, 60),
    };
    const target = targetOf(getSignedUrl({ ...theirs, url: urls[0] }));
    await viewer.gets(target).sees({ status: 403, body: /<Code>UnknownKey<\/Code>/ });
    placeKeyPair(routing, stranger, { account: '111122223333' });
    await viewer.gets(target).sees({ status: 403, body: /<Code>UnknownKey<\/Code>/ });
    await viewer.gets(target.replace(stranger.id, pair.id)).sees(denied);
    await viewer
      .gets(target.replace(/&?Key-Pair-Id=[^&]*/, ''))
      .sees({ status: 403, body: /<Code>MissingKey<\/Code>/ });
  },
);

scenario('T9.05 cookies, canned and custom', self, async (stage) => {
  const { clock, viewer } = stage;
  ready(stage);
  const dateLessThan = isoIn(stage, 60);
  for (const given of [{}, { algorithm: 'SHA256' as const }]) {
    const canned = cookieOf(
      getSignedCookies({ ...signer, ...given, url: `http://${host}/a?x=1`, dateLessThan }),
    );
    await viewer.gets('/a?x=1', canned).sees({ status: 200 });
    await viewer.gets('/a', canned).sees(denied);
    const custom = cookieOf(
      getSignedCookies({
        ...signer,
        ...given,
        url: `http://${host}/a/*`,
        dateLessThan,
        ipAddress: '127.0.0.1',
      }),
    );
    await viewer.gets('/a/b?c', custom).sees({ status: 200 });
    await viewer.gets('/b', custom).sees(denied);
    assert.notEqual(canned.Cookie, custom.Cookie);
  }
  const late = cookieOf(getSignedCookies({ ...signer, url: `http://${host}/a`, dateLessThan }));
  await clock.passes(60_000);
  await viewer.gets('/a', late).sees(denied);
});
