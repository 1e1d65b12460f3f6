/**
 * s3cmd, unchanged: it uploads to an S3-compatible store of others over plain HTTP, and has what it
 * changed there invalidated at the real server over TLS. The edges fetch from that very store.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { ApiCaller, documentOf } from '../harness/api-caller.ts';
import { invalidate, untilCompleted, whileHeld } from '../harness/content.ts';
import { create, download, s3Origin, untilDeployed } from '../harness/kinds.ts';
import { needs, program } from '../harness/programs.ts';
import { s3StoreKey, type S3Store, startS3Store } from '../harness/s3-store.ts';
import {
  edgesOnFreePorts,
  freePorts,
  type ServerProcess,
  startServerProcess,
} from '../harness/server-process.ts';
import { until } from '../harness/until.ts';
import { view } from '../harness/viewing.ts';

/**
 * s3cmd finds a distribution by the form of bucket hosts, and sends what is no such host's label to
 * its host_base with the bucket in the path. An underscore makes it do both.
 */
const bucket = 'site_one';

/** s3cmd has one key for both; the store looks at its id alone. */
const key = { accessKeyId: s3StoreKey.accessKeyId, secretAccessKey: 'the-secret-of-both' };

type Printed = { readonly code: number | null; readonly out: string; readonly errors: string };

suite('s3cmd, about content', needs('s3cmd'), () => {
  let folder: string;
  let store: S3Store;
  let server: ServerProcess;
  let api: ApiCaller;
  let site: { readonly id: string; readonly domain: string; readonly path: string };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'warmfront-s3cmd-'));
    await mkdir(join(folder, 'site'));
    const stored = join(folder, 'stored');
    store = await startS3Store({ folder: stored, buckets: [bucket], addressed: 'by-host' });
    const keys = join(folder, 'keys.json');
    await writeFile(keys, JSON.stringify([{ ...key, accountId: '111122223333' }]));
    server = await startServerProcess([
      ...freePorts,
      ...edgesOnFreePorts('a', 'b'),
      '--data',
      join(folder, 'data'),
      '--credentials',
      keys,
      '--origin',
      `${bucket}.s3.amazonaws.com=${store.url}`,
    ]);
    api = new ApiCaller(server.addresses.api, key);
    const { apiTls = '', caFile = '' } = server.addresses;
    const lines = [
      '[default]',
      `access_key = ${key.accessKeyId}`,
      `secret_key = ${key.secretAccessKey}`,
      `host_base = ${new URL(store.url).host}`,
      'use_https = False',
      `cloudfront_host = localhost:${new URL(apiTls).port}`,
      `ca_certs_file = ${caFile}`,
    ];
    await writeFile(join(folder, 's3cfg'), `${lines.join('\n')}\n`);
    site = await create(api, download, { reference: 'site', origin: s3Origin(bucket) });
    await untilDeployed(api, site.path);
  });

  after(async () => {
    api?.close();
    await server?.stop();
    await store?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  function s3cmd(...args: readonly string[]): Promise<Printed> {
    return new Promise((resolve, reject) => {
      const file = join(folder, 's3cfg');
      const child = spawn(program('s3cmd'), ['-c', file, ...args], { timeout: 60_000 });
      let out = '';
      let errors = '';
      child.stdout.setEncoding('utf8').on('data', (piece: string) => (out += piece));
      child.stderr.setEncoding('utf8').on('data', (piece: string) => (errors += piece));
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, out, errors }));
    });
  }

  function publish(name: string, text: string): Promise<void> {
    return writeFile(join(folder, 'site', name), text);
  }

  /** Uploads the folder; the answer is the path of the invalidation that was created. */
  async function sync(...options: readonly string[]): Promise<string> {
    const source = `${join(folder, 'site')}/`;
    const args = ['sync', ...options, '--cf-invalidate', source, `s3://${bucket}/`];
    const { code, errors, out } = await s3cmd(...args);
    assert.equal(code, 0, `${out}${errors}`);
    const id = new RegExp(`s3cmd cfinvalinfo cf://${site.id}/(I[0-9A-Z]+)`).exec(out)?.[1];
    assert(id !== undefined, `an invalidation was created: ${out}${errors}`);
    return `${site.path}/invalidation/${id}`;
  }

  async function bodiesAt(path: string): Promise<readonly string[]> {
    const answers = server.addresses.edges.map(({ http }) => view(http, site.domain, path));
    return (await Promise.all(answers)).map(({ body, status }) => `${status} ${body}`);
  }

  test('sync --cf-invalidate: once it is Completed, viewers get what was uploaded', async () => {
    // What a URL has to encode, and what it need not.
    const names = ['index.html', 'a b+c.txt', 'ü~(1).txt'];
    const paths = names.map((name) => `/${encodeURIComponent(name)}`);
    for (const name of names) await publish(name, 'first');
    await untilCompleted(api, await sync());
    for (const path of paths) assert.deepEqual(await bodiesAt(path), ['200 first', '200 first']);

    for (const name of names) await publish(name, 'another');
    await publish('new.txt', 'new');
    const still = await bodiesAt(paths[0] ?? '');
    assert.deepEqual(still, ['200 first', '200 first']);
    const second = await untilCompleted(api, await sync());
    for (const path of paths) {
      assert.deepEqual(await bodiesAt(path), ['200 another', '200 another']);
    }
    const batch = documentOf(second).children.find(({ name }) => name === 'InvalidationBatch');
    const sent = batch?.children.filter(({ name }) => name === 'Path').map(({ text }) => text);
    assert.deepEqual([...(sent ?? [])].sort(), [
      '/%C3%BC~%281%29.txt',
      '/a%20b%2Bc.txt',
      '/index.html',
      '/new.txt',
    ]);
  });

  test('sync that changes nothing invalidates nothing', async () => {
    const source = `${join(folder, 'site')}/`;
    const before = await api.get(`${site.path}/invalidation`);
    const { code, out } = await s3cmd('sync', '--cf-invalidate', source, `s3://${bucket}/`);
    assert.equal(code, 0);
    assert.doesNotMatch(out, /invalidation request/);
    assert.equal((await api.get(`${site.path}/invalidation`)).body, before.body);
  });

  test('cfinvalinfo shows one, and all of a distribution, with their status', async () => {
    const first = await invalidate(api, site.path, 'shown 1', ['/a', '/b']);
    await untilCompleted(api, first.path);
    await whileHeld(api, 'b', async () => {
      const second = await invalidate(api, site.path, 'shown 2', ['/c', '/d', '/e']);
      const { out } = await s3cmd('cfinvalinfo', `cf://${site.id}/${second.id}`);
      assert.match(out, new RegExp(`^URI: +cf://${site.id}/${second.id}$`, 'm'));
      assert.match(out, /^Status: +InProgress$/m);
      assert.match(out, /^Created: +\d{4}-\d\d-\d\dT/m);
      assert.match(out, /^Nr of paths: +3$/m);
      assert.match(out, /^Reference: +shown 2$/m);
      const all = await s3cmd('cfinvalinfo', `cf://${site.id}`);
      const shown = [...all.out.matchAll(/^URI: +cf:\/\/\w+\/(\w+)\nStatus: +(\w+)$/gm)];
      assert.deepEqual(
        shown.slice(0, 2).map(([, id, status]) => [id, status]),
        [
          [second.id, 'InProgress'],
          [first.id, 'Completed'],
        ],
        'newest first',
      );
    });
  });

  test('cfinvalinfo finds a distribution by its bucket, and tells a wrong id', async () => {
    const byBucket = await until('it prints what it finds', async () => {
      const printed = await s3cmd('cfinvalinfo', `s3://${bucket}`);
      return printed.out.includes('Status') ? printed : undefined;
    });
    assert.match(byBucket.out, new RegExp(`cf://${site.id}/I`));
    for (const [uri, told] of [
      [`cf://${site.id}/I0000000000000`, '404 (NoSuchInvalidation)'],
      ['cf://E0000000000000/I0000000000000', '404 (NoSuchDistribution)'],
    ] as const) {
      const { code, errors } = await s3cmd('cfinvalinfo', uri);
      assert.notEqual(code, 0);
      assert(errors.includes(told), errors);
    }
  });

  test('a fourth upload at once is refused its invalidation, and says so', async () => {
    await whileHeld(api, 'b', async () => {
      for (const text of ['one', 'two', 'three']) {
        await publish('often.txt', text);
        await sync();
      }
      await publish('often.txt', 'four');
      const source = `${join(folder, 'site')}/`;
      const { code, errors } = await s3cmd('sync', '--cf-invalidate', source, `s3://${bucket}/`);
      assert.notEqual(code, 0);
      assert.match(errors, /400 \(TooManyInvalidationsInProgress\)/);
    });
  });
});
