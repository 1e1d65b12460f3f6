/**
 * The cache on disk of an edge machine: it outlives the machine's process, also while no API answers,
 * and what was invalidated while the machine was away is not served from it.
 */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { invalidate } from '../harness/content.ts';
import { Machines } from '../harness/edge-machines.ts';
import { create, download, untilDeployed } from '../harness/kinds.ts';
import { headerValue } from '../../src/http/header-list.ts';
import { view } from '../harness/viewing.ts';

test('an edge machine has its cache after a restart, less what was invalidated meanwhile', async () => {
  await using machines = await Machines.open({ lease: '1s' });
  const { api } = machines;
  const folder = join(machines.folder, 'site');
  await mkdir(folder);
  const write = async (text: string): Promise<void> => {
    for (const name of ['a.txt', 'b.txt']) await writeFile(join(folder, name), text);
  };
  await write('first');
  const bucket = ['--bucket', `pics=${folder}`];
  await machines.createToken('paris1');
  let paris = await machines.startEdge('paris1', bucket);
  const made = await create(api, download, { reference: 'site' });
  await untilDeployed(api, made.path);
  const seen = async (path: string): Promise<string> => {
    const edge = paris.process.addresses.edges[0]?.http ?? '';
    const { body, headers } = await view(edge, made.domain, path);
    return `${headerValue(headers, 'x-cache')?.split(' ')[0]} ${body}`;
  };
  for (const path of ['/a.txt', '/b.txt']) assert.equal(await seen(path), 'Miss first');

  await paris.process.stop();
  await write('second');
  await machines.control.stop();
  paris = await machines.startEdge('paris1', bucket);
  for (const path of ['/a.txt', '/b.txt']) assert.equal(await seen(path), 'Hit first');

  await paris.process.kill();
  await machines.startControl();
  await invalidate(api, made.path, 'while it is away', ['/a.txt']);
  paris = await machines.startEdge('paris1', bucket);
  await untilDeployed(api, made.path);
  assert.equal(await seen('/a.txt'), 'Miss second');
  assert.equal(await seen('/b.txt'), 'Hit first');
});
