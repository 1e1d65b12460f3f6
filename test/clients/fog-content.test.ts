/**
 * fog, unchanged, against the real server: invalidations by its requests and by its models, and what
 * it shows of each wrong turn. It knows no origin access identities.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { whileHeld } from '../harness/content.ts';
import { create, download, untilDeployed } from '../harness/kinds.ts';
import { needs, program } from '../harness/programs.ts';
import { until } from '../harness/until.ts';
import { Driver, listOf, text } from './driver.ts';
import { ClientWorld } from './world.ts';

const script = join(import.meta.dirname, 'fog_driver.rb');

suite('fog, about content', needs('fog'), () => {
  let world: ClientWorld;
  let fog: Driver;

  before(async () => {
    world = await ClientWorld.start();
    const args = [script, 'http', '127.0.0.1', world.port, 'warmfront', 'warmfront-secret'];
    fog = new Driver(program('fog'), args, {});
  });

  after(async () => {
    await fog?.stop();
    await world.stop();
  });

  test('invalidates objects, and viewers get the new ones at every edge', async () => {
    const { domain, id, path } = await create(world.api, download, { reference: 'requests' });
    await untilDeployed(world.api, path);
    await world.publish('f g.txt', 'old');
    await world.viewersGet(domain, '/f%20g.txt', 'old');
    await world.publish('f g.txt', 'new');

    // It encodes nothing and adds no slash.
    const paths = ['f g.txt', '/not/there'];
    const which = { distribution: id };
    const batch = await fog.does('invalidate', { ...which, paths, reference: 'ref-1' });
    assert.match(text(batch['Id']), /^I[0-9A-Z]{12,13}$/);
    assert.deepEqual(batch['InvalidationBatch'], {
      Path: ['/f g.txt', '/not/there'],
      CallerReference: 'ref-1',
    });
    const completed = await until('the invalidation is Completed', async () => {
      const now = await fog.does('invalidation', { ...which, id: batch['Id'] });
      return now['Status'] === 'Completed' ? now : undefined;
    });
    assert.deepEqual(completed, { ...batch, Status: 'Completed' });
    await world.viewersGet(domain, '/f%20g.txt', 'new');

    const again = await fog.does('invalidate', { ...which, paths, reference: 'ref-1' });
    assert.equal(again['Id'], batch['Id']);
    const second = await fog.does('invalidate', { ...which, paths: ['/x'], reference: 'ref-2' });
    const first = await fog.does('invalidations', { ...which, page: { MaxItems: 1 } });
    assert.deepEqual(
      { items: listOf(first['InvalidationSummary']).map(({ Id }) => Id), max: first['MaxItems'] },
      { items: [second['Id']], max: 1 },
    );
    assert.deepEqual([first['IsTruncated'], first['NextMarker']], [true, second['Id']]);
    const rest = await fog.does('invalidations', { ...which, page: { Marker: second['Id'] } });
    assert.deepEqual(listOf(rest['InvalidationSummary']), [
      { Id: batch['Id'], Status: 'Completed' },
    ]);
    assert.equal(rest['IsTruncated'], false);
  });

  test('invalidates by its models', async () => {
    const { id, path } = await create(world.api, download, { reference: 'models' });
    await untilDeployed(world.api, path);
    const which = { distribution: id };
    const made = await fog.does('model_invalidate', { ...which, paths: ['/a', '/b'] });
    assert.deepEqual(made['paths'], ['/a', '/b']);
    const ready = await until('its model is ready', async () => {
      const got = await fog.does('model_invalidation', { ...which, id: made['id'] });
      return got['ready'] === true ? got : undefined;
    });
    assert.deepEqual(ready['paths'], ['/a', '/b']);
    const all = await fog.does('model_invalidations', which);
    assert.deepEqual(all, { ids: [made['id']], max: 100, truncated: false });
    const none = await fog.does('model_invalidation', { ...which, id: 'I0000000000000' });
    assert.deepEqual(none, { id: null });
  });

  test('is told what is wrong with an invalidation', async () => {
    const { id } = await create(world.api, download, { reference: 'wrong turns' });
    const which = { distribution: id };
    // It does not escape what it sends.
    const raw = { ...which, paths: ['/salt&pepper'], reference: 'raw' };
    await fog.isRefused('invalidate', raw, 400, 'MalformedXML');
    const none = { ...which, paths: [], reference: 'none' };
    await fog.isRefused('invalidate', none, 400, 'MalformedXML');
    const empty = { ...which, paths: [''], reference: 'empty' };
    await fog.isRefused('invalidate', empty, 400, 'InvalidArgument');
    const many = { ...which, paths: Array<string>(1_001).fill('/a'), reference: 'many' };
    await fog.isRefused('invalidate', many, 413, 'BatchTooLarge');
    await whileHeld(world.api, 'b', async () => {
      for (const reference of ['1', '2', '3']) {
        await fog.does('invalidate', { ...which, paths: ['/a'], reference });
      }
      const fourth = { ...which, paths: ['/a'], reference: '4' };
      await fog.isRefused('invalidate', fourth, 400, 'TooManyInvalidationsInProgress');
      const used = { ...which, paths: ['/b'], reference: '1' };
      await fog.isRefused('invalidate', used, 409, 'InvalidationBatchAlreadyExists');
    });
    const nowhere = { distribution: 'E0000000000000' };
    await fog.isRefused('invalidations', nowhere, 404, 'NoSuchDistribution');
    await fog.isRefused('invalidation', { ...nowhere, id: 'I0' }, 404, 'NoSuchDistribution');
    await fog.isRefused('invalidation', { ...which, id: 'I0' }, 404, 'NoSuchInvalidation');
  });
});
