/** Acceptance list of API 2010-11-01 (section 6), point 9: pages of lists. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import {
  allTexts,
  assertRefused,
  assertStatus,
  documentOf,
  find,
  type Reply,
  textAt,
} from '../harness/api-caller.ts';
import { bothKinds, create, type KindWords, remove } from '../harness/kinds.ts';
import { AcceptanceWorld, other } from './world.ts';

const count = 5;

suite('acceptance: lists', () => {
  let world: AcceptanceWorld;
  const ids = new Map<KindWords, readonly string[]>();

  before(async () => {
    world = await AcceptanceWorld.start();
    for (const words of bothKinds) {
      const made: string[] = [];
      for (let turn = 0; turn < count; turn += 1) {
        made.push((await create(world.api, words, { reference: `listed ${turn}` })).id);
      }
      ids.set(words, made);
      await create(world.as(other), words, { reference: 'of another account' });
    }
  });

  after(() => world.stop());

  test('acceptance 9: without MaxItems a page holds 100, oldest first, of the own account alone', async () => {
    for (const words of bothKinds) {
      const reply = await world.api.get(words.path);
      assertStatus(reply, 200);
      assert.deepEqual(idsOf(words, reply), ids.get(words));
      const { children } = documentOf(reply);
      assert.deepEqual(
        children.slice(0, 3).map(({ name, text }) => [name, text]),
        [
          ['Marker', ''],
          ['MaxItems', '100'],
          ['IsTruncated', 'false'],
        ],
      );
      assert.equal(idsOf(words, await world.as(other).get(words.path)).length, 1);
    }
  });

  test('acceptance 9: MaxItems=1 walks through all, NextMarker only while more follow', async () => {
    for (const words of bothKinds) {
      const walked: string[] = [];
      let marker = '';
      for (;;) {
        const reply = await world.api.get(`${words.path}?MaxItems=1&Marker=${marker}`);
        assertStatus(reply, 200);
        assert.equal(textAt(reply, 'Marker'), marker);
        assert.equal(textAt(reply, 'MaxItems'), '1');
        const page = idsOf(words, reply);
        assert.equal(page.length, 1);
        walked.push(...page);
        const next = find(documentOf(reply), 'NextMarker')?.text;
        assert.equal(textAt(reply, 'IsTruncated'), String(next !== undefined));
        if (next === undefined) break;
        assert.equal(next, page.at(-1));
        marker = next;
      }
      assert.deepEqual(walked, ids.get(words));
    }
  });

  test('acceptance 9: a page that ends with the last item is not truncated', async () => {
    for (const words of bothKinds) {
      for (const [max, truncated] of [
        [count - 1, 'true'],
        [count, 'false'],
        [count + 1, 'false'],
      ] as const) {
        const reply = await world.api.get(`${words.path}?MaxItems=${max}`);
        assert.equal(textAt(reply, 'IsTruncated'), truncated);
        assert.equal(find(documentOf(reply), 'NextMarker') !== undefined, truncated === 'true');
        assert.equal(idsOf(words, reply).length, Math.min(max, count));
      }
      const last = ids.get(words)?.at(-1);
      const past = await world.api.get(`${words.path}?Marker=${last}`);
      assertStatus(past, 200);
      assert.deepEqual(idsOf(words, past), []);
      assert.equal(textAt(past, 'IsTruncated'), 'false');
    }
  });

  test('acceptance 9: MaxItems=1000 is cut to 100, which the answer says', async () => {
    for (const words of bothKinds) {
      for (const asked of ['1000', '101', '999999999999999999999']) {
        const reply = await world.api.get(`${words.path}?MaxItems=${asked}`);
        assertStatus(reply, 200);
        assert.equal(textAt(reply, 'MaxItems'), '100');
        assert.deepEqual(idsOf(words, reply), ids.get(words));
      }
    }
  });

  test('acceptance 9: MaxItems=0 and x, and what else is no whole number above 0, are refused', async () => {
    for (const words of bothKinds) {
      for (const asked of [
        '0',
        '00',
        'x',
        '',
        '-1',
        '1.5',
        '1e2',
        '0x10',
        '%201',
        '%2B1',
        '1 OR 1',
      ]) {
        const query = asked.replaceAll(' ', '+');
        const reply = await world.api.get(`${words.path}?MaxItems=${query}`);
        assertRefused(reply, 400, 'InvalidArgument');
      }
    }
  });

  test('acceptance 9: a marker that is no item of the list is refused', async () => {
    for (const words of bothKinds) {
      const turned = bothKinds.find(({ kind }) => kind !== words.kind);
      assert(turned !== undefined);
      const foreign = idsOf(words, await world.as(other).get(words.path))[0];
      for (const marker of ['E00000000000X', 'x', ids.get(turned)?.[0], foreign]) {
        const reply = await world.api.get(`${words.path}?Marker=${marker}`);
        assertRefused(reply, 400, 'InvalidArgument');
      }
    }
  });

  test('acceptance 9: a marker whose item is deleted since goes on at its place', async () => {
    for (const words of bothKinds) {
      const all = ids.get(words) ?? [];
      const [first, second, ...rest] = all;
      const page = await world.api.get(`${words.path}?MaxItems=2`);
      assert.equal(textAt(page, 'NextMarker'), second);
      await remove(world.api, `${words.path}/${second}`);
      const next = await world.api.get(`${words.path}?Marker=${second}`);
      assertStatus(next, 200);
      assert.deepEqual(idsOf(words, next), rest);
      ids.set(words, [...(first === undefined ? [] : [first]), ...rest]);
    }
  });

  test('acceptance 9: other parameters are passed over, in any order', async () => {
    for (const words of bothKinds) {
      const [first, second] = ids.get(words) ?? [];
      const query = `x=y&MaxItems=1&Marker=${first}&Foo`;
      assert.deepEqual(idsOf(words, await world.api.get(`${words.path}?${query}`)), [second]);
    }
  });
});

function idsOf(words: KindWords, reply: Reply): readonly string[] {
  return allTexts(reply, words.summary, 'Id');
}
