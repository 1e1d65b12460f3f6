import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseHost } from './host.ts';

test('case, port and one trailing dot are dropped', () => {
  for (const [text, name] of [
    ['example.com', 'example.com'],
    ['EXAMPLE.Com:8080', 'example.com'],
    ['example.com.', 'example.com'],
    ['example.com.:80', 'example.com'],
    ['example.com:', 'example.com'],
    ['a_b-c.x', 'a_b-c.x'],
    ['localhost', 'localhost'],
    ['1.2.3', '1.2.3'],
    ['1.2.3.4.example', '1.2.3.4.example'],
  ] as const) {
    assert.deepEqual(parseHost(text), { kind: 'name', name }, text);
  }
});

test('an address is no name', () => {
  for (const text of [
    '127.0.0.1',
    '127.0.0.1:80',
    '1.2.3.4.',
    '[::1]',
    '[::1]:80',
    '[::ffff:1.2.3.4]',
  ]) {
    assert.equal(parseHost(text).kind, 'address', text);
  }
});

test('everything else is invalid', () => {
  for (const text of [
    '',
    '.',
    '..',
    'a..b',
    '.a',
    'a..',
    'a b',
    'a:80:80',
    'a:x',
    'a:999999',
    'u@a',
    'a/b',
    'a\\b',
    '-a',
    'a-',
    'é',
    '%61',
    '::1',
    '[::1',
    '[::1]x',
    '[a]',
    '[]',
    '*.a',
    'a'.repeat(254),
  ]) {
    assert.equal(parseHost(text).kind, 'invalid', text);
  }
});
