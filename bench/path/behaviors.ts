/**
 * What path patterns and policies cost a hit: distributions with one behavior and with 75, with
 * ForwardedValues and with policies, beside nginx with as many locations. The object is that of the last
 * pattern, so all others are tried before. A hit goes by the lane where it can; with `TE`, which means
 * nothing to a cache, each one goes through the whole pipeline.
 */
import { connect, type Caller } from '../harness/calling.ts';
import {
  beside,
  type Cores,
  coresForLoad,
  notesOn,
  originHost,
  runRounds,
  type Target,
} from '../harness/beside.ts';
import type { Asked, Benchmark, Outcome } from '../harness/benchmark.ts';
import type { Figure } from '../harness/figure.ts';
import { pin } from '../harness/machine.ts';
import { type Nginx, withNginx } from '../harness/nginx.ts';
import { type BenchOrigin, withOrigin } from '../harness/origin.ts';
import { withServer } from '../harness/served.ts';
import { load } from '../harness/wrk.ts';
import { downloadConfig } from '../../src/cli/new-distribution.ts';
import type { CacheBehavior, DefaultCacheBehavior } from '../../src/wire/shapes.generated.ts';
import type { ServerProcess } from '../../test/harness/server-process.ts';

const bytes = 1_024;
const patternCount = 75;
const prefixes = Array.from({ length: patternCount }, (_, index) => `/${bytes}/p${index}/`);
/** Below the last prefix. */
const path = `${prefixes.at(-1) ?? ''}a`;

/** Managed ones: CachingOptimized, UserAgentRefererHeaders, CORS-and-SecurityHeadersPolicy. */
const policies = {
  CachePolicyId: '658327ea-f89d-4fab-a63d-7e88639e58f6',
  OriginRequestPolicyId: 'acba4595-bd28-49b8-b9fe-13317c0390fa',
  ResponseHeadersPolicyId: 'e61eb60c-9c35-4d20-a928-2b84e02af89c',
} as const;

const ways = [
  { said: 'hits', fields: [] },
  { said: 'hits through the pipeline', fields: ['TE: trailers'] },
] as const;

const cases = [
  { said: '1 behavior', hasPatterns: false, hasPolicies: false },
  { said: '75 behaviors', hasPatterns: true, hasPolicies: false },
  { said: '1 behavior of policies', hasPatterns: false, hasPolicies: true },
  { said: '75 behaviors of policies', hasPatterns: true, hasPolicies: true },
] as const;
type Case = (typeof cases)[number];

export const behaviors: Benchmark = {
  name: 'behaviors',
  measures: 'hits with 1 and 75 behaviors, with and without policies, beside nginx with locations',
  async run(asked) {
    const cores = coresForLoad('wrk');
    if ('why' in cores) return { kind: 'skipped', why: cores.why };
    return withOrigin([bytes], (origin) => besideNginx(origin, cores, asked));
  },
};

function besideNginx(origin: BenchOrigin, cores: Cores, asked: Asked): Promise<Outcome> {
  const more = [`--origin=${originHost}=http://127.0.0.1:${origin.port}`];
  const originPort = origin.port;
  return withServer({ home: 'memory', edges: 1, more }, (server) =>
    withNginx({ originPort }, (plain) =>
      withNginx({ originPort, locations: prefixes }, async (parted) => {
        for (const pid of [server.pid, ...plain.processes(), ...parted.processes()]) {
          pin(pid, cores.server);
        }
        const figures: Figure[] = [];
        const notes: string[] = [];
        const [roundCount, seconds] = asked.quick ? [2, 1] : [7, 3];
        const caller = await connect(server);
        for (const one of cases) {
          const host = await distribute(caller, one);
          const targets = [
            ours(server, host),
            peer(one.hasPatterns ? parted : plain, host),
          ] as const;
          for (const { fields, said } of ways) {
            const what = `${said}, ${one.said}`;
            const how = { origin, core: cores.generator, roundCount, seconds, say: asked.say };
            const rounds = await runRounds(targets, {
              ...how,
              said: what,
              bytes,
              path,
              load: (each) => load({ ...each, fields }),
            });
            figures.push(beside(`CPU of ${what}`, 'µs', rounds, ({ cpuUs }) => cpuUs));
            notes.push(...notesOn(what, rounds));
          }
        }
        caller.close();
        return { kind: 'figures', figures, notes };
      }),
    ),
  );
}

function ours({ addresses, pid }: ServerProcess, host: string): Target {
  const [{ http } = { http: '' }] = addresses.edges;
  return { name: 'ours', pid, url: http, plainUrl: http, host };
}

function peer({ pid, url }: Nginx, host: string): Target {
  return { name: 'nginx', pid, url, plainUrl: url, host };
}

/** Makes the distribution and resolves with its name, once the edge has it. */
async function distribute(caller: Caller, one: Case): Promise<string> {
  const config = downloadConfig({
    callerReference: one.said,
    origin: {
      kind: 'custom',
      domainName: originHost,
      httpPort: 80,
      httpsPort: 443,
      protocolPolicy: 'http-only',
    },
    aliases: [],
    comment: one.said,
    enabled: true,
    defaultRootObject: undefined,
    logging: undefined,
    trustedSigners: [],
    httpsOnly: false,
  });
  const behavior = one.hasPolicies
    ? withPolicies(config.DefaultCacheBehavior)
    : config.DefaultCacheBehavior;
  const Items: readonly CacheBehavior[] = one.hasPatterns
    ? prefixes.map((prefix) => ({ ...behavior, PathPattern: `${prefix}*` }))
    : [];
  return caller.distribute({
    ...config,
    DefaultCacheBehavior: behavior,
    CacheBehaviors: { Quantity: Items.length, Items },
  });
}

function withPolicies(behavior: DefaultCacheBehavior): DefaultCacheBehavior {
  const { ForwardedValues: _, MinTTL: __, ...rest } = behavior;
  return { ...rest, ...policies, Compress: true };
}
