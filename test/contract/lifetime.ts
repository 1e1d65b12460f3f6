/** Opening and closing: what stays, who is refused, and what calls get that come too late. */
import assert from 'node:assert/strict';
import { appended, named, trial, type MakeHome } from './home.ts';

export function lifetimeContract(name: string, makeHome: MakeHome): void {
  trial(
    `${name}: a closed log answers clearly, and is closed twice without harm`,
    makeHome,
    async (t) => {
      const head = await t.put({ thing: '1' });
      const late = t.appendAt(head, { thing: '2' });
      await t.log.close();
      await t.log.close();
      const outcome = await t.append(late);
      assert(outcome.kind === 'unknown', outcome.kind);
      assert.match(outcome.cause.message, /closed/);
      await assert.rejects(t.log.head(t.signal), /closed/);
      await assert.rejects(t.log.proves(head, t.signal), /closed/);
      await assert.rejects(t.log.forget(head.revision, t.signal), /closed/);
      for await (const event of t.log.tail(undefined, t.signal)) {
        assert(event.kind === 'snapshot', `told ${event.kind} after it was closed`);
      }
    },
  );

  trial(
    `${name}: no call is left without an answer when the log is closed`,
    makeHome,
    async (t) => {
      const at = await t.put({ thing: '1' });
      const append = t.appendAt(at, { thing: '2' });
      const calls = [t.append(append), t.head(), t.log.proves(at, t.signal)];
      await t.log.close();
      const settled = await Promise.allSettled(calls);
      assert.equal(settled.length, 3);
      if (t.home.keeps === 'nothing') return;
      const [first] = settled;
      assert(
        first?.status === 'fulfilled' && typeof first.value === 'object' && 'kind' in first.value,
      );
      const wasAppended = first.value.kind === 'appended';
      await t.reopen();
      const standsAlready = (await t.head()).revision === 2;
      assert(standsAlready || !wasAppended, 'an answered write is there');
      assert.equal(appended(await t.append(append)).revision, 2);
      assert.equal((await t.head()).revision, 2);
    },
  );

  trial(
    `${name}: a log that is opened anew is the same, if it keeps anything`,
    makeHome,
    async (t) => {
      if (t.home.keeps === 'nothing') return;
      const zero = await t.head();
      const watched = t.follow();
      const first = t.appendAt(zero, { gone: '1', stays: '1', thing: '0' });
      const one = appended(await t.append(first));
      await watched.reaches(1);
      const known = new Map(watched.documents);
      await t.put({ gone: null });
      const lost = t.appendAt(one, { thing: 'never' });
      const head = await t.count('thing', 5);
      const state = await t.state();

      for (let time = 1; time <= 3; time += 1) {
        await t.reopen();
        assert.deepEqual(await t.head(), head);
        assert.deepEqual(await t.state(), state);
      }
      assert.deepEqual(await t.append(first), { kind: 'appended', cursor: one });
      assert.equal((await t.append(lost)).kind, 'conflict');
      assert.equal(await t.log.proves(zero, t.signal), true);
      const late = t.follow(one, known);
      await late.reaches(head.revision);
      assert(!late.told.includes('snapshot'));
      assert.deepEqual(named(late.documents), { stays: '1', thing: '5' });

      await t.log.forget(one.revision, t.signal);
      await t.reopen();
      assert.equal(await t.log.proves(zero, t.signal), false);
      assert.equal(await t.log.proves(one, t.signal), true);
      assert.equal((await t.put({ thing: '6' })).revision, head.revision + 1);
    },
  );

  trial(`${name}: a second log on one home is refused, or shares it`, makeHome, async (t) => {
    if (t.home.keeps === 'nothing') return;
    if (t.home.keeps === 'for one') {
      await assert.rejects(t.home.open());
      assert.equal((await t.put({ thing: '1' })).revision, 1);
      await assert.rejects(t.home.open());
      await t.reopen();
      assert.equal((await t.put({ thing: '2' })).revision, 2);
      return;
    }
    const other = await t.another();
    const watched = t.follow();
    const one = t.appendAt(await other.head(t.signal), { thing: '1' });
    const cursor = appended(await other.append(one, t.signal));
    await watched.reaches(1);
    assert.deepEqual(await t.head(), cursor);
    const stale = t.appendAt(one.at, { thing: 'stale' });
    assert.equal((await t.append(stale)).kind, 'conflict');
    assert.equal((await t.put({ thing: '2' })).revision, 2);
    assert.equal((await other.head(t.signal)).revision, 2);
  });
}
