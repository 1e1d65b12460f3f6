import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '../model/refusal.ts';
import { firstSegment, readRequestTarget } from './request-target.ts';

function segmentsOf(target: string): readonly string[] {
  return readRequestTarget(target).segments;
}

test('runs of slashes, a slash at the end and an absolute form change nothing', () => {
  const plain = ['2010-11-01', 'distribution', 'E1'];
  assert.deepEqual(segmentsOf('/2010-11-01/distribution/E1'), plain);
  assert.deepEqual(segmentsOf('//2010-11-01///distribution/E1//'), plain);
  assert.deepEqual(segmentsOf('http://host:80/2010-11-01/distribution/E1'), plain);
  assert.deepEqual(segmentsOf('HTTPS://host/2010-11-01/distribution/E1?x=/y'), plain);
  assert.deepEqual(segmentsOf('/'), []);
  assert.deepEqual(segmentsOf('http://host'), []);
  assert.deepEqual(segmentsOf('http://host?x=1'), []);
});

test('the path of an endpoint may stand before any other', () => {
  const plain = ['2020-05-31', 'distribution'];
  for (const target of ['/a/b/2020-05-31/distribution', '/2020-05-31/distribution']) {
    assert.deepEqual(readRequestTarget(target, '/a/b').segments, plain);
    assert.equal(firstSegment(target, '/a/b'), '2020-05-31');
  }
  const { rawPath, segments } = readRequestTarget('/a/bc/x', '/a/b');
  assert.deepEqual(segments, ['a', 'bc', 'x']);
  assert.equal(rawPath, '/a/bc/x');
});

test('segments are decoded once, and dots are names like others', () => {
  assert.deepEqual(segmentsOf('/a%2Fb/%2565/../.'), ['a/b', '%65', '..', '.']);
});

test('the query is read as a form', () => {
  const { query } = readRequestTarget('/x?MaxItems=1&Marker=a%20b&Marker');
  assert.equal(query.get('MaxItems'), '1');
  assert.deepEqual(query.getAll('Marker'), ['a b', '']);
});

test('what cannot be a target is InvalidURI', () => {
  for (const target of [
    '*',
    'x',
    'ftp://host/x',
    '/%',
    '/%zz',
    '/%ff',
    '/%c3%28',
    '/x?%',
    '/ü',
    '/a b',
    '/a#b',
    '/\u{0}',
    `/${'x'.repeat(1_024)}`,
    `/x?${'y'.repeat(4_097)}`,
  ]) {
    assert.throws(
      () => readRequestTarget(target),
      (error) => error instanceof Refusal && error.code === 'InvalidURI',
      target.slice(0, 40),
    );
  }
});

test('the first segment is known for any target at all', () => {
  assert.equal(firstSegment('//_warmfront/%zz'), '_warmfront');
  assert.equal(firstSegment('http://host/_warmfront?x'), '_warmfront');
  assert.equal(firstSegment('*'), '*');
  assert.equal(firstSegment(''), undefined);
});
