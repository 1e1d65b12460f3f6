/**
 * Acceptance list of API 2010-11-01 (section 6) for invalidations: points 4, 6, 9 and 10. An edge is
 * held where InProgress has to last.
 */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import {
  type ApiCaller,
  allTexts,
  assertRefused,
  assertStatus,
  documentOf,
  find,
  textAt,
} from '../harness/api-caller.ts';
import { batchXml, invalidate, untilCompleted, whileHeld } from '../harness/content.ts';
import { create, download, namespace, remove, streaming } from '../harness/kinds.ts';
import { AcceptanceWorld, other } from './world.ts';

suite('acceptance: invalidations', () => {
  let world: AcceptanceWorld;
  let api: ApiCaller;

  before(async () => {
    world = await AcceptanceWorld.start();
    api = world.api;
  });

  after(() => world.stop());

  function inProgress(path: string): Promise<string> {
    return api.get(path).then((reply) => textAt(reply, 'InProgressInvalidationBatches'));
  }

  test('acceptance 4: root, namespace and children are those of the documentation', async () => {
    const { path } = await create(api, download, { reference: 'form' });
    const { id, path: place, reply } = await invalidate(api, path, 'form', ['/a%20b', 'no-slash']);
    const created = textAt(reply, 'CreateTime');
    assert.match(created, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.match(id, /^I[0-9A-Z]{12,13}$/);
    assert.equal(new URL(String(reply.headers['location'])).pathname, place);
    const completed = await untilCompleted(api, place);
    for (const one of [reply, completed]) assert.equal(one.headers.etag, undefined);
    assert.equal(
      completed.body,
      `<?xml version="1.0"?>\n<Invalidation xmlns="${namespace}"><Id>${id}</Id><Status>Completed</Status>` +
        `<CreateTime>${created}</CreateTime><InvalidationBatch><Path>/a%20b</Path><Path>/no-slash</Path>` +
        '<CallerReference>form</CallerReference></InvalidationBatch></Invalidation>',
    );
  });

  test('acceptance 6: a replay gives the same id with 201, and creates nothing', async () => {
    const { path } = await create(api, download, { reference: 'replay' });
    const first = await invalidate(api, path, 'once', ['/a', '/b']);
    await untilCompleted(api, first.path);
    const again = await invalidate(api, path, 'once', ['/b', '/a']);
    assert.equal(again.id, first.id);
    assert.equal(textAt(again.reply, 'Status'), 'Completed');
    for (const paths of [['/a'], ['/a', '/b', '/c'], ['/a', '/b', '/b']]) {
      const reply = await api.post(`${path}/invalidation`, batchXml('once', paths));
      assertRefused(reply, 409, 'InvalidationBatchAlreadyExists');
    }
    const list = await api.get(`${path}/invalidation`);
    assert.deepEqual(allTexts(list, 'InvalidationSummary', 'Id'), [first.id]);
    const twin = await create(api, download, { reference: 'replay of another' });
    assert.notEqual((await invalidate(api, twin.path, 'once', ['/a'])).id, first.id);
  });

  test('acceptance 9: pages of invalidations, newest first', async () => {
    const { path } = await create(api, download, { reference: 'pages' });
    const place = `${path}/invalidation`;
    const empty = await api.get(place);
    assertStatus(empty, 200);
    assert.deepEqual(allTexts(empty, 'InvalidationSummary', 'Id'), []);
    const newestFirst: string[] = [];
    for (const reference of ['1', '2', '3', '4', '5']) {
      const made = await invalidate(api, path, reference);
      await untilCompleted(api, made.path);
      newestFirst.unshift(made.id);
    }
    assert.deepEqual(allTexts(await api.get(place), 'InvalidationSummary', 'Id'), newestFirst);
    const walked: string[] = [];
    for (let marker = ''; ; ) {
      const reply = await api.get(`${place}?MaxItems=2&Marker=${marker}`);
      assertStatus(reply, 200);
      walked.push(...allTexts(reply, 'InvalidationSummary', 'Id'));
      const next = find(documentOf(reply), 'NextMarker')?.text;
      assert.equal(textAt(reply, 'IsTruncated'), String(next !== undefined));
      if (next === undefined) break;
      assert.equal(next, walked.at(-1));
      marker = next;
      // What comes meanwhile stands before the place, and is not met again.
      if (walked.length === 2) await untilCompleted(api, (await invalidate(api, path, 'new')).path);
    }
    assert.deepEqual(walked, newestFirst);
    assert.equal(textAt(await api.get(`${place}?MaxItems=1000`), 'MaxItems'), '100');
    for (const query of ['MaxItems=0', 'MaxItems=x', 'Marker=I0000000000000']) {
      assertRefused(await api.get(`${place}?${query}`), 400, 'InvalidArgument');
    }
  });

  test('acceptance 10: a thousand paths are accepted, 1001 are too many', async () => {
    const { path } = await create(api, download, { reference: 'paths' });
    const paths = Array.from({ length: 1_001 }, (_, turn) => `/img/${turn}.jpg`);
    const full = await invalidate(api, path, 'full', paths.slice(0, 1_000));
    const read = await untilCompleted(api, full.path);
    const batch = find(documentOf(read), 'InvalidationBatch');
    assert.deepEqual(
      batch?.children.filter(({ name }) => name === 'Path').map(({ text }) => text),
      paths.slice(0, 1_000),
    );
    for (const many of [
      paths,
      Array<string>(1_001).fill('/same'),
      Array<string>(60_000).fill('/'),
    ]) {
      const reply = await api.post(`${path}/invalidation`, batchXml('over', many));
      assertRefused(reply, 413, 'BatchTooLarge');
    }
    const huge = batchXml('huge', [`/${'p'.repeat(1_048_576)}`]);
    assertRefused(await api.post(`${path}/invalidation`, huge), 400, 'MalformedXML');
    assert.equal(await inProgress(path), '0');
  });

  test('acceptance 10: a fourth batch in progress is one too many, in each distribution', async () => {
    const { path } = await create(api, download, { reference: 'in progress' });
    const twin = await create(api, download, { reference: 'in progress elsewhere' });
    const made: string[] = [];
    await whileHeld(api, 'b', async () => {
      for (const reference of ['1', '2', '3']) {
        const one = await invalidate(api, path, reference);
        assert.equal(textAt(one.reply, 'Status'), 'InProgress');
        made.push(one.path);
      }
      assert.equal(await inProgress(path), '3');
      const fourth = batchXml('4', ['/a']);
      const refused = await api.post(`${path}/invalidation`, fourth);
      assertRefused(refused, 400, 'TooManyInvalidationsInProgress');
      assert.equal((await invalidate(api, path, '1')).path, made[0], 'a replay is no new one');
      const used = await api.post(`${path}/invalidation`, batchXml('1', ['/other']));
      assertRefused(used, 409, 'InvalidationBatchAlreadyExists');
      await invalidate(api, twin.path, '4');
    });
    for (const one of made) await untilCompleted(api, one);
    assert.equal(await inProgress(path), '0');
    await invalidate(api, path, '4');
  });

  test('acceptance 10: bounds and forms of a batch', async () => {
    const { path } = await create(api, download, { reference: 'bounds' });
    const place = `${path}/invalidation`;
    await invalidate(api, path, 'r'.repeat(127));
    for (const [reference, paths] of [
      ['r'.repeat(128), ['/a']],
      ['ü'.repeat(64), ['/a']],
      ['', ['/a']],
      ['empty path', ['/a', '']],
      ['control character', ['/a&#10;b']],
    ] as const) {
      assertRefused(await api.post(place, batchXml(reference, paths)), 400, 'InvalidArgument');
    }
    for (const body of [
      batchXml('none', []),
      batchXml('amp', ['/a&b']),
      batchXml('x', ['/a']).replaceAll('InvalidationBatch', 'Batch'),
      batchXml('x', ['/a']).replace('</InvalidationBatch>', '<Other/></InvalidationBatch>'),
      batchXml('x', ['/a']).replace(/<CallerReference>.*<\/CallerReference>/, ''),
      '{"Paths":["/a"]}',
    ]) {
      assertRefused(await api.post(place, body), 400, 'MalformedXML');
    }
    assertRefused(await api.post(place, ''), 400, 'MissingBody');
  });

  test('an invalidation is of one download distribution of its account', async () => {
    const { path } = await create(api, download, { reference: 'whose' });
    const { path: place } = await invalidate(api, path, 'whose');
    const film = await create(api, streaming, { reference: 'whose' });
    const asDownload = `${download.path}/${film.id}/invalidation`;
    assertRefused(await api.post(asDownload, batchXml('x', ['/a'])), 404, 'NoSuchDistribution');
    const inStreaming = `${film.path}/invalidation`;
    assertRefused(await api.post(inStreaming, batchXml('x', ['/a'])), 400, 'InvalidURI');
    const stranger = world.as(other);
    for (const at of [place, `${path}/invalidation`]) {
      assertRefused(await stranger.get(at), 404, 'NoSuchDistribution');
    }
    assertRefused(await api.get(`${path}/invalidation/I0`), 404, 'NoSuchInvalidation');
    const twin = await create(api, download, { reference: 'another' });
    const elsewhere = place.replace(path, twin.path);
    assertRefused(await api.get(elsewhere), 404, 'NoSuchInvalidation');
    await remove(api, path);
    assertRefused(await api.get(place), 404, 'NoSuchDistribution');
  });
});
