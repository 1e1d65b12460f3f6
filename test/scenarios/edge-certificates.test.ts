/**
 * Edges that join by a certificate in place of a token: the local authority's own, for a key that is
 * registered, opens the feed of that edge; an ended, foreign, revoked or other one opens nothing.
 */
import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { heartbeatMs } from '../../src/api/feed/stream.ts';
import { type Authority, openAuthority } from '../../src/authority/authority.ts';
import { systemClock } from '../../src/base/clock.ts';
import { decodeKey } from '../../src/base/log-record.ts';
import { systemRandomness } from '../../src/base/randomness.ts';
import { unseal } from '../../src/base/sealing.ts';
import { identityByCertificate } from '../../src/feed/identity.ts';
import { sealingContext } from '../../src/model/certificate.ts';
import { readCertificateDocument } from '../../src/model/document.ts';
import { assertStatus } from '../harness/api-caller.ts';
import { runCli } from '../harness/cli-process.ts';
import { Machines } from '../harness/edge-machines.ts';
import { account, FeedWorld, type Shown } from '../harness/feed-world.ts';
import { create, download, untilDeployed } from '../harness/kinds.ts';
import { NotReady } from '../harness/server-process.ts';
import { daysFromNow, makeCertificate, type Made } from '../harness/test-certificates.ts';
import { until } from '../harness/until.ts';
import { Viewer } from '../harness/viewer.ts';

const clientUse = '1.3.6.1.5.5.7.3.2';
const serverUse = '1.3.6.1.5.5.7.3.1';

async function worldOverTls(t: TestContext): Promise<{ world: FeedWorld; authority: Authority }> {
  const ports = { clock: systemClock, randomness: systemRandomness };
  const authority = await openAuthority(undefined, ports);
  return { world: await FeedWorld.start(t, authority), authority };
}

type Joined = Shown & { readonly made: Made };

/** Makes a key, has it certified and registers it, as `edge-token create --cert` does. */
async function joinByKey(
  { world, authority }: { world: FeedWorld; authority: Authority },
  name: string,
): Promise<Joined> {
  const made = await makeCertificate();
  const { certificate, endsAt } = await authority.certifyEdge(name, made.publicKeyObject);
  await world.control.registerEdgeKey(name, made.publicKeyObject, endsAt);
  return { cert: certificate, key: made.key, made };
}

function shownOf({ certificate, key }: Made): Shown {
  return { cert: certificate, key };
}

function keysOf({ made }: Joined) {
  return { privateKey: made.keyObject, publicKey: made.publicKeyObject };
}

test('a certificate of the authority opens the feed of its edge, beside tokens', async (t) => {
  const both = await worldOverTls(t);
  const { world } = both;
  const paris = await joinByKey(both, 'paris1');
  const secret = await world.join('rome1');
  const byCertificate = (await world.follow('paris1', paris)).reads();
  const byToken = (await world.follow('rome1', secret)).reads();
  await Promise.all([byCertificate.has('caughtUp'), byToken.has('caughtUp')]);

  const report = { session: 1, beat: 1, state: 'serving', edge: 'rome1' };
  const serving = byCertificate.ofKind('caughtUp').at(-1)?.cursor;
  const body = JSON.stringify({ ...report, serving });
  const told = await world.ask('POST', '/_warmfront/report', {
    edge: 'paris1',
    shown: paris,
    body,
  });
  assert.deepEqual([told.status, told.form['answer']], [200, 'held']);
  const { edges } = await world.control.edges();
  assert.deepEqual(
    edges.map(({ name, state }) => [name, state]),
    [
      ['paris1', 'serving'],
      ['rome1', 'gone'],
    ],
  );
});

test('no other certificate opens it', async (t) => {
  const both = await worldOverTls(t);
  const { authority, world } = both;
  const paris = await joinByKey(both, 'paris1');
  const rome = await joinByKey(both, 'rome1');
  const asked = async (edge: string, shown?: Shown): Promise<unknown[]> => {
    const given = shown === undefined ? { edge } : { edge, shown };
    const { form, status } = await world.ask('GET', '/_warmfront/feed/head', given);
    return [status, form['code'], form['message']];
  };
  const isRefused = async (shown: Shown, why: RegExp): Promise<void> => {
    const [status, code, message] = await asked('paris1', shown);
    assert.deepEqual([status, code], [401, 'InvalidEdgeCertificate']);
    assert.match(String(message), why);
  };
  assert.equal((await asked('paris1', paris))[0], 200);
  assert.deepEqual((await asked('rome1', paris)).slice(0, 2), [403, 'AccessDenied']);
  assert.deepEqual((await asked('paris1', rome)).slice(0, 2), [403, 'AccessDenied']);
  assert.deepEqual((await asked('paris1')).slice(0, 2), [401, 'InvalidEdgeToken']);

  const stranger = await makeCertificate({ commonName: 'a stranger', isAuthority: true });
  const keys = keysOf(paris);
  const foreign = await makeCertificate({ commonName: 'paris1', keys, issuer: stranger });
  await isRefused(shownOf(foreign), /not one that the local authority gives/);
  const bySelf = await makeCertificate({ commonName: 'paris1', keys });
  await isRefused(shownOf(bySelf), /not one that the local authority gives/);
  const server = await authority.certificateFor(['edge.example']);
  await isRefused({ cert: server.certificate, key: server.key }, /INVALID_PURPOSE/);
  const unknown = await makeCertificate();
  const signed = await authority.certifyEdge('paris1', unknown.publicKeyObject);
  await isRefused({ cert: signed.certificate, key: unknown.key }, /not known here/);
  // Signed for a name that the key is not registered for.
  const other = await authority.certifyEdge('rome1', paris.made.publicKeyObject);
  await isRefused({ cert: other.certificate, key: paris.key }, /not known here/);

  await world.control.revokeEdgeToken('paris1');
  await isRefused(paris, /revoked/);
});

test('an ended certificate is refused, and one that ends meanwhile ends its stream', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'warmfront-authority-'));
  t.after(() => rm(folder, { recursive: true }));
  const ports = { clock: systemClock, randomness: systemRandomness };
  const authority = await openAuthority(folder, ports);
  const caKey = await readFile(join(folder, 'ca-key.pem'), 'utf8');
  const { subject } = new X509Certificate(authority.certificate);
  const issuer = {
    commonName: '',
    keyObject: createPrivateKey(caKey),
    subject: subject.split('\n').join(', '),
  };
  const world = await FeedWorld.start(t, authority);
  const paris = await joinByKey({ world, authority }, 'paris1');
  const made = (notAfter: Date, uses: readonly string[]) =>
    makeCertificate({ commonName: 'paris1', keys: keysOf(paris), issuer, notAfter, uses });
  const asked = async ({ certificate, key }: Made): Promise<unknown[]> => {
    const shown = { cert: certificate, key };
    const given = { edge: 'paris1', shown };
    const { form, status } = await world.ask('GET', '/_warmfront/feed/head', given);
    return [status, form['code']];
  };
  assert.deepEqual(await asked(await made(daysFromNow(1), [clientUse])), [200, undefined]);
  assert.deepEqual(await asked(await made(daysFromNow(-0.5), [clientUse])), [
    401,
    'InvalidEdgeCertificate',
  ]);
  assert.deepEqual(await asked(await made(daysFromNow(1), [serverUse])), [
    401,
    'InvalidEdgeCertificate',
  ]);

  const minutes = 10;
  const brief = await made(daysFromNow(minutes / (24 * 60)), [clientUse]);
  const follower = (
    await world.follow('paris1', { cert: brief.certificate, key: brief.key })
  ).reads();
  await follower.has('caughtUp');
  await world.clock.passes(minutes * 60_000 + heartbeatMs);
  await follower.ends();
  assert.match(follower.ofKind('bye')[0]?.why ?? '', /certificate has ended/);
  assert.deepEqual(await asked(brief), [401, 'InvalidEdgeCertificate']);
});

test('private keys are sealed for the key of the edge alone', async (t) => {
  const both = await worldOverTls(t);
  const { authority, world } = both;
  const paris = await joinByKey(both, 'paris1');
  const rome = await joinByKey(both, 'rome1');
  const own = await makeCertificate({ names: ['own.example'] });
  await world.control.importCertificate(account, { certificate: own.certificate, key: own.key });
  const follower = (await world.follow('paris1', paris)).reads();
  await follower.has('caughtUp');
  const changes = follower.ofKind('record').flatMap(({ record }) => record.changes);
  const value = changes.find((one) => decodeKey(one.key).kind === 'certificate')?.value;
  assert(value);
  const document = readCertificateDocument(value);
  const opens = (edge: string, { cert, key }: Shown): string => {
    const { sealingKey } = identityByCertificate(edge, { certificates: cert, key });
    return unseal(sealingKey, document.sealedKey, sealingContext(document)).kind;
  };
  assert.equal(opens('paris1', paris), 'open');
  assert.equal(opens('rome1', rome), 'other-key');
  assert.equal(authority.agreeWith(paris.made.publicKeyObject).length, 32);
});

test('an edge machine joins by the files that the command writes, and by no others', async () => {
  await using machines = await Machines.open({ lease: '2s' });
  const { api, folder } = machines;
  const site = join(folder, 'site');
  const cli = (...argv: readonly string[]) =>
    runCli(argv, { WARMFRONT_ENDPOINT: machines.control.addresses.api });
  const file = (name: string): string => join(folder, name);
  const made = await cli(
    'edge-token',
    'create',
    'paris1',
    `--cert=${file('paris1.pem')}`,
    `--key=${file('paris1.key')}`,
  );
  assert.equal(made.code, 0, made.err);
  assert.equal((await stat(file('paris1.key'))).mode & 0o077, 0);
  assert.match((await cli('edge-token', 'list')).out, /paris1 .*a certificate, until 20/);

  await mkdir(site);
  await writeFile(join(site, 'index.html'), 'first');
  const by = (name: string): readonly string[] => [
    '--join-cert',
    file(`${name}.pem`),
    '--join-key',
    file(`${name}.key`),
    '--edge',
    'paris1=127.0.0.1:0,127.0.0.1:0',
    `--bucket=pics=${site}`,
  ];
  const edge = await machines.startEdge('paris1', by('paris1'));
  const own = await makeCertificate({ names: ['own.example'] });
  const imported = JSON.stringify({ certificate: own.certificate, key: own.key });
  assertStatus(await api.post('/_warmfront/certificates', imported), 201);
  const distribution = await create(api, download, { reference: 'a', cnames: ['own.example'] });
  await untilDeployed(api, distribution.path);
  const port = Number(new URL(edge.process.addresses.edges[0]?.https ?? '').port);
  const viewer = new Viewer({ port, host: 'own.example', authority: own.certificate });
  assert.equal((await viewer.gets('/index.html').answer).body, 'first');

  // The next certificate, for the key of before.
  const key = ['--key', file('paris1.key')];
  const again = await cli('edge-token', 'create', 'paris1', ...key, '--cert', file('next.pem'));
  assert.equal(again.code, 0, again.err);
  await writeFile(file('next.key'), await readFile(file('paris1.key')), { mode: 0o600 });
  await edge.process.stop();
  await machines.startEdge('paris1', by('next'));
  await untilDeployed(api, distribution.path);

  assertStatus(await api.call('DELETE', '/_warmfront/edge-tokens/paris1'), 204);
  await until('the edge hears of it', () =>
    edge.process.output().includes('does not let this edge join') ? true : undefined,
  );
  const refused = async (more: readonly string[], words: RegExp): Promise<void> => {
    await assert.rejects(machines.startEdge('oslo1', more), (error) => {
      assert(error instanceof NotReady);
      assert.match(error.output, words);
      return true;
    });
  };
  const edges = ['--edge', 'oslo1=127.0.0.1:0'];
  await refused([...by('paris1').slice(0, 4), ...edges], /that of edge paris1, and not of oslo1/);
  await writeFile(file('mixed.pem'), own.certificate);
  const mixed = ['--join-cert', file('mixed.pem'), '--join-key', file('paris1.key')];
  await refused([...mixed, ...edges], /holds no certificate of an edge with that of the authority/);
});
