/** Reading: what a tail tells, from where, in which order, to readers of any speed. */
import assert from 'node:assert/strict';
import { logId, revision, writeId, type Cursor } from '../../src/base/log-record.ts';
import { recordBytesMax } from '../../src/log/log.ts';
import { breaches, type Attempt } from './checker.ts';
import type { Followed } from './followed.ts';
import { appended, named, trial, type MakeHome, type Trial } from './home.ts';

/** Appends as the only writer, and keeps what the checker needs. */
async function write(
  t: Trial,
  attempts: Attempt[],
  values: Readonly<Record<string, string | null>>,
): Promise<void> {
  const append = t.appendAt(await t.head(), values);
  const outcome = await t.append(append);
  attempts.push({ append, outcome });
  appended(outcome);
}

/** Large enough that a few fill a page, whatever a home calls one. */
function large(count: number): string {
  return JSON.stringify([count, 'x'.repeat(recordBytesMax / 8)]);
}

function told({ from, events }: Followed) {
  return { reader: 'under test', from, events, toTheEnd: true };
}

function records({ told }: Followed): readonly string[] {
  return told.filter((word) => /^\d/.test(word));
}

export function readingContract(name: string, makeHome: MakeHome): void {
  trial(`${name}: a reader hears of each record as it comes`, makeHome, async (t) => {
    const watched = t.follow();
    await watched.reaches(0);
    for (let count = 1; count <= 5; count += 1) {
      await t.put({ thing: String(count) });
      await watched.reaches(count);
      assert.deepEqual(named(watched.documents), { thing: String(count) });
    }
    const expected = [1, 2, 3, 4, 5].flatMap((count) => [String(count), `caughtUp ${count}`]);
    assert.deepEqual(watched.told, ['snapshot', 'caughtUp 0', ...expected]);
    assert.deepEqual(watched.cursor, await t.head());
  });

  trial(`${name}: a reader from the head is caught up at once`, makeHome, async (t) => {
    const head = await t.count('thing', 3);
    const watched = t.follow(head, new Map());
    await watched.reaches(3);
    assert.deepEqual(watched.told, ['caughtUp 3']);
    await t.put({ thing: '4' });
    await watched.reaches(4);
    assert.deepEqual(watched.told, ['caughtUp 3', '4', 'caughtUp 4']);
  });

  trial(`${name}: a reader from any point goes on from there`, makeHome, async (t) => {
    const zero = await t.head();
    const early = t.follow();
    await t.count('outdated', 10);
    await t.put({ first: '1', second: '1' });
    const middle = await t.put({ second: '2' });
    await early.reaches(12);
    await early.stop();
    await t.count('other', 10);
    const last = await t.put({ outdated: null, second: '3' });
    const right = { first: '1', other: '10', second: '3' };

    const watched = t.follow(middle, early.documents);
    await watched.reaches(last.revision);
    assert(!watched.told.includes('snapshot'));
    assert(records(watched).every((position) => Number(position) > middle.revision));
    assert.deepEqual(named(watched.documents), right);

    const whole = t.follow(zero);
    await whole.reaches(last.revision);
    assert(!whole.told.includes('snapshot'));
    assert.deepEqual(named(whole.documents), right);
  });

  trial(
    `${name}: a cursor that is no point of this history proves nothing`,
    makeHome,
    async (t) => {
      await t.count('thing', 2);
      const three = await t.put({ thing: '3' });
      await t.put({ thing: '4' });
      const forged: Readonly<Record<string, Cursor>> = {
        'another write': { ...three, writeId: writeId(new Uint8Array(16)) },
        'another log': { ...three, logId: logId(new Uint8Array(16)) },
        'the write of another place': { ...three, revision: revision(2) },
        'a place beyond the head': { ...three, revision: revision(5) },
        'a place far beyond the head': { ...three, revision: revision(Number.MAX_SAFE_INTEGER) },
      };
      for (const [what, cursor] of Object.entries(forged)) {
        assert.equal(await t.log.proves(cursor, t.signal), false, what);
        const watched = t.follow(cursor);
        await watched.until(() => watched.told.includes('caughtUp 4'), 'catch up');
        assert.deepEqual(watched.told, ['snapshot', '4', 'caughtUp 4'], what);
        assert.deepEqual(named(watched.documents), { thing: '4' }, what);
      }
      assert.equal(await t.log.proves(three, t.signal), true);
      assert.equal(await t.log.proves(await t.head(), t.signal), true);
    },
  );

  trial(`${name}: a deletion is told like any other change`, makeHome, async (t) => {
    const watched = t.follow();
    const before = await t.put({ back: '1', gone: '1', stays: '1' });
    await watched.reaches(1);
    const known = new Map(watched.documents);
    await t.put({ back: null, gone: null, never: null });
    await t.put({ back: '2' });
    await watched.reaches(3);
    assert.deepEqual(named(watched.documents), { back: '2', stays: '1' });
    const late = t.follow(before, known);
    await late.reaches(3);
    assert.deepEqual(named(late.documents), { back: '2', stays: '1' });
    assert.deepEqual(await t.state(), { back: '2', stays: '1' });
    const deletions = watched.events.flatMap((event) =>
      event.kind === 'record' ? event.record.changes.filter(({ value }) => value === null) : [],
    );
    assert.equal(deletions.length, 3);
  });

  trial(
    `${name}: a snapshot is true though every page of it is written under`,
    makeHome,
    async (t) => {
      const base = await t.head();
      const attempts: Attempt[] = [];
      for (let count = 0; count < 24; count += 1) {
        await write(t, attempts, { [`n${count}`]: large(0), [`gone${count}`]: '1' });
      }
      let writes = 0;
      let written = 0;
      const watched = t.follow(undefined, undefined, async () => {
        if (writes === 40) return;
        writes += 1;
        const count = (writes * 7) % 24;
        await write(t, attempts, { [`n${count}`]: large(writes), [`gone${count}`]: null });
        written += 1;
      });
      await watched.until(() => written === 40, 'be written under');
      const head = await t.head();
      await watched.reaches(head.revision);
      await watched.stop();
      assert.deepEqual(breaches({ base, head, attempts, readers: [told(watched)] }), []);
      assert.equal(watched.told[0], 'snapshot');
    },
  );

  trial(`${name}: readers of many speeds and places all end alike`, makeHome, async (t) => {
    const base = await t.head();
    const attempts: Attempt[] = [];
    const cursors: Cursor[] = [];
    const readers: Followed[] = [];
    const follow = (from?: Cursor, pace?: () => Promise<void>): void => {
      readers.push(t.follow(from, undefined, pace));
    };
    follow();
    for (let count = 1; count <= 120; count += 1) {
      await write(t, attempts, { [`n${count % 9}`]: String(count), [`n${count % 5}`]: null });
      cursors.push(await t.head());
      if (count % 30 === 1) follow();
      if (count % 30 === 2) follow(undefined, async () => void (await t.head()));
      if (count % 30 === 3) follow({ ...base, writeId: writeId(new Uint8Array(16)) });
      if (count === 60) follow(base);
    }
    const head = await t.head();
    for (const reader of readers) await reader.reaches(head.revision);
    for (const reader of readers) await reader.stop();
    assert.deepEqual(breaches({ base, head, attempts, readers: readers.map(told) }), []);
  });

  trial(
    `${name}: a reader that stands still misses nothing when it goes on`,
    makeHome,
    async (t) => {
      const base = await t.head();
      const attempts: Attempt[] = [];
      const goOn: PromiseWithResolvers<void> = Promise.withResolvers();
      let stood = false;
      const watched = t.follow(undefined, undefined, async () => {
        if (stood || watched.cursor === undefined) return;
        stood = true;
        await goOn.promise;
      });
      await watched.until(() => stood, 'stand still');
      // More records, and more bytes, than any home keeps at hand for its readers.
      const large = JSON.stringify('x'.repeat(recordBytesMax * 0.9));
      for (let count = 1; count <= 1_200; count += 1) {
        await write(t, attempts, { [`n${count % 7}`]: count % 3 === 0 ? null : String(count) });
      }
      for (let count = 1; count <= 24; count += 1)
        await write(t, attempts, { [`l${count}`]: large });
      const head = await t.head();
      goOn.resolve();
      await watched.reaches(head.revision);
      await watched.stop();
      assert.deepEqual(breaches({ base, head, attempts, readers: [told(watched)] }), []);
    },
  );

  trial(`${name}: the head is never older than an answer`, makeHome, async (t) => {
    for (let count = 1; count <= 20; count += 1) {
      const cursor = await t.put({ thing: String(count) });
      const heads = await Promise.all([t.reader.head(t.signal), t.log.head(t.signal)]);
      assert.deepEqual(heads, [cursor, cursor]);
    }
    await assert.rejects(t.reader.head(AbortSignal.abort(new Error('given up'))), /given up/);
  });

  trial(`${name}: a reader that gives up ends, and no other one`, makeHome, async (t) => {
    const stays = t.follow();
    const waits = t.follow();
    await waits.reaches(0);
    await waits.stop();
    assert.deepEqual(waits.told, ['snapshot', 'caughtUp 0']);

    const goOn: PromiseWithResolvers<void> = Promise.withResolvers();
    const stands = t.follow(undefined, undefined, () => goOn.promise);
    await t.count('thing', 3);
    const stopped = stands.stop();
    goOn.resolve();
    await stopped;
    assert(stands.events.length <= 1);

    for await (const event of t.reader.tail(undefined, t.signal)) {
      if (event.kind === 'caughtUp') break;
    }
    const never = t.reader.tail(undefined, AbortSignal.abort());
    for await (const event of never) assert.fail(`told ${event.kind} after it gave up`);

    await t.put({ thing: '4' });
    await stays.reaches(4);
    await stays.stop();
  });
}

/** For a reader that can know of the end: to one on another machine the log is only out of reach. */
export function closingContract(name: string, makeHome: MakeHome): void {
  trial(`${name}: tails end without an error when the log is closed`, makeHome, async (t) => {
    await t.put({ thing: '1' });
    const watched = [t.follow(), t.follow()];
    for (const reader of watched) await reader.reaches(1);
    await t.log.close();
    for (const reader of watched) {
      await reader.ended;
      assert.equal(reader.failure, undefined);
      const after = reader.told.slice(reader.told.indexOf('caughtUp 1') + 1);
      assert(after.every((word) => word === 'detached'));
    }
  });
}
