import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { testAuthority } from '../../test/harness/certificates.ts';
import { configOf, touchedBy } from '../../test/harness/configs.ts';
import { fingerprintOf, handshake } from '../../test/harness/handshake.ts';
import { ManualClock } from '../../test/harness/manual-clock.ts';
import { daysFromNow, makeCertificate, makeChain } from '../../test/harness/test-certificates.ts';
import { until } from '../../test/harness/until.ts';
import { instant } from '../base/clock.ts';
import { revision } from '../base/log-record.ts';
import { systemRandomness } from '../base/randomness.ts';
import { type Recorder, silentRecorder } from '../base/recorder.ts';
import { seal, sealingKeyBytes } from '../base/sealing.ts';
import { Catalog } from '../model/catalog.ts';
import { type Certificate, sealingContext } from '../model/certificate.ts';
import { accountId, certificateId, configEtag, distributionId } from '../model/ids.ts';
import { plainConfig } from '../model/plain-config.ts';
import { readCertificate } from '../model/read-certificate.ts';
import { type EdgeBounds, edgeBounds } from './bounds.ts';
import { Certificates, type IssueCertificate } from './certificates.ts';
import { RoutingTable } from './routing-table.ts';
import { SecureListener } from './secure-listener.ts';
import type { CertificateAndKey } from './settings.ts';

const domain = 'cloudfront.localhost';
const ownName = `d111111abcdef8.${domain}`;
const alice = accountId('000000000000');
const bob = accountId('111122223333');
const authority = await testAuthority('Local authority');
const defaultCertificate = await authority.issue([`*.${domain}`, domain]);
const sealingKey = systemRandomness.bytes(sealingKeyBytes);

type Options = {
  readonly issue?: IssueCertificate;
  readonly bounds?: Partial<EdgeBounds>;
};

/** A listener with what stands behind its choice, on a clock that starts at the time of day. */
async function started(t: TestContext, options: Options = {}) {
  const bounds = { ...edgeBounds, ...options.bounds };
  const clock = new ManualClock(Date.now());
  const routing = new RoutingTable(domain);
  const asked: string[] = [];
  const told: string[] = [];
  const tell = (_: unknown, message: string): void => void told.push(message);
  const recorder: Recorder = { ...silentRecorder, warn: tell, error: tell };
  const issue: IssueCertificate = options.issue ?? ((name) => authority.issue([name]));
  const certificates = new Certificates({
    domain,
    defaultCertificate,
    routing,
    issue: (name) => {
      asked.push(name);
      return issue(name);
    },
    sealingKey,
    bounds,
    clock,
    recorder,
  });
  const accepted = new Set<TLSSocket>();
  const listener = new SecureListener({
    tls: { ...defaultCertificate, ticketKeys: systemRandomness.bytes(48) },
    certificates,
    bounds,
    recorder,
    admit: () => true,
    speaksHttp2: () => false,
    accept: (socket) => {
      accepted.add(socket);
      socket.on('error', () => undefined);
      socket.resume();
    },
  });
  await new Promise<void>((resolve) => {
    listener.server.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => {
    listener.server.close();
    listener.destroyConnections();
  });
  const at: AddressInfo | string | null = listener.server.address();
  assert(typeof at === 'object' && at !== null);
  const { port } = at;
  let position = 0;
  const next = () => revision((position += 1));
  return {
    port,
    clock,
    routing,
    asked,
    told,
    certificates,
    serves: (
      aliases: readonly string[],
      { account = alice, certificate = plainConfig.certificate, enabled = true, id = 'E1' } = {},
    ): void => {
      const position = next();
      const config = configOf('download', id, { aliases, certificate, enabled });
      const document = {
        format: 1 as const,
        account,
        id: distributionId(id),
        etag: configEtag('E2'),
        domainName: id === 'E1' ? ownName : `${id.toLowerCase()}.${domain}`,
        createdAt: instant(0),
        modifiedAt: instant(0),
        config,
        createdWith: config,
      };
      routing.apply([touchedBy(document, position)], position);
    },
    imports: (document: Certificate): void => {
      const at = next();
      const { id } = document;
      routing.apply([{ kind: 'certificate', id, placed: { document, revision: at } }], at);
    },
    deletes: (id: string): void => {
      routing.apply([{ kind: 'certificate', id, placed: undefined }], next());
    },
    shows: (servername: string) => handshake(port, { servername, ca: authority.certificate }),
  };
}

let imports = 0;

/** As the control plane makes it of what an account hands in. */
function imported(
  { certificate, key }: CertificateAndKey,
  changed: Partial<Certificate> = {},
  sealedWith = sealingKey,
): Certificate {
  imports += 1;
  const { facts } = readCertificate({ certificate, key }, instant(Date.now()));
  const account = changed.account ?? alice;
  const context = sealingContext({ account, fingerprint: facts.fingerprint });
  return {
    ...facts,
    format: 1,
    account,
    id: certificateId(`ASCA${String(imports).padStart(17, '0')}`),
    sealedKey: seal(sealedWith, { text: key, context }, systemRandomness),
    createdAt: instant(imports),
    ...changed,
  };
}

const defaultNames = [`*.${domain}`, domain];

test('a name of its own has the default certificate; so has none, and any that is not known', async (t) => {
  const { asked, serves, shows } = await started(t);
  serves(['www.example.com']);
  for (const name of [ownName, '', 'unknown.test', `other.${domain}`, 'localhost', '_.x', 'a..b']) {
    assert.deepEqual((await shows(name)).names, defaultNames, name);
  }
  assert.deepEqual(asked, []);
});

test('an alias has a certificate of the authority, asked for once', async (t) => {
  const { asked, serves, shows } = await started(t);
  serves(['www.example.com']);
  const both = await Promise.all([shows('www.example.com'), shows('WWW.Example.COM')]);
  for (const shown of [...both, await shows('www.example.com')]) {
    assert.deepEqual(shown.names, ['www.example.com']);
    assert.equal(shown.distrust, undefined);
    assert.equal(shown.fingerprint, both[0].fingerprint);
  }
  assert.deepEqual(asked, ['www.example.com']);
});

test('a name that is not served any more is not asked for', async (t) => {
  const { asked, serves, shows } = await started(t);
  serves(['www.example.com'], { enabled: false });
  assert.deepEqual((await shows('www.example.com')).names, defaultNames);
  serves([]);
  assert.deepEqual((await shows('www.example.com')).names, defaultNames);
  assert.deepEqual(asked, []);
});

test('a wildcard alias is asked for as it stands, however many names come', async (t) => {
  const { asked, serves, shows } = await started(t);
  serves(['*.example.com']);
  for (const name of ['a.example.com', 'b.example.com', 'a.b.example.com']) {
    assert.deepEqual((await shows(name)).names, ['*.example.com'], name);
  }
  assert.deepEqual(asked, ['*.example.com']);
});

test('a handshake waits for the authority no longer than it may, and the answer is kept', async (t) => {
  const answer = Promise.withResolvers<CertificateAndKey | undefined>();
  const { asked, clock, serves, shows } = await started(t, { issue: () => answer.promise });
  serves(['www.example.com']);
  const first = shows('www.example.com');
  await until('the authority is asked', () => (asked.length > 0 ? true : undefined));
  await clock.passes(edgeBounds.certificateWaitMsMax - 1);
  const second = shows('www.example.com');
  await clock.passes(1);
  assert.deepEqual((await first).names, defaultNames);
  answer.resolve(await authority.issue(['www.example.com']));
  assert.deepEqual((await second).names, ['www.example.com']);
  assert.deepEqual((await shows('www.example.com')).names, ['www.example.com']);
  assert.deepEqual(asked, ['www.example.com']);
});

test('where the authority fails, viewers get the default at once, and it is asked again later', async (t) => {
  let works = false;
  const issue: IssueCertificate = (name) =>
    works ? authority.issue([name]) : Promise.resolve(undefined);
  const { asked, clock, serves, shows } = await started(t, { issue });
  serves(['www.example.com']);
  assert.deepEqual((await shows('www.example.com')).names, defaultNames);
  works = true;
  assert.deepEqual((await shows('www.example.com')).names, defaultNames);
  assert.equal(asked.length, 1);
  await clock.passes(10_000);
  assert.deepEqual((await shows('www.example.com')).names, ['www.example.com']);
  assert.equal(asked.length, 2);
});

test('a certificate of the authority is renewed in time, while the old one is shown', async (t) => {
  const { asked, clock, serves, shows } = await started(t, {
    issue: (name) => authority.issue([name], 60),
  });
  serves(['www.example.com']);
  const first = await shows('www.example.com');
  await clock.passes(29 * 86_400_000);
  assert.equal((await shows('www.example.com')).fingerprint, first.fingerprint);
  assert.equal(asked.length, 1);
  await clock.passes(2 * 86_400_000);
  assert.equal((await shows('www.example.com')).fingerprint, first.fingerprint);
  await until('the new one is shown', async () => {
    const { fingerprint } = await shows('www.example.com');
    return fingerprint === first.fingerprint ? undefined : true;
  });
  assert.equal(asked.length, 2);
});

test('more names than may be asked for at one time get the default', async (t) => {
  const answer = Promise.withResolvers<CertificateAndKey | undefined>();
  const bounds = { certificatesAskedMax: 1 };
  const { asked, serves, shows } = await started(t, { issue: () => answer.promise, bounds });
  serves(['a.example.com', 'b.example.com']);
  const waiting = shows('a.example.com');
  await until('the authority is asked', () => (asked.length > 0 ? true : undefined));
  assert.deepEqual((await shows('b.example.com')).names, defaultNames);
  answer.resolve(await authority.issue(['a.example.com']));
  assert.deepEqual((await waiting).names, ['a.example.com']);
});

test('an imported certificate is shown with its chain; deleted, it is so no more', async (t) => {
  const { asked, deletes, imports: take, serves, shows } = await started(t);
  serves(['www.example.com']);
  const { chain, leaf } = await makeChain({ names: ['www.example.com'] });
  const document = imported({ certificate: chain, key: leaf.key });
  take(document);
  const shown = await shows('www.example.com');
  assert.equal(shown.fingerprint, document.fingerprint);
  assert.equal(shown.chainLength, 2);
  assert.deepEqual(asked, []);
  deletes(document.id);
  const after = await shows('www.example.com');
  assert.notEqual(after.fingerprint, document.fingerprint);
  assert.equal(after.distrust, undefined);
});

test('an account serves only its own distributions with its certificates', async (t) => {
  const { imports: take, serves, shows } = await started(t);
  serves(['www.example.com']);
  const made = await makeCertificate({ names: ['www.example.com', ownName] });
  take(imported(made, { account: bob }));
  assert.notEqual((await shows('www.example.com')).fingerprint, fingerprintOf(made.certificate));
  assert.deepEqual((await shows(ownName)).names, defaultNames);
  // Nor does it have a name of its own by a certificate alone.
  serves([]);
  take(imported(made));
  assert.deepEqual((await shows('www.example.com')).names, defaultNames);
  // A name below the domain of the edge is no exception to who may serve it.
  assert.equal((await shows(ownName)).fingerprint, fingerprintOf(made.certificate));
});

test('the very name goes before a wildcard, and the newest before what is older', async (t) => {
  const { imports: take, serves, shows } = await started(t);
  serves(['www.example.com', 'img.example.com']);
  const shown = async (name: string): Promise<string> => (await shows(name)).fingerprint;
  const wildcard = await makeCertificate({ names: ['*.example.com'] });
  const old = await makeCertificate({ names: ['www.example.com'] });
  const recent = await makeCertificate({ names: ['www.example.com'] });
  take(imported(recent, { createdAt: instant(2_000) }));
  take(imported(old, { createdAt: instant(1_000) }));
  take(imported(wildcard, { createdAt: instant(3_000) }));
  assert.equal(await shown('www.example.com'), fingerprintOf(recent.certificate));
  assert.equal(await shown('img.example.com'), fingerprintOf(wildcard.certificate));
});

test('one that the distribution names by its id goes before all others', async (t) => {
  const { imports: take, serves, shows } = await started(t);
  const shown = async (): Promise<string> => (await shows('www.example.com')).fingerprint;
  const wildcard = imported(await makeCertificate({ names: ['*.example.com'] }));
  const recent = imported(await makeCertificate({ names: ['www.example.com'] }));
  take(wildcard);
  take(recent);
  const certificate = { kind: 'iam', support: 'sni-only', tlsPolicy: 'TLSv1.2_2021' } as const;
  serves(['www.example.com'], { certificate: { ...certificate, name: wildcard.id } });
  assert.equal(await shown(), wildcard.fingerprint);
  serves(['www.example.com'], { certificate: { ...certificate, name: 'another' } });
  assert.equal(await shown(), recent.fingerprint);
});

test('of both kinds of keys a viewer gets the one it can use, each with its own chain', async (t) => {
  const { imports: take, port, serves, shows } = await started(t);
  serves(['www.example.com']);
  const rsa = await makeChain({ names: ['www.example.com'], key: { rsaBits: 2_048 } });
  const ec = await makeCertificate({ names: ['www.example.com'] });
  take(imported({ certificate: rsa.chain, key: rsa.leaf.key }));
  take(imported(ec));
  const servername = 'www.example.com';
  const shown = async (sigalgs: string): Promise<readonly [string, number]> => {
    const { chainLength, kind } = await handshake(port, { servername, sigalgs });
    return [kind, chainLength];
  };
  assert.deepEqual(await shown('rsa_pss_rsae_sha256:ecdsa_secp256r1_sha256'), ['ec', 1]);
  assert.deepEqual(await shown('rsa_pss_rsae_sha256:rsa_pkcs1_sha256'), ['rsa', 2]);
  assert.deepEqual((await shows(servername)).kind, 'ec');
  const old = { servername, maxVersion: 'TLSv1.2', sigalgs: 'rsa_pkcs1_sha256' } as const;
  assert.equal((await handshake(port, old)).kind, 'rsa');
});

test('one that has expired, or whose key does not open, is passed over and told once', async (t) => {
  const { asked, clock, imports: take, serves, shows, told } = await started(t);
  serves(['www.example.com']);
  const other = systemRandomness.bytes(sealingKeyBytes);
  const lost = await makeCertificate({ names: ['www.example.com'] });
  take(imported(lost, {}, other));
  const short = await makeCertificate({ names: ['www.example.com'], notAfter: daysFromNow(5) });
  take(imported(short, { createdAt: instant(1) }));
  assert.equal((await shows('www.example.com')).fingerprint, fingerprintOf(short.certificate));
  assert.equal((await shows('www.example.com')).fingerprint, fingerprintOf(short.certificate));
  assert.deepEqual(told, ['an imported certificate cannot be used']);
  await clock.passes(6 * 86_400_000);
  assert.equal((await shows('www.example.com')).distrust, undefined);
  assert.equal((await shows('www.example.com')).distrust, undefined);
  assert.deepEqual(asked, ['www.example.com']);
  assert.deepEqual(told, [
    'an imported certificate cannot be used',
    'an imported certificate has expired',
  ]);
  // Imported again, its key is sealed with the key of now.
  take(imported(lost));
  assert.equal((await shows('www.example.com')).fingerprint, fingerprintOf(lost.certificate));
});

test('a whole new state replaces what was imported', async (t) => {
  const { imports: take, routing, serves, shows } = await started(t);
  serves(['www.example.com']);
  const made = await makeCertificate({ names: ['www.example.com'] });
  take(imported(made));
  assert.equal((await shows('www.example.com')).fingerprint, fingerprintOf(made.certificate));
  routing.replaceAll(new Catalog(), revision(99));
  serves(['www.example.com']);
  assert.notEqual((await shows('www.example.com')).fingerprint, fingerprintOf(made.certificate));
});

test('what a certificate covers is told of the one that its name stands for', async (t) => {
  const { certificates, imports: take, serves } = await started(t);
  serves(['www.example.com', 'img.example.com', '*.wild.test']);
  const covers = (name: string | undefined, host: string) => certificates.covers(name, host);
  assert(covers(undefined, ownName));
  assert(covers('unknown.test', ownName));
  assert(covers(ownName, `other.${domain}`));
  assert(!covers(undefined, 'www.example.com'));
  assert(covers('www.example.com', 'www.example.com'));
  assert(!covers('www.example.com', 'img.example.com'));
  assert(!covers('www.example.com', ownName));
  assert(covers('a.wild.test', 'b.wild.test'));
  take(imported(await makeCertificate({ names: ['www.example.com', 'img.example.com'] })));
  assert(covers('www.example.com', 'img.example.com'));
});
