/** Before an edge stops, viewers are asked to go elsewhere with what comes next, and lose nothing. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { headerValue } from '../../src/http/header-list.ts';
import { H2Client, h2Setting, openRaw } from '../harness/h2-stage.ts';
import { code, type Frame, frame } from '../harness/raw-h2.ts';
import { scenario } from '../harness/scenario.ts';
import { until } from '../harness/until.ts';

const highestStream = 0x7fff_ffff;
const cached = { 'Cache-Control': 'max-age=60' };

function lastStreamIn({ payload }: Frame): number {
  return payload.readUInt32BE(0);
}

scenario(
  'over HTTP/1.1 the next answer on a connection is its last, out of memory too',
  async ({ edge, origin, viewer }) => {
    origin.answers(200, cached, 'hello');
    const get = `GET /a HTTP/1.1\r\nHost: d111111abcdef8.cloudfront.localhost\r\n\r\n`;
    await using kept = await viewer.connects();
    for (const cache of ['Miss', 'Hit', 'Hit']) {
      kept.write(get);
      const answer = await kept.answer();
      assert.equal(headerValue(answer.headers, 'x-cache'), `${cache} from cloudfront`);
      assert.equal(headerValue(answer.headers, 'connection'), 'keep-alive');
    }
    edge.retire();
    assert.equal(kept.isClosed, false);
    kept.write(get);
    const last = await kept.answer();
    assert.deepEqual([last.status, last.body], [200, 'hello']);
    assert.equal(headerValue(last.headers, 'connection'), 'close');
    assert.equal(await kept.closed, false);

    await using late = await viewer.connects();
    late.write(get);
    const answer = await late.answer();
    assert.deepEqual([answer.status, headerValue(answer.headers, 'connection')], [200, 'close']);
    assert.equal(await late.closed, false);
  },
);

scenario(
  'over HTTP/1.1 an answer that has begun keeps its word, and the one after it is the last',
  async ({ edge, origin, viewer }) => {
    const get = `GET /a HTTP/1.1\r\nHost: d111111abcdef8.cloudfront.localhost\r\n\r\n`;
    const begun = Promise.withResolvers<Socket>();
    origin.does((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 5\r\n\r\nhe');
      begun.resolve(socket);
    });
    await using kept = await viewer.connects();
    kept.write(get);
    const answer = kept.answer();
    const socket = await begun.promise;
    await until('the answer has begun', () => (kept.unread.length > 0 ? true : undefined));
    edge.retire();
    socket.write('llo');
    const first = await answer;
    assert.deepEqual(
      [first.body, headerValue(first.headers, 'connection')],
      ['hello', 'keep-alive'],
    );
    kept.write(get);
    const last = await kept.answer();
    assert.deepEqual([last.body, headerValue(last.headers, 'connection')], ['hello', 'close']);
    assert.equal(await kept.closed, false);
  },
);

scenario(
  'over HTTP/2 a GOAWAY without an end comes first, and what is on its way is answered',
  h2Setting(),
  async (stage) => {
    stage.origin.answers(200, cached, 'hello');
    const viewer = await openRaw(stage);
    viewer.asks(1);
    assert.equal(await viewer.answered(1), 200);
    stage.edge.retire();
    const notice = await viewer.sees('a GOAWAY', ({ type }) => type === frame.goAway);
    assert.deepEqual(
      [lastStreamIn(notice), notice.payload.readUInt32BE(4)],
      [highestStream, code.noError],
    );
    viewer.asks(3);
    assert.equal(await viewer.answered(3), 200);
    assert.equal(String(await viewer.body(3)), 'hello');

    const closing = stage.edge.close(1_000);
    const end = await viewer.sees(
      'the last GOAWAY',
      (one) => one.type === frame.goAway && lastStreamIn(one) !== highestStream,
    );
    assert.equal(lastStreamIn(end), 3);
    await viewer.closed();
    await closing;
  },
);

scenario(
  'a connection over HTTP/2 that comes then is told once it is set up',
  h2Setting(),
  async (stage) => {
    stage.origin.answers(200, cached, 'hello');
    stage.edge.retire();
    const viewer = await openRaw(stage);
    viewer.asks(1);
    assert.equal(await viewer.answered(1), 200);
    await viewer.sees('a GOAWAY', ({ type }) => type === frame.goAway);
    const [first] = viewer.frames;
    assert.equal(first?.type, frame.settings);
  },
);

scenario(
  "Node's own client ends its session by itself, its requests answered",
  h2Setting(),
  async (stage) => {
    stage.origin.answers(200, cached, 'hello');
    await using client = new H2Client(stage);
    assert.equal((await client.gets('/a')).status, 200);
    const closed = once(client.session, 'close');
    const many = Array.from({ length: 20 }, (_, index) => client.gets(`/${index}`));
    stage.edge.retire();
    for (const { body, status } of await Promise.all(many)) {
      assert.deepEqual([status, String(body)], [200, 'hello']);
    }
    await closed;
  },
);
