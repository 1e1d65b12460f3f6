/** The DNS role by the resolvers of others: dig and kdig against real processes. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { objectAt } from '../api-2020-05-31/calling.ts';
import { cliForm } from '../api-2020-05-31/distribution-forms.ts';
import { sdkClient } from '../api-2020-05-31/sdk.ts';
import { assertStatus, etagOf } from '../harness/api-caller.ts';
import { Machines } from '../harness/edge-machines.ts';
import { configXml, create, download, untilDeployed } from '../harness/kinds.ts';
import { needs, program } from '../harness/programs.ts';
import { until } from '../harness/until.ts';

const run = promisify(execFile);

async function ask(
  tool: 'dig' | 'kdig',
  { control }: Machines,
  ...words: readonly string[]
): Promise<string> {
  const { dns } = control.ready;
  assert(typeof dns === 'string', 'the ready line tells where DNS is');
  const [host = '', port = ''] = dns.split(':');
  const { stdout } = await run(program(tool), [`@${host}`, '-p', port, ...words]);
  return stdout.trim();
}

const options = { ...needs('dig'), ...(needs('kdig').skip === false ? {} : needs('kdig')) };

test(
  'names lead to live edges that have the distribution, and to nothing when they are gone',
  options,
  async () => {
    const zone = {
      nameServers: ['ns1.example.net'],
      edges: {
        paris1: { addresses: ['192.0.2.1', '2001:db8::1'] },
        rome1: { addresses: ['192.0.2.2'] },
      },
      near: [{ network: '198.51.100.0/24', edges: ['rome1'] }],
    };
    await using machines = await Machines.open({
      lease: '2s',
      settingsIn: async (folder) => {
        const file = join(folder, 'zone.json');
        await writeFile(file, JSON.stringify(zone));
        return ['--dns', '127.0.0.1:0', '--dns-zone', file];
      },
    });
    const { api } = machines;
    for (const name of ['paris1', 'rome1']) await machines.createToken(name);
    const [paris] = await Promise.all([machines.startEdge('paris1'), machines.startEdge('rome1')]);
    const made = await create(api, download, { reference: 'site' });
    await untilDeployed(api, made.path);

    const sorted = async (...words: readonly string[]): Promise<string> =>
      (await ask('dig', machines, made.domain, '+short', ...words)).split('\n').sort().join(' ');
    assert.equal(await sorted('A'), '192.0.2.1 192.0.2.2');
    assert.equal(await sorted('A', '+tcp'), '192.0.2.1 192.0.2.2');
    assert.equal(await sorted('A', '+noedns'), '192.0.2.1 192.0.2.2');
    // Those of API 2010-11-01 have no IPv6.
    assert.equal(await sorted('AAAA'), '');
    const sdk = sdkClient(machines.apiUrl);
    const form = cliForm('six', { IsIPV6Enabled: true });
    const six = objectAt(
      await sdk.call('CreateDistribution', { DistributionConfig: form }),
      'Distribution',
    );
    sdk.close();
    await until('the distribution with IPv6 has addresses', async () =>
      (await ask('dig', machines, String(six['DomainName']), '+short', 'A')) === ''
        ? undefined
        : true,
    );
    const addresses = await ask('dig', machines, String(six['DomainName']), '+short', 'AAAA');
    assert.equal(addresses.trim(), '2001:db8::1');
    assert.equal(await sorted('A', '+subnet=198.51.100.7/32'), '192.0.2.2');
    assert.match(await sorted('HTTPS'), /^1 \. alpn="http\/1\.1"$/);
    assert.match(await ask('kdig', machines, made.domain, '+subnet=198.51.100.0/24'), /\/24\/24/);
    assert.match(await ask('kdig', machines, made.domain, '+edns=1'), /BADVERS/);
    assert.match(await ask('kdig', machines, 'cloudfront.localhost', 'SOA'), /ns1\.example\.net\./);
    assert.equal(
      await ask('dig', machines, 'cloudfront.localhost', 'NS', '+short'),
      'ns1.example.net.',
    );
    assert.match(await ask('dig', machines, 'example.com'), /status: REFUSED/);
    assert.match(await ask('dig', machines, 'd0.cloudfront.localhost'), /status: NXDOMAIN/);

    await paris.process.kill();
    await until('the dead edge is not named', async () =>
      (await sorted('A')) === '192.0.2.2' ? true : undefined,
    );
    const { body } = await api.get('/_warmfront/edges');
    const { edges }: { edges: { name: string; state: string }[] } = JSON.parse(body);
    assert.equal(edges.find(({ name }) => name === 'paris1')?.state, 'gone');

    const config = await api.get(`${made.path}/config`);
    const off = configXml(download, { reference: 'site', enabled: false });
    const put = await api.put(`${made.path}/config`, etagOf(config), off);
    assertStatus(put, 200);
    await untilDeployed(api, made.path);
    const disabled = await ask('dig', machines, made.domain);
    assert.match(disabled, /status: NOERROR/);
    assert.match(disabled, /ANSWER: 0, AUTHORITY: 1/);
    assertStatus(await api.delete(made.path, etagOf(put)), 204);
    assert.match(await ask('dig', machines, made.domain), /status: NXDOMAIN/);
  },
);
