/**
 * boto 2, unchanged, against the real server: origin access identities and invalidations, and what it
 * shows of each wrong turn.
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { assertStatus, etagOf } from '../harness/api-caller.ts';
import {
  identitiesPath,
  identityXml,
  invalidate,
  untilCompleted,
  whileHeld,
} from '../harness/content.ts';
import { create, download, untilDeployed } from '../harness/kinds.ts';
import { needs, program } from '../harness/programs.ts';
import { until } from '../harness/until.ts';
import { Driver, type Fields, listOf, text } from './driver.ts';
import { ClientWorld } from './world.ts';

const script = join(import.meta.dirname, 'boto_driver.py');
const bucket = 'pics.s3.amazonaws.com';

suite('boto, about content', needs('boto'), () => {
  let world: ClientWorld;
  let boto: Driver;

  before(async () => {
    world = await ClientWorld.start();
    const trust = join(world.folder, 'boto-tls.cfg');
    await writeFile(trust, `[Boto]\nca_certificates_file = ${world.caFile}\n`);
    const args = [script, 'https', 'localhost', world.tlsPort, 'warmfront', 'warmfront-secret'];
    boto = new Driver(program('boto'), args, { BOTO_CONFIG: trust });
  });

  after(async () => {
    await boto?.stop();
    await world.stop();
  });

  test('lives an identity from create to delete, named by a distribution in between', async () => {
    const said = { reference: 'one', comment: 'reads pictures' };
    const made = await boto.does('create_identity', said);
    assert.match(text(made['id']), /^E[0-9A-Z]{12,13}$/);
    assert.match(text(made['user']), /^[0-9a-f]{96}$/);
    assert.deepEqual(await boto.does('create_identity', said), made, 'a replay');
    const other = { ...said, comment: 'another' };
    const exists = 'CloudFrontOriginAccessIdentityAlreadyExists';
    await boto.isRefused('create_identity', other, 409, exists);

    const { etag, id } = made;
    assert.deepEqual(await boto.does('identity_info', { id }), made);
    assert.deepEqual(await boto.does('identity_config', { id }), { etag, ...said });
    await boto.does('create_identity', { reference: 'two', comment: '' });
    const { items } = await boto.does('list_identities');
    assert.deepEqual(
      listOf(items).map(({ comment }) => comment),
      ['reads pictures', ''],
    );
    assert.deepEqual(listOf(items)[0], { id, user: made['user'], comment: said.comment });

    const site = await create(world.api, download, { reference: 'names it' });
    const identity = `origin-access-identity/cloudfront/${text(id)}`;
    const attach = { distribution: site.id, name: bucket };
    await boto.does('attach_identity', { ...attach, identity });
    await untilDeployed(world.api, site.path);
    const inUse = 'CloudFrontOriginAccessIdentityInUse';
    await boto.isRefused('delete_identity', { id, etag }, 409, inUse);
    await whileHeld(world.api, 'b', async () => {
      await boto.does('attach_identity', attach);
      await boto.isRefused('delete_identity', { id, etag }, 409, inUse);
    });
    await untilDeployed(world.api, site.path);
    await boto.does('delete_identity', { id, etag });
    const noSuch = 'NoSuchCloudFrontOriginAccessIdentity';
    await boto.isRefused('identity_info', { id }, 404, noSuch);
    await boto.isRefused('delete_identity', { id, etag }, 404, noSuch);
    const gone = boto.order('attach_identity', { ...attach, identity });
    assert.partialDeepStrictEqual(await gone, {
      refused: { status: 400, code: 'InvalidOriginAccessIdentity' },
    });
  });

  test('cannot change an identity, by faults of its own; it sees what others changed', async () => {
    const { etag, id } = await boto.does('create_identity', { reference: 'fixed', comment: 'old' });
    await assert.rejects(boto.order('update_identity', { id, comment: 'new' }), /AttributeError/);
    // Its call for this sends the configuration to /distribution/{id}/config.
    await boto.isRefused('put_identity', { id, etag }, 404, 'NoSuchDistribution');
    const path = `${identitiesPath}/${text(id)}`;
    const put = await world.api.put(`${path}/config`, text(etag), identityXml('fixed', 'new'));
    assertStatus(put, 200);
    const info = await boto.does('identity_info', { id });
    assert.deepEqual([info['comment'], info['etag']], ['new', etagOf(put)]);
    await boto.isRefused('delete_identity', { id, etag }, 412, 'PreconditionFailed');
    await boto.isRefused('delete_identity', { id, etag: '' }, 400, 'InvalidIfMatchVersion');
    await boto.does('delete_identity', { id, etag: info['etag'] });
  });

  test('is told what is wrong with an identity', async () => {
    const cases: readonly [Fields, string][] = [
      [{ reference: 'r'.repeat(128), comment: '' }, 'InvalidArgument'],
      [{ reference: 'long', comment: 'c'.repeat(129) }, 'InvalidArgument'],
      // It does not escape what it sends.
      [{ reference: 'raw', comment: 'salt & pepper' }, 'MalformedXML'],
    ];
    for (const [said, code] of cases) await boto.isRefused('create_identity', said, 400, code);
  });

  test('invalidates objects, and viewers get the new ones at every edge', async () => {
    const site = await create(world.api, download, { reference: 'invalidated' });
    await untilDeployed(world.api, site.path);
    const names = ['b c.txt', 'ü~.txt', 'x+y.txt'];
    const paths = names.map((name) => `/${encodeURIComponent(name)}`);
    for (const name of names) await world.publish(name, 'old');
    for (const path of paths) await world.viewersGet(site.domain, path, 'old');
    for (const name of names) await world.publish(name, 'new');

    // It puts the slash before a path, and encodes what is not plain.
    const given = { distribution: site.id, paths: [...names, '/not/there'] };
    const batch = await boto.does('invalidate', given);
    assert.match(text(batch['id']), /^I[0-9A-Z]{12,13}$/);
    assert.deepEqual(batch['paths'], ['/b%20c.txt', '/%C3%BC~.txt', '/x%2By.txt', '/not/there']);
    const completed = await until('the invalidation is Completed', async () => {
      const which = { distribution: site.id, id: batch['id'] };
      const now = await boto.does('invalidation_status', which);
      return now['status'] === 'Completed' ? now : undefined;
    });
    assert.deepEqual(completed, { ...batch, status: 'Completed' });
    for (const path of paths) await world.viewersGet(site.domain, path, 'new');
  });

  test('walks through invalidations of several pages, newest first', async () => {
    const site = await create(world.api, download, { reference: 'walked' });
    const newestFirst: string[] = [];
    for (let turn = 0; turn < 103; turn += 1) {
      const made = await invalidate(world.api, site.path, `turn ${turn}`);
      await untilCompleted(world.api, made.path);
      newestFirst.unshift(made.id);
    }
    const which = { distribution: site.id };
    const all = await boto.does('list_invalidations', which);
    assert.equal(all['truncated'], true, 'its first page of a hundred is');
    assert.deepEqual(
      listOf(all['items']),
      newestFirst.map((id) => ({ id, status: 'Completed' })),
    );
    const page = await boto.does('list_invalidations', { ...which, max: 2 });
    assert.deepEqual(page['next'], newestFirst[1]);
    const next = await boto.does('list_invalidations', { ...which, max: 2, marker: page['next'] });
    assert.deepEqual(
      listOf(next['items']).map(({ id }) => id),
      newestFirst.slice(2, 4),
    );
  });

  test('is told what is wrong with an invalidation', async () => {
    const site = await create(world.api, download, { reference: 'wrong turns' });
    const which = { distribution: site.id };
    await whileHeld(world.api, 'b', async () => {
      for (const reference of ['1', '2', '3']) {
        await boto.does('invalidate', { ...which, paths: ['/a'], reference });
      }
      const info = await boto.does('info', { kind: 'download', id: site.id });
      assert.equal(info['batches'], 3);
      const fourth = { ...which, paths: ['/a'], reference: '4' };
      await boto.isRefused('invalidate', fourth, 400, 'TooManyInvalidationsInProgress');
      const repeated = await boto.does('invalidate', { ...fourth, reference: '1' });
      assert.equal(repeated['status'], 'InProgress');
      const used = { ...which, paths: ['/other'], reference: '1' };
      await boto.isRefused('invalidate', used, 409, 'InvalidationBatchAlreadyExists');
    });
    const many = { ...which, paths: Array<string>(1_001).fill('/a') };
    await boto.isRefused('invalidate', many, 413, 'BatchTooLarge');
    await boto.isRefused('invalidate', { ...which, paths: [] }, 400, 'MalformedXML');
    const nowhere = { distribution: 'E0000000000000', paths: ['/a'] };
    await boto.isRefused('invalidate', nowhere, 404, 'NoSuchDistribution');
    await boto.isRefused('list_invalidations', nowhere, 404, 'NoSuchDistribution');
    const none = { ...which, id: 'I0000000000000' };
    await boto.isRefused('invalidation_status', none, 404, 'NoSuchInvalidation');
  });
});
