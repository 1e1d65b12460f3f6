import assert from 'node:assert/strict';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { until } from '../../test/harness/until.ts';
import { FileBody } from './file-body.ts';

const length = 200_000;

async function bodyOf(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'warmfront-file-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'a');
  await writeFile(path, Buffer.alloc(length, 7));
  const file = await open(path);
  const stats = await file.stat({ bigint: true });
  return { file, body: new FileBody({ file, stats, start: 0, end: length }) };
}

function isClosed({ fd }: { readonly fd: number }): true | undefined {
  return fd === -1 ? true : undefined;
}

test('a file is closed when it was read, and discarding it then does no harm', async (t) => {
  const { body, file } = await bodyOf(t);
  let bytes = 0;
  for await (const piece of body) bytes += piece.length;
  assert.equal(bytes, length);
  assert(isClosed(file));
  body.discard();
});

test('a file is closed when it is discarded before, in the midst of or beside its reading', async (t) => {
  for (const pieces of [0, 1, 2]) {
    const { body, file } = await bodyOf(t);
    const iterator = body[Symbol.asyncIterator]();
    for (let index = 0; index < pieces; index += 1) await iterator.next();
    body.discard();
    await until('the file is closed', () => isClosed(file));
  }
  const { body, file } = await bodyOf(t);
  const iterator = body[Symbol.asyncIterator]();
  const reading = iterator.next();
  body.discard();
  await reading.catch(() => undefined);
  await until('the file is closed', () => isClosed(file));
  await assert.rejects(async () => {
    for (;;) if ((await iterator.next()).done === true) return;
  });
});
