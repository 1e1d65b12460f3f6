/** Origin Shield by a real server: three edges, one of which asks the origin for the others. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { objectAt } from '../api-2020-05-31/calling.ts';
import { cliForm, originHost } from '../api-2020-05-31/distribution-forms.ts';
import { sdkClient } from '../api-2020-05-31/sdk.ts';
import { freePort } from '../harness/edge-machines.ts';
import { freePorts, startServerProcess } from '../harness/server-process.ts';
import { until } from '../harness/until.ts';
import { Viewer } from '../harness/viewer.ts';

test('T10.08 a distribution that names a region has its origin asked by one edge', async (t) => {
  const asked: string[] = [];
  const origin = createServer(({ url = '' }, answer) => {
    asked.push(url);
    answer.setHeader('Cache-Control', 'max-age=600').end('hello');
  });
  await new Promise<void>((resolve) => {
    origin.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => origin.close());
  const at = origin.address();
  assert(typeof at === 'object' && at !== null);
  const port = await freePort();
  const names = ['a', 'b', 'c'].flatMap((name) => ['--edge', `${name}=127.0.0.1:0`]);
  const server = await startServerProcess([
    '--memory',
    ...freePorts,
    ...names,
    `--edge=shield=127.0.0.1:${port}`,
    `--origin-shield=eu-west-3=shield,http://127.0.0.1:${port}`,
    `--origin=${originHost}=http://127.0.0.1:${at.port}`,
  ]);
  t.after(() => server.stop());
  const sdk = sdkClient(server.addresses.api);
  t.after(() => sdk.close());
  const form = JSON.parse(JSON.stringify(cliForm('shielded')));
  form.Origins.Items[0].OriginShield = { Enabled: true, OriginShieldRegion: 'eu-west-3' };
  const created = await sdk.call('CreateDistribution', { DistributionConfig: form });
  const { DomainName, Id } = objectAt(created, 'Distribution');
  await until('it is deployed', async () => {
    const found = await sdk.call('GetDistribution', { Id });
    return objectAt(found, 'Distribution')['Status'] === 'Deployed' ? true : undefined;
  });
  const seen: (string | undefined)[] = [];
  for (const { http } of server.addresses.edges) {
    const viewer = new Viewer({ port: Number(new URL(http).port), host: String(DomainName) });
    const answer = await viewer.gets('/a').sees({ status: 200, body: 'hello' });
    const index = answer.headers.findIndex((name) => name.toLowerCase() === 'x-cache');
    seen.push(answer.headers[index + 1]?.split(' ')[0]);
  }
  assert.deepEqual(seen, ['Miss', 'Hit', 'Hit', 'Hit']);
  assert.deepEqual(asked, ['/a']);
});
