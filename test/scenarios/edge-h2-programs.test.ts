/** HTTP/2 for viewers, as known programs speak it: curl, a load generator and a browser. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { browse, needsChromium } from '../harness/chromium.ts';
import { authority, h2Setting, rawOptions } from '../harness/h2-stage.ts';
import { needs, program } from '../harness/programs.ts';
import { host, setTheStage } from '../harness/scenario.ts';

const run = promisify(execFile);
const runMsMax = 30_000;
const fresh = { 'Cache-Control': 'max-age=60' } as const;

test('curl', needs('curl'), async (t) => {
  await using stage = await setTheStage(h2Setting(), t);
  stage.origin.answers(200, fresh, 'hello');
  const { port } = rawOptions(stage);
  const { stdout } = await run(program('curl'), [
    '--silent',
    '--insecure',
    '--http2',
    '--resolve',
    `${host}:${port}:127.0.0.1`,
    '--write-out',
    ' %{http_version} %{http_code}',
    `https://${host}:${port}/a`,
  ]);
  assert.equal(stdout, 'hello 2 200');
});

/** Its windows are what a viewer chooses freely: with small ones it sends many WINDOW_UPDATE. */
for (const { bits, said } of [
  { bits: 30, said: 'large' },
  { bits: 14, said: 'small' },
]) {
  test(`h2load with ${said} windows has every answer whole`, needs('h2load'), async (t) => {
    await using stage = await setTheStage(h2Setting(), t);
    const body = 'x'.repeat(100_000);
    stage.origin.answers(200, fresh, body);
    const { port } = rawOptions(stage);
    const [connections, streams, requests] = [4, 50, 800];
    const { stdout } = await run(
      program('h2load'),
      [
        `--clients=${connections}`,
        `--max-concurrent-streams=${streams}`,
        `--requests=${requests}`,
        `--window-bits=${bits}`,
        `--connection-window-bits=${bits}`,
        `--connect-to=127.0.0.1:${port}`,
        `https://${host}:${port}/a`,
      ],
      { timeout: runMsMax },
    );
    assert.match(stdout, /Application protocol: h2\n/);
    assert.match(stdout, new RegExp(`${requests} succeeded, 0 failed, 0 errored, 0 timeout`));
    assert.match(stdout, new RegExp(`status codes: ${requests} 2xx`));
    assert.match(stdout, new RegExp(`\\(${body.length * requests}\\) data`));
    assert.equal(stage.origin.asked.length, 1);
  });
}

test('Chromium', needsChromium(), async (t) => {
  await using stage = await setTheStage(h2Setting(), t);
  stage.origin.answers(200, { ...fresh, 'Content-Type': 'text/html' }, '<p>hello</p>');
  const { port } = rawOptions(stage);
  const seen = await browse(`https://${host}:${port}/`, authority.certificate);
  assert.equal(seen.failure, '');
  assert.equal(seen.text, 'hello');
  assert.equal(seen.security, 'secure');
  assert.equal(seen.hop, 'h2');
});
