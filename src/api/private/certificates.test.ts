import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { ApiCaller, assertStatus, type Reply } from '../../../test/harness/api-caller.ts';
import { ApiWorld, otherCredential } from '../../../test/harness/api-world.ts';
import { create, download } from '../../../test/harness/kinds.ts';
import { SeededRandomness } from '../../../test/harness/seeded-randomness.ts';
import { makeCertificate, makeChain } from '../../../test/harness/test-certificates.ts';
import { systemClock } from '../../base/clock.ts';
import type { Recorder } from '../../base/recorder.ts';

const path = '/_warmfront/certificates';

function keepingRecorder(): { recorder: Recorder; lines: () => string } {
  const lines: string[] = [];
  const keep = (facts: unknown, message: string): void => {
    lines.push(`${message} ${JSON.stringify(facts)} ${String(Object.values(Object(facts)))}`);
  };
  const recorder: Recorder = {
    debug: keep,
    info: keep,
    warn: keep,
    error: keep,
    child: () => recorder,
  };
  return { recorder, lines: () => lines.join('\n') };
}

async function started(t: TestContext, limits: { certificates?: number } = {}) {
  const { lines, recorder } = keepingRecorder();
  const world = await ApiWorld.start({
    clock: systemClock,
    randomness: new SeededRandomness(3),
    recorder,
    limits,
  });
  const api = new ApiCaller(`http://127.0.0.1:${world.port}`);
  t.after(async () => {
    api.close();
    await world.stop();
  });
  return { world, api, lines };
}

function read({ body }: Reply): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(body);
  assert(typeof value === 'object' && value !== null);
  return Object.fromEntries(Object.entries(value));
}

function imports(
  api: ApiCaller,
  { certificate, key }: { certificate: string; key: string },
): Promise<Reply> {
  return api.post(path, JSON.stringify({ certificate, key }));
}

function codeOf(reply: Reply, status: number): string {
  assertStatus(reply, status);
  return String(read(reply)['code']);
}

/** Neither a line of the PEM nor the secret number itself, in any encoding. */
function holdsNothingOf(text: string, keyPem: string): void {
  const lines = keyPem.split('\n').filter((line) => line.length >= 16 && !line.startsWith('-----'));
  const secret = Buffer.from(lines.join(''), 'base64');
  const forms = [...lines, secret.toString('hex').slice(72, 136)];
  for (const form of forms) assert(!text.includes(form));
}

test('a certificate is imported, shown, listed and deleted; its key is never shown', async (t) => {
  const { api, lines, world } = await started(t);
  const { chain, leaf } = await makeChain({ names: ['www.example.com', '*.example.org'] });
  await create(api, download, { reference: 'r', cnames: ['www.example.com', 'other.example.com'] });

  const imported = await imports(api, { certificate: chain, key: leaf.key });
  assertStatus(imported, 201);
  const { id, createdAt, notAfter, notBefore, fingerprint, ...rest } = read(imported);
  assert.match(String(id), /^ASCA[0-9A-Z]{17}$/);
  assert.match(String(fingerprint), /^[0-9a-f]{64}$/);
  assert.deepEqual(rest, {
    status: 'InProgress',
    names: ['www.example.com', '*.example.org'],
    servedNames: ['www.example.com'],
    keyKind: 'ec',
    keyOpens: true,
    certificate: chain,
  });
  assert(String(notBefore) < String(createdAt) && String(createdAt) < String(notAfter));

  // In use once every live edge has it: the same arithmetic as for all else.
  assert.equal(read(await api.get(`${path}/${String(id)}`))['status'], 'InProgress');
  await world.edgeCatchesUp();
  const shown = read(await api.get(`${path}/${String(id)}`));
  assert.equal(shown['status'], 'Deployed');
  assert.deepEqual(read(await api.get(path)), { certificates: [shown] });

  // The same again is the same import, whoever lost the first answer.
  const again = await imports(api, { certificate: chain, key: leaf.key });
  assert.deepEqual(read(again), shown);

  assertStatus(await api.delete(`${path}/${String(id)}`), 204);
  assert.equal(codeOf(await api.delete(`${path}/${String(id)}`), 404), 'NoSuchCertificate');
  assert.equal(codeOf(await api.get(`${path}/${String(id)}`), 404), 'NoSuchCertificate');
  assert.deepEqual(read(await api.get(path)), { certificates: [] });

  for (const text of [imported.body, again.body, lines()]) holdsNothingOf(text, leaf.key);
});

test("another account sees nothing of an account's certificates", async (t) => {
  const { api } = await started(t);
  const theirs = api.as(otherCredential);
  t.after(() => theirs.close());
  const made = await makeCertificate({ names: ['www.example.com'] });
  const id = String(read(await imports(api, made))['id']);
  assert.deepEqual(read(await theirs.get(path)), { certificates: [] });
  assert.equal(codeOf(await theirs.get(`${path}/${id}`), 404), 'NoSuchCertificate');
  assert.equal(codeOf(await theirs.delete(`${path}/${id}`), 404), 'NoSuchCertificate');
  assertStatus(await api.get(`${path}/${id}`), 200);
});

test('what is wrong with an import is told, and nothing of the key with it', async (t) => {
  const { api, lines } = await started(t, { certificates: 1 });
  const made = await makeCertificate({ names: ['www.example.com'] });
  const other = await makeCertificate({ names: ['www.example.com'] });
  const bad: readonly (readonly [string, string])[] = [
    ['', 'MissingBody'],
    ['certificate', 'InvalidArgument'],
    ['[]', 'InvalidArgument'],
    [JSON.stringify({ certificate: made.certificate }), 'InvalidArgument'],
    [JSON.stringify({ certificate: 7, key: made.key }), 'InvalidArgument'],
    [JSON.stringify({ ...made, passphrase: 'x' }), 'InvalidArgument'],
    [JSON.stringify({ certificate: '', key: made.key }), 'InvalidCertificate'],
    [JSON.stringify({ certificate: made.key, key: made.key }), 'InvalidCertificate'],
    [
      JSON.stringify({ certificate: made.certificate, key: made.key.slice(0, 90) }),
      'InvalidCertificateKey',
    ],
    [JSON.stringify({ certificate: made.certificate, key: other.key }), 'CertificateKeyMismatch'],
    [JSON.stringify({ certificate: 'x'.repeat(70_000), key: made.key }), 'InvalidArgument'],
  ];
  let said = '';
  for (const [body, code] of bad) {
    const reply = await api.post(path, body);
    assert.equal(codeOf(reply, 400), code, body.slice(0, 80));
    said += reply.body;
  }
  assertStatus(await imports(api, made), 201);
  assert.equal(codeOf(await imports(api, other), 400), 'TooManyCertificates');
  for (const { key } of [made, other]) holdsNothingOf(said + lines(), key);
});
