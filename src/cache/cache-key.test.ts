import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cacheKey, errorKey, type KeyParts, partKey, variantKey } from './cache-key.ts';

const plain: KeyParts = { owner: 'E1', encoding: 'identity', path: '/a' };

test('whatever differs in a part makes another key', () => {
  const parts: readonly KeyParts[] = [
    plain,
    { ...plain, owner: 'E2' },
    { ...plain, encoding: 'gzip' },
    { ...plain, path: '/A' },
    { ...plain, path: '/a/' },
    { ...plain, path: '//a' },
    { ...plain, path: '/%61' },
    { ...plain, query: '' },
    { ...plain, query: 'a' },
    { ...plain, query: 'a=1' },
    { ...plain, query: 'a=1&' },
    { ...plain, cookies: '' },
    { ...plain, cookies: 'a=1' },
    { ...plain, headers: ['origin', ''] },
    { ...plain, headers: ['origin', 'a'] },
    { ...plain, headers: ['origin', 'a:b'] },
    { ...plain, headers: ['origin', 'a', 'x', 'b'] },
    { ...plain, headers: ['origin', ';a=1'] },
    { ...plain, method: 'OPTIONS' },
    { ...plain, query: 'a', headers: ['x', 'y'], cookies: 'z', method: 'OPTIONS' },
  ];
  const keys = parts.map(cacheKey);
  assert.equal(new Set(keys).size, keys.length);
});

test('errors, parts and variants stand beside their object, under keys of their own', () => {
  const key = cacheKey(plain);
  const keys = [key, errorKey(key), partKey(key, 0, 1), partKey(key, 0, 11), partKey(key, 1, 1)];
  keys.push(variantKey(key, ['x'], []), variantKey(key, ['x'], ['X', 'a']));
  assert.equal(new Set(keys).size, keys.length);
  assert.equal(variantKey(key, [], ['X', 'a']), key);
});

test('a field that is absent is another variant than one that is empty', () => {
  assert.notEqual(variantKey('k', ['x'], []), variantKey('k', ['x'], ['X', '']));
});

test('blanks around commas and lines of one field make no variant', () => {
  const one = variantKey('k', ['x'], ['X', 'a, b']);
  assert.equal(variantKey('k', ['x'], ['x', 'a ,b']), one);
  assert.equal(variantKey('k', ['x'], ['X', 'a', 'x', 'b']), one);
  assert.notEqual(variantKey('k', ['x'], ['X', 'b, a']), one);
  assert.notEqual(variantKey('k', ['x'], ['X', 'A, b']), one);
});

test('of languages neither case nor order makes a variant', () => {
  const one = variantKey('k', ['accept-language'], ['Accept-Language', 'de, en']);
  assert.equal(variantKey('k', ['accept-language'], ['Accept-Language', 'EN,DE']), one);
  assert.notEqual(variantKey('k', ['accept-language'], ['Accept-Language', 'en']), one);
});
