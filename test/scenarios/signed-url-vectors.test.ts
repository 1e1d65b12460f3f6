/**
 * Acceptance 12 of API 2010-11-01: the signed URLs of its section 4.9 open what they were made for;
 * tampered with, expired, from another address or with a parameter more, they do not. The private
 * key is unknown: whoever made these URLs is not us.
 */
import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { test } from 'node:test';
import { instant } from '../../src/base/clock.ts';
import { edgeBounds } from '../../src/edge/bounds.ts';
import { judgeSignedRequest } from '../../src/edge/signed-access/judge.ts';
import { SignatureChecks } from '../../src/edge/signed-access/signature-checks.ts';
import { distributionOf, scenario, type Stage } from '../harness/scenario.ts';
import { placeKeyPair } from '../harness/signing.ts';
import type { Viewer } from '../harness/viewer.ts';

const domainName = 'd111111abcdef8.cloudfront.net';
const id = 'APKAEXAMPLEEXAMPLE00';
const publicPem = `-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDAVJ0JHcOQ2sl/JirdJF/iEES0
BzQ7EfZwtf0i8RL2cmHN7XkXJpHPzbqQIpIZfB67Tjo2yI5JyoX5ZgtDft25viki
rVE0BCm63rSzr6K/L+DdWShxLcaZx/gmzj3UdLWC+3DUcrxNdfvcVXCYuYP761zz
2BW6demFIqVAshunSQIDAQAB
-----END PUBLIC KEY-----
`;
const canned =
  '/images/horizon.jpg?large=yes&Expires=2000000000&Signature=vwi-Mag12VXaDRRVPVHEvFDmJv30DNM6kEDtrZbyPpq9OPe2vPaqlZUduZ8qKJYI2AtHSTrNwbbCIgWNb8~T4fIV~KHDzvYX-7QD5Xu29g3wOKXMW4Zf9fbemMkZl7Gbtfb8hLWiDAQN3O1abyJABRz6ionnjS922YUdXGxFxS4_' +
  `&Key-Pair-Id=${id}`;
const policy =
  'eyJTdGF0ZW1lbnQiOlt7IlJlc291cmNlIjoiaHR0cDovL2QxMTExMTFhYmNkZWY4LmNsb3VkZnJvbnQubmV0L3RyYWluaW5nLyoiLCJDb25kaXRpb24iOnsiSXBBZGRyZXNzIjp7IkFXUzpTb3VyY2VJcCI6IjEyNy4wLjAuMC84In0sIkRhdGVHcmVhdGVyVGhhbiI6eyJBV1M6RXBvY2hUaW1lIjoxMjQxMDczNzkwfSwiRGF0ZUxlc3NUaGFuIjp7IkFXUzpFcG9jaFRpbWUiOjIwMDAwMDAwMDB9fX1dfQ__';
const custom =
  `?Policy=${policy}&Signature=A9jl8Ez-o1v5BcTcsvw5iRGxLyiNUYHPBUkUwNaBzfxO6kNf~5-aN~XYsfKUTMd1U0Me0wRWQWtLYIQMAjuMuqKYNaT9Z-eiblQveWD9pD7wbB~wm0TH9iZEGraegbquom3qnicxHgdiJ-vbxNH5tO4hbIQJY8rDu~IGyOm6vmk_` +
  `&Key-Pair-Id=${id}`;
const beginsMs = 1_241_073_790_000;
const expiresMs = 2_000_000_000_000;

type Play = (stage: Stage, viewer: Viewer) => Promise<void>;

function vector(title: string, play: Play, startsAt = Date.UTC(2026, 0, 1)): void {
  scenario(title, { startsAt }, async (stage) => {
    const { origin, routing, serves, viewer } = stage;
    serves(
      distributionOf(
        'custom',
        {},
        { trustedSigners: { self: true, accounts: [] } },
        { domainName },
      ),
    );
    placeKeyPair(routing, { id, publicPem });
    origin.answers(200, { 'cache-control': 'max-age=9' }, 'hello');
    await play(stage, viewer.for(domainName));
  });
}

const denied = { status: 403, xCache: 'Error', body: /<Code>AccessDenied<\/Code>/ };

vector('the canned vector opens its URL', async (_stage, viewer) => {
  await viewer.gets(canned).sees({ status: 200, body: 'hello' });
});

vector('the custom vector opens what lies under its resource', async (_stage, viewer) => {
  await viewer.gets(`/training/orientation.avi${custom}`).sees({ status: 200, body: 'hello' });
  await viewer.gets(`/training/${custom}`).sees({ status: 200 });
  await viewer.gets(`/trainin${custom}`).sees(denied);
});

vector('tampered with, both vectors are refused', async (_stage, viewer) => {
  await viewer.gets(canned.replace('=vwi-', '=wwi-')).sees(denied);
  await viewer.gets(canned.replace('2000000000', '2000000001')).sees(denied);
  await viewer.gets(canned.replace('horizon', 'horizont')).sees(denied);
  await viewer.gets(`/training/a${custom.replace('=A9jl8', '=B9jl8')}`).sees(denied);
  const wider = Buffer.from(
    Buffer.from(policy.replaceAll('_', '='), 'base64').toString().replace('training/', ''),
  );
  const forged = custom.replace(policy, wider.toString('base64').replaceAll('=', '_'));
  await viewer.gets(`/training/a${forged}`).sees(denied);
});

vector(
  'expired, both vectors are refused',
  async ({ clock }, viewer) => {
    await viewer.gets(canned).sees({ status: 200 });
    await viewer.gets(`/training/a${custom}`).sees({ status: 200 });
    await clock.passes(1);
    await viewer.gets(canned).sees(denied);
    await viewer.gets(`/training/a${custom}`).sees(denied);
  },
  expiresMs - 1,
);

vector(
  'too early, the custom vector is refused',
  async ({ clock }, viewer) => {
    await viewer.gets(`/training/a${custom}`).sees(denied);
    await clock.passes(1);
    await viewer.gets(`/training/a${custom}`).sees({ status: 200 });
  },
  beginsMs,
);

vector('with a parameter more, the canned vector is refused', async (_stage, viewer) => {
  await viewer.gets(`${canned}&x=1`).sees(denied);
  await viewer.gets(canned.replace('large=yes', 'large=yes&x=1')).sees(denied);
  // The resource of the other ends in *, which takes any query.
  await viewer.gets(`/training/a${custom}&x=1`).sees({ status: 200 });
});

test('from another address, the custom vector is refused', async () => {
  const key = { account: 'A', publicKey: createPublicKey(publicPem) };
  const trust = {
    owner: 'A',
    signers: { self: true, accounts: [] },
    findInGroups: () => undefined,
    find: () => key,
  };
  const parts = { checks: new SignatureChecks(edgeBounds), now: instant(beginsMs + 1) };
  const from = async (address: string): Promise<string> => {
    const request = {
      address,
      headers: [],
      hostText: domainName,
      path: '/training/a',
      query: custom.slice(1),
      scheme: 'http',
    } as const;
    const verdict = await judgeSignedRequest(request, trust, parts);
    return verdict.kind === 'refused' ? verdict.code : verdict.kind;
  };
  assert.equal(await from('127.0.0.1'), 'allowed');
  assert.equal(await from('127.255.255.255'), 'allowed');
  for (const address of ['128.0.0.0', '192.0.2.1', '::1', '2001:db8::1']) {
    assert.equal(await from(address), 'AccessDenied', address);
  }
});
