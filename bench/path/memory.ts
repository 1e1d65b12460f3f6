/** What memory 100,000 stored objects of 1 KB take, beside Varnish, which keeps its objects in memory too. */
import { coresForLoad, distribute, originHost } from '../harness/beside.ts';
import type { Asked, Benchmark, Outcome } from '../harness/benchmark.ts';
import { figure } from '../harness/figure.ts';
import { memoryMb } from '../harness/machine.ts';
import { type BenchOrigin, withOrigin } from '../harness/origin.ts';
import { withServer } from '../harness/served.ts';
import { withVarnish } from '../harness/varnish.ts';
import { load } from '../harness/wrk.ts';
import { pause } from '../../test/harness/until.ts';
import { needs } from '../../test/harness/programs.ts';

const bodyBytes = 1_024;
const objects = 100_000;
/** What was needed for a moment is given back by then. */
const settleMs = 10_000;

export const memory: Benchmark = {
  name: 'memory',
  measures: 'memory that 100,000 objects of 1 KB take, beside Varnish',
  async run(asked) {
    const cores = coresForLoad('wrk');
    if ('why' in cores) return { kind: 'skipped', why: cores.why };
    return withOrigin([bodyBytes], async (origin) => {
      const place = { origin, core: cores.generator, asked };
      const ours = await grownBy(place, (grow) => {
        const more = [
          '--cache-memory=1GiB',
          `--origin=${originHost}=http://127.0.0.1:${origin.port}`,
        ];
        return withServer({ home: 'memory', edges: 1, more }, async (server) =>
          grow(server.pid, server.addresses.edges[0]?.http ?? '', await distribute(server)),
        );
      });
      const { skip } = needs('varnishd');
      const what = `memory of ${objects.toLocaleString('en')} objects of 1 KB`;
      if (skip !== false) return outcome(figure(what, 'MB', [ours]), [skip]);
      const theirs = await grownBy(place, (grow) =>
        withVarnish(origin.port, ({ pid, url }) => grow(pid, url, 'd.example')),
      );
      const peer = { name: 'Varnish', median: theirs, ratio: theirs / ours };
      return outcome(figure(what, 'MB', [ours], { peers: [peer] }), []);
    });
  },
};

function outcome(one: ReturnType<typeof figure>, notes: readonly string[]): Outcome {
  return { kind: 'figures', figures: [one], notes };
}

type Place = { readonly origin: BenchOrigin; readonly core: number; readonly asked: Asked };

type Grow = (pid: number, url: string, host: string) => Promise<number>;

/** MB, for the objects alone: after so many misses, less what it took before. */
function grownBy(
  { asked, core, origin }: Place,
  start: (grow: Grow) => Promise<number>,
): Promise<number> {
  return start(async (pid, url, host) => {
    // Code that runs for the first time takes memory that objects have no part in.
    const how = { url: `${url}/${bodyBytes}`, host, connections: 32, core, misses: true };
    await load({ ...how, seconds: 1 });
    await pause(settleMs);
    const before = memoryMb(pid);
    const begun = origin.requests();
    while (origin.requests() - begun < objects) {
      asked.say(`${origin.requests() - begun} objects`);
      await load({ ...how, seconds: 1 });
    }
    const stored = origin.requests() - begun;
    await pause(settleMs);
    return ((memoryMb(pid) - before) * objects) / stored;
  });
}
