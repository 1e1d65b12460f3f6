/**
 * Private buckets: they answer a distribution that names an origin access identity, and nobody else,
 * whether they are folders or stand in an S3-compatible store (edge contract 10.7).
 */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { headerValue } from '../../src/http/header-list.ts';
import type { DistributionConfig } from '../../src/model/distribution.ts';
import { ApiCaller, assertStatus, textAt } from '../harness/api-caller.ts';
import { s3OriginOf } from '../harness/configs.ts';
import { judgeSignature } from '../harness/independent-signature.ts';
import { create, download, namespace, s3Origin, untilDeployed } from '../harness/kinds.ts';
import { type S3Store, s3StoreKey, startS3Store } from '../harness/s3-store.ts';
import { bucketHost, customOrigin, distributionOf, scenario } from '../harness/scenario.ts';
import {
  edgesOnFreePorts,
  freePorts,
  NotReady,
  type ServerProcess,
  startServerProcess,
} from '../harness/server-process.ts';
import { view } from '../harness/viewing.ts';

const identity = 'E2QWRUHAPOMQZL';
const denied = { status: 403, xCache: 'Error', body: /<Code>AccessDenied<\/Code>/ } as const;

function inTheNameOf(
  accessIdentity: string | undefined,
  domainName = 'pics.s3.amazonaws.com',
): Pick<DistributionConfig, 'origins'> {
  return { origins: [{ ...s3OriginOf('default', 'pics', accessIdentity), domainName }] };
}

scenario(
  'a private folder answers the identities it names, and tells all others nothing',
  { settings: { privateBuckets: { pics: [identity, 'E74FTE3AEXAMPLE'] } } },
  async ({ folder, serves, viewer }) => {
    await writeFile(join(folder, 'a.txt'), 'hello');
    for (const stranger of [undefined, 'E00000000STRANGE']) {
      serves(distributionOf('s3', inTheNameOf(stranger)));
      for (const path of ['/a.txt', '/none.txt', '/', '/a.txt?x=1', '/%zz']) {
        await viewer.gets(path).sees(denied);
      }
      await viewer.gets('/a.txt', { Range: 'bytes=0-1' }).sees(denied);
      await viewer.gets('/a.txt', { 'If-None-Match': '*' }).sees(denied);
      await viewer.heads('/a.txt').sees({ status: 403 });
    }
    const custom = { ...customOrigin, domainName: 'pics.s3.amazonaws.com' };
    serves(distributionOf('custom', { origins: [custom] }));
    await viewer.gets('/a.txt').sees(denied);
    for (const friend of [identity, 'E74FTE3AEXAMPLE']) {
      serves(distributionOf('s3', inTheNameOf(friend), {}, { id: `${friend.slice(0, -1)}X` }));
      await viewer.gets('/a.txt').sees({ status: 200, xCache: 'Miss', body: 'hello' });
      await viewer.gets('/none.txt').sees({ status: 404, body: /NoSuchKey/ });
    }
  },
);

scenario(
  'a folder that names no identity answers everybody',
  async ({ folder, serves, viewer, warnings }) => {
    await writeFile(join(folder, 'a.txt'), 'hello');
    serves(distributionOf('s3', inTheNameOf(identity)));
    await viewer.gets('/a.txt').sees({ status: 200, body: 'hello' });
    assert.deepEqual(warnings, []);
  },
);

const secrets = { AKIDEXAMPLE: 'secret/of+store' };

scenario(
  'misses, revalidations and ranges go to the store signed, and the viewer sees nothing of it',
  {
    settings: {
      identityCredentials: [
        {
          identity,
          keys: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: secrets.AKIDEXAMPLE },
          region: undefined,
        },
      ],
    },
    behavior: { defaultTtlS: 60 },
  },
  async ({ clock, origin, serves, viewer }) => {
    serves(distributionOf('s3', inTheNameOf(identity, bucketHost), { defaultTtlS: 60 }));
    origin.answers(200, { etag: '"v1"' }, 'hello');
    await viewer
      .gets('/a%2Db.txt?Signature=x', { Authorization: 'Bearer x' })
      .sees({ body: 'hello' });
    await clock.passes(61_000);
    origin.whenAsked({ 'if-none-match': '"v1"' }).answers(304);
    await viewer.gets('/a%2Db.txt').sees({ xCache: 'RefreshHit', body: 'hello' });
    await viewer
      .gets('/b.txt', { Range: 'bytes=0-1', 'X-Amz-Date': 'theirs' })
      .sees({ status: 200 });
    const answer = await viewer.heads('/c.txt').sees({ status: 200 });
    assert.equal(headerValue(answer.headers, 'authorization'), undefined);
    assert.equal(origin.asked.length, 4);
    for (const asked of origin.asked) {
      const judged = await judgeSignature(asked, secrets);
      assert.equal(judged.kind, 'good', JSON.stringify(judged));
      assert.equal(headerValue(asked.headers, 'host'), bucketHost);
    }
    assert.equal(headerValue(origin.asked[2]?.headers ?? [], 'range'), 'bytes=0-1');
  },
);

scenario(
  'an attempt that is repeated is signed anew',
  {
    settings: {
      identityCredentials: [
        {
          identity,
          keys: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: secrets.AKIDEXAMPLE },
          region: undefined,
        },
      ],
    },
  },
  async ({ origin, serves, viewer }) => {
    serves(distributionOf('s3', inTheNameOf(identity, bucketHost)));
    let times = 0;
    origin.does((socket) => {
      times += 1;
      if (times === 1) socket.destroy();
      else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello');
    });
    await viewer.gets('/a.txt').sees({ status: 200, body: 'hello' });
    assert.equal(origin.asked.length, 2);
    for (const asked of origin.asked) {
      assert.equal((await judgeSignature(asked, secrets)).kind, 'good');
    }
  },
);

function mapped({ url }: S3Store, base: string): readonly string[] {
  return ['--origin', `pics.s3.amazonaws.com=${url}${base}`];
}

suite('a whole server, with a store of others and a private folder', () => {
  let folder: string;
  let byPath: S3Store;
  let byHost: S3Store;
  let server: ServerProcess;
  let api: ApiCaller;
  let made: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'warmfront-private-'));
    await mkdir(join(folder, 'films'));
    await writeFile(join(folder, 'films', 'a.txt'), 'from the folder');
    const stores = { buckets: ['pics'] };
    byPath = await startS3Store({ ...stores, folder: join(folder, '1'), addressed: 'by-path' });
    byHost = await startS3Store({ ...stores, folder: join(folder, '2'), addressed: 'by-host' });
    await byPath.put('pics', 'a%20b/c.txt', 'by path');
    await byHost.put('pics', 'a%20b/c.txt', 'by host');

    // The identity has to be there before its id can stand in settings.
    server = await startServerProcess(settings());
    api = new ApiCaller(server.addresses.api);
    const reply = await api.post(
      '/2010-11-01/origin-access-identity/cloudfront',
      `<CloudFrontOriginAccessIdentityConfig xmlns="${namespace}"><CallerReference>1` +
        '</CallerReference></CloudFrontOriginAccessIdentityConfig>',
    );
    assertStatus(reply, 201);
    made = textAt(reply, 'Id');
  });

  after(async () => {
    api?.close();
    await Promise.all([server?.stop(), byPath?.stop(), byHost?.stop()]);
    await rm(folder, { recursive: true, force: true });
  });

  function settings(...more: readonly string[]): readonly string[] {
    const edges = edgesOnFreePorts('a');
    return [...freePorts, ...edges, '--data', join(folder, 'data'), ...more];
  }

  async function restart(...more: readonly string[]): Promise<void> {
    api.close();
    await server.stop();
    server = await startServerProcess(settings(...more));
    api = new ApiCaller(server.addresses.api);
  }

  async function credentials(accessKeyId: string): Promise<readonly string[]> {
    const file = join(folder, 'identities.json');
    await writeFile(file, JSON.stringify([{ ...s3StoreKey, identity: made, accessKeyId }]));
    return ['--identity-credentials', file];
  }

  async function sees(bucket: string, path: string, owner?: string): Promise<[number, string]> {
    const named =
      owner === undefined
        ? ''
        : `<OriginAccessIdentity>origin-access-identity/cloudfront/${owner}</OriginAccessIdentity>`;
    const reference = `${bucket} ${owner ?? ''} ${server.pid} ${path}`;
    const created = await create(api, download, { reference, origin: s3Origin(bucket, named) });
    await untilDeployed(api, created.path);
    const edge = server.addresses.edges[0]?.http ?? '';
    const { body, status } = await view(edge, created.domain, path);
    return [status, body];
  }

  test('the store is asked with the keys of the identity, by path and by host', async () => {
    await restart(...(await credentials(s3StoreKey.accessKeyId)), ...mapped(byPath, '/pics'));
    assert.deepEqual(await sees('pics', '/a%20b/c.txt', made), [200, 'by path']);
    await restart(...(await credentials(s3StoreKey.accessKeyId)), ...mapped(byHost, ''));
    assert.deepEqual(await sees('pics', '/a%20b/c.txt', made), [200, 'by host']);
    await restart(...(await credentials('STRANGER')), ...mapped(byHost, ''));
    const [status, body] = await sees('pics', '/a%20b/c.txt', made);
    assert.equal(status, 403);
    assert.match(body, /<Code>InvalidAccessKeyId<\/Code>/);
  });

  test('a private folder answers distributions of its identity alone', async () => {
    await restart('--bucket', `films=${join(folder, 'films')},private=${made}`);
    assert.deepEqual(await sees('films', '/a.txt', made), [200, 'from the folder']);
    const [status, body] = await sees('films', '/a.txt');
    assert.equal(status, 403);
    assert.match(body, /<Code>AccessDenied<\/Code>/);
  });

  test('keys that cannot be used are a fault of the start, without a word of them', async () => {
    await server.stop();
    const file = join(folder, 'broken.json');
    await writeFile(file, JSON.stringify([{ identity: made, secretAccessKey: 'hush' }]));
    const starting = startServerProcess(settings('--identity-credentials', file));
    await assert.rejects(starting, (error) => {
      assert(error instanceof NotReady);
      assert.match(error.output, /broken\.json cannot be used: entry 1 needs accessKeyId\./);
      assert.doesNotMatch(error.output, /hush/);
      return true;
    });
  });
});
