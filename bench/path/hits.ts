/** Cache hits a second, and the CPU time of one, beside nginx in the same run. */
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
import { withNginx } from '../harness/nginx.ts';
import { type BenchOrigin, withOrigin } from '../harness/origin.ts';
import { withServer } from '../harness/served.ts';
import { load } from '../harness/wrk.ts';

const sizes = [
  { said: '1 KB', bytes: 1_024 },
  { said: '10 KB', bytes: 10_240 },
  { said: '100 KB', bytes: 102_400 },
] as const;

export const hits: Benchmark = {
  name: 'hits',
  measures: 'cache hits a second and CPU time of a hit, beside nginx',
  async run(asked) {
    const cores = coresForLoad('wrk');
    if ('why' in cores) return { kind: 'skipped', why: cores.why };
    return withOrigin(
      sizes.map(({ bytes }) => bytes),
      (origin) => besideNginx(origin, cores, asked),
    );
  },
};

function besideNginx(origin: BenchOrigin, cores: Cores, asked: Asked): Promise<Outcome> {
  const more = ['--origin', `${originHost}=http://127.0.0.1:${origin.port}`];
  return withServer({ home: 'memory', edges: 1, more }, async (server) => {
    const host = await distribute(server);
    const [edge] = server.addresses.edges;
    if (edge === undefined) throw new Error('the server has no edge');
    return withNginx(origin.port, async (nginx) => {
      const targets = [
        { name: 'ours', pid: server.pid, url: edge.http, plainUrl: edge.http, host },
        { name: 'nginx', pid: nginx.pid, url: nginx.url, plainUrl: nginx.url, host },
      ] as const;
      for (const pid of [server.pid, ...nginx.processes()]) pin(pid, cores.server);
      const figures: Figure[] = [];
      const notes: string[] = [];
      const [roundCount, seconds] = asked.quick ? [2, 1] : [7, 3];
      for (const size of sizes) {
        const how = { origin, core: cores.generator, roundCount, seconds, say: asked.say };
        const rounds = await runRounds(targets, { ...size, ...how, load });
        const what = `hits of ${size.said}, ${connections} connections`;
        figures.push(
          beside(what, '1/s', rounds, ({ rate }) => rate),
          beside(`CPU of a hit of ${size.said}`, 'µs', rounds, ({ cpuUs }) => cpuUs),
        );
        notes.push(...notesOn(size.said, rounds));
      }
      return { kind: 'figures', figures, notes };
    });
  });
}
