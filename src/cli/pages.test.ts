/** The pages of a list: read until the last one, and no longer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runLine } from '../../test/harness/cli-world.ts';
import { answerOf, fakeInvalidations } from '../../test/harness/fake-answers.ts';
import { fakeApi, type Given } from '../../test/harness/fake-api.ts';

function page(ids: readonly string[], next?: string): Given {
  return answerOf('ListInvalidations', { InvalidationList: fakeInvalidations(ids, next) });
}

test('a list is read page by page, from each marker on', async (t) => {
  const api = await fakeApi(t, ({ path }) =>
    path.includes('Marker=I%2F2') ? page(['I3']) : page(['I1', 'I2'], 'I/2'),
  );
  const { code, out } = await runLine(api.url, ['invalidation', 'list', 'E1', '--json']);
  assert.equal(code, 0);
  assert.deepEqual(
    JSON.parse(out).map(({ id }: { id: string }) => id),
    ['I1', 'I2', 'I3'],
  );
  assert.deepEqual(
    api.asked.map(({ path }) => path),
    [
      '/2020-05-31/distribution/E1/invalidation',
      '/2020-05-31/distribution/E1/invalidation?Marker=I%2F2',
    ],
  );
});

test('a list that does not end is given up', { timeout: 60_000 }, async (t) => {
  const api = await fakeApi(t, () => page(['I1'], 'I1'));
  const { code, err } = await runLine(api.url, ['invalidation', 'list', 'E1']);
  assert.equal(code, 1);
  assert.match(err, /the list comes to the same place again/i);
  assert.equal(api.asked.length, 2);
});
