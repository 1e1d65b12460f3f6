/**
 * The AWS CLI, unchanged, against the real server: its own short forms, its waiters, and the static
 * site of examples/ as a person walks it.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { promisify } from 'node:util';
import { needs, program } from '../harness/programs.ts';
import { edgesOnFreePorts, freePorts, startServerProcess } from '../harness/server-process.ts';
import { ClientWorld, rootObject } from './world.ts';
import { type Fields, isFields, listOf, text } from './driver.ts';

const run = promisify(execFile);
const example = join(import.meta.dirname, '../../examples/static-site');

const environment = {
  ...process.env,
  AWS_ACCESS_KEY_ID: 'warmfront',
  AWS_SECRET_ACCESS_KEY: 'warmfront-secret',
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_PAGER: '',
};

suite('the AWS CLI', needs('aws'), () => {
  let world: ClientWorld;

  before(async () => {
    world = await ClientWorld.start();
  });

  after(async () => {
    await world.stop();
  });

  async function aws(...args: readonly string[]): Promise<Fields> {
    const endpoint = ['--endpoint-url', `http://127.0.0.1:${world.port}`];
    const all = [...endpoint, '--output', 'json', 'cloudfront', ...args];
    const { stdout } = await run(program('aws'), all, { env: environment });
    const answer: unknown = stdout.trim() === '' ? {} : JSON.parse(stdout);
    assert(isFields(answer), stdout);
    return answer;
  }

  test('a distribution by its short form: created, changed, invalidated', async () => {
    const short = ['--origin-domain-name', 'pics.s3.amazonaws.com'];
    const made = await aws('create-distribution', ...short);
    const distribution = at(made, 'Distribution');
    const id = text(distribution['Id']);
    const changed = await aws(
      'update-distribution',
      '--id',
      id,
      '--default-root-object',
      'index.html',
    );
    const config = at(at(changed, 'Distribution'), 'DistributionConfig');
    assert.equal(config['DefaultRootObject'], 'index.html');
    await aws('wait', 'distribution-deployed', '--id', id);
    await world.viewersGet(text(distribution['DomainName']), '/', rootObject);

    const paths = ['--distribution-id', id, '--paths', '/a.txt', '/b*'];
    const begun = await aws('create-invalidation', ...paths);
    const invalidation = text(at(begun, 'Invalidation')['Id']);
    await aws('wait', 'invalidation-completed', '--distribution-id', id, '--id', invalidation);
    const listed = await aws('list-distributions');
    // It goes through all pages by itself, and shows the items of all.
    const items = listOf(at(listed, 'DistributionList')['Items']);
    assert.deepEqual(
      items.map((one) => one['Id']),
      [id],
    );
  });

  test('a streaming distribution is waited for', async () => {
    const config = {
      CallerReference: 'cli-films',
      S3Origin: { DomainName: 'films.s3.amazonaws.com', OriginAccessIdentity: '' },
      Comment: '',
      TrustedSigners: { Enabled: false, Quantity: 0 },
      Enabled: false,
    };
    const given = ['--streaming-distribution-config', JSON.stringify(config)];
    const made = await aws('create-streaming-distribution', ...given);
    const id = text(at(made, 'StreamingDistribution')['Id']);
    await aws('wait', 'streaming-distribution-deployed', '--id', id);
  });

  test('managed policies are listed, and what is refused is told in words', async () => {
    const listed = await aws('list-cache-policies', '--type', 'managed');
    assert.equal(at(listed, 'CachePolicyList')['Quantity'], 11);
    const unknown = aws('get-distribution', '--id', 'E0000000000000');
    await assert.rejects(
      unknown,
      /NoSuchDistribution.*There is no download distribution E0000000000000/s,
    );
  });

  test('a function from a file, both stages', async () => {
    const file = join(world.folder, 'function.js');
    await writeFile(file, 'function handler(event) { return event.request; }\n');
    const config = ['--function-config', 'Comment=,Runtime=cloudfront-js-2.0'];
    const made = await aws(
      'create-function',
      '--name',
      'f',
      ...config,
      '--function-code',
      `fileb://${file}`,
    );
    await aws('publish-function', '--name', 'f', '--if-match', text(made['ETag']));
    const stages = await aws('list-functions');
    assert.equal(at(stages, 'FunctionList')['Quantity'], 2);
  });

  test('the static site of the examples, walked through', async () => {
    const server = await startServerProcess([
      '--memory',
      ...freePorts,
      ...edgesOnFreePorts('site'),
      '--bucket',
      `my-site=${join(example, 'site')}`,
    ]);
    try {
      const edge = new URL(server.addresses.edges[0]?.http ?? '').host;
      const env = { ...environment, ENDPOINT: server.addresses.api, EDGE: edge };
      const { stdout } = await run('bash', [join(example, 'walk.sh')], { env });
      assert.match(stdout, /\/ answers 200, \/assets\/site\.css 200, \/nowhere 404/);
      assert.match(stdout, /I\w+ is completed/);
      assert.match(stdout, /viewers are refused: 403/);
      assert.match(stdout, /E\w+ is gone/);
    } finally {
      await server.stop();
    }
  });
});

function at(fields: Fields, name: string): Fields {
  const found = fields[name];
  assert(isFields(found), `${name} is ${JSON.stringify(found)}`);
  return found;
}
