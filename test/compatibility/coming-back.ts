/** Does what was sent come back as sent? And which fields have been tried with which values? */
import assert from 'node:assert/strict';

/** Path of a field → the values that came back as they were sent, as JSON. */
export type Tried = Map<string, Set<string>>;

/**
 * Asserts that every value of `sent` stands at its place in `got`, lists of plain values in whatever
 * order, and notes it. Paths are those of leaves.ts: numbers of items are left out of them.
 */
export function comesBack(got: unknown, sent: unknown, tried: Tried, path = ''): void {
  if (Array.isArray(sent)) {
    assert.ok(Array.isArray(got), path);
    if (sent.every((item) => typeof item !== 'object')) {
      assert.deepEqual(new Set(got), new Set(sent), path);
      if (sent.length > 0) note(tried, path, sent);
      return;
    }
    assert.equal(got.length, sent.length, path);
    for (const [index, item] of sent.entries()) comesBack(got[index], item, tried, path);
    return;
  }
  if (typeof sent !== 'object' || sent === null) {
    assert.deepEqual(got, sent, path);
    note(tried, path, sent);
    return;
  }
  assert.ok(typeof got === 'object' && got !== null, `${path} is missing`);
  const members = new Map(Object.entries(got));
  for (const [name, value] of Object.entries(sent)) {
    const below = path === '' ? name : `${path}/${name}`;
    comesBack(members.get(name), value, tried, below);
  }
}

function note(tried: Tried, path: string, value: unknown): void {
  const values = tried.get(path) ?? new Set();
  tried.set(path, values.add(JSON.stringify(value)));
}
