/**
 * Opening the log in etcd, and what keeps it from being used: each told in a sentence that says what
 * to do. Real servers, with TLS and users where the test is about these.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { after, before, suite, test } from 'node:test';
import { Etcd, type EtcdOptions } from '../../test/harness/etcd.ts';
import { needs } from '../../test/harness/programs.ts';
import { makeCertificate, type Made } from '../../test/harness/test-certificates.ts';
import { until } from '../../test/harness/until.ts';
import { systemClock } from '../base/clock.ts';
import { encodeKey, writeId } from '../base/log-record.ts';
import { systemRandomness } from '../base/randomness.ts';
import { silentRecorder } from '../base/recorder.ts';
import { type EtcdSettings, openEtcd } from './etcd-opening.ts';
import { LogUnavailable } from './log-unavailable.ts';
import type { Append, AppendOutcome, ChangeLog } from './log.ts';

const { signal } = new AbortController();
const ports = {
  clock: systemClock,
  randomness: systemRandomness,
  recorder: silentRecorder,
  waitMsMax: 300,
};
const serverAuth = '1.3.6.1.5.5.7.3.1';
const clientAuth = '1.3.6.1.5.5.7.3.2';

function settings(etcd: Etcd, more: Partial<EtcdSettings> = {}): EtcdSettings {
  return { servers: etcd.addresses, prefix: 'one', tls: undefined, quotaBytes: 2 ** 32, ...more };
}

async function refused(code: string, says: RegExp, of: EtcdSettings): Promise<void> {
  await assert.rejects(openEtcd(of, ports), (thrown) => {
    assert(thrown instanceof LogUnavailable, String(thrown));
    assert.equal(thrown.code, code, thrown.message);
    assert.match(thrown.message, says);
    return true;
  });
}

async function append(log: ChangeLog, value = '1', id = 'x'): Promise<AppendOutcome> {
  const key = encodeKey({ account: 'test', kind: 'thing', id });
  const change: Append = {
    at: await log.head(signal),
    changes: [{ key, value: Buffer.from(value) }],
    writeId: writeId(systemRandomness.bytes(16)),
  };
  return log.append(change, signal);
}

suite('a log in etcd is opened', needs('etcd', 'etcdctl'), () => {
  let etcd: Etcd;
  before(async () => {
    etcd = await Etcd.start();
  });
  after(() => etcd.remove());

  test('by several at the same time as one log', async () => {
    const homes = await Promise.all(
      Array.from({ length: 4 }, () => openEtcd(settings(etcd, { prefix: 'several' }), ports)),
    );
    const heads = await Promise.all(homes.map(({ log }) => log.head(signal)));
    for (const head of heads) assert.deepEqual(head, heads[0]);
    await Promise.all(homes.map(({ log }) => log.close()));
  });

  test('under each prefix as another one', async () => {
    const [one, two] = await Promise.all(
      ['a', 'a/b'].map((prefix) => openEtcd(settings(etcd, { prefix }), ports)),
    );
    assert(one && two);
    assert.equal((await append(one.log)).kind, 'appended');
    assert.equal((await one.log.head(signal)).revision, 1);
    assert.equal((await two.log.head(signal)).revision, 0);
    await one.log.close();
    await two.log.close();
  });

  test('not where another program keeps its own under the prefix', async () => {
    etcd.control('put', '/foreign/log/head', 'hello');
    await refused('unreadable', /no log of this version/, settings(etcd, { prefix: 'foreign' }));
  });

  test('not where nobody listens, or something else does', async () => {
    const socket: Socket[] = [];
    const other = createServer((one) => void socket.push(one.on('error', () => undefined))).listen(
      0,
      '127.0.0.1',
    );
    await once(other, 'listening');
    const at = other.address();
    assert(typeof at === 'object' && at !== null);
    const silent = settings(etcd, { servers: [`127.0.0.1:${at.port}`] });
    await refused('unreachable', /cannot be reached .*no answer.*Check that it runs/s, silent);
    for (const one of socket) one.destroy();
    other.close();
    await once(other, 'close');
    await refused('unreachable', /cannot be reached/, silent);
  });
});

suite('the rights of a log in etcd', needs('etcd', 'etcdctl'), () => {
  let folder: string;
  let etcd: Etcd;
  let authority: Made;
  const clients = new Map<string, Made>();

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'warmfront-rights-'));
    authority = await makeCertificate({ commonName: 'authority', isAuthority: true });
    const server = await makeCertificate({
      issuer: authority,
      names: ['localhost'],
      addresses: ['127.0.0.1'],
      uses: [serverAuth, clientAuth],
    });
    for (const commonName of ['root', 'warmfront', 'reader', 'nobody']) {
      const made = await makeCertificate({ commonName, issuer: authority, uses: [clientAuth] });
      clients.set(commonName, made);
      await writeFile(join(folder, `${commonName}.pem`), made.certificate);
      await writeFile(join(folder, `${commonName}.key`), made.key);
    }
    const files = { ca: 'ca.pem', certificate: 'server.pem', key: 'server.key' };
    await writeFile(join(folder, files.ca), authority.certificate);
    await writeFile(join(folder, files.certificate), server.certificate);
    await writeFile(join(folder, files.key), server.key);
    const tls: EtcdOptions['tls'] = {
      ca: join(folder, files.ca),
      certificate: join(folder, files.certificate),
      key: join(folder, files.key),
      controlCertificate: join(folder, 'root.pem'),
      controlKey: join(folder, 'root.key'),
    };
    etcd = await Etcd.start({ tls });
    const granted = [
      ['user', 'add', 'root', '--no-password'],
      ['user', 'grant-role', 'root', 'root'],
      ['role', 'add', 'api'],
      ['role', 'grant-permission', 'api', 'readwrite', '--prefix=true', '/one/'],
      ['user', 'add', 'warmfront', '--no-password'],
      ['user', 'grant-role', 'warmfront', 'api'],
      ['role', 'add', 'look'],
      ['role', 'grant-permission', 'look', 'read', '--prefix=true', '/one/'],
      ['user', 'add', 'reader', '--no-password'],
      ['user', 'grant-role', 'reader', 'look'],
      ['auth', 'enable'],
    ];
    etcd.control('role', 'add', 'root');
    for (const args of granted) etcd.control(...args);
  });
  after(async () => {
    await etcd.remove();
    await rm(folder, { recursive: true });
  });

  function as(name: string, more: Partial<EtcdSettings> = {}): EtcdSettings {
    const client = clients.get(name);
    return settings(etcd, {
      tls: { authorities: authority.certificate, client },
      ...more,
    });
  }

  test('a user with rights on the prefix does all there is, presence too', async () => {
    const { log, makePresence } = await openEtcd(as('warmfront'), ports);
    const presence = makePresence({ leaseMs: 10_000, registered: () => new Set(['one']) });
    assert.equal((await append(log)).kind, 'appended');
    const serving = await log.head(signal);
    const report = { edge: 'one', session: 1, beat: 1, state: 'serving', serving } as const;
    assert.equal(await presence.report(report, signal), 'held');
    assert.equal((await presence.live(signal)).reports.length, 1);
    await log.forget(serving.revision, signal);
    await log.close();
  });

  test('one that may only read, or nothing, or elsewhere, is told which right is missing', async () => {
    const says = /does not permit .*grant-permission ROLE readwrite --prefix=true \/one\//;
    await refused('denied', says, as('reader'));
    await refused('denied', says, as('nobody'));
    await refused('denied', /under \/two\//, as('warmfront', { prefix: 'two' }));
  });

  test('without TLS, or with a server of another authority, it says what to look at', async () => {
    await refused('unreachable', /whether it wants TLS/, settings(etcd));
    const other = await makeCertificate({ commonName: 'other', isAuthority: true });
    const tls = { authorities: other.certificate, client: clients.get('warmfront') };
    await refused('unreachable', /the files of --log-ca/, as('warmfront', { tls }));
    const none = { authorities: authority.certificate, client: undefined };
    await refused('unreachable', /the files of --log-ca/, as('warmfront', { tls: none }));
  });
});

suite('a full etcd', needs('etcd', 'etcdctl'), () => {
  test('refuses changes as log-full, goes on being read, and takes them again once disarmed', async () => {
    const quota = 16 * 1_048_576;
    const etcd = await Etcd.start({ flags: [`--quota-backend-bytes=${quota}`] });
    const { log } = await openEtcd(settings(etcd, { quotaBytes: quota }), ports);
    try {
      const large = JSON.stringify('x'.repeat(900_000));
      let outcome: AppendOutcome = await append(log, large);
      for (let count = 0; count < 64 && outcome.kind === 'appended'; count += 1) {
        outcome = await append(log, large);
      }
      assert.deepEqual(outcome, { kind: 'refused', reason: 'log-full' });
      const head = await log.head(signal);
      assert(head.revision > 5);
      // A log that is there already can be opened and read.
      const second = await openEtcd(settings(etcd, { quotaBytes: quota }), ports);
      assert.deepEqual(await second.log.head(signal), head);
      await second.log.close();
      await refused(
        'full',
        /no log under \/new\/ yet.*alarm disarm/,
        settings(etcd, { prefix: 'new' }),
      );

      const said = etcd.control('endpoint', 'status', '-w', 'json');
      etcd.control('compact', /"revision":(\d+)/.exec(said)?.[1] ?? '');
      etcd.control('defrag');
      etcd.control('alarm', 'disarm');
      await until('changes are taken again', async () => {
        return (await append(log)).kind === 'appended' || undefined;
      });
      assert.equal((await log.head(signal)).revision, head.revision + 1);
    } finally {
      await log.close();
      await etcd.remove();
    }
  });
});
