/** The short form of `npm run faults`: what goes wrong most, once each, on a cluster of three. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { Etcd } from '../harness/etcd.ts';
import { needs } from '../harness/programs.ts';
import { type FaultName, runRound } from './etcd-rounds.ts';

const short: readonly FaultName[] = [
  'kill -9 of the leader',
  'SIGSTOP of the leader',
  'kill -9 of all',
  'compaction to the last revision',
];

suite('faults of etcd', needs('etcd', 'etcdctl'), () => {
  let etcd: Etcd;
  before(async () => {
    etcd = await Etcd.start({ servers: 3 });
  });
  after(() => etcd.remove());

  for (const [index, fault] of short.entries()) {
    test(`no promise is broken by ${fault}`, {
      ...needs('etcd', 'etcdctl'),
      timeout: 120_000,
    }, async () => {
      const { found } = await runRound(etcd, fault, `round${index}`);
      assert.deepEqual(found, []);
    });
  }
});
