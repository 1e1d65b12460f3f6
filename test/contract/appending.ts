/** Writing: who gets a place, who is told of a conflict, and what a call that is repeated gets. */
import assert from 'node:assert/strict';
import { logId, revision, writeId, type Cursor } from '../../src/base/log-record.ts';
import { breaches } from './checker.ts';
import { appended, named, trial, type MakeHome } from './home.ts';
import { runWorkload, total } from './workload.ts';
import { Followed } from './followed.ts';

export function appendingContract(name: string, makeHome: MakeHome): void {
  trial(`${name}: a new log stands at 0 and holds nothing`, makeHome, async (t) => {
    const head = await t.head();
    assert.equal(head.revision, 0);
    assert(await t.log.proves(head, t.signal));
    const followed = t.follow();
    await followed.reaches(0);
    assert.deepEqual(followed.told, ['snapshot', 'caughtUp 0']);
    assert.deepEqual(followed.cursor, head);
  });

  trial(`${name}: an append stands at the next revision, whole`, makeHome, async (t) => {
    const at = await t.head();
    const append = t.appendAt(at, { one: '{"a":1}', two: '{"b":"é\\u0000"}', three: '[]' });
    const cursor = appended(await t.append(append));
    const expected: Cursor = {
      logId: at.logId,
      revision: revision(1),
      writeId: append.writeId,
    };
    assert.deepEqual(cursor, expected);
    assert.deepEqual(await t.head(), expected);
    assert.deepEqual(await t.state(), { one: '{"a":1}', three: '[]', two: '{"b":"é\\u0000"}' });
  });

  trial(`${name}: only what follows the head is taken`, makeHome, async (t) => {
    const zero = await t.head();
    const one = await t.put({ thing: '1' });
    const two = await t.put({ thing: '2' });
    const strangeWrite = writeId(new Uint8Array(16).fill(1));
    const strangeLog = logId(new Uint8Array(16).fill(2));
    const wrong: Readonly<Record<string, Cursor>> = {
      'the beginning': zero,
      'the write before': one,
      'the end, with another write': { ...two, writeId: strangeWrite },
      'the end, with the write before': { ...two, writeId: one.writeId },
      'the end, of another log': { ...two, logId: strangeLog },
      'the write before, of another log': { ...one, logId: strangeLog },
      'a place within, with another write': { ...one, writeId: strangeWrite },
      'a place beyond the end': { ...two, revision: revision(3) },
      'a place far beyond the end': { ...two, revision: revision(Number.MAX_SAFE_INTEGER - 1) },
    };
    for (const [where, at] of Object.entries(wrong)) {
      const outcome = await t.append(t.appendAt(at, { thing: `after ${where}` }));
      assert.equal(outcome.kind, 'conflict', `decided at ${where}`);
    }
    assert.deepEqual(await t.head(), two);
    assert.deepEqual(await t.state(), { thing: '2' });
    assert.equal((await t.put({ thing: '3' })).revision, 3);
  });

  trial(`${name}: the same call again is answered alike and made once`, makeHome, async (t) => {
    const first = t.appendAt(await t.head(), { thing: '1' });
    const cursor = appended(await t.append(first));
    assert.deepEqual(await t.append(first), { kind: 'appended', cursor });
    const watched = t.follow(cursor);
    const last = await t.count('other', 3);
    assert.deepEqual(await t.append(first), { kind: 'appended', cursor }, 'after others');
    assert.deepEqual(await t.head(), last);
    assert.deepEqual(await t.state(), { other: '3', thing: '1' });
    await watched.reaches(4);
    await t.put({ end: '1' });
    await watched.reaches(5);
    assert.deepEqual(
      watched.told.filter((word) => /^\d/.test(word)),
      ['2', '3', '4', '5'],
    );
  });

  trial(`${name}: the same call at the same time is made once`, makeHome, async (t) => {
    const logs = [t.log, await t.another(), await t.another()];
    const append = t.appendAt(await t.head(), { thing: '1' });
    const outcomes = await Promise.all(
      [...logs, ...logs].map((log) => log.append(append, t.signal)),
    );
    for (const outcome of outcomes) assert.equal(appended(outcome).revision, 1);
    assert.equal((await t.head()).revision, 1);
  });

  trial(`${name}: a conflict is final, also when decided again elsewhere`, makeHome, async (t) => {
    const zero = await t.head();
    await t.put({ thing: '1' });
    const late = t.appendAt(zero, { thing: 'late' });
    assert.equal((await t.append(late)).kind, 'conflict');
    const again = { ...late, at: await t.head() };
    const cursor = appended(await t.append(again));
    assert.equal(cursor.revision, 2);
    assert.equal((await t.append(late)).kind, 'conflict', 'the first call, once more');
    assert.deepEqual(await t.append(again), { kind: 'appended', cursor });
    assert.deepEqual(await t.head(), cursor);
  });

  trial(`${name}: of appends decided at one point, one is taken`, makeHome, async (t) => {
    const logs = [t.log, await t.another(), await t.another(), await t.another()];
    for (let round = 1; round <= 5; round += 1) {
      const at = await t.head();
      const outcomes = await Promise.all(
        [...logs, ...logs, ...logs, ...logs].map((log, index) =>
          log.append(t.appendAt(at, { thing: `${round} ${index}` }), t.signal),
        ),
      );
      const kinds = outcomes.map(({ kind }) => kind).sort();
      assert.deepEqual(kinds, ['appended', ...Array.from({ length: 15 }, () => 'conflict')]);
      const winner = outcomes.findIndex(({ kind }) => kind === 'appended');
      assert.deepEqual(await t.state(), { thing: `${round} ${winner}` });
    }
  });

  trial(`${name}: eight writers on one counter lose no count`, makeHome, async (t) => {
    const writers = await Promise.all(Array.from({ length: 8 }, () => t.another()));
    const history = await runWorkload({
      writers,
      readers: [t.reader, t.reader, t.reader],
      writesEach: 15,
      counters: 1,
      randomness: t.random,
    });
    assert.deepEqual(breaches(history), []);
    const committed = history.attempts.filter(({ outcome }) => outcome.kind === 'appended');
    assert.equal(new Set(committed.map(({ append }) => append.writeId)).size, 8 * 15);
    assert.equal(history.head.revision, 8 * 15);
    const counters = new Followed(t.reader);
    await counters.reaches(history.head.revision);
    await counters.stop();
    assert.equal(total(counters.documents), 8 * 15);
  });

  trial(`${name}: writers of several counters lose none of them`, makeHome, async (t) => {
    const writers = await Promise.all(Array.from({ length: 4 }, () => t.another()));
    const history = await runWorkload({
      writers,
      readers: [t.reader, t.reader],
      writesEach: 20,
      counters: 5,
      randomness: t.random,
    });
    assert.deepEqual(breaches(history), []);
    assert.equal(history.head.revision, 4 * 20);
  });

  trial(
    `${name}: what the caller does with its memory later changes nothing`,
    makeHome,
    async (t) => {
      const value = Buffer.from('"before"');
      const append = t.appendAt(await t.head(), { thing: '' });
      const changes = append.changes.map(({ key }) => ({ key, value }));
      const watched = t.follow();
      const outcome = t.append({ ...append, changes });
      value.write('"after!"');
      appended(await outcome);
      await watched.reaches(1);
      assert.deepEqual(named(watched.documents), { thing: '"before"' });
      assert.deepEqual(await t.state(), { thing: '"before"' });
    },
  );

  trial(`${name}: an append that is given up is settled by the same call`, makeHome, async (t) => {
    const append = t.appendAt(await t.head(), { thing: '1' });
    const never = await t.log.append(append, AbortSignal.abort(new Error('given up')));
    assert.equal(never.kind, 'unknown');
    const giveUp = new AbortController();
    const first = t.log.append(append, giveUp.signal);
    giveUp.abort(new Error('given up'));
    const outcome = await first;
    assert(outcome.kind === 'unknown' || outcome.kind === 'appended', outcome.kind);
    const cursor = appended(await t.append(append));
    assert.equal(cursor.revision, 1);
    assert.deepEqual(await t.head(), cursor);
    const watched = t.follow();
    await watched.reaches(1);
    assert.deepEqual(watched.told, ['snapshot', '1', 'caughtUp 1']);
  });
}
