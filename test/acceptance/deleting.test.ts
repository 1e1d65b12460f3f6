/**
 * Acceptance list of API 2010-11-01 (section 6), point 8: the delete ladder of section 3.2 with each
 * wrong turn, for both kinds. An edge is held where InProgress has to last.
 */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import {
  allTexts,
  assertRefused,
  assertStatus,
  etagOf,
  type Reply,
  textAt,
} from '../harness/api-caller.ts';
import { bothKinds, configXml, create, untilDeployed } from '../harness/kinds.ts';
import { AcceptanceWorld, other } from './world.ts';

suite('acceptance: deleting', () => {
  let world: AcceptanceWorld;

  before(async () => {
    world = await AcceptanceWorld.start();
  });

  after(() => world.stop());

  async function whileHeld(act: () => Promise<void>): Promise<void> {
    assertStatus(await world.api.post('/_warmfront/edges/b/hold', ''), 200);
    try {
      await act();
    } finally {
      assertStatus(await world.api.post('/_warmfront/edges/b/release', ''), 200);
    }
  }

  async function disable(path: string): Promise<Reply> {
    const config = await world.api.get(`${path}/config`);
    const off = config.body.replace('<Enabled>true<', '<Enabled>false<');
    const put = await world.api.put(`${path}/config`, etagOf(config), off);
    assertStatus(put, 200);
    return put;
  }

  for (const words of bothKinds) {
    test(`acceptance 8: the ladder of a ${words.kind} distribution, step by step`, async () => {
      const { etag: etagA, id, path } = await create(world.api, words, { reference: 'ladder' });
      await untilDeployed(world.api, path);
      const config = await world.api.get(`${path}/config`);
      assert.equal(etagOf(config), etagA);
      const put = await disable(path);
      const etagB = etagOf(put);
      assert.notEqual(etagB, etagA);
      const deployed = await untilDeployed(world.api, path);
      assert.equal(etagOf(deployed), etagB);
      const gone = await world.api.delete(path, etagB);
      assertStatus(gone, 204);
      assert.equal(gone.body, '');
      assert.equal(gone.headers.etag, undefined);
      assert.equal(gone.headers['content-length'], undefined);
      assert.equal(gone.headers['content-type'], undefined);
      assert.match(String(gone.headers['x-amz-request-id']), /^[\da-f-]{36}$/);
      assertRefused(await world.api.get(path), 404, words.noSuch);
      assertRefused(await world.api.get(`${path}/config`), 404, words.noSuch);
      const body = configXml(words, { reference: 'ladder' });
      assertRefused(await world.api.put(`${path}/config`, etagB, body), 404, words.noSuch);
      assertRefused(await world.api.delete(path, etagB), 404, words.noSuch);
      const listed = allTexts(await world.api.get(words.path), words.summary, 'Id');
      assert(!listed.includes(id));
    });

    test(`acceptance 8: a ${words.kind} distribution that is enabled is not deleted`, async () => {
      await whileHeld(async () => {
        const { etag, path } = await create(world.api, words, { reference: 'enabled' });
        assert.equal(textAt(await world.api.get(path), 'Status'), 'InProgress');
        assertRefused(await world.api.delete(path, etag), 409, words.notDisabled);
      });
      const { etag, path } = await create(world.api, words, { reference: 'enabled' });
      await untilDeployed(world.api, path);
      assertRefused(await world.api.delete(path, etag), 409, words.notDisabled);
    });

    test(`acceptance 8: a ${words.kind} distribution whose disabling is under way is not deleted`, async () => {
      const { path } = await create(world.api, words, { reference: 'under way' });
      await untilDeployed(world.api, path);
      let etag = '';
      await whileHeld(async () => {
        const put = await disable(path);
        etag = etagOf(put);
        assert.equal(textAt(put, 'Status'), 'InProgress');
        assertRefused(await world.api.delete(path, etag), 409, words.notDisabled);
        assertStatus(await world.api.get(path), 200);
        assert.equal(textAt(await world.api.get(path), 'Status'), 'InProgress');
        // A PUT while InProgress is allowed; the last one wins, and has to be deployed in its turn.
        const body = (await world.api.get(`${path}/config`)).body;
        const again = await world.api.put(`${path}/config`, etag, body);
        assertStatus(again, 200);
        assertRefused(await world.api.delete(path, etag), 412, 'PreconditionFailed');
        etag = etagOf(again);
        assertRefused(await world.api.delete(path, etag), 409, words.notDisabled);
      });
      await untilDeployed(world.api, path);
      assertStatus(await world.api.delete(path, etag), 204);
    });

    test(`acceptance 8: a ${words.kind} distribution created disabled is InProgress too, then deleted`, async () => {
      let path = '';
      let etag = '';
      await whileHeld(async () => {
        const said = { reference: 'born disabled', enabled: false };
        ({ etag, path } = await create(world.api, words, said));
        assertRefused(await world.api.delete(path, etag), 409, words.notDisabled);
      });
      await untilDeployed(world.api, path);
      assertStatus(await world.api.delete(path, etag), 204);
    });

    test(`acceptance 8: a ${words.kind} distribution enabled again is not deleted`, async () => {
      const { path } = await create(world.api, words, { reference: 'enabled again' });
      const off = await disable(path);
      await untilDeployed(world.api, path);
      const body = configXml(words, { reference: 'enabled again' });
      const on = await world.api.put(`${path}/config`, etagOf(off), body);
      assertStatus(on, 200);
      assertRefused(await world.api.delete(path, etagOf(off)), 412, 'PreconditionFailed');
      assertRefused(await world.api.delete(path, etagOf(on)), 409, words.notDisabled);
    });

    test(`acceptance 8: a delete of a ${words.kind} distribution needs its own current ETag`, async () => {
      const { etag: etagA, path } = await create(world.api, words, { reference: 'own etag' });
      const second = await create(world.api, words, { reference: 'another one', enabled: false });
      const put = await disable(path);
      await untilDeployed(world.api, path);
      assertRefused(await world.api.delete(path, etagA), 412, 'PreconditionFailed');
      assertRefused(await world.api.delete(path, second.etag), 412, 'PreconditionFailed');
      assertRefused(await world.api.delete(path), 400, 'InvalidIfMatchVersion');
      assertRefused(await world.api.delete(path, '*'), 400, 'InvalidIfMatchVersion');
      assertStatus(await world.api.delete(path, etagOf(put)), 204);
    });

    test(`acceptance 8: neither the other kind nor another account deletes a ${words.kind} distribution`, async () => {
      const said = { reference: 'not theirs', enabled: false };
      const { etag, id, path } = await create(world.api, words, said);
      await untilDeployed(world.api, path);
      const turned = bothKinds.find(({ kind }) => kind !== words.kind);
      assert(turned !== undefined);
      const elsewhere = `${turned.path}/${id}`;
      assertRefused(await world.api.delete(elsewhere, etag), 404, turned.noSuch);
      assertRefused(await world.api.get(elsewhere), 404, turned.noSuch);
      assertRefused(await world.api.get(`${elsewhere}/config`), 404, turned.noSuch);
      assertRefused(await world.as(other).delete(path, etag), 404, words.noSuch);
      assertRefused(await world.api.delete(`${words.path}/E00000000000X`, etag), 404, words.noSuch);
      assertRefused(await world.api.delete(`${words.path}/nonsense`, etag), 404, words.noSuch);
      assertStatus(await world.api.delete(path, etag), 204);
    });

    test(`acceptance 8: of many who delete one ${words.kind} distribution exactly one succeeds`, async () => {
      const said = { reference: 'raced', enabled: false };
      const { etag, path } = await create(world.api, words, said);
      await untilDeployed(world.api, path);
      const replies = await Promise.all(
        Array.from({ length: 8 }, () => world.api.delete(path, etag)),
      );
      const statuses = replies.map(({ status }) => status).toSorted((a, b) => a - b);
      assert.deepEqual(statuses, [204, ...Array.from({ length: 7 }, () => 404)]);
    });

    test(`acceptance 8: of many who update one ${words.kind} distribution exactly one succeeds`, async () => {
      const { etag, path } = await create(world.api, words, { reference: 'raced update' });
      const replies = await Promise.all(
        Array.from({ length: 8 }, (_, turn) =>
          world.api.put(
            `${path}/config`,
            etag,
            configXml(words, { reference: 'raced update', comment: `turn ${turn}` }),
          ),
        ),
      );
      const won = replies.filter(({ status }) => status === 200);
      assert.equal(won.length, 1);
      for (const reply of replies) {
        if (reply.status !== 200) assertRefused(reply, 412, 'PreconditionFailed');
      }
      const [winner] = won;
      assert(winner !== undefined);
      const read = await world.api.get(path);
      assert.equal(etagOf(read), etagOf(winner));
      assert.equal(
        textAt(read, `${words.config}/Comment`),
        textAt(winner, `${words.config}/Comment`),
      );
    });
  }
});
