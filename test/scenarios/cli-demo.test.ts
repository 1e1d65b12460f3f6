/** The demo holds, shows each step, and fails where a step does not hold. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { systemRandomness } from '../../src/base/randomness.ts';
import { demoCommand } from '../../src/cli/demo.ts';
import { startServer } from '../../src/server.ts';
import { runCli } from '../harness/cli-process.ts';
import { keptScreen } from '../harness/cli-world.ts';
import { fakeApi } from '../harness/fake-api.ts';

test('every step of the life of a distribution holds, and is shown', async () => {
  const { code, err, out } = await runCli(['demo']);
  assert.equal(code, 0, out + err);
  for (const shown of [
    /1\. Create a distribution/,
    /< 201, Id E\w+, Status InProgress, ETag E\w+/,
    /X-Cache: Miss from cloudfront/,
    /X-Cache: Hit from cloudfront/,
    /< 409, DistributionNotDisabled/,
    /ok status while one edge lags: InProgress/,
    /ok status at tokyo: 200/,
    /< 412, PreconditionFailed/,
    /< 204/,
    /< 404, NoSuchDistribution/,
    /\nAll 15 steps held, in \d+ ms\.\n$/,
  ]) {
    assert.match(out, shown);
  }
});

test('settings of the person who runs it do not reach it', async () => {
  const { code, out } = await runCli(['demo', '--json'], {
    WARMFRONT_API: 'nonsense',
    WARMFRONT_ENDPOINT: 'nonsense',
  });
  assert.equal(code, 0);
  const { held, steps } = JSON.parse(out);
  assert.equal(held, true);
  assert.equal(steps.length, 15);
});

test('where a step does not hold, it says what was expected and what was seen', async (t) => {
  // An edge that serves what is not there: it answers every viewer alike.
  const liar = await fakeApi(t, () => ({ status: 200, body: 'Greetings' }));
  const out = keptScreen();
  const command = demoCommand(async (settings, ports) => {
    const running = await startServer(settings, ports);
    const edges = running.addresses.edges.map((edge) => ({ ...edge, http: liar.url }));
    return { ...running, addresses: { ...running.addresses, edges } };
  });
  const code = await command.run([], {
    environment: {},
    out,
    err: keptScreen(),
    clock: systemClock,
    randomness: systemRandomness,
    interrupted: new AbortController().signal,
    readText: () => Promise.reject(new Error('no files')),
    createPrivateFile: () => Promise.reject(new Error('no files')),
  });
  assert.equal(code, 1);
  assert.match(out.text(), /NOT HELD X-Cache at lima: expected Miss from cloudfront, seen \n/);
  assert.match(
    out.text(),
    /Step 3 did not hold\. X-Cache at lima: expected Miss from cloudfront, seen/,
  );
});
