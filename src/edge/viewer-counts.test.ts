import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeMetrics } from '../base/metrics.ts';
import { ViewerCounts, viewerCountsMemory, viewerMetrics } from './viewer-counts.ts';

test('what the workers of a location counted is summed, by result and class of status', () => {
  const memories = [viewerCountsMemory(), viewerCountsMemory()];
  const [one, two] = memories.map((memory) => new ViewerCounts(memory));
  one?.answered('Hit', 200, 100);
  two?.answered('Hit', 206, 50);
  two?.answered('Hit', 304, 20);
  two?.answered('Error', 0, 0);
  two?.answered('CapacityExceeded', 503, 7);
  two?.originFailed();
  one?.connectionsOpen(3);
  two?.connectionsOpen(4);
  const lines = writeMetrics(viewerMetrics([{ edge: 'local1', memories }])).split('\n');
  assert.deepEqual(
    lines.filter((line) => line !== '' && !line.startsWith('#')),
    [
      'warmfront_edge_requests_total{edge="local1",result="Hit",status="2xx"} 2',
      'warmfront_edge_requests_total{edge="local1",result="Hit",status="3xx"} 1',
      'warmfront_edge_requests_total{edge="local1",result="Error",status="none"} 1',
      'warmfront_edge_requests_total{edge="local1",result="CapacityExceeded",status="5xx"} 1',
      'warmfront_edge_sent_bytes_total{edge="local1"} 177',
      'warmfront_edge_origin_failures_total{edge="local1"} 1',
      'warmfront_edge_connections{edge="local1"} 7',
    ],
  );
});

test('a worker started anew counts on, and holds no connection', () => {
  const memory = viewerCountsMemory();
  const before = new ViewerCounts(memory);
  before.answered('Miss', 200, 10);
  before.connectionsOpen(5);
  new ViewerCounts(memory).answered('Miss', 200, 1);
  const text = writeMetrics(viewerMetrics([{ edge: 'local1', memories: [memory] }]));
  assert.match(text, /result="Miss",status="2xx"\} 2$/m);
  assert.match(text, /warmfront_edge_connections\{edge="local1"\} 0$/m);
});
