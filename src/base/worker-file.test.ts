import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { siblingModule, workerEnvironment } from './worker-file.ts';

test('a worker is loaded in the form in which the module that starts it was', () => {
  const source = siblingModule('file:///p/src/log/embedded.ts', './embedded-worker');
  assert.equal(source.href, 'file:///p/src/log/embedded-worker.ts');
  const built = siblingModule('file:///p/dist/server.js', './edge-worker');
  assert.equal(built.href, 'file:///p/dist/edge-worker.js');
});

test('a worker uses the compile cache of the thread that starts it', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'warmfront-cache-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const already = process.env['NODE_COMPILE_CACHE'];
  enableCompileCache(directory);
  const cache = workerEnvironment()['NODE_COMPILE_CACHE'];
  assert(cache !== undefined);
  // A cache that was on before stays on.
  if (already === undefined) assert.equal(cache, directory);
  assert(readdirSync(cache).some((name) => name.startsWith('v')));
});
