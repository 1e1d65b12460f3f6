/** Assertions of the edge contract on behaviors by path, origins and what they are sent, by number. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { headerValue, headerValues } from '../../src/http/header-list.ts';
import type { DistributionConfig, PathBehavior } from '../../src/model/distribution.ts';
import { configOf } from '../harness/configs.ts';
import {
  customOrigin,
  distributionOf,
  domain,
  scenario,
  setTheStage,
} from '../harness/scenario.ts';

const fresh = { 'cache-control': 'max-age=60' };
const plain = configOf('download', 'reference').defaultBehavior;
const { domainName } = customOrigin;

/** Each pattern has an origin of its own, told by a path before that of the request. */
function patterns(...given: readonly string[]): Partial<DistributionConfig> {
  return {
    origins: [
      customOrigin,
      ...given.map((_, index) => ({ ...customOrigin, id: `o${index}`, path: `/${index}` })),
    ],
    behaviors: given.map(
      (pathPattern, index): PathBehavior => ({
        ...plain,
        pathPattern,
        targetOriginId: `o${index}`,
      }),
    ),
  };
}

type Matched = readonly (readonly [string, string])[];

/** Paths as sent, and as the origin sees them. */
function matches(title: string, given: readonly string[], table: Matched): void {
  scenario(title, { config: patterns(...given) }, async ({ origin, viewer }) => {
    origin.answers(200, fresh, 'a');
    for (const [path, seen] of table) {
      await viewer.gets(path).sees({ status: 200 });
      assert.equal(origin.last.target, seen, path);
    }
  });
}

matches(
  'T3.01 the first pattern that fits wins over a closer one behind it',
  ['/a/*', '/a/b'],
  [
    ['/a/b', '/0/a/b'],
    ['/b', '/b'],
  ],
);

matches(
  'T3.02 an asterisk crosses slashes, a question mark is one character',
  ['/a*z', 'a??.jpg'],
  [
    ['/a/b/z', '/0/a/b/z'],
    ['/ant.jpg', '/1/ant.jpg'],
    ['/ants.jpg', '/ants.jpg'],
    ['/a/b.jpg', '/1/a/b.jpg'],
  ],
);

matches(
  'T3.03 the first slash may be left out; a folder is not what lies in it',
  ['images/*', '/pics/*'],
  [
    ['/images/a', '/0/images/a'],
    ['/pics/a', '/1/pics/a'],
    ['/images', '/images'],
    ['/pics', '/pics'],
  ],
);

matches(
  'T3.04 case counts, the query does not',
  ['/API/*'],
  [
    ['/api/x', '/api/x'],
    ['/x?/API/x', '/x'],
    ['/API/x?y', '/0/API/x'],
  ],
);

matches(
  'T3.05 dot segments count as what they mean, and the origin sees them as sent',
  ['/a*', '/b/*'],
  [
    ['/a/b/..?c=1', '/0/a/b/..'],
    ['/a/../b/x', '/1/a/../b/x'],
    ['/%61b', '/0/%61b'],
    ['/c%2F..%2Fa', '/c%2F..%2Fa'],
  ],
);

matches('T3.06 repeated slashes count as one', ['/a/b'], [['//a//b', '/0//a//b']]);

scenario(
  'T3.09 the path of an origin is put before that of the request, and is no part of the key',
  { config: { origins: [{ ...customOrigin, path: '/production' }] } },
  async ({ origin, serves, viewer }) => {
    origin.answers(200, fresh, 'a');
    await viewer.gets('/index.html').sees({ xCache: 'Miss' });
    assert.equal(origin.last.target, '/production/index.html');
    serves(distributionOf('custom', { origins: [{ ...customOrigin, path: '/other' }] }));
    await viewer.gets('/index.html').sees({ xCache: 'Hit' });
  },
);

scenario(
  'T4.19 a custom header takes the place of the viewer’s, and splits nothing',
  {
    config: {
      origins: [{ ...customOrigin, customHeaders: [{ name: 'X-Secret', value: 'ours' }] }],
    },
  },
  async ({ origin, viewer }) => {
    origin.answers(200, fresh, 'a');
    await viewer.gets('/a', { 'X-Secret': 'theirs' }).sees({ xCache: 'Miss' });
    assert.deepEqual(headerValues(origin.last.headers, 'x-secret'), ['ours']);
    assert.equal(headerValue(origin.last.headers, 'host'), domainName);
    await viewer.gets('/a', { 'X-Secret': 'another' }).sees({ xCache: 'Hit' });
  },
);

const group: Partial<DistributionConfig> = {
  origins: [
    { ...customOrigin, id: 'first', path: '/first' },
    { ...customOrigin, id: 'second', path: '/second' },
  ],
  originGroups: [
    {
      id: 'both',
      failoverStatuses: [404, 503],
      members: ['first', 'second'],
      selection: 'default',
    },
  ],
};
const toGroup = { config: group, behavior: { targetOriginId: 'both' } };

scenario('T10.02 the second is asked for a listed status alone', toGroup, async (stage) => {
  const { origin, viewer } = stage;
  origin.answers(404, {}, 'no');
  await viewer.gets('/a').sees({ status: 404 });
  assert.equal(origin.last.target, '/second/a');
  origin.wasAsked(2);
  origin.answers(500, {}, 'no');
  await viewer.gets('/b').sees({ status: 500 });
  assert.equal(origin.last.target, '/first/b');
  origin.wasAsked(1);
});

scenario('T10.04 the next request asks the first one first again', toGroup, async (stage) => {
  const { origin, viewer } = stage;
  origin.answers(404, {}, 'no');
  await viewer.gets('/a').sees({ status: 404 });
  origin.answers(200, {}, 'yes');
  await viewer.gets('/b').sees({ status: 200 });
  assert.equal(origin.last.target, '/first/b');
});

function failingOver(
  port: number,
  failoverStatuses: readonly number[],
): Partial<DistributionConfig> {
  return {
    origins: [
      { ...customOrigin, id: 'first', domainName: 'localhost', httpPort: port },
      { ...customOrigin, id: 'second', path: '/second' },
    ],
    originGroups: [
      { id: 'both', failoverStatuses, members: ['first', 'second'], selection: 'default' },
    ],
  };
}

/** Nothing listens there. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  server.close();
  await once(server, 'close');
  return address.port;
}

for (const [statuses, status] of [
  [[503], 200],
  [[504, 502], 502],
] as const) {
  scenario(
    `T10.03 without a connection the second is asked only with 503 listed: ${statuses.join(', ')}`,
    { settings: { privateOrigins: 'allow' } },
    async ({ origin, serves, viewer }) => {
      const config = failingOver(await closedPort(), statuses);
      serves(distributionOf('custom', config, { targetOriginId: 'both' }));
      origin.answers(200, fresh, 'a');
      await viewer.gets('/a').sees({ status });
    },
  );
}

for (const [root, path, target] of [
  ['index.html', '/', '/index.html'],
  ['index.html', '//', '//'],
  ['index.html', '/dir/', '/dir/'],
  ['', '/', '/'],
] as const) {
  scenario(
    `T3.07 ${path} with the root object ${root === '' ? 'of nothing' : root} is asked for as ${target}, for POST too`,
    { config: { defaultRootObject: root }, behavior: { allowedMethods: 'all' } },
    async ({ origin, viewer }) => {
      origin.answers(200, {}, 'a');
      for (const method of ['GET', 'POST', 'OPTIONS']) {
        await viewer.asks(method, `${path}?x`, { 'Content-Length': '0' }).sees({ status: 200 });
        assert.equal(origin.last.target, target);
        assert.equal(origin.last.method, method);
      }
    },
  );
}

scenario(
  'T3.08 a root object that begins with a slash is asked for with two',
  { config: { defaultRootObject: '/index.html' } },
  async ({ origin, viewer }) => {
    origin.answers(200, {}, 'a');
    await viewer.gets('/').sees({ status: 200 });
    assert.equal(origin.last.target, '//index.html');
  },
);

function to(next: string): Partial<DistributionConfig> {
  return { origins: [{ ...customOrigin, domainName: next }] };
}

function named(domainName: string) {
  return { id: `E${domainName.slice(0, 2)}`, domainName };
}

test('T10.09 of three distributions in a row the third refuses', async (t) => {
  let edgePort = 0;
  // The edge as its own origin, at a port that is known before its own.
  const way = createServer((socket) => {
    const edge = connect(edgePort, '127.0.0.1');
    socket.pipe(edge).pipe(socket);
    for (const one of [socket, edge]) one.on('error', () => undefined);
  });
  await once(way.listen(0, '127.0.0.1'), 'listening');
  t.after(() => way.close());
  const at = way.address();
  assert(typeof at === 'object' && at !== null);
  const [first, second, third] = ['1', '2', '3'].map((digit) => `d${digit}.${domain}`);
  assert(first !== undefined && second !== undefined && third !== undefined);
  const url = `http://127.0.0.1:${at.port}`;
  await using stage = await setTheStage(
    { settings: { originUrls: { [second]: url, [third]: url } } },
    t,
  );
  edgePort = stage.port;
  await writeFile(join(stage.folder, 'a'), 'the end');
  stage.serves(distributionOf('custom', to(second), {}, named(first)));
  stage.serves(distributionOf('custom', to(third), {}, named(second)));
  stage.serves(distributionOf('s3', {}, {}, named(third)));
  await stage.viewer
    .for(first)
    .gets('/a')
    .sees({ status: 403, body: /too many distributions/ });
  await stage.viewer.for(second).gets('/a?2').sees({ status: 200, body: 'the end' });
});
