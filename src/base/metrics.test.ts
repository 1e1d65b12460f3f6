import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gauge, processMetrics, writeMetrics } from './metrics.ts';

test('each metric says what it is, and has its samples below it', () => {
  const labels = { edge: 'a"b\\c\nd' };
  const text = writeMetrics([
    gauge('up', 'Whether it is up.', 1),
    gauge('unknown', 'Nobody knows.', undefined),
    { name: 'asked_total', help: 'Questions.', type: 'counter', samples: [{ labels, value: 2 }] },
  ]);
  assert.equal(
    text,
    '# HELP up Whether it is up.\n# TYPE up gauge\nup 1\n' +
      '# HELP asked_total Questions.\n# TYPE asked_total counter\nasked_total{edge="a\\"b\\\\c\\nd"} 2\n',
  );
});

test('a process tells its memory and its time', () => {
  for (const { name, samples } of processMetrics()) assert((samples[0]?.value ?? 0) > 0, name);
});
