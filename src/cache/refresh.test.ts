import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant } from '../base/clock.ts';
import { revision } from '../base/log-record.ts';
import { type HeaderList, headerValue, headerValues } from '../http/header-list.ts';
import { refresh } from './refresh.ts';
import type { StoredObject } from './stored-object.ts';

const ttl = { minS: 0, defaultS: 60, maxS: 3_600 };

function stored(headers: HeaderList): StoredObject {
  const aging = { receivedAt: instant(0), ageAtArrivalMs: 0, lifetimeS: 10 };
  return { key: 'k', status: 200, headers, body: undefined, aging, ttl, fetchedAt: revision(1) };
}

function confirmed(before: HeaderList, given: HeaderList, standards = false) {
  return refresh(stored(before), {
    headers: given,
    askedAt: instant(100_000),
    receivedAt: instant(100_500),
    ttl,
    fetchedAt: revision(2),
    ...(standards ? { standards: { request: [] } } : {}),
  });
}

test('a 304 gives new fields and a new lifetime, and the rest stays', () => {
  const { notKept, object } = confirmed(
    ['ETag', '"a"', 'X-Old', '1', 'Cache-Control', 'max-age=10', 'Set-Cookie', 'a=1'],
    ['ETag', '"a"', 'X-New', '2', 'cache-control', 'max-age=90'],
  );
  assert.equal(notKept, undefined);
  assert.deepEqual(object.aging, {
    receivedAt: instant(100_500),
    ageAtArrivalMs: 500,
    lifetimeS: 90,
  });
  assert.deepEqual(headerValues(object.headers, 'cache-control'), ['max-age=90']);
  assert.equal(headerValue(object.headers, 'x-old'), '1');
  assert.equal(headerValue(object.headers, 'x-new'), '2');
  assert.equal(object.fetchedAt, 2);
  assert.equal(object.status, 200);
});

test('what speaks of a body, or of the time, stays as it was stored', () => {
  const before = ['Content-Length', '5', 'Content-Encoding', 'br', 'Content-MD5', 'x'];
  const given = ['Content-Length', '0', 'Content-Encoding', 'gzip', 'Content-MD5', 'y'];
  const { object } = confirmed(before, [...given, 'Age', '7', 'Content-Range', 'bytes 0-1/2']);
  assert.equal(headerValue(object.headers, 'content-length'), '5');
  assert.equal(headerValue(object.headers, 'content-encoding'), 'br');
  assert.equal(headerValue(object.headers, 'content-md5'), 'x');
  assert.equal(headerValue(object.headers, 'content-range'), undefined);
  assert.equal(headerValue(object.headers, 'age'), undefined);
});

test('cookies of a 304 count under --standards alone', () => {
  const before = ['Set-Cookie', 'a=1'];
  const given = ['Set-Cookie', 'a=2'];
  assert.deepEqual(headerValues(confirmed(before, given).object.headers, 'set-cookie'), ['a=1']);
  const renewed = confirmed(before, given, true).object.headers;
  assert.deepEqual(headerValues(renewed, 'set-cookie'), ['a=2']);
});

test('what is no longer to be kept is served this once', () => {
  const { notKept, object } = confirmed([], ['Cache-Control', 'no-store']);
  assert.equal(notKept, 'no-store');
  assert.equal(object.aging.lifetimeS, 0);
});

test('what was compressed here keeps its weak tag and its Vary', () => {
  const before = ['Content-Encoding', 'gzip', 'ETag', 'W/"a"', 'Vary', 'Accept-Encoding'];
  const { object } = confirmed(before, ['ETag', '"a"', 'Vary', 'Origin']);
  assert.deepEqual(headerValues(object.headers, 'etag'), ['W/"a"']);
  const vary = headerValues(object.headers, 'vary').join(', ').toLowerCase();
  assert(vary.includes('origin') && vary.includes('accept-encoding'), vary);
});
