/** The client commands, on a real server with two edges: what a person does with distributions. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { beginCli, runCli } from '../harness/cli-process.ts';
import { type Ran, runLine } from '../harness/cli-world.ts';
import {
  edgesOnFreePorts,
  freePorts,
  type ServerProcess,
  startServerProcess,
} from '../harness/server-process.ts';
import { view } from '../harness/viewing.ts';

const keys = [
  { accessKeyId: 'AKIDONE', secretAccessKey: 'secret-of-one', accountId: '111111111111' },
  { accessKeyId: 'AKIDTWO', secretAccessKey: 'secret-of-two', accountId: '222222222222' },
];

function environment(key = 0): Readonly<Record<string, string>> {
  const { accessKeyId = '', secretAccessKey = '' } = keys[key] ?? {};
  return { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
}

suite('client commands', () => {
  let folder: string;
  let server: ServerProcess;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'warmfront-cli-'));
    await writeFile(join(folder, 'index.html'), 'hello from the bucket\n');
    await writeFile(join(folder, 'keys.json'), JSON.stringify(keys));
    server = await startServerProcess([
      ...freePorts,
      ...edgesOnFreePorts('lima', 'tokyo'),
      '--data',
      join(folder, 'data'),
      '--bucket',
      `pictures=${folder}`,
      '--credentials',
      join(folder, 'keys.json'),
    ]);
  });
  after(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  function run(line: string, onErr?: (text: string) => void): Promise<Ran> {
    return runLine(server.addresses.api, line.split(' '), {
      environment: environment(),
      ...(onErr === undefined ? {} : { onErr }),
    });
  }

  async function create(word: string, options: string): Promise<{ id: string; domain: string }> {
    const { code, err, out } = await run(`${word} create ${options} --wait --json`);
    assert.equal(code, 0, err);
    const { domainName, id, status } = JSON.parse(out);
    assert.equal(status, 'Deployed');
    return { id, domain: domainName };
  }

  async function statusAt(edge: number, domain: string): Promise<number> {
    const { http = '' } = server.addresses.edges[edge] ?? {};
    return (await view(http, domain, '/')).status;
  }

  test('a distribution is created, seen, switched off and on, and deleted', async () => {
    const options = '--s3-origin pictures --root-object index.html --alias WWW.example.com';
    const { domain, id } = await create('distribution', options);
    assert.equal(await statusAt(0, domain), 200);

    const listed = await run('distribution list');
    assert.match(
      listed.out,
      new RegExp(`^ID +STATUS .*\n(?:.*\n)*${id} +Deployed +yes +${domain}`),
    );
    const shown = await run(`distribution show ${id}`);
    assert.match(shown.out, /\nroot object +index\.html\n/);
    assert.match(shown.out, /\naliases +www\.example\.com\n/);

    const disabled = await run(`distribution disable ${id} --wait --json`);
    assert.partialDeepStrictEqual(JSON.parse(disabled.out), { enabled: false, status: 'Deployed' });
    assert.equal(await statusAt(0, domain), 403);
    const again = await run(`distribution disable ${id}`);
    assert.equal(again.code, 0);
    assert.match(again.err, /is disabled already/);

    await run(`distribution enable ${id} --wait`);
    assert.equal(await statusAt(1, domain), 200);

    const deleted = await run(`distribution delete ${id}`);
    assert.equal(deleted.code, 0, deleted.err);
    for (const edge of [0, 1]) assert.equal(await statusAt(edge, domain), 403);
    const gone = await run(`distribution delete ${id}`);
    assert.equal(gone.code, 1);
    assert.match(
      gone.err,
      /NoSuchDistribution, status 404, request id [0-9a-f-]{36}\)\nNext: `warmfront distribution list` tells/,
    );
  });

  test('a streaming distribution goes the same way', async () => {
    const { domain, id } = await create('streaming-distribution', '--s3-origin films --disabled');
    assert.match(domain, /^s/);
    assert.match((await run('streaming-distribution list')).out, new RegExp(id));
    assert.equal((await run(`distribution show ${id}`)).code, 1);
    assert.equal((await run(`wait ${id}`)).out, `${id} is Deployed\n`);
    const plan = await run(`streaming-distribution delete ${id} --plan`);
    assert.match(plan.out, /1\. delete +DELETE \/2020-05-31\/streaming-distribution\//);
    assert.equal((await run(`streaming-distribution delete ${id}`)).code, 0);
    const none = await run(`wait ${id}`);
    assert.equal(none.code, 1);
    assert.match(none.err, /neither a distribution nor a streaming distribution/);
  });

  test('a create with the reference of an earlier one is refused, with what to do about it', async () => {
    const line = 'distribution create --s3-origin pictures --caller-reference once';
    const { id } = JSON.parse((await run(`${line} --json`)).out);
    const again = await run(line);
    assert.equal(again.code, 1);
    assert.match(again.err, new RegExp(`once was used to create distribution ${id} already`));
    assert.match(again.err, /DistributionAlreadyExists, status 409.*\nNext: .*another one/);
    assert.equal((await run(`distribution delete ${id}`)).code, 0);
  });

  test('an update keeps what this program has no option for', async () => {
    const options =
      '--origin localhost --http-port 3000 --origin-protocol match-viewer --https-only --trusted-signer self --trusted-signer 222222222222 --logging-bucket logs --logging-prefix a/';
    const { id } = await create('distribution', options);
    const before = JSON.parse((await run(`distribution show ${id} --json`)).out);
    await run(`distribution disable ${id}`);
    const afterwards = JSON.parse((await run(`distribution show ${id} --json`)).out);
    assert.notEqual(afterwards.etag, before.etag);
    const { etag, lastModified, status } = afterwards;
    assert.deepEqual(afterwards, { ...before, enabled: false, etag, lastModified, status });
    assert.equal((await run(`distribution delete ${id}`)).code, 0);
  });

  test('delete waits for the edge that is held, tells which, and ends once it is released', async () => {
    const { domain, id } = await create(
      'distribution',
      '--s3-origin pictures --root-object index.html',
    );
    assert.equal((await run('edges hold tokyo')).code, 0);
    assert.match((await run('edges')).out, /\ntokyo +serving +\d+ +0 +yes\n/);

    const late = await run(`distribution delete ${id} --timeout 200ms`);
    assert.equal(late.code, 1);
    assert.match(
      late.err,
      /still InProgress after 200ms\. Edges that lag: tokyo \(held, 1 behind\)/,
    );
    const waited = JSON.parse((await run(`wait ${id} --timeout 50ms --json`)).out);
    assert.equal(waited.error.code, 'Timeout');
    assert.equal(waited.error.edges[0].name, 'tokyo');
    assert.deepEqual([await statusAt(0, domain), await statusAt(1, domain)], [403, 200]);

    let released: Promise<Ran> | undefined;
    const deleted = await run(`distribution delete ${id}`, (text) => {
      if (/waits for tokyo/.test(text)) released ??= run('edges release tokyo');
    });
    assert.equal((await released)?.code, 0);
    assert.equal(deleted.code, 0, deleted.err);
    assert.match(deleted.err, /1 of 2 live edges have it; waits for tokyo \(held, 1 behind\)/);
    assert.equal(await statusAt(1, domain), 403);
  });

  test('a delete that is interrupted is repeated, and does the rest', async () => {
    const { id } = await create('distribution', '--s3-origin pictures');
    await run('edges hold lima');
    const line = ['distribution', 'delete', id];
    const variables = { WARMFRONT_ENDPOINT: server.addresses.api, ...environment() };
    const first = beginCli(line, variables);
    await first.says(/waits for lima/);
    first.signal('SIGINT');
    assert.equal(await first.ended, 130);
    assert.match(first.err(), /Interrupted\. Repeat the command/);
    await run('edges release lima');
    const second = await runCli([...line, '--json'], variables);
    assert.equal(second.code, 0, second.err);
    assert.partialDeepStrictEqual(JSON.parse(second.out), { deleted: true, disabled: false });
  });

  test('an account sees its own distributions only', async () => {
    const { id } = await create('distribution', '--s3-origin pictures');
    const other = await runLine(server.addresses.api, ['distribution', 'list', '--json'], {
      environment: environment(1),
    });
    assert.deepEqual(JSON.parse(other.out), []);
    assert.equal((await run(`distribution delete ${id}`)).code, 0);
  });

  test('a wrong secret, an unknown edge and a bad value are told in the words of the API', async () => {
    const wrong = await runLine(server.addresses.api, ['edges'], {
      environment: { AWS_ACCESS_KEY_ID: 'AKIDONE', AWS_SECRET_ACCESS_KEY: 'not-the-secret' },
    });
    assert.equal(wrong.code, 1);
    assert.match(wrong.err, /\(SignatureDoesNotMatch, status 403, request id /);
    assert.match((await run('edges hold oslo')).err, /NoSuchEdge/);
    const bad = await run('distribution create --origin a..b --json');
    assert.equal(bad.code, 1);
    assert.equal(JSON.parse(bad.out).error.code, 'InvalidOrigin');
  });

  test('over TLS, the authority in the data folder is what has to be trusted', async () => {
    const { apiTls = '', caFile = '' } = server.addresses;
    const variables = { WARMFRONT_ENDPOINT: apiTls, ...environment() };
    const trusting = await runCli(['edges', '--json'], { ...variables, WARMFRONT_CA: caFile });
    assert.equal(trusting.code, 0, trusting.err);
    assert.equal(JSON.parse(trusting.out).edges.length, 2);
    const extra = await runCli(['edges', '--json'], { ...variables, NODE_EXTRA_CA_CERTS: caFile });
    assert.equal(extra.code, 0, extra.err);
    const stranger = await runCli(['edges'], variables);
    assert.equal(stranger.code, 1);
    assert.match(stranger.err, /is not trusted .*WARMFRONT_CA/);
  });
});
