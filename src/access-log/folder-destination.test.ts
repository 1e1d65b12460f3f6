import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test, type TestContext } from 'node:test';
import * as fc from 'fast-check';
import { type Delivered, DeliveryFailure } from './destination.ts';
import { FolderDestination, pathParts } from './folder-destination.ts';

const never = new AbortController().signal;

function fileOf(key: string, content = 'content'): Delivered {
  return { key, bytes: content.length, read: () => Readable.from([Buffer.from(content)]) };
}

/** A folder for a bucket, beside something that is nobody's business. */
function place(t: TestContext): { readonly root: string; readonly bucket: string } {
  const root = mkdtempSync(join(tmpdir(), 'warmfront-folder-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const bucket = join(root, 'bucket');
  mkdirSync(bucket);
  mkdirSync(join(root, 'outside'));
  return { root, bucket };
}

test('a file is put below the folder, and takes the place of one of its name', async (t) => {
  const { bucket } = place(t);
  const destination = new FolderDestination(bucket);
  await destination.put(fileOf('a/b/E1.gz'), never);
  assert.equal(readFileSync(join(bucket, 'a/b/E1.gz'), 'utf8'), 'content');
  await destination.put(fileOf('a/b/E1.gz', 'newer'), never);
  assert.equal(readFileSync(join(bucket, 'a/b/E1.gz'), 'utf8'), 'newer');
  assert.deepEqual(readdirSync(join(bucket, 'a/b')), ['E1.gz']);
});

test('a prefix is literal: it need not end at a slash', async (t) => {
  const { bucket } = place(t);
  await new FolderDestination(bucket).put(fileOf('logs-E1.gz'), never);
  assert.deepEqual(readdirSync(bucket), ['logs-E1.gz']);
});

test('no prefix leads out of the folder', async (t) => {
  const { bucket, root } = place(t);
  const destination = new FolderDestination(bucket);
  const before = readdirSync(root).sort();
  for (const prefix of [
    '../',
    '../../',
    '/',
    '/etc/',
    './',
    'a/../../../',
    '..',
    '..\\',
    '.\0/',
    '//',
  ]) {
    await destination.put(fileOf(`${prefix}E1.gz`), never);
  }
  assert.deepEqual(readdirSync(root).sort(), before);
  assert.deepEqual(readdirSync(join(root, 'outside')), []);
  assert(existsSync(join(bucket, '%2E%2E/%2E%2E/E1.gz')));
  assert(existsSync(join(bucket, 'etc/E1.gz')));
});

test('whatever a key is made of, each part is a plain name', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('.', '..', '/', '\\', '\0', 'a', '%', ' ', 'ü'), { maxLength: 12 }),
      (pieces) => {
        for (const part of pathParts(pieces.join(''))) {
          assert(part !== '' && part !== '.' && part !== '..');
          assert.doesNotMatch(part, /[/\\\0]/);
        }
      },
    ),
  );
});

test('a link that leads out is not followed', async (t) => {
  const { bucket, root } = place(t);
  symlinkSync(join(root, 'outside'), join(bucket, 'out'));
  mkdirSync(join(bucket, 'real'));
  symlinkSync(join(bucket, 'real'), join(bucket, 'in'));
  const destination = new FolderDestination(bucket);
  await assert.rejects(destination.put(fileOf('out/E1.gz'), never), DeliveryFailure);
  await assert.rejects(destination.put(fileOf('out/deeper/E1.gz'), never), DeliveryFailure);
  assert.deepEqual(readdirSync(join(root, 'outside')), []);
  await destination.put(fileOf('in/E1.gz'), never);
  assert.deepEqual(readdirSync(join(bucket, 'real')), ['E1.gz']);
});

test('a folder that is gone is a failure, and is not made', async (t) => {
  const { bucket } = place(t);
  rmSync(bucket, { recursive: true });
  await assert.rejects(new FolderDestination(bucket).put(fileOf('a/E1.gz'), never), /ENOENT/);
  assert(!existsSync(bucket));
});

test('a file where a folder should be is a failure', async (t) => {
  const { bucket } = place(t);
  writeFileSync(join(bucket, 'a'), 'a site of its own');
  await assert.rejects(new FolderDestination(bucket).put(fileOf('a/E1.gz'), never));
  assert.equal(readFileSync(join(bucket, 'a'), 'utf8'), 'a site of its own');
});

test('what is not whole leaves nothing behind', async (t) => {
  const { bucket } = place(t);
  const destination = new FolderDestination(bucket);
  const broken: Delivered = {
    key: 'E1.gz',
    bytes: 10,
    read: () =>
      Readable.from(
        (async function* () {
          yield Buffer.from('half');
          await Promise.reject(new Error('the disk failed'));
        })(),
      ),
  };
  await assert.rejects(destination.put(broken, never), /the disk failed/);
  await assert.rejects(destination.put(fileOf('E1.gz'), AbortSignal.abort()), {
    name: 'AbortError',
  });
  assert.deepEqual(readdirSync(bucket), []);
});
