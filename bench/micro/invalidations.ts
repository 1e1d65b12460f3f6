/**
 * Is a stored object invalidated? Asked at each look-up of a distribution on which no, 3,000 and
 * 100,000 facts stand; the cost should be the same for all.
 */
import { instant } from '../../src/base/clock.ts';
import { revision } from '../../src/base/log-record.ts';
import { InvalidationFacts } from '../../src/edge/invalidation-facts.ts';
import { accountId, distributionId, invalidationId } from '../../src/model/ids.ts';
import type { Benchmark } from '../harness/benchmark.ts';
import { figure } from '../harness/figure.ts';
import { callsASecond } from '../harness/repeat.ts';

const distribution = distributionId('E0000000000001');
const pathsPerBatch = 1_000;
const viewedPaths = 10_000;

export const invalidations: Benchmark = {
  name: 'invalidations',
  measures: 'whether an object is invalidated, with 0, 3,000 and 100,000 facts standing',
  run({ quick, say }) {
    const batches = quick ? 5 : 50;
    const paths = Array.from({ length: viewedPaths }, (_, index) => pathOf(index * 7));
    const encoded = paths.map((path) => `${path}%20x`);
    const figures = [0, 3_000, 100_000].flatMap((count) => {
      const facts = factsOf(count);
      const fetchedAt = revision(1_000_000);
      const ask = (what: string, asked: readonly string[]) => {
        say(`${what}, ${count} facts`);
        const samples = callsASecond((call) => {
          const path = asked[call % viewedPaths] ?? '/';
          return facts.cover([distribution], { path, query: undefined }, '', fetchedAt);
        }, batches);
        return figure(`${what}, ${count.toLocaleString('en')} facts`, '1/s', samples);
      };
      return [ask('a plain path', paths), ask('a path with an escape', encoded)];
    });
    const notes = ['Every seventh of the viewed paths has a fact where there are 100,000.'];
    return Promise.resolve({ kind: 'figures', figures, notes });
  },
};

function pathOf(index: number): string {
  return `/images/section-${index % 97}/picture-${index}.jpg`;
}

function factsOf(count: number): InvalidationFacts {
  const facts = new InvalidationFacts();
  for (let first = 0; first < count; first += pathsPerBatch) {
    const paths = Array.from({ length: Math.min(pathsPerBatch, count - first) }, (_, index) =>
      pathOf(first + index),
    );
    facts.add({
      revision: revision(first + 1),
      document: {
        format: 1,
        account: accountId('000000000000'),
        distribution,
        id: invalidationId(`I${first}`),
        createdAt: instant(0),
        batch: { matching: 'paths', callerReference: `batch ${first}`, paths },
      },
    });
  }
  return facts;
}
