/**
 * The waiters of the SDK (API 2020-05-31, section 2.10): they end at once where all is done, and else with
 * the first reading after every edge has taken the change.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as sdk from '@aws-sdk/client-cloudfront';
import { defaultCredential } from '../../src/api/credentials.ts';
import { objectAt, startWorld } from './calling.ts';
import { Specimens } from './specimens.ts';

const started = await startWorld();
const { world } = started;
const specimens = new Specimens(started);
const client = new sdk.CloudFrontClient({
  endpoint: `http://127.0.0.1:${world.port}`,
  region: 'us-east-1',
  credentials: defaultCredential,
  maxAttempts: 1,
});
after(() => client.destroy());

let answers = 0;
let heard: (() => void) | undefined;
client.middlewareStack.add(
  (next) => async (given) => {
    const answer = await next(given);
    answers += 1;
    heard?.();
    return answer;
  },
  { step: 'deserialize' },
);

const waiting = { client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 };

type Waiter = readonly [name: string, wait: () => Promise<{ readonly state: unknown }>];

const distribution = await specimens.make('Distribution');
const streaming = await specimens.make('StreamingDistribution');
const InvalidationBatch = { CallerReference: 'all', Paths: { Quantity: 1, Items: ['/*'] } };
const begun = await started.client.call('CreateInvalidation', {
  DistributionId: distribution.id,
  InvalidationBatch,
});
const Id = String(objectAt(begun, 'Invalidation')['Id']);

const waiters: readonly Waiter[] = [
  [
    'distribution-deployed',
    () => sdk.waitUntilDistributionDeployed(waiting, { Id: distribution.id }),
  ],
  [
    'streaming-distribution-deployed',
    () => sdk.waitUntilStreamingDistributionDeployed(waiting, { Id: streaming.id }),
  ],
  [
    'invalidation-completed',
    () => sdk.waitUntilInvalidationCompleted(waiting, { DistributionId: distribution.id, Id }),
  ],
];

test('all wait while an edge lags, and end once it has caught up', async () => {
  const ended = new Set<string>();
  const allAnswered = new Promise<void>((resolve) => {
    heard = () => {
      if (answers >= waiters.length) resolve();
    };
  });
  const all = waiters.map(async ([name, wait]) => {
    const { state } = await wait();
    ended.add(name);
    return state;
  });
  await allAnswered;
  assert.deepEqual(ended, new Set());
  await world.edgeCatchesUp();
  assert.deepEqual(await Promise.all(all), ['SUCCESS', 'SUCCESS', 'SUCCESS']);
});

for (const [name, wait] of waiters) {
  test(`${name}: what is done is not waited for`, async () => {
    answers = 0;
    assert.equal((await wait()).state, 'SUCCESS');
    assert.equal(answers, 1);
  });
}
