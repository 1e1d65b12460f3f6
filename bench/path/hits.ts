/**
 * What viewers ask a cache for, beside nginx and Varnish in the same run: hits of three sizes, 304s, a
 * part of a large object, and misses, each as a rate and as CPU time.
 */
import {
  beside,
  connections,
  type Cores,
  coresForLoad,
  distribute,
  notesOn,
  originHost,
  runRounds,
  type Target,
} from '../harness/beside.ts';
import type { Asked, Benchmark, Outcome } from '../harness/benchmark.ts';
import type { Figure } from '../harness/figure.ts';
import { pin } from '../harness/machine.ts';
import { withNginx } from '../harness/nginx.ts';
import { type BenchOrigin, withOrigin } from '../harness/origin.ts';
import { withServer } from '../harness/served.ts';
import { withVarnish } from '../harness/varnish.ts';
import { load } from '../harness/wrk.ts';
import { needs } from '../../test/harness/programs.ts';

const loads = [
  { said: 'hits of 1 KB', bytes: 1_024 },
  { said: 'hits of 10 KB', bytes: 10_240 },
  { said: 'hits of 100 KB', bytes: 102_400 },
  { said: '304s', bytes: 1_024, fields: ['If-None-Match: "1024"'] },
  {
    said: '64 KB out of 10 MB',
    bytes: 10_485_760,
    fields: ['Range: bytes=5000000-5065535'],
  },
  { said: 'misses of 1 KB', bytes: 1_024, misses: true },
] as const;

export const hits: Benchmark = {
  name: 'hits',
  measures: 'hits, 304s, ranges and misses a second and CPU time of one, beside nginx and Varnish',
  async run(asked) {
    const cores = coresForLoad('wrk');
    if ('why' in cores) return { kind: 'skipped', why: cores.why };
    // Misses are answered by this process, which is not to stand in the servers' way.
    pin(process.pid, cores.generator);
    const sizes = new Set(loads.map(({ bytes }) => bytes));
    return withOrigin([...sizes], (origin) => besideOthers(origin, cores, asked));
  },
};

function besideOthers(origin: BenchOrigin, cores: Cores, asked: Asked): Promise<Outcome> {
  const more = ['--cache-memory=1GiB', `--origin=${originHost}=http://127.0.0.1:${origin.port}`];
  return withServer({ home: 'memory', edges: 1, more }, async (server) => {
    const host = await distribute(server);
    const [edge] = server.addresses.edges;
    if (edge === undefined) throw new Error('the server has no edge');
    const ours = { name: 'ours', pid: server.pid, url: edge.http, plainUrl: edge.http, host };
    pin(server.pid, cores.server);
    return withNginx({ originPort: origin.port }, (nginx) => {
      const { url } = nginx;
      for (const pid of nginx.processes()) pin(pid, cores.server);
      const both = [ours, { name: 'nginx', pid: nginx.pid, url, plainUrl: url, host }] as const;
      const { skip } = needs('varnishd');
      if (skip !== false) return measure(both, { origin, cores, asked, notes: [skip] });
      return withVarnish(origin.port, (varnish) => {
        for (const pid of varnish.processes()) pin(pid, cores.server);
        const third = { name: 'Varnish', pid: varnish.pid, url: varnish.url };
        const all = [...both, { ...third, plainUrl: varnish.url, host }] as const;
        return measure(all, { origin, cores, asked, notes: [] });
      });
    });
  });
}

type Place = {
  readonly origin: BenchOrigin;
  readonly cores: Cores;
  readonly asked: Asked;
  readonly notes: readonly string[];
};

async function measure(
  targets: readonly [Target, ...Target[]],
  { asked, cores, notes, origin }: Place,
): Promise<Outcome> {
  const figures: Figure[] = [];
  const told = [...notes];
  const [roundCount, seconds] = asked.quick ? [2, 1] : [7, 3];
  for (const { bytes, said, ...wanted } of loads) {
    const how = { origin, core: cores.generator, roundCount, seconds, say: asked.say };
    const rounds = await runRounds(targets, {
      ...how,
      said,
      bytes,
      misses: 'misses' in wanted,
      load: (one) => load({ ...one, ...wanted }),
    });
    figures.push(
      beside(`${said}, ${connections} connections`, '1/s', rounds, ({ rate }) => rate),
      beside(`CPU of ${said}`, 'µs', rounds, ({ cpuUs }) => cpuUs),
    );
    told.push(...notesOn(said, rounds));
  }
  return { kind: 'figures', figures, notes: told };
}
