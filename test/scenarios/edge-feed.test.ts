/** The feed of an API process: who may follow it, what it tells, and what it bears from a bad client. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sessionAheadMsMax } from '../../src/api/feed/handler.ts';
import { heartbeatMs, undrainedMsMax } from '../../src/api/feed/stream.ts';
import { decodeKey } from '../../src/base/log-record.ts';
import { unseal } from '../../src/base/sealing.ts';
import { sealingContext } from '../../src/model/certificate.ts';
import { readCertificateDocument } from '../../src/model/document.ts';
import { edgeSealingKey } from '../../src/model/edge-token.ts';
import { configOf } from '../harness/configs.ts';
import { account, FeedWorld } from '../harness/feed-world.ts';
import { makeCertificate } from '../harness/test-certificates.ts';
import { until } from '../harness/until.ts';

const report = { session: 1, beat: 1, state: 'serving' };

test('a token opens the feed of its own edge, and nothing else does', async (t) => {
  const world = await FeedWorld.start(t);
  const secret = await world.join('paris1');
  await world.join('rome1');
  const codes = async (method: string, path: string, given: object): Promise<unknown[]> => {
    const { form, status } = await world.ask(method, path, given);
    return [status, form['code']];
  };
  const feed = '/_warmfront/feed';
  assert.deepEqual(await codes('GET', feed, { edge: 'paris1' }), [401, 'InvalidEdgeToken']);
  for (const wrong of ['x', `${secret}x`, 'A'.repeat(43)]) {
    const given = { edge: 'paris1', secret: wrong };
    assert.deepEqual(await codes('GET', feed, given), [401, 'InvalidEdgeToken'], wrong);
  }
  assert.deepEqual(await codes('GET', feed, { edge: 'rome1', secret }), [403, 'AccessDenied']);
  assert.deepEqual(await codes('GET', feed, { secret }), [403, 'AccessDenied']);
  const own = { edge: 'paris1', secret };
  assert.deepEqual(await codes('POST', feed, own), [405, 'InvalidAction']);
  assert.deepEqual(await codes('GET', '/_warmfront/report', own), [405, 'InvalidAction']);
  assert.equal((await world.ask('GET', `${feed}/head`, own)).status, 200);
});

test('a stream is a whole state, then what comes; by its cursor an edge goes on where it was', async (t) => {
  const world = await FeedWorld.start(t);
  const secret = await world.join('paris1');
  await world.append(10, 'a');
  const first = (await world.follow('paris1', secret)).reads();
  await first.has('caughtUp');
  assert.deepEqual(
    first.lines.map(({ kind }) => kind),
    ['hello', 'snapshot', 'record', 'record', 'caughtUp'],
  );
  await world.append(10, 'b');
  await first.has('caughtUp', 2);
  const cursor = first.ofKind('caughtUp').at(-1)?.cursor;
  assert.equal(cursor?.revision, 3);
  first.answer.destroy();

  await world.append(10, 'c');
  const query = `?log=${cursor?.logId}&revision=${cursor?.revision}&write=${cursor?.writeId}`;
  const second = (await world.follow('paris1', secret, query)).reads();
  await second.has('caughtUp');
  assert.deepEqual(
    second.ofKind('record').map(({ record }) => Number(record.revision)),
    [4],
  );
  assert.equal(second.ofKind('snapshot').length, 0);

  const forged = query.replace(/write=../, 'write=00');
  const third = (await world.follow('paris1', secret, forged)).reads();
  await third.has('caughtUp');
  assert.equal(third.ofKind('snapshot').length, 1);

  const nonsense = await world.ask('GET', '/_warmfront/feed?log=x', { edge: 'paris1', secret });
  assert.equal(nonsense.status, 400);
});

test('tokens and tags stay behind, and private keys are sealed for this edge alone', async (t) => {
  const world = await FeedWorld.start(t);
  const secret = await world.join('paris1');
  const { certificate, key } = await makeCertificate({
    names: ['own.example'],
    notBefore: new Date(world.clock.now()),
  });
  await world.control.importCertificate(account, { certificate, key });
  const follower = (await world.follow('paris1', secret)).reads();
  await follower.has('caughtUp');
  const changes = follower.ofKind('record').flatMap(({ record }) => record.changes);
  assert.deepEqual(changes.map((one) => decodeKey(one.key).kind).sort(), ['certificate', 'edge']);
  const value = changes.find((one) => decodeKey(one.key).kind === 'certificate')?.value;
  assert(value);
  const document = readCertificateDocument(value);
  const context = sealingContext(document);
  const opened = unseal(edgeSealingKey(secret), document.sealedKey, context);
  assert.equal(opened.kind === 'open' ? opened.text.trim() : '', key.trim());
  assert.equal(unseal(world.sealingKey, document.sealedKey, context).kind, 'other-key');
  const other = edgeSealingKey('B'.repeat(43));
  assert.equal(unseal(other, document.sealedKey, context).kind, 'other-key');
});

test('a revocation ends the streams of the token at once', async (t) => {
  const world = await FeedWorld.start(t);
  const secret = await world.join('paris1');
  const kept = await world.join('rome1');
  const follower = (await world.follow('paris1', secret)).reads();
  const other = (await world.follow('rome1', kept)).reads();
  await Promise.all([follower.has('caughtUp'), other.has('caughtUp')]);
  await world.control.revokeEdgeToken('paris1');
  await follower.ends();
  assert.match(follower.ofKind('bye')[0]?.why ?? '', /revoked/);
  const again = await world.ask('GET', '/_warmfront/feed', { edge: 'paris1', secret });
  assert.equal(again.status, 401);
  await world.clock.passes(heartbeatMs);
  await other.has('heartbeat');
  assert.equal(other.isOver, false);
});

test('a client that never reads is held back by its own socket, and cut', async (t) => {
  const world = await FeedWorld.start(t);
  const secret = await world.join('paris1');
  const follower = await world.follow('paris1', secret);
  follower.answer.pause();
  for (let made = 0; made < 24; made += 1) await world.append(1_000_000, `big-${made}`);
  assert.equal(await world.connections(), 1);
  await until('the stream waits for the socket and is cut', async () => {
    await world.clock.passes(undrainedMsMax / 10);
    return (await world.connections()) === 0 ? true : undefined;
  });
  const second = (await world.follow('paris1', secret)).reads();
  await second.has('caughtUp');
});

test('an edge has two streams; a third ends the oldest', async (t) => {
  const world = await FeedWorld.start(t);
  const secret = await world.join('paris1');
  const all = [];
  for (let made = 0; made < 3; made += 1) {
    const follower = (await world.follow('paris1', secret)).reads();
    await follower.has('caughtUp');
    all.push(follower);
  }
  await all[0]?.ends();
  assert.deepEqual(
    all.map(({ isOver }) => isOver),
    [true, false, false],
  );
});

test('a report counts for the edge of its token, and only where the log bears it out', async (t) => {
  const world = await FeedWorld.start(t);
  const secret = await world.join('paris1');
  const own = { edge: 'paris1', secret };
  const says = async (form: object): Promise<unknown[]> => {
    const body = JSON.stringify(form);
    const { form: told, status } = await world.ask('POST', '/_warmfront/report', { ...own, body });
    return [status, told['answer'] ?? told['code']];
  };
  const head = await world.log.head(new AbortController().signal);
  const stateOf = async (): Promise<string | undefined> =>
    (await world.control.edges()).edges.find(({ name }) => name === 'paris1')?.state;

  const beyond = { ...head, revision: head.revision + 5 };
  assert.deepEqual(await says({ ...report, serving: beyond }), [200, 'snapshot']);
  const foreign = { ...head, logId: 'f'.repeat(32) };
  assert.deepEqual(await says({ ...report, serving: foreign }), [200, 'snapshot']);
  const ahead = world.clock.now() + sessionAheadMsMax + 1;
  assert.deepEqual(await says({ ...report, session: ahead, serving: head }), [
    400,
    'InvalidArgument',
  ]);
  assert.equal(await stateOf(), 'gone');

  assert.deepEqual(await says({ ...report, edge: 'rome1', serving: head }), [200, 'held']);
  assert.equal(await stateOf(), 'serving');
  assert.deepEqual(await says({ ...report, session: 0, serving: head }), [200, 'older']);
  for (const wrong of [
    { ...report, serving: null },
    { ...report, state: 'x' },
    { ...report, beat: -1 },
  ]) {
    assert.deepEqual(await says(wrong), [400, 'InvalidArgument'], JSON.stringify(wrong));
  }
  assert.deepEqual(await says({ ...report, padding: 'x'.repeat(5_000) }), [413, 'InvalidArgument']);
  const { status } = await world.ask('POST', '/_warmfront/report', { ...own, body: 'no JSON' });
  assert.equal(status, 400);
});

test('an edge gets certificates for names that are served, and for no others', async (t) => {
  const world = await FeedWorld.start(t);
  const secret = await world.join('paris1');
  const asks = async (names: unknown): Promise<number> => {
    const body = JSON.stringify({ names });
    const path = '/_warmfront/feed/certificate';
    return (await world.ask('POST', path, { edge: 'paris1', secret, body })).status;
  };
  assert.equal(await asks(['alias.example']), 403);
  await world.control.create(account, 'download', () =>
    configOf('download', 'site', { aliases: ['alias.example'] }),
  );
  assert.equal(await asks(['alias.example']), 200);
  assert.equal(await asks(['*.cloudfront.localhost', 'cloudfront.localhost']), 200);
  assert.equal(await asks(['localhost']), 403);
  assert.equal(await asks(['a', 'b', 'c']), 400);
  assert.equal(await asks('alias.example'), 400);
  assert.deepEqual(world.certified, [
    ['alias.example'],
    ['*.cloudfront.localhost', 'cloudfront.localhost'],
  ]);
});
