/** The short form of log-kill.ts, which `node test/crash/log-kill.ts 200` runs in full. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runKillLoop } from './log-kill.ts';

test('no write that was answered is lost when its process is killed', {
  timeout: 60_000,
}, async () => {
  assert((await runKillLoop({ rounds: 8, seed: 11 })) > 0);
});
