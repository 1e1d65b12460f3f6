/**
 * A folder answers for a bucket as the bucket would, and gives out nothing that is not in it
 * (src/origin/bucket-folder.ts).
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, open, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { headerValue } from '../../src/http/header-list.ts';
import { distributionOf, host, scenario } from '../harness/scenario.ts';

const missing = { status: 404, xCache: 'Error', body: /<Code>NoSuchKey<\/Code>/ } as const;

scenario('a file is an object', async ({ folder, origin, serves, viewer }) => {
  serves(distributionOf('s3'));
  await mkdir(join(folder, 'a b'));
  await writeFile(join(folder, 'a b', 'ü+%.HTML'), 'hello');
  const changed = new Date('2025-11-01T00:00:00Z');
  await utimes(join(folder, 'a b', 'ü+%.HTML'), changed, changed);
  const seen = {
    status: 200,
    headers: {
      'accept-ranges': 'bytes',
      'content-length': '5',
      'content-type': 'text/html',
      date: 'Thu, 01 Jan 2026 00:00:00 GMT',
      etag: /^"[0-9a-f]{32}"$/,
      'last-modified': 'Sat, 01 Nov 2025 00:00:00 GMT',
      server: 'AmazonS3',
    },
  };
  await viewer.gets('/a%20b/%C3%BC+%25.HTML').sees({ ...seen, xCache: 'Miss', body: 'hello' });
  await viewer.gets('/a%20b/%C3%BC+%25.HTML').sees({ ...seen, xCache: 'Hit', body: 'hello' });
  await viewer.gets('/a%20b/\xc3\xbc+%25.HTML').sees({ ...seen, xCache: 'Miss', body: 'hello' });
  await viewer.heads('/%61%20b/%C3%BC+%25.HTML').sees({ ...seen, xCache: 'Miss', body: '' });
  origin.wasAsked(0);
});

scenario('a changed file is another object once the old one is stale', async (stage) => {
  const { clock, folder, serves, viewer } = stage;
  serves(distributionOf('s3', {}, { defaultTtlS: 60 }));
  await writeFile(join(folder, 'a.txt'), 'old');
  const old = await viewer.gets('/a.txt').sees({ xCache: 'Miss', body: 'old' });
  await clock.passes(61_000);
  await viewer.gets('/a.txt').sees({ xCache: 'RefreshHit', body: 'old' });
  await writeFile(join(folder, 'new'), 'new');
  await rename(join(folder, 'new'), join(folder, 'a.txt'));
  await viewer.gets('/a.txt').sees({ xCache: 'Hit', body: 'old' });
  await clock.passes(61_000);
  const fresh = await viewer.gets('/a.txt').sees({ xCache: 'Miss', body: 'new' });
  assert.notEqual(headerValue(old.headers, 'etag'), headerValue(fresh.headers, 'etag'));
});

scenario('conditions and ranges of a miss are judged by the folder', async (stage) => {
  const { folder, serves, viewer } = stage;
  serves(distributionOf('s3', {}, { defaultTtlS: 0, maxTtlS: 0 }));
  await writeFile(join(folder, 'a.txt'), '0123456789');
  const { headers } = await viewer.gets('/a.txt').answer;
  const etag = headerValue(headers, 'etag') ?? '';
  const lastModified = headerValue(headers, 'last-modified') ?? '';
  for (const [fields, status, body] of [
    [{ 'If-None-Match': etag }, 304, ''],
    [{ 'If-Modified-Since': lastModified }, 304, ''],
    [{ 'If-Match': '"other"' }, 412, /PreconditionFailed/],
    [{ 'If-Match': etag }, 200, '0123456789'],
    [{ 'If-Unmodified-Since': 'Sat, 01 Nov 2008 00:00:00 GMT' }, 412, /PreconditionFailed/],
    [{ Range: 'bytes=2-4' }, 206, '234'],
    [{ Range: 'bytes=-2' }, 206, '89'],
    [{ Range: 'bytes=2-4,6-7' }, 200, '0123456789'],
    [{ Range: 'bytes=2-4', 'If-Range': etag }, 206, '234'],
    [{ Range: 'bytes=2-4', 'If-Range': '"other"' }, 200, '0123456789'],
    [{ Range: 'bytes=10-' }, 416, /InvalidRange/],
  ] as const) {
    await viewer.gets('/a.txt', fields).sees({ status, body });
  }
  await viewer
    .gets('/a.txt', { Range: 'bytes=10-' })
    .sees({ headers: { 'content-range': 'bytes */10' } });
});

scenario('the bucket itself and what is no file are no objects', async (stage) => {
  const { folder, serves, viewer } = stage;
  serves(distributionOf('s3'));
  await mkdir(join(folder, 'dir'));
  await writeFile(join(folder, 'dir', 'a.txt'), 'hello');
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  await symlink('/dev/zero', join(folder, 'device'));
  await viewer.gets('/').sees({ status: 403, body: /<Code>AccessDenied<\/Code>/ });
  for (const path of [
    '/dir',
    '/dir/',
    '/dir//a.txt',
    '//dir/a.txt',
    '/pipe',
    '/device',
    '/no/such',
  ]) {
    await viewer.gets(path).sees(missing);
  }
  await viewer.heads('/dir').sees({ status: 404, body: '' });
  await viewer.gets('/%zz').sees({ status: 400, body: /<Code>InvalidURI<\/Code>/ });
  await viewer.gets('/%ff').sees({ status: 400, body: /<Code>InvalidURI<\/Code>/ });
  await viewer.gets(`/${'a'.repeat(1_025)}`).sees({ status: 400, body: /KeyTooLongError/ });
  await viewer.gets(`/${'a'.repeat(300)}`).sees(missing);
});

scenario('no path leads out of the folder', async ({ folder, serves, viewer }) => {
  serves(distributionOf('s3'));
  const outside = `${folder}-outside`;
  await mkdir(outside);
  try {
    await writeFile(join(outside, 'secret'), 'secret');
    await writeFile(join(folder, 'in'), 'in');
    await mkdir(join(folder, 'dir'));
    await symlink(join(outside, 'secret'), join(folder, 'link-to-file'));
    await symlink(outside, join(folder, 'link-to-folder'));
    await symlink('..', join(folder, 'dir', 'up'));
    await symlink('../in', join(folder, 'dir', 'link-inside'));
    await symlink('loop', join(folder, 'loop'));
    const name = outside.slice(outside.lastIndexOf('/') + 1);
    for (const path of [
      `/../${name}/secret`,
      `/..%2f${name}%2fsecret`,
      `/%2e%2e/${name}/secret`,
      `/dir/../../${name}/secret`,
      `/dir/%2e%2e%2f%2e%2e/${name}/secret`,
      `/dir/up/../${name}/secret`,
      `/..%5c${name}%5csecret`,
      `/..\\${name}\\secret`,
      `/%2f..%2f${name}/secret`,
      '/in%00',
      '/in%00.txt',
      '/./in',
      '/dir/../in',
      '/link-to-file',
      '/link-to-folder/secret',
      '/loop',
      '/proc/self/environ',
      '/etc/passwd',
    ]) {
      await viewer.gets(path).sees(missing);
    }
    await viewer.gets('/dir/link-inside').sees({ status: 200, body: 'in' });
    await viewer.gets('/dir/up/in').sees({ status: 200, body: 'in' });
  } finally {
    await rm(outside, { recursive: true });
  }
});

for (const [what, change] of [
  ['shrinks', (path: string) => truncate(path, 1_000_000)],
  [
    'is written anew',
    async (path: string) => {
      const file = await open(path, 'r+');
      await file.write('other', 0);
      await file.close();
      // Clocks of file systems tick in milliseconds or so.
      await utimes(path, new Date(0), new Date(0));
    },
  ],
] as const) {
  scenario(`a file that ${what} while it is read is cut and not kept`, async (stage) => {
    const { folder, serves, viewer } = stage;
    serves(distributionOf('s3'));
    const path = join(folder, 'large');
    const length = 12 * 1_024 * 1_024;
    await writeFile(path, Buffer.alloc(length, 'x'));
    await using connection = await viewer.connects();
    connection.socket.pause();
    connection.write(`GET /large HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    // The head is here, and the rest cannot be: nobody has read it.
    await new Promise((resolve) => {
      connection.socket.once('readable', resolve);
    });
    await change(path);
    connection.socket.resume();
    await assert.rejects(connection.answer(), /cut/);
    const { size } = await open(path).then(async (file) => {
      const stats = await file.stat();
      await file.close();
      return stats;
    });
    const whole = await viewer.gets('/large').sees({ status: 200, xCache: 'Miss' });
    assert.equal(whole.bytes.length, size);
  });
}
