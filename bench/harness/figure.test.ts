import assert from 'node:assert/strict';
import { test } from 'node:test';
import { figure, isHeld, percentile } from './figure.ts';
import { figureTable } from './table.ts';

const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

test('percentiles go by rank, and the middle of an even number lies between two samples', () => {
  assert.equal(percentile(hundred, 99), 99);
  assert.equal(percentile(hundred, 50), 50.5);
  assert.equal(percentile([3, 1, 2], 50), 2);
  assert.equal(percentile([7], 99), 7);
});

test('a figure of few samples has no 99th percentile, and one of none is refused', () => {
  assert.equal(figure('a', 'ms', hundred.slice(1)).p99, undefined);
  assert.equal(figure('a', 'ms', hundred).p99, 99);
  assert.throws(() => figure('a', 'ms', []), /no sample of a/);
});

test('a target is held below its number, and unknown without that number', () => {
  assert.equal(isHeld(figure('a', 'ms', [4], { target: { of: 'median', below: 5 } })), true);
  assert.equal(isHeld(figure('a', 'ms', [5], { target: { of: 'median', below: 5 } })), false);
  assert.equal(isHeld(figure('a', 'ms', [4], { target: { of: 'p99', below: 5 } })), undefined);
  assert.equal(isHeld(figure('a', 'ms', [4])), undefined);
});

test('a table shows a missed target and a peer', () => {
  const target = { of: 'median', below: 1 } as const;
  const peer = { name: 'nginx', median: 4, ratio: 2 };
  const [, , row] = figureTable([
    figure('a', 'ms', [2], { target, peers: [peer, { ...peer, name: 'Varnish' }] }),
  ]).split('\n');
  assert.match(
    row ?? '',
    /\| a +\|.* missed: median < 1 ms +\| nginx 4\.00 ms, 2\.00x; Varnish 4\.00 ms, 2\.00x/,
  );
});
