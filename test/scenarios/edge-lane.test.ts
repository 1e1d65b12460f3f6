/**
 * The lane: what is answered before the pipeline, and when it stops being answered there. That its
 * answers are those of the pipeline is for `test/properties/lane-differences.test.ts` to show.
 */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { instant } from '../../src/base/clock.ts';
import { revision } from '../../src/base/log-record.ts';
import { accountId, distributionId, invalidationId } from '../../src/model/ids.ts';
import { testAuthority } from '../harness/certificates.ts';
import { openSocket } from '../harness/raw-http.ts';
import { distributionOf, domain, host, scenario, type Stage } from '../harness/scenario.ts';
import { Viewer } from '../harness/viewer.ts';

const cached = { 'cache-control': 'max-age=60', etag: '"v1"' };

/** So that the next request is answered by the lane, if anything is. */
async function teach({ viewer }: Stage, path = '/a'): Promise<void> {
  await viewer.gets(path).sees({ xCache: 'Miss' });
  await viewer.gets(path).sees({ xCache: 'Hit' });
}

async function pipelined({ exchanges }: Stage, act: () => Promise<void>): Promise<number> {
  const before = exchanges.length;
  await act();
  return exchanges.length - before;
}

scenario('what was a hit twice does not go through the pipeline again', async (stage) => {
  const { clock, origin, viewer } = stage;
  origin.answers(200, cached, 'hello');
  await teach(stage);
  const count = await pipelined(stage, async () => {
    await viewer.gets('/a').sees({ status: 200, xCache: 'Hit', body: 'hello' });
    await viewer.heads('/a').sees({ status: 200, xCache: 'Hit' });
    await viewer.gets('/a', { 'If-None-Match': '"v1"' }).sees({ status: 304, xCache: 'Hit' });
    await clock.passes(7_000);
    await viewer
      .gets('/a', { 'User-Agent': 'x', Accept: '*/*' })
      .sees({ body: 'hello', headers: { age: '7' } });
  });
  assert.equal(count, 0);
  origin.wasAsked(1);
});

scenario('what asks for more than the lane reads goes through the pipeline', async (stage) => {
  const { origin, viewer } = stage;
  origin.answers(200, cached, 'hello');
  await teach(stage);
  const asked = [
    { Range: 'bytes=0-1' },
    { 'If-None-Match': '"v2"' },
    { 'If-Match': '"v1"' },
    { Connection: 'close' },
    { Authorization: 'Basic eDp5' },
    { 'CDN-Loop': 'other' },
    { Expect: '100-continue' },
    { 'Accept-Encoding': 'br' },
  ];
  for (const headers of asked) {
    const count = await pipelined(stage, async () => {
      await viewer.gets('/a', headers).answer;
    });
    assert.equal(count, 1, JSON.stringify(headers));
  }
});

scenario(
  'what is stale is asked for again, and then answered by the lane once more',
  async (stage) => {
    const { clock, origin, viewer } = stage;
    origin.answers(200, cached, 'hello');
    await teach(stage);
    await clock.passes(61_000);
    origin.whenAsked({ 'if-none-match': '"v1"' }).answers(304, { 'cache-control': 'max-age=60' });
    await viewer.gets('/a').sees({ xCache: 'RefreshHit', body: 'hello' });
    origin.wasAsked(2);
    await viewer.gets('/a').sees({ xCache: 'Hit', body: 'hello' });
    assert.equal(
      await pipelined(stage, async () => {
        await viewer.gets('/a').sees({ xCache: 'Hit', body: 'hello', headers: { age: '0' } });
      }),
      0,
    );
  },
);

scenario('what is invalidated is not answered by the lane', async (stage) => {
  const { origin, routing, viewer } = stage;
  origin.answers(200, cached, 'old');
  await teach(stage);
  origin.answers(200, cached, 'new');
  const at = revision(routing.revision + 1);
  const id = invalidationId('I1');
  const document = {
    format: 1 as const,
    account: accountId('000000000000'),
    distribution: distributionId('E111111ABCDEF8'),
    id,
    createdAt: instant(0),
    batch: { callerReference: 'one', paths: ['/a'], matching: 'paths' as const },
  };
  const placed = { document, revision: at };
  routing.apply([{ kind: 'invalidation', id, placed, before: undefined }], at);
  await viewer.gets('/a').sees({ xCache: 'Miss', body: 'new' });
});

scenario('a change of the distribution is in force with the next request', async (stage) => {
  const { origin, serves, viewer } = stage;
  origin.answers(200, cached, 'hello');
  await teach(stage);
  serves(distributionOf('custom', {}, { viewerProtocolPolicy: 'https-only' }));
  await viewer.gets('/a').sees({ status: 403, body: /ViewerProtocol/ });
  serves(distributionOf('custom', { enabled: false }));
  await viewer.gets('/a').sees({ status: 403 });
});

scenario('an object that is gone from the store is fetched', async (stage) => {
  const { edge, origin, viewer } = stage;
  origin.answers(200, cached, 'hello');
  await teach(stage);
  edge.forget();
  await viewer.gets('/a').sees({ xCache: 'Miss', body: 'hello' });
});

const authority = await testAuthority('Lane Authority');
const https = {
  host: '127.0.0.1',
  port: 0,
  ...(await authority.issue([`*.${domain}`])),
  ticketKeys: new Uint8Array(48),
  sealingKey: new Uint8Array(32),
};

scenario('HTTPS and HTTP are told apart', { settings: { https } }, async (stage) => {
  const { httpsPort = 0, origin, serves, viewer } = stage;
  const secure = new Viewer({ port: httpsPort, host, authority: authority.certificate });
  serves(distributionOf('custom', {}, { viewerProtocolPolicy: 'https-only' }));
  origin.answers(200, cached, 'hello');
  await secure.gets('/a').sees({ xCache: 'Miss' });
  await secure.gets('/a').sees({ xCache: 'Hit' });
  assert.equal(
    await pipelined(stage, async () => {
      await secure.gets('/a').sees({ xCache: 'Hit', body: 'hello' });
    }),
    0,
  );
  await viewer.gets('/a').sees({ status: 403, body: /ViewerProtocol/ });
});

const bodyBytes = 12_000;

scenario(
  'viewers that do not read get their own bytes, all of them, once they do',
  async (stage) => {
    const { origin, port } = stage;
    const times = 400;
    const letters = ['a', 'b', 'c'];
    for (const letter of letters) {
      origin.answers(200, cached, letter.repeat(bodyBytes));
      await teach(stage, `/${letter}`);
    }
    const count = await pipelined(stage, async () => {
      const slow = await Promise.all(
        letters.map(async (letter) => {
          const socket = await openSocket(port);
          socket.pause();
          socket.write(requestFor(letter).repeat(times));
          return { letter, socket };
        }),
      );
      // In between the others ask, and read.
      for (const letter of letters) {
        const socket = await openSocket(port);
        socket.write(requestFor(letter).repeat(20));
        await seesOnly(socket, letter, 20);
      }
      await Promise.all(slow.map(({ letter, socket }) => seesOnly(socket, letter, times)));
    });
    assert(count < 3 * times, `${count} went through the pipeline`);
  },
);

function requestFor(letter: string): string {
  return `GET /${letter} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
}

/** Reads so many answers, each of which has to be of that letter alone. */
async function seesOnly(socket: Socket, letter: string, times: number): Promise<void> {
  const body = letter.repeat(bodyBytes);
  let text = '';
  let seen = 0;
  socket.setEncoding('latin1');
  for await (const piece of socket) {
    text += piece;
    for (let end = wholeAnswer(text); end !== undefined; end = wholeAnswer(text)) {
      assert.match(text, /^HTTP\/1\.1 200 OK\r\n/);
      assert(text.slice(end - bodyBytes, end) === body, 'a body of another');
      text = text.slice(end);
      seen += 1;
    }
    if (seen === times) break;
  }
  assert.equal(seen, times);
  assert.equal(text, '');
}

function wholeAnswer(text: string): number | undefined {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const end = headEnd + 4 + bodyBytes;
  return text.length < end ? undefined : end;
}
