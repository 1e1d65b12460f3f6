/**
 * What a person does with the content of a distribution, on a real server with two edges: objects
 * are invalidated, private ones opened by signed URLs, buckets asked as somebody.
 */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { headerValue } from '../../src/http/header-list.ts';
import { beginCli, runCli } from '../harness/cli-process.ts';
import { type Ran, runLine } from '../harness/cli-world.ts';
import {
  edgesOnFreePorts,
  freePorts,
  type ServerProcess,
  startServerProcess,
} from '../harness/server-process.ts';
import type { Answer } from '../harness/viewer.ts';
import { view } from '../harness/viewing.ts';

suite('client commands about content', () => {
  let folder: string;
  let server: ServerProcess;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'warmfront-content-'));
    await mkdir(join(folder, 'site'));
    server = await startServerProcess([
      '--memory',
      ...freePorts,
      ...edgesOnFreePorts('lima', 'tokyo'),
      '--bucket',
      `pictures=${join(folder, 'site')}`,
    ]);
  });
  after(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  function run(...argv: readonly string[]): Promise<Ran> {
    return runLine(server.addresses.api, argv);
  }

  async function does(...argv: readonly string[]) {
    const { code, err, out } = await run(...argv, '--json');
    assert.equal(code, 0, `${argv.join(' ')}: ${err}${out}`);
    return JSON.parse(out);
  }

  function create(...options: readonly string[]) {
    return does('distribution', 'create', '--s3-origin', 'pictures', ...options, '--wait');
  }

  function publish(name: string, text: string): Promise<void> {
    return writeFile(join(folder, 'site', name), text);
  }

  function viewAt(edge: number, domain: string, path: string): Promise<Answer> {
    const { http = '' } = server.addresses.edges[edge] ?? {};
    return view(http, domain, path);
  }

  test('once an invalidation is Completed, no edge gives out the old object', async () => {
    await publish('a.txt', 'old');
    const { domainName, id } = await create();
    for (const edge of [0, 1, 0, 1]) {
      assert.equal((await viewAt(edge, domainName, '/a.txt')).body, 'old');
    }
    await publish('a.txt', 'new');
    const still = await viewAt(0, domainName, '/a.txt');
    assert.deepEqual(
      [still.body, headerValue(still.headers, 'x-cache')],
      ['old', 'Hit from cloudfront'],
    );

    const { code, out } = await run('invalidate', id, '/a.txt', '/not%20there', '--wait');
    assert.equal(code, 0);
    assert.match(out, /status +Completed\n/);
    for (const edge of [0, 1]) {
      const seen = await viewAt(edge, domainName, '/a.txt');
      assert.deepEqual(
        [seen.body, headerValue(seen.headers, 'x-cache')],
        ['new', 'Miss from cloudfront'],
      );
    }
    const [listed] = await does('invalidation', 'list', id);
    const shown = await does('invalidation', 'show', id, listed.id);
    assert.deepEqual(shown.paths, ['/a.txt', '/not%20there']);
    assert.equal(shown.status, 'Completed');
  });

  test('a wildcard takes all that begins so, and nothing else', async () => {
    for (const name of ['w1.txt', 'w2.txt', 'other.txt']) await publish(name, 'old');
    const { domainName, id } = await create();
    const names = ['/w1.txt', '/w2.txt', '/other.txt'];
    for (const name of names) assert.equal((await viewAt(0, domainName, name)).body, 'old');
    for (const name of ['w1.txt', 'w2.txt', 'other.txt']) await publish(name, 'new');
    assert.equal((await run('invalidate', id, '/w*', '--wait')).code, 0);
    const seen: string[] = [];
    for (const name of names) seen.push((await viewAt(0, domainName, name)).body);
    assert.deepEqual(seen, ['new', 'new', 'old']);
    assert.equal((await run('invalidate', id, '*', '--wait')).code, 0);
    assert.equal((await viewAt(0, domainName, '/other.txt')).body, 'new');
    const wrong = await run('invalidate', id, '/a b');
    assert.equal(wrong.code, 1);
    assert.match(wrong.err, /\/a b is no path: .*percent-encoded.*\(InvalidArgument, status 400/);
  });

  test('waiting tells which edge is held, and goes on when it is released', async () => {
    const { id } = await create();
    await does('edges', 'hold', 'tokyo');
    const waiting = beginCli(['invalidate', id, '/b.txt', '--wait'], {
      WARMFRONT_ENDPOINT: server.addresses.api,
    });
    await waiting.says(
      /is InProgress: 1 of 2 live edges have it; waits for tokyo \(held, \d+ behind\)/,
    );
    const { inProgressInvalidations } = await does('distribution', 'show', id);
    assert.equal(inProgressInvalidations, 1);
    const late = await run('invalidate', id, '/c.txt', '--wait', '--timeout', '200ms');
    assert.equal(late.code, 1);
    assert.match(late.err, /is still InProgress after 200ms\. Edges that lag: tokyo/);
    await does('edges', 'release', 'tokyo');
    assert.equal(await waiting.ended, 0, waiting.err());
    assert.match(waiting.out(), /status +Completed\n/);
  });

  test('a private object is opened by a URL that is signed with a key pair of ours', async () => {
    await publish('film.txt', 'the film');
    const { domainName } = await create('--trusted-signer', 'self');
    assert.equal((await viewAt(0, domainName, '/film.txt')).status, 403);

    const file = join(folder, 'signing.pem');
    const environment = { WARMFRONT_ENDPOINT: server.addresses.api };
    const made = await runCli(['key-pair', 'create', '--out', file, '--json'], environment);
    assert.equal(made.code, 0, made.err);
    assert.doesNotMatch(made.out, /PRIVATE KEY/);
    const { id } = JSON.parse(made.out);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    const before = await readFile(file, 'utf8');
    const again = await runCli(['key-pair', 'create', '--out', file], environment);
    assert.equal(again.code, 1);
    assert.match(again.err, /cannot be created: EEXIST/);
    assert.equal(await readFile(file, 'utf8'), before);

    // The viewers of this test name the host without a port.
    const url = `http://${domainName}/film.txt`;
    const sign = async (...options: readonly string[]): Promise<string> => {
      const argv = ['sign', url, '--key-pair-id', id, '--private-key', file, ...options];
      const { code, err, out } = await runCli(argv);
      assert.equal(code, 0, err);
      const signed = new URL(out.trim());
      return `${signed.pathname}${signed.search}`;
    };
    const opens = async (edge: number, target: string): Promise<number> =>
      (await viewAt(edge, domainName, target)).status;

    // The edges have the key pair once they stand where the log stood after it was made.
    await does('invalidate', (await create()).id, '/', '--wait');
    const canned = await sign('--expires-in', '1h');
    assert.equal(await opens(0, canned), 200);
    assert.equal(await opens(0, canned.replace('Expires=1', 'Expires=2')), 403);
    const custom = await sign(
      '--expires-in',
      '1h',
      '--ip',
      '127.0.0.0/8',
      '--starts',
      '2020-01-01',
    );
    assert.equal(await opens(1, custom), 200);
    assert.equal(await opens(1, await sign('--expires-in', '1h', '--ip', '192.0.2.1')), 403);
    assert.equal(await opens(0, await sign('--expires', '2020-01-01')), 403);

    const { active } = await does('key-pair', 'deactivate', id);
    assert.equal(active, false);
    await does('invalidate', (await create()).id, '/', '--wait');
    assert.equal(await opens(0, canned), 403);
    await does('key-pair', 'activate', id);
    await does('key-pair', 'deactivate', id);
    assert.match((await run('key-pair', 'delete', id)).out, /is deleted/);
    assert.deepEqual(await does('key-pair', 'list'), []);
  });

  test('an origin access identity is made, named by a distribution, let go and deleted', async () => {
    const made = await does('origin-access-identity', 'create', '--comment', 'reads pictures');
    assert.match(made.canonicalUserId, /^[0-9a-f]{96}$/);
    const { comment } = await does('origin-access-identity', 'update', made.id, '--comment', 'x');
    assert.equal(comment, 'x');
    const { id, origin } = await create('--access-identity', made.id);
    assert.equal(origin.accessIdentity, `origin-access-identity/cloudfront/${made.id}`);
    const used = await run('origin-access-identity', 'delete', made.id);
    assert.equal(used.code, 1);
    assert.match(used.err, /CloudFrontOriginAccessIdentityInUse, status 409/);
    await does('distribution', 'delete', id);
    // The delete of the distribution has to be on both edges, too.
    await does('invalidate', (await create()).id, '/', '--wait');
    assert.match((await run('origin-access-identity', 'delete', made.id)).out, /is deleted/);
    assert.deepEqual(await does('origin-access-identity', 'list'), []);
    const none = await run(
      'distribution',
      'create',
      '--s3-origin',
      'p',
      '--access-identity',
      made.id,
    );
    assert.match(none.err, /InvalidOriginAccessIdentity, status 400/);
  });
});
