/**
 * Acceptance list of API 2010-11-01 (section 6), point 11: which objects a batch drops at every edge,
 * however a client has spelled their paths.
 */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, suite, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { headerValue } from '../../src/http/header-list.ts';
import { invalidate, untilCompleted } from '../harness/content.ts';
import { create, customOrigin, download, untilDeployed } from '../harness/kinds.ts';
import { Viewer } from '../harness/viewer.ts';
import { AcceptanceWorld } from './world.ts';

suite('acceptance: what an invalidation drops', () => {
  let world: AcceptanceWorld;
  let origin: Server;
  let distribution: { readonly path: string; readonly domain: string };

  before(async () => {
    // Two variants of each object, as the era's custom origins have them (section 4.7).
    origin = createServer((request, response) => {
      response.setHeader('vary', 'Accept-Encoding');
      const body = `the object ${request.url}`;
      if (request.headers['accept-encoding'] !== 'gzip') return response.end(body);
      response.setHeader('content-encoding', 'gzip');
      return response.end(gzipSync(body));
    });
    await new Promise<void>((resolve) => {
      origin.listen(0, '127.0.0.1', resolve);
    });
    const address: AddressInfo | string | null = origin.address();
    assert(typeof address === 'object' && address !== null);
    const place = `http://127.0.0.1:${address.port}`;
    world = await AcceptanceWorld.start('--origin', `www.example.com=${place}`);
    distribution = await create(world.api, download, {
      reference: 'dropping',
      origin: customOrigin('www.example.com', '', 'http-only'),
      more: '<DefaultRootObject>index.html</DefaultRootObject>',
    });
    await untilDeployed(world.api, distribution.path);
  });

  after(async () => {
    await world?.stop();
    origin.closeAllConnections();
    origin.close();
  });

  /** `Hit`, `Miss` and so on, at each edge in turn, for each of the two variants. */
  async function seen(path: string): Promise<readonly string[]> {
    const words: string[] = [];
    for (const { http } of world.server.addresses.edges) {
      for (const coding of ['identity', 'gzip']) {
        const viewer = new Viewer({ port: Number(new URL(http).port), host: distribution.domain });
        const answer = await viewer.gets(path, { 'accept-encoding': coding }).answer;
        assert.equal(answer.status, 200, `${path} at ${http}`);
        words.push((headerValue(answer.headers, 'x-cache') ?? '').replace(' from cloudfront', ''));
      }
    }
    return words;
  }

  async function isHeld(path: string): Promise<void> {
    await seen(path);
    assert.deepEqual(await seen(path), ['Hit', 'Hit', 'Hit', 'Hit'], `${path} is in the cache`);
  }

  let batches = 0;
  async function dropped(...paths: readonly string[]): Promise<void> {
    batches += 1;
    const { path } = await invalidate(world.api, distribution.path, `batch ${batches}`, paths);
    await untilCompleted(world.api, path);
  }

  /** What viewers asked for, and what a batch says. */
  const same: readonly [string, string][] = [
    ['/b%20c.jpg', '/b%20c.jpg'],
    ['/b%20c.jpg', '/b c.jpg'],
    ['/+', '/%2B'],
    ['/%2B', '/+'],
    ['/%C3%BC~.txt', '/ü~.txt'],
    ['/%c3%bc~.txt', '/%C3%BC%7E.txt'],
    ['/x/*', '/x/%2A'],
    ['/x/*', '/x/*'],
    ['/plain', 'plain'],
    ['/q', '/q?size=2'],
    ['/q?size=2', '/q'],
    ['/', '/'],
    ['/', '/index.html'],
    ['/index.html', '/'],
  ];
  for (const [asked, said] of same) {
    test(`acceptance 11: the batch with ${said} drops ${asked}, gzip and identity`, async () => {
      await isHeld(asked);
      await dropped('/something-else', said);
      assert.deepEqual(await seen(asked), ['Miss', 'Miss', 'Miss', 'Miss']);
    });
  }

  test('acceptance 11: what it does not name stays: paths are exact, and * is a character', async () => {
    const others = ['/x/y', '/X/*', '/plain/', '/b%2520c.jpg', '/plain.html'];
    for (const path of others) await isHeld(path);
    await dropped('/x/*', '/plain', '/b%20c.jpg', '/*', '*');
    for (const path of others) {
      assert.deepEqual(await seen(path), ['Hit', 'Hit', 'Hit', 'Hit'], path);
    }
  });
});
