/**
 * The short form of server-kill.ts, and what a data folder promises beside: an orderly stop loses as
 * little as a crash, and one process at a time holds it.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ApiCaller, assertStatus, etagOf } from '../harness/api-caller.ts';
import { bothKinds, create, untilDeployed } from '../harness/kinds.ts';
import {
  edgesOnFreePorts,
  freePorts,
  NotReady,
  startServerProcess,
} from '../harness/server-process.ts';
import { runRounds } from './server-rounds.ts';

const seed = Date.now() % 1_000_000;

test('kill -9 under writes loses no acknowledged write, and makes none up', async () => {
  const report = await runRounds({ rounds: 6, seed, by: 'SIGKILL', roundsPerFolder: 6 });
  const { contended, create, update } = report.acknowledged;
  assert(create > 0 && update > 0 && contended > 0, JSON.stringify(report.acknowledged));
  assert(report.viewerRequests > 0);
});

test('SIGTERM under writes loses no acknowledged write either, and ends with 0', async () => {
  const report = await runRounds({ rounds: 2, seed: seed + 1, by: 'SIGTERM', roundsPerFolder: 2 });
  assert(report.acknowledged.update > 0);
});

test('a restart gives the same distributions, ETags, times and statuses', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'warmfront-restart-'));
  const args = ['--data', folder, ...freePorts, ...edgesOnFreePorts('a')];
  try {
    const first = await startServerProcess(args);
    const before = new ApiCaller(first.addresses.api);
    const seen = new Map<string, { readonly body: string; readonly etag: string }>();
    for (const words of bothKinds) {
      for (let turn = 0; turn < 3; turn += 1) {
        const { path } = await create(before, words, {
          reference: `restart ${turn}`,
          comment: 'Grüße',
          enabled: turn > 0,
        });
        const { body, ...reply } = await untilDeployed(before, path);
        seen.set(path, { body, etag: etagOf({ ...reply, body }) });
      }
    }
    before.close();
    assert.deepEqual(await first.stop(), { code: 0, signal: null });

    const second = await startServerProcess(args);
    try {
      const after = new ApiCaller(second.addresses.api);
      for (const [path, { body, etag }] of seen) {
        const reply = await untilDeployed(after, path);
        assert.equal(reply.body, body);
        assert.equal(etagOf(reply), etag);
      }
      assert.equal(second.addresses.caFile, first.addresses.caFile);
      after.close();
    } finally {
      await second.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('a second process on the same data is refused in a sentence, and the first goes on', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'warmfront-second-'));
  const args = ['--data', folder, ...freePorts, ...edgesOnFreePorts('a')];
  const first = await startServerProcess(args);
  try {
    await assert.rejects(startServerProcess(args), (error) => {
      assert(error instanceof NotReady);
      assert.equal(error.exit?.code, 1);
      const sentences = error.output.trim().split('\n');
      assert.equal(sentences.length, 1, `one line, no stack:\n${error.output}`);
      assert.match(error.output, new RegExp(folder), 'it names the folder');
      assert.match(error.output, /another|already|in use/i);
      return true;
    });
    const api = new ApiCaller(first.addresses.api);
    assertStatus(await api.get(bothKinds[0].path), 200);
    await create(api, bothKinds[0], { reference: 'still here' });
    api.close();
  } finally {
    await first.kill();
  }
  // What held the folder has gone with its process, so nothing has to be cleaned up by hand.
  const third = await startServerProcess(args);
  await third.stop();
  await rm(folder, { recursive: true, force: true });
});
