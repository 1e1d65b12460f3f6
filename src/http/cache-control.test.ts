import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { lifetimeSMax, parseCacheControl } from './cache-control.ts';

function said(...values: readonly string[]): ReturnType<typeof parseCacheControl> {
  return parseCacheControl(values.flatMap((value) => ['Cache-Control', value]));
}

test('directives are read whatever their case, quoting and lines', () => {
  assert.equal(said('Max-Age=60').maxAge, 60);
  assert.equal(said('max-age="60"').maxAge, 60);
  assert.equal(said('max-age = 60').maxAge, 60);
  assert.equal(said('public', 'foo=bar, S-MAXAGE=5').sMaxage, 5);
  assert.deepEqual(
    [said('no-store').noStore, said('NO-CACHE').noCache, said('x, private').private],
    [true, true, true],
  );
  assert.equal(said('must-revalidate').mustRevalidate, true);
  assert.equal(said('proxy-revalidate').mustRevalidate, true);
  assert.equal(said('no-transform').noTransform, true);
  assert.equal(said('stale-while-revalidate=30, stale-if-error=0').staleWhileRevalidate, 30);
  assert.equal(said('stale-while-revalidate=30, stale-if-error=0').staleIfError, 0);
});

test('a value that is no number, or two that differ, count as nothing left', () => {
  for (const value of ['', '=', '=x', '=-1', '=1.5', '=1 2', '="1"x', '=0x1', '=1;2']) {
    assert.equal(said(`max-age${value}`).maxAge, 0, value);
  }
  assert.equal(said('max-age=60, max-age=60').maxAge, 60);
  assert.equal(said('max-age=60', 'max-age=61').maxAge, 0);
});

test('a lifetime ends at a hundred years', () => {
  assert.equal(said('max-age=3155760000').maxAge, lifetimeSMax);
  assert.equal(said('max-age=99999999999999999999999999').maxAge, lifetimeSMax);
});

test('the forms that name fields withhold those, and forbid nothing', () => {
  const given = said('no-cache="Set-Cookie, X-Once", private=X-Own, max-age=9');
  assert.deepEqual(given.withheldFields, ['set-cookie', 'x-once', 'x-own']);
  assert.equal(given.noCache, false);
  assert.equal(given.private, false);
  assert.equal(given.maxAge, 9);
  assert.equal(said('no-cache=""').noCache, true);
  assert.equal(said('no-cache="X", no-cache').noCache, true);
});

test('a comma in quotes parts nothing, and rubbish hides nothing', () => {
  assert.equal(said('x="a, no-store"').noStore, false);
  assert.equal(said('x="a, no-store').noStore, true);
  assert.equal(said('=, ;;, no-store').noStore, true);
  assert.equal(said(', ,no-store,').noStore, true);
  assert.equal(said('nothing-store').noStore, false);
});

test('any text is read, and in time', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (values) => {
      const { maxAge = 0 } = said(...values);
      assert(maxAge >= 0 && maxAge <= lifetimeSMax);
    }),
  );
  const started = performance.now();
  for (const part of ['"', ',', '=', 'a', ' ', 'a=', 'a="', '\\', 'a="\\'])
    said(part.repeat(16_000));
  assert(performance.now() - started < 2_000);
});
