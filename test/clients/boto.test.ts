/**
 * boto 2, unchanged, against the real server: distributions of both kinds from create to delete, over
 * plain HTTP and over TLS, and what it shows of each wrong turn.
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { needs, program } from '../harness/programs.ts';
import { until } from '../harness/until.ts';
import { Driver, type Fields, isFields, listOf, text } from './driver.ts';
import { ClientWorld, customHost, rootObject, stored } from './world.ts';

const script = join(import.meta.dirname, 'boto_driver.py');
const pics = { type: 's3', name: 'pics.s3.amazonaws.com' };

suite('boto', needs('boto'), () => {
  let world: ClientWorld;
  let plain: Driver;
  let tls: Driver;

  before(async () => {
    world = await ClientWorld.start();
    const trust = join(world.folder, 'boto-tls.cfg');
    await writeFile(trust, `[Boto]\nca_certificates_file = ${world.caFile}\n`);
    const nothing = join(world.folder, 'boto.cfg');
    await writeFile(nothing, '');
    const key = ['warmfront', 'warmfront-secret'];
    plain = new Driver(program('boto'), [script, 'http', '127.0.0.1', world.port, ...key], {
      BOTO_CONFIG: nothing,
    });
    tls = new Driver(program('boto'), [script, 'https', 'localhost', world.tlsPort, ...key], {
      BOTO_CONFIG: trust,
    });
  });

  after(async () => {
    await Promise.all([plain.stop(), tls.stop()]);
    await world.stop();
  });

  for (const way of ['plain HTTP', 'TLS']) {
    const boto = (): Driver => (way === 'TLS' ? tls : plain);

    test(`lives a download distribution from create to delete over ${way}`, async () => {
      const reference = `download over ${way}`;
      const created = await boto().does('create', {
        kind: 'download',
        origin: pics,
        enabled: true,
        reference,
        cnames: [`img.${world[way === 'TLS' ? 'tlsPort' : 'port']}.example.com`],
        comment: 'pictures',
      });
      assert.match(text(created['id']), /^E[0-9A-Z]{12,13}$/);
      assert.match(text(created['domain']), /^d[0-9a-z]{12,13}\.cloudfront\.localhost$/);
      assert.equal(created['batches'], 0);
      await liveAndDie(boto(), 'download', created, async (domain) => {
        await world.viewersGet(domain, '/a.txt', stored);
      });
      await world.viewersAreRefused(text(created['domain']), '/a.txt');
    });

    test(`lives a streaming distribution from create to delete over ${way}`, async () => {
      const created = await boto().does('create', {
        kind: 'streaming',
        origin: pics,
        enabled: true,
        reference: `streaming over ${way}`,
        comment: 'films',
      });
      assert.match(text(created['domain']), /^s[0-9a-z]{12,13}\.cloudfront\.localhost$/);
      await liveAndDie(boto(), 'streaming', created, () => Promise.resolve());
    });
  }

  test('sees a create sent again answered with the same distribution', async () => {
    const order = { kind: 'download', origin: pics, enabled: true, reference: 'once' };
    const first = await plain.does('create', order);
    const again = await plain.does('create', order);
    assert.equal(again['id'], first['id']);
    assert.equal(again['etag'], first['etag']);
    const other = { ...order, comment: 'another' };
    await plain.isRefused('create', other, 409, 'DistributionAlreadyExists');
    const streaming = { ...order, kind: 'streaming' };
    const film = await plain.does('create', streaming);
    assert.notEqual(film['id'], first['id'], 'the kinds have references of their own');
    const enabled = { ...streaming, enabled: false };
    await plain.isRefused('create', enabled, 409, 'StreamingDistributionAlreadyExists');
  });

  test('keeps signers, logging and the root object of both kinds', async () => {
    for (const kind of ['download', 'streaming']) {
      const created = await plain.does('create_whole', {
        kind,
        origin: pics,
        enabled: true,
        reference: `whole ${kind}`,
        comment: 'Grüße — 漢字',
        signers: ['Self', '000000000000'],
        logging: { bucket: 'logs.s3.amazonaws.com', prefix: 'pfx/' },
        ...(kind === 'download' ? { root_object: 'index.html' } : {}),
      });
      const { config } = await plain.does('config', { kind, id: created['id'] });
      assert(isFields(config));
      assert.deepEqual(config['signers'], ['Self', '000000000000']);
      assert.deepEqual(config['logging'], { bucket: 'logs.s3.amazonaws.com', prefix: 'pfx/' });
      assert.equal(config['comment'], 'Grüße — 漢字');
      assert.equal(config['root_object'], kind === 'download' ? 'index.html' : null);
      const info = await plain.does('info', { kind, id: created['id'] });
      assert.deepEqual(info['active_signers'], [
        ['Self', []],
        ['000000000000', []],
      ]);
    }
  });

  test('writes back what it read without a change, and drops logging by its own update', async () => {
    const which = { kind: 'download' };
    const created = await plain.does('create_whole', {
      ...which,
      origin: { type: 'custom', name: customHost, policy: 'http-only', http_port: 8080 },
      enabled: true,
      reference: 'written back',
      logging: { bucket: 'logs.s3.amazonaws.com', prefix: '' },
    });
    const before = await plain.does('config', { ...which, id: created['id'] });
    const written = await plain.does('write_back', { ...which, id: created['id'] });
    const after = await plain.does('config', { ...which, id: created['id'] });
    assert.deepEqual(after['config'], before['config']);
    assert.equal(after['etag'], written['etag']);
    await plain.does('update', { ...which, id: created['id'], comment: 'changed' });
    const { config } = await plain.does('config', { ...which, id: created['id'] });
    assert(isFields(config));
    assert.equal(config['comment'], 'changed');
    assert.equal(config['logging'], null);
  });

  test('serves the root object, and a custom origin, to viewers', async () => {
    const rooted = await plain.does('create_whole', {
      kind: 'download',
      origin: pics,
      enabled: true,
      reference: 'rooted',
      root_object: 'index.html',
    });
    await untilDeployed(plain, { kind: 'download', id: rooted['id'] });
    await world.viewersGet(text(rooted['domain']), '/', rootObject);
    const custom = await plain.does('create', {
      kind: 'download',
      origin: { type: 'custom', name: customHost, policy: 'match-viewer' },
      enabled: true,
      reference: 'custom',
    });
    await untilDeployed(plain, { kind: 'download', id: custom['id'] });
    await world.viewersGet(text(custom['domain']), '/x/y', 'the custom origin has /x/y\n');
    const info = await plain.does('info', { kind: 'download', id: custom['id'] });
    assert(isFields(info['config']));
    assert.deepEqual(info['config']['origin'], {
      type: 'custom',
      name: customHost,
      http_port: 80,
      https_port: 443,
      policy: 'match-viewer',
    });
  });

  test('shows each refusal with its status and code', async () => {
    const order = { kind: 'download', origin: pics, enabled: true, reference: 'wrong turns' };
    const created = await plain.does('create', order);
    const { etag, id } = created;
    const streaming = { kind: 'streaming', id };
    await plain.isRefused('info', streaming, 404, 'NoSuchStreamingDistribution');
    await plain.isRefused('config', { kind: 'download', id: 'E0' }, 404, 'NoSuchDistribution');
    await plain.isRefused('put', { ...order, id, etag: 'ESTALE' }, 412, 'PreconditionFailed');
    await plain.isRefused('put', { ...order, id, etag: '*' }, 400, 'InvalidIfMatchVersion');
    const moved = { ...order, origin: { ...pics, name: 'other.s3.amazonaws.com' } };
    await plain.isRefused('put', { ...moved, id, etag }, 400, 'IllegalUpdate');
    const renamed = { ...order, reference: 'another', id, etag };
    await plain.isRefused('put', renamed, 400, 'IllegalUpdate');
    // boto escapes nothing, so a raw & goes out.
    const raw = { ...order, reference: 'raw', comment: 'salt & pepper' };
    await plain.isRefused('create', raw, 400, 'MalformedXML');
    const escaped = { ...order, reference: 'escaped', comment: 'salt &amp; &lt;pepper&gt;' };
    const { config } = await plain.does('create', escaped);
    assert(isFields(config));
    assert.equal(config['comment'], 'salt & <pepper>');
    // Without a policy boto sends the word None.
    const policy = { ...order, reference: 'policy', origin: { type: 'custom', name: customHost } };
    await plain.isRefused('create', policy, 400, 'InvalidArgument');
    const bucketless = { ...order, reference: 'name', origin: { ...pics, name: 'example.com' } };
    await plain.isRefused('create', bucketless, 400, 'InvalidOrigin');
    const signers = { ...order, reference: 'signers', signers: ['999999999999'] };
    await plain.isRefused('create', signers, 400, 'TrustedSignerDoesNotExist');
    const cname = { ...order, cnames: ['taken.example.com'] };
    await plain.does('create', { ...cname, reference: 'cname 1' });
    const taken = { ...cname, kind: 'streaming', reference: 'cname 2' };
    await plain.isRefused('create', taken, 409, 'CNAMEAlreadyExists');
    // boto sends this to /distribution/{id}/config; it must not be taken for something else.
    const identity = { id: 'E1IDENTITY000', etag };
    await plain.isRefused('put_identity', identity, 404, 'NoSuchDistribution');
  });

  test('is understood through a proxy, which is sent absolute targets', async () => {
    const args = [script, 'http', '127.0.0.1', world.port, 'warmfront', 'warmfront-secret'];
    const proxied = new Driver(program('boto'), [...args, world.port], {
      BOTO_CONFIG: join(world.folder, 'boto.cfg'),
    });
    try {
      const { items } = await proxied.does('list', { kind: 'download' });
      assert(listOf(items).length > 0);
    } finally {
      await proxied.stop();
    }
  });

  test('shows that a wrong secret and an unknown key are refused', async () => {
    for (const [key, secret, code] of [
      ['warmfront', 'another-secret', 'SignatureDoesNotMatch'],
      ['nobody', 'warmfront-secret', 'InvalidClientTokenId'],
    ] as const) {
      const args = [script, 'http', '127.0.0.1', world.port, key, secret];
      const stranger = new Driver(program('boto'), args, {
        BOTO_CONFIG: join(world.folder, 'boto.cfg'),
      });
      try {
        await stranger.isRefused('list', { kind: 'download' }, 403, code);
      } finally {
        await stranger.stop();
      }
    }
  });
});

function untilDeployed(boto: Driver, which: Fields): Promise<Fields> {
  return until('boto shows Deployed', async () => {
    const info = await boto.does('info', which);
    return info['status'] === 'Deployed' ? info : undefined;
  });
}

/** List, info, config, early delete, disable, wait, stale delete, delete, gone. */
async function liveAndDie(
  boto: Driver,
  kind: 'download' | 'streaming',
  created: Fields,
  whileDeployed: (domain: string) => Promise<void>,
): Promise<void> {
  const id = text(created['id']);
  const which = { kind, id };
  const codes = {
    noSuch: kind === 'download' ? 'NoSuchDistribution' : 'NoSuchStreamingDistribution',
    notDisabled:
      kind === 'download' ? 'DistributionNotDisabled' : 'StreamingDistributionNotDisabled',
  };
  const info = await untilDeployed(boto, which);
  assert.equal(info['etag'], created['etag'], 'deployment mints no new ETag');
  assert.equal(info['modified'], created['modified'], 'deployment is no modification');
  assert.deepEqual(info['config'], created['config']);
  const config = await boto.does('config', which);
  assert.deepEqual(config, { etag: info['etag'], config: info['config'] });
  const listed = listOf((await boto.does('list', { kind }))['items']);
  const own = listed.find((item) => item['id'] === id);
  assert.equal(own?.['domain'], created['domain']);
  assert.equal(own?.['status'], 'Deployed');
  await whileDeployed(text(created['domain']));

  const { etag } = created;
  await boto.isRefused('delete', { ...which, etag }, 409, codes.notDisabled);
  const updated = await boto.does('update', { ...which, enabled: false });
  assert.notEqual(updated['etag'], etag);
  await boto.isRefused('delete', { ...which, etag }, 412, 'PreconditionFailed');
  const off = await untilDeployed(boto, which);
  assert.equal(off['etag'], updated['etag']);
  assert(isFields(off['config']));
  assert.equal(off['config']['enabled'], false);
  await boto.does('delete', { ...which, etag: updated['etag'] });
  await boto.isRefused('info', which, 404, codes.noSuch);
  await boto.isRefused('delete', { ...which, etag: updated['etag'] }, 404, codes.noSuch);
}
