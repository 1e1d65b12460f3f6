/** serve as a process: what it says when it is ready, when it cannot start, and how it ends. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { beginCli, runCli } from '../harness/cli-process.ts';
import { runLine } from '../harness/cli-world.ts';
import { edgesOnFreePorts, freePorts, startServerProcess } from '../harness/server-process.ts';
import { until } from '../harness/until.ts';

const small = [...freePorts, ...edgesOnFreePorts('lima')];

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'warmfront-serve-'));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

function portOf(address: AddressInfo | string | null): number {
  assert(typeof address === 'object' && address !== null);
  return address.port;
}

/** One line, or as many as `lines`; never a stack. */
function assertSentence(err: string, pattern: RegExp): void {
  assert.match(err, pattern);
  assert.doesNotMatch(err, /\n\s+at /);
  assert.equal(err.trim().split('\n').length, 1, err);
}

test('the banner ends with the line that says it is ready, and SIGINT ends it well', async () => {
  const server = beginCli(['serve', '--memory', ...small]);
  await server.says(/\nwarmfront ready\n$/);
  assert.match(server.out(), /^Warmfront \d+\.\d+\.\d+\n/);
  assert.match(
    server.out(),
    /\n {2}API +http:\/\/127\.0\.0\.1:\d+ {2}https:\/\/127\.0\.0\.1:\d+\n/,
  );
  server.signal('SIGINT');
  assert.equal(await server.ended, 0);
});

test('SIGTERM ends it well, and what was kept is there at the next start', async (t) => {
  const data = join(await folder(t), 'data');
  const first = await startServerProcess([...small, '--data', data]);
  const line = ['distribution', 'create', '--s3-origin', 'pictures', '--wait', '--json'];
  const created = JSON.parse((await runLine(first.addresses.api, line)).out);
  assert.deepEqual(await first.stop(), { code: 0, signal: null });

  const second = await startServerProcess([...small, '--data', data]);
  const { api, caFile } = second.addresses;
  const shown = JSON.parse(
    (await runLine(api, ['distribution', 'show', created.id, '--json'])).out,
  );
  assert.equal(shown.etag, created.etag);
  assert.equal(caFile, join(data, 'ca.pem'));
  await second.stop();
});

test('a port that is taken is said in one sentence', async (t) => {
  const taken = createTcpServer();
  await new Promise<void>((resolve) => {
    taken.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => taken.close());
  const address = `127.0.0.1:${portOf(taken.address())}`;
  for (const settings of [
    ['--api', address, '--api-tls', 'off', ...edgesOnFreePorts('lima')],
    [...freePorts.slice(0, 2), '--api-tls', address, ...edgesOnFreePorts('lima')],
    [...freePorts, '--edge', `lima=${address}`],
  ]) {
    const { code, err, out } = await runCli(['serve', '--memory', ...settings]);
    assert.equal(code, 1);
    assertSentence(err, new RegExp(address.replaceAll('.', '\\.')));
    assert.equal(out, '');
  }
});

test('a data folder that another process holds is said in one sentence', async (t) => {
  const data = join(await folder(t), 'data');
  const first = await startServerProcess([...small, '--data', data]);
  t.after(() => first.stop());
  const { code, err } = await runCli(['serve', ...small, '--data', data]);
  assert.equal(code, 1);
  assertSentence(err, /data/);
});

test('a bad file of credentials is said in one sentence, without a secret', async (t) => {
  const file = join(await folder(t), 'keys.json');
  await writeFile(file, '[{"accessKeyId":"AKID","secretAccessKey":"very-secret"}]');
  const { code, err } = await runCli(['serve', '--memory', ...small, '--credentials', file]);
  assert.equal(code, 1);
  assertSentence(err, /keys\.json cannot be used: entry 1 needs accountId/);
  assert.doesNotMatch(err, /very-secret/);
});

test('a broken authority is said in one sentence', async (t) => {
  const data = await folder(t);
  await writeFile(join(data, 'ca.pem'), 'not a certificate');
  const { code, err } = await runCli(['serve', ...small, '--data', data]);
  assert.equal(code, 1);
  assertSentence(err, /ca-key\.pem is missing/);
});

test('wrong settings are exit code 2, help is exit code 0', async () => {
  const wrong = await runCli(['serve', '--api', '0.0.0.0:4400']);
  assert.equal(wrong.code, 2);
  assertSentence(wrong.err, /not loopback.*--credentials/);
  const help = await runCli(['serve', '--help']);
  assert.equal(help.code, 0);
  assert.match(help.out, /^Usage: warmfront serve \[settings\]/);
});

test('settings come from the environment too', async () => {
  const server = beginCli(['serve', '--json', ...small], { WARMFRONT_MEMORY: 'true' });
  await server.says(/"event":"ready"/);
  assert.equal(JSON.parse(server.out()).caFile, null);
  server.signal('SIGTERM');
  assert.equal(await server.ended, 0);
});

test('a first signal waits for what is under way, a second one does not', async (t) => {
  let asked = 0;
  const origin = createServer(() => {
    // It never answers, so the viewer's request stays under way.
    asked += 1;
  });
  await new Promise<void>((resolve) => {
    origin.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => {
    origin.closeAllConnections();
    origin.close();
  });
  const slow = `slow.example.com=http://127.0.0.1:${portOf(origin.address())}`;
  const server = beginCli(['serve', '--memory', '--json', ...small, '--origin', slow]);
  await server.says(/"event":"ready"/);
  const { api, edges } = JSON.parse(server.out());
  const line = ['distribution', 'create', '--origin', 'slow.example.com', '--wait', '--json'];
  const { domainName } = JSON.parse((await runLine(api, line)).out);
  const viewer = connect(Number(new URL(edges[0].http).port), '127.0.0.1');
  viewer.on('error', () => undefined);
  t.after(() => viewer.destroy());
  viewer.write(`GET / HTTP/1.1\r\nHost: ${domainName}\r\n\r\n`);
  await until('the origin is asked', () => (asked > 0 ? true : undefined));

  server.signal('SIGTERM');
  await server.says(/Warmfront stops/);
  const begun = performance.now();
  server.signal('SIGTERM');
  assert.equal(await server.ended, 143);
  assert(performance.now() - begun < 5_000);
});
