/**
 * Loads over TLS beside nginx. Both speak TLS 1.3 with one cipher and one group, and both show one
 * certificate on P-256.
 */
import { testAuthority } from '../../test/harness/certificates.ts';
import {
  beside,
  coresForLoad,
  distribute,
  type GeneratorName,
  notesOn,
  originHost,
  runRounds,
} from './beside.ts';
import type { Asked, Outcome } from './benchmark.ts';
import type { Figure } from './figure.ts';
import type { Load } from './load.ts';
import { pin } from './machine.ts';
import { withNginx } from './nginx.ts';
import { withOrigin } from './origin.ts';
import { withServer } from './served.ts';

export type TlsLoad = {
  /** The load, for a figure of its rate. */
  readonly said: string;
  /** One request of it, for a figure of its CPU time. */
  readonly cpuSaid: string;
  readonly bytes: number;
  readonly load: Load;
};

/** `conformance`: what is set on the distribution by the conformance endpoint. */
export async function besideNginxOverTls(
  loads: readonly TlsLoad[],
  {
    asked,
    conformance,
    generator,
  }: {
    readonly asked: Asked;
    readonly conformance?: Readonly<Record<string, unknown>>;
    readonly generator: GeneratorName;
  },
): Promise<Outcome> {
  const cores = coresForLoad(generator);
  if ('why' in cores) return { kind: 'skipped', why: cores.why };
  const authority = await testAuthority('Benchmark');
  const certificate = await authority.issue(['*.cloudfront.localhost']);
  const sizes = new Set(loads.map(({ bytes }) => bytes));
  return withOrigin([...sizes], (origin) => {
    const edge = ['--edge', 'edge1=127.0.0.1:0,127.0.0.1:0'];
    const more = [...edge, '--origin', `${originHost}=http://127.0.0.1:${origin.port}`];
    return withServer({ home: 'memory', edges: 0, more }, async (server) => {
      const host = await distribute(server, conformance);
      const [{ http, https } = { http: '', https: '' }] = server.addresses.edges;
      if (https === undefined || https === '') throw new Error('the edge has no TLS');
      return withNginx({ originPort: origin.port, certificate }, async (nginx) => {
        const targets = [
          { name: 'ours', pid: server.pid, url: https, plainUrl: http, host },
          { name: 'nginx', pid: nginx.pid, url: nginx.tlsUrl ?? '', plainUrl: nginx.url, host },
        ] as const;
        for (const pid of [server.pid, ...nginx.processes()]) pin(pid, cores.server);
        const figures: Figure[] = [];
        const notes: string[] = [];
        const [roundCount, seconds] = asked.quick ? [2, 1] : [7, 3];
        const how = { origin, core: cores.generator, roundCount, seconds, say: asked.say };
        for (const { cpuSaid, ...wanted } of loads) {
          const rounds = await runRounds(targets, { ...wanted, ...how });
          figures.push(
            beside(wanted.said, '1/s', rounds, ({ rate }) => rate),
            beside(`CPU ${cpuSaid}`, 'µs', rounds, ({ cpuUs }) => cpuUs),
          );
          notes.push(...notesOn(wanted.said, rounds));
        }
        return { kind: 'figures', figures, notes };
      });
    });
  });
}
