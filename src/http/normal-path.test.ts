import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normalPath } from './normal-path.ts';

test('unreserved characters are decoded, dot segments removed, slashes merged', () => {
  const table = [
    ['/', '/'],
    ['/a/b.html', '/a/b.html'],
    ['/a/b/..', '/a/'],
    ['/a/../b/x', '/b/x'],
    ['/a/./b', '/a/b'],
    ['/../../x', '/x'],
    ['//a///b', '/a/b'],
    ['/%61%2E%2e/x', '/a../x'],
    ['/a/%2e%2E/b', '/b'],
    ['/private%2Fx', '/private%2Fx'],
    ['/%zz/%', '/%zz/%'],
    ['/a/.', '/a/'],
    ['/...', '/...'],
  ] as const;
  for (const [path, normal] of table) assert.equal(normalPath(path), normal, path);
});
