/** Sizes, keys and values at their bounds and beyond. */
import assert from 'node:assert/strict';
import {
  encodeKey,
  keyPartBytesMax,
  parseKey,
  type Change,
  type Key,
} from '../../src/base/log-record.ts';
import { changesPerAppendMax, recordBytesMax } from '../../src/log/log.ts';
import { appended, change, keyOf, named, trial, type MakeHome } from './home.ts';

function changes(count: number): readonly Change[] {
  return Array.from({ length: count }, (_, index) => change(`n${index}`, String(index)));
}

/** One change whose key and value have `bytes` together. */
function ofBytes(bytes: number): readonly Change[] {
  const key = keyOf('large');
  return [{ key, value: new Uint8Array(bytes - key.length).fill(0x20) }];
}

export function limitsContract(name: string, makeHome: MakeHome): void {
  trial(`${name}: an append holds 64 changes and no more`, makeHome, async (t) => {
    const append = t.appendAt(await t.head(), {});
    const more = { ...append, changes: changes(changesPerAppendMax + 1) };
    assert.deepEqual(await t.append(more), { kind: 'refused', reason: 'too-large' });
    assert.equal((await t.head()).revision, 0);
    appended(await t.append({ ...append, changes: changes(changesPerAppendMax) }));
    assert.equal(Object.keys(await t.state()).length, changesPerAppendMax);
    const watched = t.follow();
    await watched.reaches(1);
    assert.deepEqual(watched.told, ['snapshot', '1', 'caughtUp 1']);
  });

  trial(`${name}: an append holds 1 MiB and no more`, makeHome, async (t) => {
    const append = t.appendAt(await t.head(), {});
    const more = { ...append, changes: ofBytes(recordBytesMax + 1) };
    assert.deepEqual(await t.append(more), { kind: 'refused', reason: 'too-large' });
    assert.equal((await t.head()).revision, 0);
    const watched = t.follow();
    const [largest] = ofBytes(recordBytesMax);
    assert(largest?.value);
    appended(await t.append({ ...append, changes: [largest] }));
    await watched.reaches(1);
    assert.equal(watched.documents.get(largest.key)?.length, largest.value.byteLength);
    const [told] = Object.values(await t.state());
    assert.equal(told, ' '.repeat(largest.value.byteLength));
  });

  trial(`${name}: many large documents reach every reader whole`, makeHome, async (t) => {
    const watched = t.follow();
    const value = JSON.stringify('x'.repeat(recordBytesMax / 2));
    for (let index = 0; index < 24; index += 1) await t.put({ [`n${index}`]: value });
    await watched.reaches(24);
    assert.deepEqual(
      [...watched.documents.values()].map(({ length }) => length),
      Array.from({ length: 24 }, () => value.length),
    );
    const late = t.follow();
    await late.reaches(24);
    assert.deepEqual(named(late.documents), named(watched.documents));
  });

  trial(
    `${name}: what only a bug can ask for rejects, and changes nothing`,
    makeHome,
    async (t) => {
      const append = t.appendAt(await t.head(), { thing: '1' });
      await assert.rejects(t.append({ ...append, changes: [] }), /at least one change/);
      const twice = [change('thing', '1'), change('thing', '2')];
      await assert.rejects(t.append({ ...append, changes: twice }), /each key at most once/);
      assert.equal((await t.head()).revision, 0);
      appended(await t.append(append));
    },
  );

  trial(`${name}: a key may be made of anything`, makeHome, async (t) => {
    const parts = [
      ' ',
      '.',
      '..',
      '/',
      'a/b',
      '%',
      '%2F',
      '=',
      '=41',
      'A',
      'a',
      '*',
      '?',
      '\\',
      "'; DROP TABLE doc; --",
      '"',
      '\u0000',
      '\n',
      'é',
      'e\u0301',
      '😀',
      '\uFEFF',
      '\uFFFF',
      'constructor',
      '__proto__',
      'x'.repeat(keyPartBytesMax),
      '\u0000'.repeat(keyPartBytesMax),
    ];
    const keys: Key[] = parts.map((part) => encodeKey({ account: part, kind: part, id: part }));
    const expected = new Map(keys.map((key, index) => [key, String(index)]));
    assert.equal(expected.size, parts.length);
    for (const [key, value] of expected) {
      const append = t.appendAt(await t.head(), {});
      const changes = [{ key, value: Buffer.from(value) }];
      appended(await t.append({ ...append, changes }));
    }
    const all = t.follow();
    await all.reaches(parts.length);
    assert.equal(all.documents.size, parts.length);
    for (const [key, value] of expected) assert.equal(all.documents.get(key), value, key);
    for (const key of all.documents.keys()) assert.equal(parseKey(key), key);
  });

  trial(`${name}: a document may hold any JSON, of any bytes`, makeHome, async (t) => {
    const values: Readonly<Record<string, string>> = {
      deep: `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
      empty: '""',
      escaped: JSON.stringify('\u0000\u001f\u2028\ud800"\\/'),
      lines: '{\n\t"a": 1\r\n}\n',
      null: 'null',
      unicode: JSON.stringify('é 😀 \u{10FFFF} \uFEFF'),
    };
    await t.put(values);
    assert.deepEqual(await t.state(), values);
  });
}
