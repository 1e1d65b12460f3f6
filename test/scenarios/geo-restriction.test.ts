/** Restriction to countries, from the SDK's call to the viewer's 403, by a server with a database of addresses. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cliForm } from '../api-2020-05-31/distribution-forms.ts';
import { objectAt } from '../api-2020-05-31/calling.ts';
import { sdkClient } from '../api-2020-05-31/sdk.ts';
import { runCli } from '../harness/cli-process.ts';
import { geoDatabase, geoFile } from '../harness/geo-file.ts';
import { edgesOnFreePorts, freePorts, startServerProcess } from '../harness/server-process.ts';
import { until } from '../harness/until.ts';
import { Viewer } from '../harness/viewer.ts';

const small = ['--memory', ...freePorts, ...edgesOnFreePorts('lima')];

function restricted(type: string, country: string) {
  return {
    Restrictions: {
      GeoRestriction: { RestrictionType: type, Quantity: 1, Items: [country] },
    },
  };
}

test('a whitelist and a blacklist are obeyed by all workers of an edge', async (t) => {
  const file = geoFile(geoDatabase({ '127.0.0.1/32': { country: { iso_code: 'PE' } } }));
  const workers = ['--edge-workers', '2'];
  const server = await startServerProcess([...small, ...workers, '--geo-database', file]);
  t.after(() => server.stop());
  const { api, edges } = server.addresses;
  const client = sdkClient(api);
  t.after(() => client.close());
  // Whoever is let in is told that the origin cannot be reached.
  const seen = async (form: object): Promise<number> => {
    const created = await client.call('CreateDistribution', { DistributionConfig: form });
    const { DomainName, Id } = objectAt(created, 'Distribution');
    await until('it is deployed', async () => {
      const found = await client.call('GetDistribution', { Id });
      return objectAt(found, 'Distribution')['Status'] === 'Deployed' ? true : undefined;
    });
    const port = Number(new URL(edges[0]?.http ?? '').port);
    const { status } = await new Viewer({ port, host: String(DomainName) }).gets('/').answer;
    return status;
  };
  assert.equal(await seen(cliForm('r1', restricted('whitelist', 'FR'))), 403);
  assert.equal(await seen(cliForm('r2', restricted('blacklist', 'PE'))), 403);
  assert.notEqual(await seen(cliForm('r3', restricted('whitelist', 'PE'))), 403);
  assert.notEqual(await seen(cliForm('r4', restricted('blacklist', 'FR'))), 403);
});

test('a file that is no database, or is not there, ends the start with one sentence', async () => {
  const file = geoFile(Buffer.from('no database'));
  const bad = await runCli(['serve', ...small, '--geo-database', file]);
  assert.equal(bad.code, 1);
  assert.match(bad.err, /^.*test\.mmdb cannot be used: it is no database in the format.*\n$/);
  const none = await runCli(['serve', ...small, '--geo-database', `${file}.none`]);
  assert.equal(none.code, 2);
  assert.match(none.err, /there is no file .*test\.mmdb\.none/);
});
