/**
 * Certificates on a real server: made on first use, imported by the command line, in use once
 * Deployed, kept over a restart; and private keys, which are nowhere to be found.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { runLine } from '../harness/cli-world.ts';
import { fingerprintOf, handshake, sessionOf } from '../harness/handshake.ts';
import { NotReady } from '../harness/server-process.ts';
import { makeCertificate, makeChain, type Made } from '../harness/test-certificates.ts';
import { TlsServer } from '../harness/tls-server.ts';
import { until } from '../harness/until.ts';
import { view } from '../harness/viewing.ts';

const alias = 'www.example.com';

suite('certificates of a real server with two edges and two workers each', () => {
  let server: TlsServer;
  let domain: string;

  before(async () => {
    server = await TlsServer.start(['a', 'b'], ['--edge-workers', '2']);
    ({ domain } = await server.distribute('certificates', {
      cnames: [alias, 'img.example.com'],
      more: '<DefaultRootObject>index.html</DefaultRootObject><RequiredProtocols><Protocol>https</Protocol></RequiredProtocols>',
    }));
  });
  after(() => server.stop());

  /** What a new viewer is shown at the edge. */
  async function shown(servername: string, edge = 0): Promise<string> {
    const { distrust, fingerprint } = await handshake(server.port(edge), {
      servername,
      ca: [server.authority],
    });
    return distrust === undefined ? fingerprint : `${fingerprint} (${distrust})`;
  }

  /** A command line of the program; the files are those of its arguments. */
  async function line(argv: readonly string[], files = new Map<string, string>()) {
    const { code, err, out } = await runLine(server.api, [...argv, '--json'], { files });
    assert.equal(code, 0, err + out);
    return JSON.parse(out);
  }

  function imports({ certificate, key }: Pick<Made, 'certificate' | 'key'>, ...more: string[]) {
    const files = new Map([
      ['cert.pem', certificate],
      ['key.pem', key],
    ]);
    const argv = ['certificate', 'import', '--certificate', 'cert.pem', '--key', 'key.pem'];
    return line([...argv, ...more], files);
  }

  test('an alias gets one certificate on its first use, the same at every edge and worker', async () => {
    const folder = join(server.data, 'certificates');
    const before = readdirSync(folder).length;
    const fingerprints = await Promise.all(
      Array.from({ length: 16 }, (_, index) => shown(alias, index % 2)),
    );
    assert.equal(new Set(fingerprints).size, 1, fingerprints.join('\n'));
    assert.match(fingerprints[0] ?? '', /^[0-9a-f]{64}$/);
    assert.equal(readdirSync(folder).length, before + 1);
    await Promise.all(['unknown.test', 'a.example.com', domain].map((name) => shown(name)));
    assert.equal(readdirSync(folder).length, before + 1);
  });

  test('a session that one worker began is taken up by the other', async () => {
    const viewer = { servername: alias, ca: [server.authority] };
    const session = await sessionOf(server.port(), viewer);
    for (let tries = 0; tries < 12; tries += 1) {
      assert((await handshake(server.port(), { ...viewer, session })).isReused);
    }
  });

  test('where HTTPS is required, plain HTTP is refused, by every name (RequiredProtocols)', async () => {
    for (const host of [domain, alias]) {
      const { body, status } = await view(server.http(), host, '/');
      assert.equal(status, 403, host);
      assert.match(body, /ViewerProtocol/);
    }
  });

  test('an imported certificate is in use at every edge once it is Deployed', async () => {
    const local = await shown(alias);
    const { chain, leaf, root } = await makeChain({ names: [alias] });
    await line(['edges', 'hold', 'b']);
    const imported = await imports({ certificate: chain, key: leaf.key });
    assert.equal(imported.status, 'InProgress');
    assert.deepEqual(imported.servedNames, [alias]);
    const fingerprint = fingerprintOf(leaf.certificate);
    assert.equal(imported.fingerprint, fingerprint);
    await until('edge a uses it', async () =>
      (await shown(alias, 0)).startsWith(fingerprint) ? true : undefined,
    );
    assert.equal(await shown(alias, 1), local);
    const [listed] = await line(['certificate', 'list']);
    assert.equal(listed.status, 'InProgress');
    await line(['edges', 'release', 'b']);
    const again = await imports({ certificate: chain, key: leaf.key }, '--wait');
    assert.equal(again.status, 'Deployed');
    assert.equal(again.id, imported.id);
    for (const edge of [0, 0, 0, 0, 1, 1, 1, 1]) {
      const seen = await handshake(server.port(edge), { servername: alias, ca: root.certificate });
      assert.equal(seen.distrust, undefined);
      assert.equal(seen.fingerprint, fingerprint);
      assert.equal(seen.chainLength, 2);
    }

    await server.restart();
    assert.match(await shown(alias), new RegExp(`^${fingerprint}`));
    const [kept] = await line(['certificate', 'list']);
    assert.equal(kept.id, imported.id);
    await until('it is Deployed', async () =>
      (await line(['certificate', 'list']))[0].status === 'Deployed' ? true : undefined,
    );

    await line(['certificate', 'delete', imported.id]);
    await until('edge a uses that of the local authority again', async () =>
      (await shown(alias, 0)) === local ? true : undefined,
    );
    assert.equal(nowhereIn(server, leaf.key), 'nowhere');
  });

  test('a lost key file is told, viewers are served all the same, and an import puts it right', async () => {
    const made = await makeCertificate({ names: ['img.example.com'] });
    const fingerprint = fingerprintOf(made.certificate);
    const { id } = await imports(made, '--wait');
    assert.match(await shown('img.example.com'), new RegExp(`^${fingerprint}`));
    await server.restart(() => rm(join(server.data, 'certificate-key')));
    assert.match(await shown('img.example.com'), /^[0-9a-f]{64}$/, 'that of the local authority');
    const [lost] = await line(['certificate', 'list']);
    assert.equal(lost.keyOpens, false);
    assert.match(server.said, /an imported certificate cannot be used/);
    const again = await imports(made, '--wait');
    assert.equal(again.id, id);
    assert.equal(again.keyOpens, true);
    assert.match(await shown('img.example.com'), new RegExp(`^${fingerprint}`));
    await line(['certificate', 'delete', id]);
    assert.equal(nowhereIn(server, made.key), 'nowhere');
  });

  test('the key file is for its owner alone, and the server says so where it is not', async () => {
    const file = join(server.data, 'certificate-key');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const content = await readFile(file, 'utf8');
    await server.restart(async () => {
      await chmod(file, 0o644);
      await assert.rejects(server.tries(), (error) => {
        assert(error instanceof NotReady);
        assert.match(error.output, /Other users may read .*certificate-key.*chmod 600/);
        return true;
      });
      await chmod(file, 0o600);
      await writeFile(file, 'not a key');
      await assert.rejects(server.tries(), /does not hold 64 hexadecimal digits/);
      await writeFile(file, content);
    });
    await shown(alias);
  });

  test('what is wrong with a certificate or its key is said in a sentence each', async () => {
    const made = await makeCertificate({ names: [alias] });
    const other = await makeCertificate({ names: [alias] });
    const files = new Map([
      ['cert.pem', made.certificate],
      ['key.pem', other.key],
    ]);
    const argv = ['certificate', 'import', '--certificate', 'cert.pem', '--key', 'key.pem'];
    const { code, err, out } = await runLine(server.api, argv, { files });
    assert.equal(code, 1);
    assert.match(err, /The private key is not that of the certificate.*CertificateKeyMismatch/);
    for (const { key } of [made, other]) {
      assert.equal(nowhereIn(server, key, err + out), 'nowhere');
    }
  });
});

/** Looks for a key, as PEM and as bytes, in every file that is kept and in all that was said. */
function nowhereIn(server: TlsServer, keyPem: string, more = ''): string {
  const lines = keyPem.split('\n').filter((one) => one.length > 0 && !one.startsWith('-----'));
  const bytes = Buffer.from(lines.join(''), 'base64');
  // Behind the header that all keys of the kind have in common.
  const secret = bytes.subarray(36, 68);
  const needles = [
    ...lines.map((one) => Buffer.from(one)),
    secret,
    Buffer.from(secret.toString('hex')),
  ];
  const places = new Map<string, Buffer>([
    ['the record', Buffer.from(server.said)],
    ['the answer', Buffer.from(more)],
  ]);
  for (const entry of readdirSync(server.data, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) places.set(path, readFileSync(path));
  }
  for (const [place, content] of places) {
    if (needles.some((needle) => content.includes(needle))) return place;
  }
  return 'nowhere';
}
