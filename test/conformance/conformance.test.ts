/**
 * The public suite of tests for HTTP caches, in both modes: each test passes, or stands with its reason
 * in expectations.json and fails.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

const runner = join(import.meta.dirname, 'run.ts');

for (const [mode, given] of [
  ['as CloudFront does', []],
  ['with --standards', ['--standards']],
] as const) {
  test(`conformance ${mode}: every test ends as expected`, { timeout: 120_000 }, () => {
    const { status, stderr, stdout } = spawnSync(process.execPath, [runner, ...given], {
      encoding: 'utf8',
    });
    assert.equal(status, 0, stdout.split('Not as test/conformance').at(-1) + stderr);
    assert.match(stdout, /\nrequired \d+\/165 optimal \d+\/95\n$/);
  });
}
