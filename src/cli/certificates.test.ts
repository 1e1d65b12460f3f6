/** The commands of certificates: a private key goes to the API alone, and never in the clear. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { runLine } from '../../test/harness/cli-world.ts';
import { fakeApi, type Given } from '../../test/harness/fake-api.ts';

const files = new Map([
  ['cert.pem', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
  ['key.pem', '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n'],
  ['large.pem', 'x'.repeat(65_537)],
]);

const view = {
  id: 'ASCA1',
  status: 'Deployed',
  names: ['www.example.com', 'example.com'],
  servedNames: ['www.example.com'],
  keyKind: 'ec',
  notBefore: '2026-01-01T00:00:00.000Z',
  notAfter: '2999-01-01T00:00:00.000Z',
  fingerprint: 'ab'.repeat(32),
  keyOpens: true,
  createdAt: '2026-11-22T21:22:35.087Z',
  certificate: files.get('cert.pem') ?? '',
};

const line = ['certificate', 'import', '--certificate', 'cert.pem', '--key', 'key.pem'];

function answer(status: number, body: unknown): Given {
  return { status, body: JSON.stringify(body) };
}

suite('certificate import', () => {
  test('sends both files, and shows what came of them', async (t) => {
    const api = await fakeApi(t, () => answer(201, view));
    const { code, err, out } = await runLine(api.url, line, { files });
    assert.equal(code, 0);
    assert.match(out, /^id +ASCA1\nstatus +Deployed\nnames +www\.example\.com, example\.com\n/);
    assert.match(out, /used for +www\.example\.com\nkey +ECDSA\nexpires +2999-/);
    assert.doesNotMatch(out + err, /PRIVATE/);
    const [asked] = api.asked;
    assert.equal(`${asked?.method} ${asked?.path}`, 'POST /_warmfront/certificates');
    assert.deepEqual(JSON.parse(asked?.body ?? ''), {
      certificate: files.get('cert.pem'),
      key: files.get('key.pem'),
    });
    const json = await runLine(api.url, [...line, '--json'], { files });
    assert.deepEqual(JSON.parse(json.out), view);
  });

  test('waits until it is Deployed', async (t) => {
    let polls = 0;
    const api = await fakeApi(t, ({ method, path }) => {
      if (path === '/_warmfront/edges') return answer(200, { head: 3, settled: true, edges: [] });
      if (method === 'POST') return answer(201, { ...view, status: 'InProgress' });
      polls += 1;
      return answer(200, { ...view, status: polls < 3 ? 'InProgress' : 'Deployed' });
    });
    const { code, err, out } = await runLine(api.url, [...line, '--wait'], { files });
    assert.equal(code, 0);
    assert.match(err, /Imported ASCA1/);
    assert.match(out, /status +Deployed/);
    assert.equal(polls, 3);
  });

  test('sends a private key nowhere in the clear', async (t) => {
    const api = await fakeApi(t, () => answer(201, view));
    const { port } = new URL(api.url);
    const endpoint = `http://cdn.example.com:${port}`;
    const { code, err } = await runLine(endpoint, line, { files });
    assert.equal(code, 1);
    assert.match(err, /in the clear; nothing was sent\. .*https:\/\//);
    for (const near of [`http://localhost:${port}`, `http://127.0.0.1:${port}`]) {
      assert.equal((await runLine(near, line, { files })).code, 0, near);
    }
  });

  test('says which file is missing, absent or too large', async (t) => {
    const api = await fakeApi(t, () => answer(201, view));
    const cases: readonly [readonly string[], number, RegExp][] = [
      [line.slice(0, 4), 2, /--key FILE is missing/],
      [['certificate', 'import', '--key', 'key.pem'], 2, /--certificate FILE is missing/],
      [[...line.slice(0, 5), 'none.pem'], 1, /none\.pem cannot be read: no such file/],
      [[...line.slice(0, 5), 'large.pem'], 1, /large\.pem has 65537 characters/],
    ];
    for (const [argv, wanted, fault] of cases) {
      const { code, err } = await runLine(api.url, argv, { files });
      assert.equal(code, wanted);
      assert.match(err, fault);
    }
    assert.equal(api.asked.length, 0);
  });

  test('tells the refusal as it came', async (t) => {
    const message = 'The private key is not that of the certificate: their public keys differ.';
    const api = await fakeApi(t, () =>
      answer(400, { code: 'CertificateKeyMismatch', message, requestId: 'id-1' }),
    );
    const { code, err } = await runLine(api.url, line, { files });
    assert.equal(code, 1);
    assert.match(err, /public keys differ\. \(CertificateKeyMismatch, status 400/);
  });
});

suite('certificate list and delete', () => {
  test('list shows what each is used for, and what is wrong with it', async (t) => {
    const names = ['a', 'b', 'c', 'd', 'e'].map((name) => `${name}.example.com`);
    const old = { ...view, id: 'ASCA2', notAfter: '2020-01-01T00:00:00.000Z', keyKind: 'rsa' };
    const lost = { ...view, id: 'ASCA3', keyOpens: false, names, servedNames: [] };
    const api = await fakeApi(t, () => answer(200, { certificates: [view, old, lost] }));
    const { out } = await runLine(api.url, ['certificate', 'list']);
    const [head, ...rows] = out.trimEnd().split('\n');
    assert.match(head ?? '', /^ID +STATUS +NAMES +USED FOR +KEY +EXPIRES$/);
    assert.match(
      rows[0] ?? '',
      /^ASCA1 +Deployed +www\.example\.com, example\.com +1 +ECDSA +2999/,
    );
    assert.match(rows[1] ?? '', /RSA +2020-01-01T00:00:00\.000Z, so it is not used$/);
    assert.match(rows[2] ?? '', /c\.example\.com and 2 more +0 +ECDSA, lost: import/);
    const json = await runLine(api.url, ['certificate', 'list', '--json']);
    assert.equal(JSON.parse(json.out).length, 3);
  });

  test('list says that there is none', async (t) => {
    const api = await fakeApi(t, () => answer(200, { certificates: [] }));
    assert.match((await runLine(api.url, ['certificate', 'list'])).out, /no certificate yet/);
  });

  test('delete asks for what its name says', async (t) => {
    const api = await fakeApi(t, () => ({ status: 204 }));
    const { code, out } = await runLine(api.url, ['certificate', 'delete', 'ASCA 1']);
    assert.equal(code, 0);
    assert.equal(out, 'ASCA 1 is deleted\n');
    const [asked] = api.asked;
    assert.equal(`${asked?.method} ${asked?.path}`, 'DELETE /_warmfront/certificates/ASCA%201');
  });

  test('an answer of another form is told as one', async (t) => {
    const bodies = [[], {}, { certificates: [1] }, { certificates: [{ id: 1 }] }, null];
    const api = await fakeApi(t, () => answer(200, bodies.shift()));
    for (let left = bodies.length; left > 0; left -= 1) {
      const { code, err } = await runLine(api.url, ['certificate', 'list']);
      assert.equal(code, 1);
      assert.match(err, /not in the form expected/);
    }
  });
});
