import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compilePattern } from './path-pattern.ts';

test('patterns take what the table of the edge contract says', () => {
  const table = [
    ['images/*.jpg', '/images/sample.gif', false],
    ['images/*.jpg', '/images/x/y.jpg', true],
    ['/images/*.jpg', '/images/a.jpg', true],
    ['images/*', '/images/sample.gif', true],
    ['images/*', '/images', false],
    ['/images*', '/images2', true],
    ['*.gif', '/images/sample.gif', true],
    ['a??.jpg', '/ant.jpg', true],
    ['a??.jpg', '/an.jpg', false],
    ['a??.jpg', '/ants.jpg', false],
    ['*', '/', true],
    ['/API/*', '/api/x', false],
    ['/a?c', '/a/c', true],
    ['?a', '/a', false],
    ['/a', '/a', true],
    ['/a', '/ab', false],
    ['*/b/*', '/x/b/y', true],
    ['/a.b', '/axb', false],
  ] as const;
  for (const [pattern, path, fits] of table) {
    assert.equal(compilePattern(pattern)(path), fits, `${pattern} ${path}`);
  }
});
