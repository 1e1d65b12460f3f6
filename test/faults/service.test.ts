/** The short form of `npm run faults`: one fault of each kind on the whole service, then all at once. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { needs } from '../harness/programs.ts';
import type { ServiceFault } from './service-faults.ts';
import { Service } from './service-rounds.ts';

const short: readonly (readonly ServiceFault[])[] = [
  ['kill -9 of the leader of etcd', 'SIGSTOP of an edge'],
  [
    'kill -9 of an API process between append and answer',
    'the leader of etcd cut off from the others',
    'an edge cut off from all API processes',
  ],
  ['kill -9 of everything'],
];
const lastingMsMax = 3_000;

suite('the whole service under faults', needs('etcd'), () => {
  const seed = Date.now() % 1_000_000;
  let service: Service;
  before(async () => {
    service = await Service.start(seed);
  });
  after(() => service.end());

  for (const faults of short) {
    test(`no promise is broken by ${faults.join(' and ')}`, {
      ...needs('etcd'),
      timeout: 240_000,
    }, async () => {
      const { counts, found } = await service.round(faults, { lastingMsMax });
      assert.deepEqual(found, [], `seed ${seed}\n${service.outputs()}`);
      assert(counts.accepted > 0 && counts.deployed > 0 && counts.completed > 0);
    });
  }
});
