import assert from 'node:assert/strict';
import { test } from 'node:test';
import { originFits } from './cors-origin.ts';

test('origins fit as the rows of the edge contract say', () => {
  const table = [
    ['*', 'https://a.example', true],
    ['http://*.example.org', 'http://a.example.org', true],
    ['http://*.example.org', 'https://a.example.org', false],
    ['http://*.example.org', 'http://a.example.org:123', false],
    ['*.example.org', 'https://a.b.example.org', true],
    ['*.example.org', 'https://example.org', true],
    ['*.example.org', 'https://notexample.org', false],
    ['example.org', 'http://example.org', true],
    ['example.org', 'http://www.example.org', false],
    ['http://example.org:*', 'http://example.org:123', true],
    ['http://example.org:*', 'http://example.org', true],
    ['http://example.org:1*3', 'http://example.org:123', true],
    ['http://example.org:1*3', 'http://example.org:13', true],
    ['http://example.org:1*3', 'http://example.org:124', false],
    ['http://example.org', 'null', false],
    ['https://EXAMPLE.org', 'https://example.org', true],
  ] as const;
  for (const [allowed, origin, fits] of table) {
    assert.equal(originFits(allowed, origin), fits, `${allowed} ${origin}`);
  }
});
