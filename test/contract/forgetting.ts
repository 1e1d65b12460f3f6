/** Forgetting: what history no longer tells, and that no reader goes on as if it did. */
import assert from 'node:assert/strict';
import { revision, type Cursor } from '../../src/base/log-record.ts';
import { recordBytesMax } from '../../src/log/log.ts';
import { named, trial, type MakeHome } from './home.ts';

export function forgettingContract(name: string, makeHome: MakeHome): void {
  trial(
    `${name}: history before the floor is forgotten, from it on it is kept`,
    makeHome,
    async (t) => {
      const cursors: Cursor[] = [await t.head()];
      for (let count = 1; count <= 6; count += 1)
        cursors.push(await t.put({ thing: String(count) }));
      await t.log.forget(revision(4), t.signal);
      const proven = await Promise.all(cursors.map((cursor) => t.log.proves(cursor, t.signal)));
      assert.deepEqual(proven, [false, false, false, false, true, true, true]);
      for (const cursor of cursors) {
        const watched = t.follow(cursor, new Map());
        await watched.until(() => watched.told.includes('caughtUp 6'), 'catch up');
        assert.equal(watched.told.includes('snapshot'), cursor.revision < 4, `${cursor.revision}`);
        if (cursor.revision < 6) assert.deepEqual(named(watched.documents), { thing: '6' });
      }
      await t.log.forget(revision(2), t.signal);
      assert.equal(await t.log.proves(cursors[4] ?? assert.fail(), t.signal), true);
    },
  );

  trial(`${name}: the head is never forgotten`, makeHome, async (t) => {
    await t.put({ gone: '1', thing: '1' });
    const head = await t.put({ gone: null });
    await t.log.forget(revision(1_000), t.signal);
    assert.deepEqual(await t.head(), head);
    assert.equal(await t.log.proves(head, t.signal), true);
    assert.deepEqual(await t.state(), { thing: '1' });
    assert.equal((await t.put({ thing: '2' })).revision, 3);
    assert.deepEqual(await t.state(), { thing: '2' });
  });

  trial(
    `${name}: a reader from before a forgotten deletion hears of no ghost`,
    makeHome,
    async (t) => {
      const watched = t.follow();
      const before = await t.put({ gone: '1', stays: '1' });
      await watched.reaches(1);
      const known = new Map(watched.documents);
      await t.put({ gone: null });
      await t.count('thing', 3);
      await t.log.forget(revision(5), t.signal);
      const late = t.follow(before, known);
      await late.until(() => late.told.includes('caughtUp 5'), 'catch up');
      assert.equal(late.told[0], 'snapshot');
      assert.deepEqual(named(late.documents), { stays: '1', thing: '3' });
      await watched.reaches(5);
      assert.deepEqual(named(watched.documents), { stays: '1', thing: '3' });
      assert.equal(watched.told.filter((word) => word === 'snapshot').length, 1);
    },
  );

  trial(
    `${name}: what became of a write is not guessed once it is forgotten`,
    makeHome,
    async (t) => {
      const first = t.appendAt(await t.head(), { thing: '1' });
      assert.equal((await t.append(first)).kind, 'appended');
      const never = t.appendAt(first.at, { thing: 'never' });
      await t.count('thing', 3);
      await t.log.forget(revision(3), t.signal);
      assert.equal((await t.append(first)).kind, 'unknown');
      assert.equal((await t.append(never)).kind, 'unknown');
      assert.equal((await t.head()).revision, 4);
    },
  );

  trial(
    `${name}: deletions forgotten while a snapshot is read leave no ghost`,
    makeHome,
    async (t) => {
      const large = JSON.stringify('x'.repeat(recordBytesMax / 4));
      for (let count = 0; count < 16; count += 1) await t.put({ [`n${count}`]: large });
      let deleted = 0;
      let forgotten = 0;
      const watched = t.follow(undefined, undefined, async () => {
        if (deleted === 12) return;
        // What was told first is deleted, and history forgets that it was.
        await t.put({ [`n${deleted}`]: null });
        deleted += 1;
        await t.log.forget((await t.put({ end: String(deleted) })).revision, t.signal);
        forgotten += 1;
      });
      await watched.until(() => forgotten === 12, 'be written under');
      await watched.reaches((await t.head()).revision);
      await watched.stop();
      assert.deepEqual(Object.keys(named(watched.documents)), ['end', 'n12', 'n13', 'n14', 'n15']);
    },
  );

  trial(`${name}: a reader that stands still too long begins anew`, makeHome, async (t) => {
    const goOn: PromiseWithResolvers<void> = Promise.withResolvers();
    let stood = false;
    const watched = t.follow(undefined, undefined, async () => {
      if (stood || watched.cursor?.revision !== 1) return;
      stood = true;
      await goOn.promise;
    });
    await t.put({ gone: '1', thing: '0' });
    await watched.until(() => stood, 'stand still');
    await t.put({ gone: null });
    const large = JSON.stringify('x'.repeat(recordBytesMax * 0.9));
    for (let count = 1; count <= 24; count += 1) await t.put({ large, thing: String(count) });
    for (let count = 1; count <= 1_000; count += 1) await t.put({ thing: String(count) });
    const head = await t.head();
    await t.log.forget(head.revision, t.signal);
    goOn.resolve();
    await watched.reaches(head.revision);
    assert.equal(watched.documents.size, 2);
    assert.equal(named(watched.documents)['thing'], '1000');
    assert.equal(watched.told.filter((word) => word === 'snapshot').length, 2);
    await t.put({ thing: 'last' });
    await watched.reaches(head.revision + 1);
    assert.equal(named(watched.documents)['thing'], 'last');
  });
}
