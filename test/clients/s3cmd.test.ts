/**
 * s3cmd, unchanged, against the real server over TLS, the only way it knows: download distributions
 * from cfcreate to cfdelete, and what it prints of each wrong turn.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { assertStatus, etagOf, textAt } from '../harness/api-caller.ts';
import {
  configXml,
  create,
  customOrigin,
  download,
  remove,
  s3Origin,
  untilDeployed,
} from '../harness/kinds.ts';
import { needs, program } from '../harness/programs.ts';
import { until } from '../harness/until.ts';
import { ClientWorld, customHost, rootObject, stored } from './world.ts';

type Printed = { readonly code: number | null; readonly out: string; readonly errors: string };

suite('s3cmd', needs('s3cmd'), () => {
  let world: ClientWorld;

  before(async () => {
    world = await ClientWorld.start();
    await configure('s3cfg', 'warmfront-secret');
  });

  after(() => world.stop());

  function configure(name: string, secret: string): Promise<void> {
    const lines = [
      '[default]',
      'access_key = warmfront',
      `secret_key = ${secret}`,
      `cloudfront_host = localhost:${world.tlsPort}`,
      'use_https = True',
      `ca_certs_file = ${world.caFile}`,
    ];
    return writeFile(join(world.folder, name), `${lines.join('\n')}\n`);
  }

  function s3cmd(args: readonly string[], configuration = 's3cfg'): Promise<Printed> {
    return new Promise((resolve, reject) => {
      const file = join(world.folder, configuration);
      const child = spawn(program('s3cmd'), ['-c', file, ...args], { timeout: 60_000 });
      let out = '';
      let errors = '';
      child.stdout.setEncoding('utf8').on('data', (piece: string) => (out += piece));
      child.stderr.setEncoding('utf8').on('data', (piece: string) => (errors += piece));
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, out, errors }));
    });
  }

  /** It must end well; the answer is what it printed, by label. */
  async function does(...args: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const { code, errors, out } = await s3cmd(args);
    // Its cf commands end with 1 when all went well, as they return nothing to its main program.
    assert(code === 1 && errors === '', `s3cmd ${args.join(' ')}: ${code}\n${out}${errors}`);
    return labelled(out);
  }

  async function isRefused(args: readonly string[], status: number, code: string): Promise<void> {
    const printed = await s3cmd(args);
    assertRefusal(printed, status, code);
  }

  /** The client breaks on what it was rightly answered. */
  async function failsItself(args: readonly string[], problem: string): Promise<void> {
    const { code, errors } = await s3cmd(args);
    assert.equal(code, 1);
    assert.match(errors, /^Problem: /m);
    assert(errors.includes(problem), errors);
  }

  function untilPrinted(uri: string): Promise<ReadonlyMap<string, string>> {
    return until('cfinfo prints Deployed', async () => {
      const printed = await does('cfinfo', uri);
      return printed.get('Status') === 'Deployed' ? printed : undefined;
    });
  }

  test('lives a distribution from cfcreate to cfdelete', async () => {
    const create = [
      'cfcreate',
      's3://pics',
      '--cf-add-cname=IMG.example.com',
      '--cf-add-cname=img2.example.com',
      '--cf-comment=Salt & <pepper>',
      '--cf-default-root-object=index.html',
      '--access-logging-target-prefix=s3://logs/pfx/',
    ];
    const created = await does(...create);
    const uri = created.get('DistId') ?? '';
    assert.match(uri, /^cf:\/\/E[0-9A-Z]{12,13}$/);
    assert.equal(created.get('CNAMEs'), 'img.example.com, img2.example.com');
    assert.equal(created.get('Comment'), 'Salt & <pepper>');
    assert.equal(created.get('DefaultRootObject'), 'index.html');
    assert.equal(created.get('Enabled'), 'True');
    const domain = created.get('DomainName') ?? '';

    const info = await untilPrinted(uri);
    assert.equal(info.get('Etag'), created.get('Etag'));
    assert.equal(info.get('Logging'), 's3://logs/pfx/');
    assert.equal(info.get('Origin'), 's3://pics/');
    await world.viewersGet(domain, '/', rootObject);
    await world.viewersGet('img.example.com', '/a.txt', stored);

    // Its caller reference is s3://pics/, so the same command again is a replay.
    const again = await does(...create);
    assert.equal(again.get('DistId'), uri);
    assert.equal(again.get('Etag'), created.get('Etag'));
    const other = ['cfcreate', 's3://pics', '--cf-comment=another'];
    await isRefused(other, 409, 'DistributionAlreadyExists');

    const commented = await does(
      'cfmodify',
      uri,
      '--cf-comment=new',
      '--cf-remove-cname=img2.example.com',
    );
    assert.notEqual(commented.get('Etag'), created.get('Etag'));
    assert.equal(commented.get('CNAMEs'), 'img.example.com');
    const off = await does('cfmodify', uri, '--disable');
    assert.equal(off.get('Enabled'), 'False');
    const deployed = await untilPrinted(uri);
    assert.equal(deployed.get('Etag'), off.get('Etag'));
    assert.equal(deployed.get('Comment'), 'new');
    assert.equal(deployed.get('Logging'), 's3://logs/pfx/', 'cfmodify keeps what it knows of');
    await world.viewersAreRefused(domain, '/a.txt');
    await does('cfdelete', uri);
    await isRefused(['cfinfo', uri], 404, 'NoSuchDistribution');
    await isRefused(['cfdelete', uri], 404, 'NoSuchDistribution');
  });

  test('lists distributions, and finds one by the name of its bucket', async () => {
    const created = await does('cfcreate', 's3://listed');
    const listed = await does('cfinfo');
    assert.equal(listed.get('DistId'), created.get('DistId'));
    assert.equal(listed.get('Origin'), 's3://listed/');
    const byBucket = await does('cfinfo', 's3://listed');
    assert.equal(byBucket.get('DistId'), created.get('DistId'));
    // Without a root object from its user it sends the word None.
    assert.equal(byBucket.get('DfltRootObject'), 'None');
    await remove(world.api, pathOf(created.get('DistId') ?? ''));
  });

  test('shows a custom origin, which it cannot modify', async () => {
    const said = { reference: 'custom', origin: customOrigin(customHost) };
    const reply = await world.api.post(download.path, configXml(download, said));
    assertStatus(reply, 201);
    const id = textAt(reply, 'Id');
    assert.equal((await does('cfinfo', `cf://${id}`)).get('Origin'), `http://${customHost}/`);
    assert.equal((await does('cfinfo')).get('Origin'), `http://${customHost}/`);
    await failsItself(['cfmodify', `cf://${id}`, '--disable'], "KeyError: 'S3Origin'");
    assert.equal(etagOf(await world.api.get(`${download.path}/${id}`)), etagOf(reply));
    await remove(world.api, `${download.path}/${id}`);
  });

  test('deletes what others disabled, and is refused while that is not everywhere', async () => {
    const created = await does('cfcreate', 's3://early');
    const uri = created.get('DistId') ?? '';
    const path = pathOf(uri);
    await untilDeployed(world.api, path);
    assertStatus(await world.api.post('/_warmfront/edges/b/hold', ''), 200);
    await does('cfmodify', uri, '--disable');
    await isRefused(['cfdelete', uri], 409, 'DistributionNotDisabled');
    assertStatus(await world.api.post('/_warmfront/edges/b/release', ''), 200);
    const info = await untilDeployed(world.api, path);
    assert.equal((await does('cfinfo', uri)).get('Etag'), etagOf(info));
    await does('cfdelete', uri);
  });

  test('forgets what it does not know of, as an update replaces everything', async () => {
    const said = {
      reference: 's3://forgotten/',
      origin: s3Origin('forgotten'),
      more: '<TrustedSigners><Self/></TrustedSigners><RequiredProtocols><Protocol>https</Protocol></RequiredProtocols>',
    };
    const { id, path } = await create(world.api, download, said);
    await does('cfmodify', `cf://${id}`, '--cf-comment=changed');
    const { body } = await world.api.get(path);
    assert.match(body, /<Comment>changed<\/Comment>/);
    assert.doesNotMatch(body, /TrustedSigners|RequiredProtocols/);
    await remove(world.api, path);
  });

  test('disables on cfdelete and then fails itself; a second cfdelete goes through', async () => {
    const uri = (await does('cfcreate', 's3://twice')).get('DistId') ?? '';
    await failsItself(['cfdelete', uri], "KeyError: 'Enabled'");
    assert.equal((await untilPrinted(uri)).get('Enabled'), 'False');
    await does('cfdelete', uri);
    await isRefused(['cfinfo', uri], 404, 'NoSuchDistribution');
  });

  test('shows that a wrong secret is refused', async () => {
    await configure('s3cfg-wrong', 'another-secret');
    const printed = await s3cmd(['cfinfo'], 's3cfg-wrong');
    assertRefusal(printed, 403, 'SignatureDoesNotMatch');
  });
});

/** Its code is one of several, by the status. */
function assertRefusal({ code: exit, errors, out }: Printed, status: number, code: string): void {
  assert(exit !== null && exit > 1, `ended with ${exit}\n${out}${errors}`);
  assert.match(errors, new RegExp(`^ERROR: S3 error: ${status} \\(${code}\\): \\S`, 'm'));
}

function pathOf(uri: string): string {
  return uri.replace('cf://', `${download.path}/`);
}

/** `Label:   value` lines; the first of each label. */
function labelled(out: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const line of out.split('\n')) {
    const [, label, value] = /^(\w+): +(.*)$/.exec(line) ?? [];
    if (label !== undefined && !found.has(label)) found.set(label, value ?? '');
  }
  return found;
}
