/** The lines of the banner, tried as they are printed: each tool that is pointed here by them works. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { promisify } from 'node:util';
import { banner } from '../../src/cli/banner.ts';
import { keptScreen } from '../harness/cli-world.ts';
import { needs, program } from '../harness/programs.ts';
import { ClientWorld, customHost } from './world.ts';

const run = promisify(execFile);
const checkout = join(import.meta.dirname, '../..');

suite('the banner', () => {
  let world: ClientWorld;
  /** What stands behind each word; exports of the first line. */
  let said: ReadonlyMap<string, string>;
  let exports: string;

  before(async () => {
    world = await ClientWorld.start();
    const settings = {
      data: world.folder,
      domain: 'cloudfront.localhost',
      credentialsFile: undefined,
      publicEndpoint: undefined,
      join: undefined,
    };
    const { addresses } = world.server;
    const told = { ...addresses, apiTls: undefined, dns: undefined, caFile: undefined };
    const lines = banner(settings, told, keptScreen()).split('\n');
    said = new Map(lines.map((line) => [line.slice(2, 11).trim(), line.slice(13)]));
    exports = lines
      .map((line) => line.slice(13))
      .filter((line) => line.startsWith('export '))
      .join('\n');
  });

  after(async () => {
    await world.stop();
  });

  function line(word: string): string {
    const text = said.get(word);
    assert(text !== undefined, `the banner has a line of ${word}`);
    return text;
  }

  test('warmfront: its own command', async () => {
    const command = line('warmfront').replace('HOST', customHost);
    const path = withFolderOf(join(checkout, 'node_modules/.bin/npx'));
    assert.match(await shell(`${path}\n${command}`), /\nstatus +Deployed\n/);
  });

  test('the AWS CLI', needs('aws'), async () => {
    const command = line('aws').replace('HOST', customHost);
    const out = await shell(`${withFolderOf(program('aws'))}\n${exports}\n${command}`);
    assert.match(out, /"DomainName": "d[a-z0-9]+\.cloudfront\.localhost"/);
  });

  test('boto3', needs('boto3'), async () => {
    const script = `import boto3; cf = ${line('boto3')}; print(cf.list_distributions()['ResponseMetadata']['HTTPStatusCode'])`;
    assert.equal(await shell(`${exports}\n'${program('boto3')}' -c "${script}"`), '200\n');
  });

  test('the SDK for JavaScript, by its line and by the environment alone', async () => {
    for (const client of [line('SDK v3'), "new CloudFrontClient({ region: 'us-east-1' })"]) {
      const script = `import { CloudFrontClient, ListDistributionsCommand } from '@aws-sdk/client-cloudfront'; const cf = ${client}; console.log((await cf.send(new ListDistributionsCommand({}))).$metadata.httpStatusCode);`;
      const quoted = script.replaceAll('$', '\\$');
      const node = `'${process.execPath}' --input-type=module -e "${quoted}"`;
      assert.equal(await shell(`${exports}\n${node}`), '200\n', client);
    }
  });
});

/** A shell in which nothing of AWS is set but by what runs in it. */
async function shell(script: string): Promise<string> {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'));
  const { stdout } = await run('sh', ['-ec', script], {
    cwd: checkout,
    env: { ...Object.fromEntries(kept), AWS_PAGER: '', AWS_EC2_METADATA_DISABLED: 'true' },
  });
  return stdout;
}

function withFolderOf(command: string): string {
  return `export PATH='${dirname(command)}':"$PATH"`;
}
