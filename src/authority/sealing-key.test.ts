import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { systemRandomness } from '../base/randomness.ts';
import { AuthorityFault } from './files.ts';
import { openSealingKey } from './sealing-key.ts';

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'warmfront-key-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return join(path, 'data');
}

test('the key is made once, kept, and readable by its owner alone', async (t) => {
  const here = folder(t);
  const first = await openSealingKey(here, systemRandomness);
  assert.equal(first.length, 32);
  const path = join(here, 'certificate-key');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const nothing = {
    ...systemRandomness,
    bytes: () => assert.fail('nothing is to be drawn'),
  };
  assert.deepEqual(await openSealingKey(here, nothing), first);
});

test('without a directory there is a key for this process, and no file', async () => {
  const one = await openSealingKey(undefined, systemRandomness);
  const two = await openSealingKey(undefined, systemRandomness);
  assert.equal(one.length, 32);
  assert.notDeepEqual(one, two);
});

test('a file that others may read, or that is broken, is an error for the operator', async (t) => {
  const here = folder(t);
  await openSealingKey(here, systemRandomness);
  const path = join(here, 'certificate-key');
  const whole = readFileSync(path, 'utf8');
  const faultOf = async (): Promise<string> => {
    try {
      await openSealingKey(here, systemRandomness);
    } catch (error) {
      assert(error instanceof AuthorityFault);
      assert(!error.message.includes(whole.slice(0, 16)));
      return error.message;
    }
    return 'no fault';
  };
  for (const text of ['', whole.slice(0, 40), `${whole}more`, whole.replace(/^./, 'x')]) {
    writeFileSync(path, text);
    assert.match(await faultOf(), /does not hold 64 hexadecimal digits/);
  }
  writeFileSync(path, whole);
  for (const mode of [0o640, 0o604, 0o660]) {
    chmodSync(path, mode);
    assert.match(await faultOf(), /Other users may read .*chmod 600/);
  }
  chmodSync(path, 0o400);
  assert.equal(await faultOf(), 'no fault');
});
