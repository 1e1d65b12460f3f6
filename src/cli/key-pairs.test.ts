/** The commands of key pairs: a private key never leaves the machine, and is never lost on the way. */
import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { suite, test } from 'node:test';
import { runLine } from '../../test/harness/cli-world.ts';
import { type Asked, fakeApi, type Given } from '../../test/harness/fake-api.ts';

const pair = { id: 'APKA1', active: true, createdAt: '2026-11-22T21:22:35.087Z' };

/** Answers an import with the pair of the key that came. */
function imported({ body }: Asked): Given {
  return { status: 201, body: JSON.stringify({ ...pair, publicKey: JSON.parse(body).publicKey }) };
}

function no(status: number, code: string): Given {
  return { status, body: JSON.stringify({ code, message: 'No.', requestId: 'id-1' }) };
}

/** The public key of the private one, in the form in which it is sent. */
function publicOf(privateKey: string): string {
  return createPublicKey(createPrivateKey(privateKey))
    .export({ type: 'spki', format: 'pem' })
    .toString();
}

suite('key-pair create', () => {
  test('shows the private key on standard output alone, and sends the public one', async (t) => {
    const api = await fakeApi(t, imported);
    const { code, err, out } = await runLine(api.url, ['key-pair', 'create']);
    assert.equal(code, 0);
    assert.match(out, /^-----BEGIN RSA PRIVATE KEY-----\n[^]*-----END RSA PRIVATE KEY-----\n$/);
    assert.match(err, /id +APKA1\nstate +active\n[^]*shown this once/);
    const [sent] = api.asked;
    assert.deepEqual(JSON.parse(sent?.body ?? ''), { publicKey: publicOf(out) });
    assert.equal(sent?.headers['content-type'], 'application/json');
    assert.equal(createPrivateKey(out).asymmetricKeyDetails?.modulusLength, 2_048);
  });

  test('tells it as JSON', async (t) => {
    const api = await fakeApi(t, imported);
    const { out } = await runLine(api.url, ['key-pair', 'create', '--json']);
    const { privateKey, publicKey, ...rest } = JSON.parse(out);
    assert.deepEqual(rest, pair);
    assert.equal(publicOf(privateKey), publicKey);
  });

  test('writes it to a file, and shows it nowhere', async (t) => {
    const files = new Map<string, string>();
    const api = await fakeApi(t, imported);
    for (const json of [[], ['--json']]) {
      const path = `k${json.length}.pem`;
      const line = ['key-pair', 'create', '--out', path, ...json];
      const { code, err, out } = await runLine(api.url, line, { files });
      assert.equal(code, 0);
      assert.doesNotMatch(out + err, /PRIVATE KEY/);
      assert(out.includes(path));
      const sent = JSON.parse(api.asked.at(-1)?.body ?? '');
      assert.equal(publicOf(files.get(path) ?? ''), sent.publicKey);
    }
  });

  test('never writes over a file, and sends nothing then', async (t) => {
    const files = new Map([['k.pem', 'precious']]);
    const api = await fakeApi(t, imported);
    const { code, err } = await runLine(api.url, ['key-pair', 'create', '--out', 'k.pem'], {
      files,
    });
    assert.equal(code, 1);
    assert.match(err, /k\.pem cannot be created: .*exists.* Nothing was sent\./);
    assert.equal(files.get('k.pem'), 'precious');
    assert.equal(api.asked.length, 0);
  });

  test('takes the file away again where the pair is refused', async (t) => {
    const files = new Map<string, string>();
    const api = await fakeApi(t, () => no(400, 'TooManyKeyPairs'));
    const { code, err } = await runLine(api.url, ['key-pair', 'create', '--out', 'k.pem'], {
      files,
    });
    assert.equal(code, 1);
    assert.match(err, /TooManyKeyPairs/);
    assert.deepEqual([...files], []);
  });

  test('keeps the file where the answer is lost, since the pair may be there', async (t) => {
    const files = new Map<string, string>();
    const api = await fakeApi(t, () => 'broken');
    const line = ['key-pair', 'create', '--out', 'k.pem'];
    const { code } = await runLine(api.url, line, { files });
    assert.equal(code, 1);
    assert.match(files.get('k.pem') ?? '', /PRIVATE KEY/);
    assert.equal(api.asked.length, 4, 'it is tried again, as a repeat changes nothing');
    assert.equal(new Set(api.asked.map(({ body }) => body)).size, 1);
  });
});

suite('key-pair import', () => {
  const keys = generateKeyPairSync('rsa', { modulusLength: 1_024 });
  const publicKey = keys.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const privateKey = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

  test('sends what the file holds', async (t) => {
    const api = await fakeApi(t, imported);
    const files = new Map([['pub.pem', publicKey]]);
    const { code, out } = await runLine(api.url, ['key-pair', 'import', 'pub.pem'], { files });
    assert.equal(code, 0);
    assert.match(out, /^id +APKA1\n/);
    assert.deepEqual(JSON.parse(api.asked[0]?.body ?? ''), { publicKey });
  });

  test('never sends a private key', async (t) => {
    const api = await fakeApi(t, imported);
    const files = new Map([
      ['private.pem', privateKey],
      ['both.pem', `${publicKey}${privateKey}`],
      ['large.pem', 'x'.repeat(8_193)],
    ]);
    const cases: readonly [string, RegExp][] = [
      ['private.pem', /holds a private key, which stays here; nothing was sent/],
      ['both.pem', /holds a private key/],
      ['large.pem', /too many for one public key/],
      ['none.pem', /cannot be read: no such file/],
    ];
    for (const [path, fault] of cases) {
      const { code, err, out } = await runLine(api.url, ['key-pair', 'import', path], { files });
      assert.equal(code, 1, path);
      assert.match(err, fault);
      assert.doesNotMatch(out + err, /-----BEGIN/);
    }
    assert.equal(api.asked.length, 0);
  });
});

suite('other commands of key pairs', () => {
  test('list tells which are active', async (t) => {
    const other = { ...pair, id: 'APKA2', active: false };
    const api = await fakeApi(t, () => ({
      status: 200,
      body: JSON.stringify({ keyPairs: [pair, other] }),
    }));
    const { out } = await runLine(api.url, ['key-pair', 'list']);
    assert.match(out, /^ID +STATE +CREATED\nAPKA1 +active +2026-[^\n]*\nAPKA2 +inactive /);
    const json = await runLine(api.url, ['key-pair', 'list', '--json']);
    assert.equal(JSON.parse(json.out).length, 2);
  });

  test('activate, deactivate and delete ask for what their names say', async (t) => {
    const api = await fakeApi(t, ({ method }) =>
      method === 'DELETE'
        ? { status: 204 }
        : { status: 200, body: JSON.stringify({ ...pair, active: false }) },
    );
    const cases: readonly [string, string, RegExp][] = [
      ['activate', 'POST /_warmfront/key-pairs/APKA1/activate', /state +inactive/],
      ['deactivate', 'POST /_warmfront/key-pairs/APKA1/deactivate', /state +inactive/],
      ['delete', 'DELETE /_warmfront/key-pairs/APKA1', /^APKA1 is deleted\n$/],
    ];
    for (const [verb, asked, said] of cases) {
      const { code, out } = await runLine(api.url, ['key-pair', verb, 'APKA1']);
      assert.equal(code, 0, verb);
      assert.match(out, said);
      const { method, path } = api.asked.at(-1) ?? {};
      assert.equal(`${method} ${path}`, asked);
    }
  });

  test('an answer of another form is told as one', async (t) => {
    const bodies = ['[]', '{}', '{"keyPairs":[1]}', '{"keyPairs":[{"id":1}]}', 'null', '<x/>'];
    const api = await fakeApi(t, () => ({ status: 200, body: bodies.shift() ?? '' }));
    for (let left = bodies.length; left > 0; left -= 1) {
      const { code, err } = await runLine(api.url, ['key-pair', 'list']);
      assert.equal(code, 1);
      assert.match(err, /not in the form expected|not JSON/);
    }
  });
});
