/**
 * How often a cache of some size has what is asked for, beside the least-recently-used policy on the
 * same requests: keys by Zipf's law, with and without scans between them. Chance is seeded, so these
 * figures are the same on every machine.
 */
import { S3Fifo } from '../../src/cache/s3-fifo.ts';
import {
  hitRatio,
  leastRecentlyUsed,
  type Policy,
  referenceTrace,
} from '../../test/harness/reference-trace.ts';
import type { Benchmark } from '../harness/benchmark.ts';
import { figure, percentile } from '../harness/figure.ts';

const keys = 100_000;
const skew = 0.9;
const scanEvery = 20_000;
const scanKeys = 20_000;
const shares = [0.001, 0.01, 0.1, 0.25];

export const hitRatios: Benchmark = {
  name: 'hit-ratio',
  measures: 'how often the cache has what is asked for, beside LRU, with scans and without',
  run({ quick, say }) {
    const seeds = quick ? [1] : [1, 2, 3];
    const requests = quick ? 200_000 : 1_000_000;
    const figures = [0, scanEvery].flatMap((every) =>
      shares.map((share) => {
        const what = `${share * 100} % of the keys fit, ${every === 0 ? 'no scans' : 'scans'}`;
        say(what);
        const shape = { keys, requests, skew, scanEvery: every, scanKeys };
        const percents = seeds.map((seed) => ({
          ours: 100 * hitRatio(storePolicy(keys * share), referenceTrace(shape, seed)),
          lru: 100 * hitRatio(leastRecentlyUsed(keys * share), referenceTrace(shape, seed)),
        }));
        const ratio = percentile(
          percents.map(({ lru, ours }) => ours / lru),
          50,
        );
        const lru = percents.map((one) => one.lru);
        const ours = percents.map((one) => one.ours);
        const peer = { name: 'LRU', median: percentile(lru, 50), ratio };
        return figure(what, '%', ours, { peers: [peer] });
      }),
    );
    const notes = [
      `${keys.toLocaleString('en')} keys, exponent ${skew}; a scan asks for ${scanKeys.toLocaleString('en')} keys once, after every ${scanEvery.toLocaleString('en')} requests, and does not count.`,
    ];
    return Promise.resolve({ kind: 'figures', figures, notes });
  },
};

function storePolicy(entriesMax: number): Policy {
  const cache = new S3Fifo<object>(entriesMax);
  const value = {};
  return {
    asks(key) {
      if (cache.use(key) !== undefined) return true;
      cache.set(key, value, 1);
      while (cache.size > entriesMax) cache.evict();
      return false;
    },
  };
}
