import assert from 'node:assert/strict';
import { test } from 'node:test';
import { targetedControl } from './targeted-control.ts';

const plain = ['Cache-Control', 'max-age=1'];

function seconds(name: string, value: string): number | undefined {
  const { isTargeted, said } = targetedControl([...plain, name, value]);
  assert.equal(isTargeted, said.maxAge !== 1, value);
  return said.maxAge;
}

test('CDN-Cache-Control takes the place of Cache-Control', () => {
  const { isTargeted, said } = targetedControl([
    'Cache-Control',
    'no-store',
    'CDN-Cache-Control',
    'max-age=9',
  ]);
  assert(isTargeted && !said.noStore && said.maxAge === 9);
  assert.equal(seconds('CDN-Cache-Control', 'foobar, max-age=9'), 9);
  assert.equal(seconds('CDN-Cache-Control', 'max-age=9;p=1, max-age=8; q'), 8);
  assert.equal(seconds('CDN-Cache-Control', 'a=(1 "b");c, max-age=9, d=?0, e=:aGk=:'), 9);
  assert.equal(seconds('CDN-Cache-Control', 'max-age=9, no-store=?0'), 9);
  assert(targetedControl(['CDN-Cache-Control', 'no-store=?1']).said.noStore);
  assert(targetedControl(['CDN-Cache-Control', 'private']).said.private);
});

test('CDN-Cache-Control that is no dictionary is passed over', () => {
  for (const value of [
    '',
    ' ',
    'max-age=9, &&&&&',
    'max-age="9"',
    'max-age',
    'max-age=-9',
    'max-age=9.5',
    'MaX-aGe=9',
    'max-age =9',
    'max-age= 9',
    'max-age=9,',
    'max-age=9 no-store',
    'max-age=9999999999999999',
  ]) {
    assert.equal(seconds('CDN-Cache-Control', value), 1, value);
  }
});

test('Surrogate-Control counts after CDN-Cache-Control, and only what is for this cache', () => {
  assert.equal(seconds('Surrogate-Control', 'max-age=9'), 9);
  assert.equal(seconds('Surrogate-Control', 'MaX-aGe=9'), 9);
  assert.equal(seconds('Surrogate-Control', 'content="ESI/1.0", max-age=9'), 9);
  assert.equal(seconds('Surrogate-Control', 'max-age=9;warmfront'), 9);
  assert.equal(seconds('Surrogate-Control', 'max-age=8, max-age=9;warmfront'), 9);
  for (const other of ['max-age=9;other', 'foo', '', 'max-age =9', 'max-age= 9', 'max-age=x']) {
    assert.equal(seconds('Surrogate-Control', other), 1, other);
  }
  assert(targetedControl([...plain, 'Surrogate-Control', 'no-store']).said.noStore);
  assert(targetedControl([...plain, 'Surrogate-Control', 'no-store-remote']).said.noStore);
  const { said } = targetedControl(['Surrogate-Control', 'max-age=9+3']);
  assert.deepEqual([said.maxAge, said.staleWhileRevalidate], [9, 3]);
  const both = ['Surrogate-Control', 'max-age=9', 'CDN-Cache-Control', 'max-age=7'];
  assert.equal(targetedControl(both).said.maxAge, 7);
});
