/**
 * TLS beside nginx in the same run: whole handshakes a second, each with one hit on a connection of
 * its own, and hits over connections that are kept. Both speak TLS 1.3 with one cipher and one group,
 * and both show one certificate on P-256.
 *
 * The load generator takes no session up again and verifies no certificate, but it does its half of
 * each handshake, which costs more than the server's: it is busy before the server is, so the CPU
 * time of a handshake is what tells the programs apart.
 */
import { testAuthority } from '../../test/harness/certificates.ts';
import {
  beside,
  connections,
  type Cores,
  coresForLoad,
  distribute,
  notesOn,
  originHost,
  runRounds,
} from '../harness/beside-nginx.ts';
import type { Asked, Benchmark, Outcome } from '../harness/benchmark.ts';
import type { Figure } from '../harness/figure.ts';
import { pin } from '../harness/machine.ts';
import { type Nginx, withNginx } from '../harness/nginx.ts';
import { type BenchOrigin, withOrigin } from '../harness/origin.ts';
import { withServer } from '../harness/served.ts';

const loads = [
  { said: 'whole handshakes with a hit of 1 KB', cpuSaid: 'of one', bytes: 1_024, fresh: true },
  { said: 'hits of 1 KB', cpuSaid: 'of a hit of 1 KB', bytes: 1_024, fresh: false },
  { said: 'hits of 10 KB', cpuSaid: 'of a hit of 10 KB', bytes: 10_240, fresh: false },
  { said: 'hits of 100 KB', cpuSaid: 'of a hit of 100 KB', bytes: 102_400, fresh: false },
] as const;

export const tls: Benchmark = {
  name: 'tls',
  measures: 'TLS handshakes a second, hits over TLS and CPU time of both, beside nginx',
  async run(asked) {
    const cores = coresForLoad();
    if ('why' in cores) return { kind: 'skipped', why: cores.why };
    const sizes = new Set(loads.map(({ bytes }) => bytes));
    return withOrigin([...sizes], (origin) => besideNginx(origin, cores, asked));
  },
};

async function besideNginx(origin: BenchOrigin, cores: Cores, asked: Asked): Promise<Outcome> {
  const authority = await testAuthority('Benchmark');
  const certificate = await authority.issue(['*.cloudfront.localhost']);
  const edge = ['--edge', 'edge1=127.0.0.1:0,127.0.0.1:0'];
  const more = [...edge, '--origin', `${originHost}=http://127.0.0.1:${origin.port}`];
  return withServer({ home: 'memory', edges: 0, more }, async (server) => {
    const host = await distribute(server);
    const [{ http, https } = { http: '', https: '' }] = server.addresses.edges;
    if (https === undefined || https === '') throw new Error('the edge has no TLS');
    const use = async (nginx: Nginx): Promise<Outcome> => {
      const targets = [
        { name: 'ours', pid: server.pid, url: https, plainUrl: http, host },
        { name: 'nginx', pid: nginx.pid, url: nginx.tlsUrl ?? '', plainUrl: nginx.url, host },
      ] as const;
      for (const pid of [server.pid, ...nginx.processes()]) pin(pid, cores.server);
      const figures: Figure[] = [];
      const notes: string[] = [];
      const [roundCount, seconds] = asked.quick ? [2, 1] : [7, 3];
      for (const { cpuSaid, ...wanted } of loads) {
        const how = { origin, core: cores.generator, roundCount, seconds, say: asked.say };
        const rounds = await runRounds(targets, { ...wanted, ...how });
        const { said } = wanted;
        const what = `${said}, ${connections} connections`;
        figures.push(
          beside(what, '1/s', rounds, ({ rate }) => rate),
          beside(`CPU ${cpuSaid}`, 'µs', rounds, ({ cpuUs }) => cpuUs),
        );
        notes.push(...notesOn(said, rounds));
      }
      return { kind: 'figures', figures, notes };
    };
    return withNginx(origin.port, use, certificate);
  });
}
