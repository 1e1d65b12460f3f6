/** An edge's reader where the wire is bad: cut anywhere, silent, nonsense, without end. */
import assert from 'node:assert/strict';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { Followed } from '../../test/contract/followed.ts';
import { FeedWorld } from '../../test/harness/feed-world.ts';
import { ManualClock } from '../../test/harness/manual-clock.ts';
import { SeededRandomness } from '../../test/harness/seeded-randomness.ts';
import { until } from '../../test/harness/until.ts';
import { type Clock, systemClock } from '../base/clock.ts';
import { ApiContact, JoinRefused } from './contact.ts';
import { identityByToken } from './identity.ts';
import { lineBytesMax, writeLine } from './lines.ts';
import { FeedReader } from './reader.ts';

const atOnce = Object.assign(new SeededRandomness(1), { fraction: () => 0 });
const hello = {
  kind: 'hello',
  protocol: 1,
  heartbeatMs: 2_000,
  leaseMs: 10_000,
  domain: 'd',
} as const;

const onHello = (): void => undefined;

async function listening(t: TestContext, hear: (socket: Socket) => void): Promise<string> {
  const open = new Set<Socket>();
  const server: Server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    hear(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const address = server.address();
  assert(typeof address === 'object' && address !== null);
  return `http://127.0.0.1:${address.port}`;
}

function readerOf(
  t: TestContext,
  urls: readonly string[],
  {
    clock = systemClock,
    secret = 'A'.repeat(43),
  }: { readonly clock?: Clock; readonly secret?: string } = {},
): FeedReader {
  const identity = identityByToken({ secret, authority: '' });
  const contact = new ApiContact({
    urls,
    edge: 'paris1',
    identity,
    authorities: undefined,
    clock,
    randomness: atOnce,
  });
  const reader = new FeedReader({ contact, clock, randomness: atOnce, onHello });
  t.after(async () => {
    await reader.close();
    contact.close();
  });
  return reader;
}

/** Answers with a stream that begins so. */
function answering(socket: Socket, body: string): void {
  socket.once('data', () => {
    socket.write(`HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n${body}`);
  });
}

test('a stream that is cut at any byte loses nothing and repeats nothing', async (t) => {
  const world = await FeedWorld.start(t);
  const secret = await world.join('paris1');
  for (const id of ['a', 'b', 'c']) await world.append(40, id);
  let cutAt = Number.POSITIVE_INFINITY;
  let passed = 0;
  const url = await listening(t, (socket) => {
    const upstream = connect(world.port, '127.0.0.1');
    const bytes = cutAt;
    cutAt = Number.POSITIVE_INFINITY;
    socket.pipe(upstream).on('error', () => undefined);
    upstream.on('data', (piece) => {
      socket.write(piece.subarray(0, Math.max(0, bytes - passed)));
      passed += piece.length;
      if (passed >= bytes) socket.destroy();
    });
    socket.on('close', () => upstream.destroy());
  });
  const head = await world.log.head(new AbortController().signal);
  const whole = new Followed(readerOf(t, [world.url], { secret }));
  await whole.reaches(head.revision);
  for (let at = 1; at < 1_500; at += 7) {
    passed = 0;
    cutAt = at;
    const followed = new Followed(readerOf(t, [url], { secret }));
    await followed.reaches(head.revision);
    assert.deepEqual([...followed.documents], [...whole.documents], `cut at ${at}`);
    await followed.stop();
  }
  await whole.stop();
});

test('a connection that says nothing for three heartbeats is given up', async (t) => {
  const clock = new ManualClock();
  let connections = 0;
  const url = await listening(t, (socket) => {
    connections += 1;
    answering(socket, `${writeLine(hello)}${writeLine({ kind: 'snapshot' })}`);
  });
  const followed = new Followed(readerOf(t, [url], { clock }));
  await followed.until(() => followed.told.includes('snapshot'), 'begin');
  await clock.passes(5_000);
  assert.equal(connections, 1);
  await until('it is given up', async () => {
    await clock.passes(500);
    return connections > 1 ? true : undefined;
  });
  assert(followed.told.includes('detached'));
  await followed.stop();
});

test('what is no feed, or has no end of a line, is left for the next URL', async (t) => {
  const world = await FeedWorld.start(t);
  const secret = await world.join('paris1');
  const greeted = writeLine(hello);
  const snapshot = writeLine({ kind: 'snapshot' });
  const cursor = await world.log.head(new AbortController().signal);
  const record = writeLine({ kind: 'record', record: { ...cursor, changes: [] } });
  const bad: readonly (readonly [string, RegExp])[] = [
    [`${greeted}${'x'.repeat(lineBytesMax + 1)}`, /more than 4194304 bytes/],
    [`${greeted}[]\n`, /not an object/],
    [`${greeted}nonsense\n`, /not JSON/],
    [snapshot, /did not say what it speaks/],
    [greeted.replace('"protocol":1', '"protocol":9'), /protocol 9/],
    [
      `${greeted}{"type":"record","revision":-1,"writeId":"x","changes":[]}\n`,
      /record cannot be read/,
    ],
    [`${greeted}${snapshot}${record}${record}`, /came after/],
    [`${greeted}{"type":"caughtUp"}\n`, /cursor cannot be read/],
  ];
  for (const [body, words] of bad) {
    const url = await listening(t, (socket) => answering(socket, body));
    const followed = new Followed(readerOf(t, [url, world.url], { secret }));
    await followed.reaches(1);
    const [first] = followed.events.filter(({ kind }) => kind === 'detached');
    assert.match(first?.kind === 'detached' ? first.cause.message : '', words);
    await followed.stop();
  }
});

test('types and members that are not known are passed over', async (t) => {
  const cursor = { logId: 'a'.repeat(32), revision: 4, writeId: 'b'.repeat(32) };
  const lines = [
    hello,
    { type: 'newer', facts: [1] },
    { type: 'snapshot', why: 'new' },
    { type: 'caughtUp', ...cursor, more: 1 },
  ];
  const [first, ...others] = lines;
  const text = others.map((line) => `${JSON.stringify(line)}\n`).join('');
  const url = await listening(t, (socket) =>
    answering(socket, `${JSON.stringify({ ...first, type: 'hello' })}\n${text}`),
  );
  const followed = new Followed(readerOf(t, [url]));
  await followed.reaches(4);
  assert.deepEqual(followed.told, ['snapshot', 'caughtUp 4']);
  await followed.stop();
});

test('an API that does not take the token is asked again, but told apart', async (t) => {
  const world = await FeedWorld.start(t);
  await world.join('paris1');
  const followed = new Followed(readerOf(t, [world.url]));
  await followed.until(() => followed.told.includes('detached'), 'be refused');
  const [first] = followed.events;
  assert(first?.kind === 'detached' && first.cause instanceof JoinRefused);
  assert.match(first.cause.message, /answered 401. The token is not known here/);
  await followed.stop();
});
