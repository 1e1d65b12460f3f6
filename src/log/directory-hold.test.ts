/** One process holds a data directory at a time, and lets go of it however it ends. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { holdDirectory } from './directory-hold.ts';

const inUse = /data directory .* in use by another process/;

test('a directory is held by one, and free again once that lets go', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'warmfront-hold-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const directory = join(folder, 'new', 'data');
  const letGo = holdDirectory(directory);
  assert.throws(() => holdDirectory(directory), inUse);
  letGo();
  holdDirectory(directory)();
});

test('one that is killed holds nothing any more', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'warmfront-hold-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const module = JSON.stringify(new URL('./directory-hold.ts', import.meta.url));
  const script = `import { holdDirectory } from ${module};
    holdDirectory(process.argv[1]);
    console.log('held');
    setInterval(() => {}, 1_000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  assert.throws(() => holdDirectory(folder), inUse);
  child.kill('SIGKILL');
  await once(child, 'close');
  holdDirectory(folder)();
});
