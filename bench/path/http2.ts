/**
 * Hits over HTTP/2 beside nginx in the same run: one request under way on each connection, which is
 * what HTTP/2 costs beside TLS with HTTP/1.1, and ten, which is what a page of many objects asks for.
 */
import { connections } from '../harness/beside.ts';
import type { Benchmark } from '../harness/benchmark.ts';
import { loadOverHttp2 } from '../harness/h2load.ts';
import { besideNginxOverTls } from '../harness/tls-beside-nginx.ts';

const loads = [
  { size: '1 KB', bytes: 1_024, streams: 1 },
  { size: '1 KB', bytes: 1_024, streams: 10 },
  { size: '10 KB', bytes: 10_240, streams: 10 },
  { size: '100 KB', bytes: 102_400, streams: 10 },
] as const;

export const http2: Benchmark = {
  name: 'http2',
  measures: 'cache hits a second over HTTP/2 and CPU time of a hit, beside nginx',
  run: (asked) =>
    besideNginxOverTls(
      loads.map(({ bytes, size, streams }) => {
        const each = streams === 1 ? '1 stream' : `${streams} streams`;
        return {
          said: `hits of ${size}, ${connections} connections, ${each} on each`,
          cpuSaid: `of a hit of ${size}, ${each}`,
          bytes,
          load: (one) => loadOverHttp2({ ...one, streams }),
        };
      }),
      { asked, conformance: { httpVersion: 'http2' }, generator: 'h2load' },
    ),
};
