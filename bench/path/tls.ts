/**
 * TLS beside nginx in the same run: whole handshakes a second, each with one hit on a connection of
 * its own, and hits over connections that are kept.
 *
 * The load generator takes no session up again and verifies no certificate, but it does its half of
 * each handshake, which costs more than the server's: it is busy before the server is, so the CPU
 * time of a handshake is what tells the programs apart.
 */
import { connections } from '../harness/beside.ts';
import type { Benchmark } from '../harness/benchmark.ts';
import { besideNginxOverTls } from '../harness/tls-beside-nginx.ts';
import { load } from '../harness/wrk.ts';

const loads = [
  { what: 'whole handshakes with a hit of 1 KB', cpuSaid: 'of one', bytes: 1_024, fresh: true },
  { what: 'hits of 1 KB', cpuSaid: 'of a hit of 1 KB', bytes: 1_024, fresh: false },
  { what: 'hits of 10 KB', cpuSaid: 'of a hit of 10 KB', bytes: 10_240, fresh: false },
  { what: 'hits of 100 KB', cpuSaid: 'of a hit of 100 KB', bytes: 102_400, fresh: false },
] as const;

export const tls: Benchmark = {
  name: 'tls',
  measures: 'TLS handshakes a second, hits over TLS and CPU time of both, beside nginx',
  run: (asked) =>
    besideNginxOverTls(
      loads.map(({ bytes, cpuSaid, fresh, what }) => ({
        said: `${what}, ${connections} connections`,
        cpuSaid,
        bytes,
        load: (one) => load({ ...one, fresh }),
      })),
      { asked, generator: 'wrk' },
    ),
};
