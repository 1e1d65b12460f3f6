import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  endToEnd,
  headerValue,
  headerValues,
  isFieldValue,
  isToken,
  joinedValue,
  listMembers,
  selectHeaders,
  withHeader,
  withoutNominated,
} from './header-list.ts';

const list = ['A', '1', 'b', '2', 'a', '3', 'Empty', ''];

test('names are found whatever their case, values in order', () => {
  assert.equal(headerValue(list, 'a'), '1');
  assert.deepEqual(headerValues(list, 'a'), ['1', '3']);
  assert.equal(joinedValue(list, 'a'), '1, 3');
  assert.equal(headerValue(list, 'empty'), '');
  assert.equal(headerValue(list, 'c'), undefined);
  assert.equal(joinedValue(list, 'c'), undefined);
});

test('fields are selected and replaced without touching the list', () => {
  const before = [...list];
  assert.deepEqual(
    selectHeaders(list, (name) => name !== 'a'),
    ['b', '2', 'Empty', ''],
  );
  assert.deepEqual(withHeader(list, 'a', '9'), ['a', '9', 'b', '2', 'Empty', '']);
  assert.deepEqual(withHeader(list, 'C', '9'), [...list, 'C', '9']);
  assert.deepEqual(list, before);
});

test('what belongs to one connection, and what it nominates, is left out', () => {
  const headers = [
    ['Connection', 'close, X-Own ,,'],
    ['connection', 'x-other'],
    ['X-Own', '1'],
    ['x-OTHER', '2'],
    ['Keep-Alive', '3'],
    ['Proxy-Anything', '4'],
    ['TE', 'trailers'],
    ['Trailer', 'X'],
    ['Transfer-Encoding', 'chunked'],
    ['Upgrade', 'h2c'],
    ['Kept', '5'],
  ].flat();
  assert.deepEqual(endToEnd(headers), ['Kept', '5']);
});

test('tokens and values are those of RFC 9110', () => {
  for (const text of ['a', 'X-Y', "!#$%&'*+-.^_`|~09AZaz"]) assert(isToken(text), text);
  for (const text of ['', 'a b', 'a:', 'a\n', 'é', 'a,b', '"a"']) assert(!isToken(text), text);
  for (const text of ['', 'a b\tc', '\xe9\xff', '"(),/:;<=>?@']) assert(isFieldValue(text), text);
  for (const text of ['\r', '\n', '\0', '\x7f', 'a\r\nb', '\u0100'])
    assert(!isFieldValue(text), text);
  assert.deepEqual(listMembers(' a, ,b ,'), ['a', 'b']);
});

test('what Connection names is taken back, but for what is of the connection itself', () => {
  const plain = ['Connection', 'keep-alive, Upgrade', 'Upgrade', 'websocket', 'X-Foo', '1'];
  assert.equal(withoutNominated(plain), plain);
  assert.deepEqual(
    withoutNominated(['connection', 'close, x-FOO', 'X-Foo', '1', 'X-Bar', '2', 'x-foo', '3']),
    ['connection', 'close, x-FOO', 'X-Bar', '2'],
  );
});
