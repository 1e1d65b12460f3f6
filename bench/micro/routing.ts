/** From a host to its distribution, among 10,000 with a name, two aliases and a wildcard alias each. */
import { revision } from '../../src/base/log-record.ts';
import { RoutingTable } from '../../src/edge/routing-table.ts';
import type { Distribution } from '../../src/model/distribution.ts';
import { touchedBy } from '../../test/harness/configs.ts';
import type { Benchmark } from '../harness/benchmark.ts';
import { figure } from '../harness/figure.ts';
import { callsASecond } from '../harness/repeat.ts';
import { distributionCount, distributions, domain } from './workload.ts';

export const routing: Benchmark = {
  name: 'routing',
  measures: 'RoutingTable.find and apply with 10,000 distributions',
  async run({ quick, say }) {
    const batches = quick ? 5 : 50;
    const all = distributions().map(withWildcard);
    const table = new RoutingTable(domain);
    const last = revision(distributionCount);
    table.apply(
      all.map((one) => touchedBy(one, last)),
      last,
    );
    const rate = (what: string, act: (call: number) => unknown) => {
      say(what);
      return figure(what, '1/s', callsASecond(act, batches));
    };
    /** Hosts are made beforehand: that a request brings its own is no part of the look-up. */
    const find = (what: string, hosts: readonly string[], isFound: boolean) => {
      for (const host of hosts) {
        if ((table.find(host) !== undefined) !== isFound)
          throw new Error(`${host} is not as meant`);
      }
      return rate(what, (call) => table.find(hosts[call % distributionCount] ?? ''));
    };
    const figures = [
      find(
        "find: a distribution's own name",
        all.map(({ domainName }) => domainName),
        true,
      ),
      find(
        'find: an alias',
        hosts((index) => `www${index}.example.com`),
        true,
      ),
      find(
        'find: a name under a *. alias',
        hosts((index) => `a.b.site${index}.example.net`),
        true,
      ),
      find(
        'find: a name of nobody',
        hosts((index) => `a.b.other${index}.example.org`),
        false,
      ),
      rate('apply: one changed distribution', (call) => {
        const one = all[call % distributionCount];
        const at = revision(distributionCount + 1 + call);
        if (one !== undefined) table.apply([touchedBy(one, at)], at);
      }),
    ];
    return { kind: 'figures', figures, notes: [] };
  },
};

function hosts(name: (index: number) => string): readonly string[] {
  return Array.from({ length: distributionCount }, (_, index) => name(index));
}

function withWildcard(distribution: Distribution, index: number): Distribution {
  const { config } = distribution;
  const aliases = [...config.aliases, `*.site${index}.example.net`];
  return { ...distribution, config: { ...config, aliases } };
}
