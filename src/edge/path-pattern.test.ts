import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { wildcardFits } from '../http/resource-pattern.ts';
import { PathPatterns } from './path-pattern.ts';

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
    assert.equal(
      new PathPatterns([pattern]).first(path),
      fits ? 0 : undefined,
      `${pattern} ${path}`,
    );
  }
});

test('of many the first in the list counts, as if they were tried one after another', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.'), maxLength: 4 });
  const wildcards = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*', '?'), maxLength: 4 });
  const pattern = fc.oneof(
    text,
    text.map((beginning) => `${beginning}*`),
    text.map((end) => `*${end}`),
    wildcards,
  );
  const patterns = fc.array(
    pattern.filter((one) => one !== ''),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(patterns, text, (list, rest) => {
      const path = `/${rest}`;
      const tried = list.findIndex((one) => {
        return wildcardFits(/^[/*]/.test(one) ? one : `/${one}`, path);
      });
      assert.equal(new PathPatterns(list).first(path), tried < 0 ? undefined : tried);
    }),
    { numRuns: 2_000 },
  );
});
