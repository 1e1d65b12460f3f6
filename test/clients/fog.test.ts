/**
 * fog, unchanged, against the real server: distributions of both kinds from create to delete by its
 * requests and by its models, over plain HTTP and over TLS, and what it shows of each wrong turn.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { needs, program } from '../harness/programs.ts';
import { until } from '../harness/until.ts';
import { Driver, type Fields, isFields, listOf, text } from './driver.ts';
import { ClientWorld, customHost, stored } from './world.ts';

const script = join(import.meta.dirname, 'fog_driver.rb');
const pics = { DNSName: 'pics.s3.amazonaws.com' };

suite('fog', needs('fog'), () => {
  let world: ClientWorld;
  let plain: Driver;
  let tls: Driver;

  before(async () => {
    world = await ClientWorld.start();
    const key = ['warmfront', 'warmfront-secret'];
    plain = new Driver(program('fog'), [script, 'http', '127.0.0.1', world.port, ...key], {});
    const trusting = [...key, world.caFile];
    tls = new Driver(
      program('fog'),
      [script, 'https', 'localhost', world.tlsPort, ...trusting],
      {},
    );
  });

  after(async () => {
    await Promise.all([plain.stop(), tls.stop()]);
    await world.stop();
  });

  for (const way of ['plain HTTP', 'TLS']) {
    test(`lives distributions of both kinds from create to delete over ${way}`, async () => {
      const fog = way === 'TLS' ? tls : plain;
      for (const kind of ['download', 'streaming']) {
        const word = kind === 'download' ? 'Distribution' : 'StreamingDistribution';
        const comment = `${kind} over ${way}`;
        const options = { S3Origin: pics, Enabled: true, Comment: comment };
        const created = await fog.does('create', { kind, options });
        const id = text(created['id']);
        assert.match(text(created['domain']), kind === 'download' ? /^d/ : /^s/);
        const info = await untilDeployed(fog, { kind, id });
        assert.equal(info['etag'], created['etag'], 'deployment mints no new ETag');
        assert.deepEqual(info['config'], created['config']);
        assert(isFields(info['config']));
        assert.equal(info['config']['Comment'], comment);
        const { items, max, truncated } = await fog.does('list', { kind });
        assert.deepEqual({ max, truncated }, { max: 100, truncated: false });
        const own = listOf(items).find((item) => item['Id'] === id);
        assert.equal(own?.['DomainName'], created['domain']);
        if (kind === 'download') await world.viewersGet(text(created['domain']), '/a.txt', stored);

        const early = { kind, id, etag: created['etag'] };
        await fog.isRefused('delete', early, 409, `${word}NotDisabled`);
        const off = {
          ...options,
          Enabled: false,
          CallerReference: info['config']['CallerReference'],
        };
        const put = await fog.does('put', { ...early, options: off });
        assert.notEqual(put['etag'], created['etag']);
        await fog.isRefused('delete', early, 412, 'PreconditionFailed');
        await untilDeployed(fog, { kind, id });
        await fog.does('delete', { kind, id, etag: put['etag'] });
        await fog.isRefused('info', { kind, id }, 404, `NoSuch${word}`);
        if (kind === 'download') {
          await world.viewersAreRefused(text(created['domain']), '/a.txt');
        }
      }
    });
  }

  for (const kind of ['download', 'streaming']) {
    test(`lives a ${kind} distribution by its models`, async () => {
      const attributes = { s3_origin: pics, enabled: true, comment: 'a model' };
      const { id } = await plain.does('model_create', { kind, attributes });
      const which = { kind, id };
      const ready = (wanted: boolean) =>
        until('the model is ready', async () => {
          const model = await plain.does('model_get', which);
          return model['ready'] === true && model['enabled'] === wanted ? model : undefined;
        });
      await ready(true);
      const { ids } = await plain.does('model_ids', { kind });
      assert(Array.isArray(ids) && ids.includes(id));
      // Its own pages ask for 1000 items, which are cut to a page and not refused.
      const all = await plain.does('model_all_with', { kind, max: 1000 });
      assert.deepEqual({ ...all, ids }, { ids, max: 100, truncated: false });
      assert.deepEqual(await plain.does('model_disable', which), { done: true });
      await ready(false);
      assert.deepEqual(await plain.does('model_enable', which), { done: true });
      await ready(true);
      assert.deepEqual(await plain.does('model_disable', which), { done: true });
      await ready(false);
      assert.deepEqual(await plain.does('model_destroy', which), { done: true });
      assert.deepEqual(await plain.does('model_get', which), { id: null });
    });
  }

  test('is understood when it repeats signers and protocols as bare texts', async () => {
    const created = await plain.does('create', {
      kind: 'download',
      options: {
        CustomOrigin: {
          DNSName: customHost,
          HTTPPort: 80,
          HTTPSPort: 443,
          OriginProtocolPolicy: 'match-viewer',
        },
        Enabled: true,
        CNAME: ['One.example.org', 'two.example.org'],
        Logging: { Bucket: 'logs.s3.amazonaws.com', Prefix: '' },
        DefaultRootObject: 'index.html',
        TrustedSigners: ['Self', '000000000000'],
        RequiredProtocols: 'https',
      },
    });
    const { config } = created;
    assert(isFields(config));
    // It collects the signers of ActiveTrustedSigners as well as those of the configuration.
    assert.deepEqual(config['TrustedSigners'], ['Self', '000000000000', 'Self', '000000000000']);
    assert.equal(config['RequireProtocols'], 'https');
    assert.deepEqual(config['CNAME'], ['one.example.org', 'two.example.org']);
    assert.equal(config['DefaultRootObject'], 'index.html');
    assert.deepEqual(config['CustomOrigin'], {
      DNSName: customHost,
      HTTPPort: 80,
      HTTPSPort: 443,
      OriginProtocolPolicy: 'match-viewer',
    });
  });

  test('creates one distribution of what it sends within a second, and is told where it differs', async () => {
    const said = { S3Origin: pics, Enabled: true, Comment: 'the first' };
    const creates = ['download', 'streaming'].flatMap((kind) =>
      [said, said, { ...said, Comment: 'not the same' }].map((options) => ({ kind, options })),
    );
    // On a busy machine they may not all fall into one second; then another one is begun.
    const answers = await until('all creates fall into one second', async () => {
      const done = await plain.does('create_in_one_second', { creates });
      return done['seconds'] === 1 ? done['answers'] : undefined;
    });
    const [first, same, other, film, sameFilm, otherFilm] = listOf(answers);
    for (const [one, another] of [
      [first, same],
      [film, sameFilm],
    ]) {
      assert(isFields(one?.['ok']) && isFields(another?.['ok']));
      assert.equal(one['ok']['id'], another['ok']['id']);
    }
    assert.deepEqual(other?.['refused'], { status: 409, code: 'DistributionAlreadyExists' });
    const code = 'StreamingDistributionAlreadyExists';
    assert.deepEqual(otherFilm?.['refused'], { status: 409, code });
  });

  test('shows each refusal with its status and code', async () => {
    const options = { S3Origin: pics, Enabled: true, Comment: 'wrong turns' };
    const created = await plain.does('create', { kind: 'download', options });
    const { config, etag, id } = created;
    assert(isFields(config));
    const whole = { ...options, CallerReference: config['CallerReference'] };
    const which = { kind: 'download', id };
    const stale = { ...which, etag: 'ESTALE', options: whole };
    await plain.isRefused('put', stale, 412, 'PreconditionFailed');
    const moved = { ...whole, S3Origin: { DNSName: 'other.s3.amazonaws.com' } };
    await plain.isRefused('put', { ...which, etag, options: moved }, 400, 'IllegalUpdate');
    const { CallerReference: _, ...nameless } = whole;
    await plain.isRefused('put', { ...which, etag, options: nameless }, 400, 'MalformedXML');
    // fog escapes nothing, so a raw & goes out.
    const raw = { ...options, Comment: 'salt & pepper' };
    await plain.isRefused(
      'create_at_once',
      { kind: 'download', options: raw },
      400,
      'MalformedXML',
    );
    const signers = { ...options, TrustedSigners: ['Everybody'] };
    await plain.isRefused(
      'create_at_once',
      { kind: 'download', options: signers },
      400,
      'MalformedXML',
    );
    const custom = { CustomOrigin: { DNSName: customHost }, Enabled: true };
    await plain.isRefused(
      'create_at_once',
      { kind: 'streaming', options: custom },
      400,
      'InvalidOrigin',
    );
    await plain.isRefused('info', { kind: 'streaming', id }, 404, 'NoSuchStreamingDistribution');
  });
});

function untilDeployed(fog: Driver, which: Fields): Promise<Fields> {
  return until('fog shows Deployed', async () => {
    const info = await fog.does('info', which);
    return info['status'] === 'Deployed' ? info : undefined;
  });
}
