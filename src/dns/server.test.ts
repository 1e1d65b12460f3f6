/** The DNS listeners: what arrives broken, in floods or in pieces, and answers that are too long. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { test, type TestContext } from 'node:test';
import { decode, encode, type Packet } from 'dns-packet';
import { ManualClock } from '../../test/harness/manual-clock.ts';
import { until } from '../../test/harness/until.ts';
import { silentRecorder } from '../base/recorder.ts';
import { messageBytesMax, type Said } from './message.ts';
import { answersPerSMax, RateLimit } from './rate-limit.ts';
import { startDnsServer } from './server.ts';

const name = 'd1.cdn.example';
const one: Said = {
  rcode: 0,
  answers: [{ type: 'A', name, ttl: 5, data: '192.0.2.1' }],
  authorities: [],
  scopeBits: 0,
};
const many: Said = {
  ...one,
  answers: Array.from({ length: 40 }, (_, index) => ({
    type: 'A' as const,
    name,
    ttl: 5,
    data: `192.0.2.${index}`,
  })),
};

async function serving(t: TestContext, said: Said = one) {
  const clock = new ManualClock();
  const asked: string[] = [];
  const server = await startDnsServer({
    address: { host: '127.0.0.1', port: 0 },
    clock,
    recorder: silentRecorder,
    async answer(query) {
      asked.push(query.type);
      return said;
    },
  });
  t.after(() => server.close());
  const udp = createSocket('udp4');
  t.after(() => udp.close());
  const heard: Buffer[] = [];
  udp.on('message', (bytes) => heard.push(bytes));
  const send = (bytes: Buffer): void => udp.send(bytes, server.address.port, '127.0.0.1');
  return { asked, clock, heard, port: server.address.port, send };
}

function query(id: number, more: Partial<Packet> = {}): Buffer {
  return encode({ type: 'query', id, questions: [{ type: 'A', name }], ...more });
}

test('a question is answered in kind, and an answer never', async (t) => {
  const { asked, heard, send } = await serving(t);
  send(encode({ type: 'response', id: 1, questions: [{ type: 'A', name }] }));
  send(Buffer.from('short'));
  send(Buffer.alloc(messageBytesMax + 1));
  send(query(2));
  await until('there is an answer', () => (heard.length > 0 ? true : undefined));
  const packet = decode(heard[0] ?? Buffer.alloc(0));
  assert.deepEqual([packet.id, packet.flag_aa, packet.answers?.length], [2, true, 1]);
  assert.deepEqual([heard.length, asked], [1, ['A']]);
});

test('what is no question is told so in twelve bytes', async (t) => {
  const { asked, heard, send } = await serving(t);
  const whole = query(7);
  const pointer = Buffer.concat([whole.subarray(0, 12), Buffer.from([0xc0, 12, 0, 1, 0, 1])]);
  const status = Buffer.from(whole);
  status.writeUInt16BE(2 << 11, 2);
  const two = Buffer.from(whole);
  two.writeUInt16BE(2, 4);
  const dotted = Buffer.concat([
    whole.subarray(0, 12),
    Buffer.from([3, 0x61, 0x2e, 0x62, 0]),
    Buffer.from([0, 1, 0, 1]),
  ]);
  const chaos = Buffer.from(whole);
  chaos.writeUInt16BE(3, whole.length - 2);
  const cases: readonly (readonly [Buffer, number])[] = [
    [whole.subarray(0, whole.length - 3), 1],
    [pointer, 1],
    [status, 4],
    [two, 1],
    [dotted, 5],
    [chaos, 5],
  ];
  for (const [bytes, rcode] of cases) {
    const before = heard.length;
    send(bytes);
    await until('it is told', () => (heard.length > before ? true : undefined));
    const answer = heard.at(-1) ?? Buffer.alloc(0);
    assert.deepEqual([answer.length, (answer[3] ?? 0) & 0xf], [12, rcode]);
  }
  assert.deepEqual(asked, []);
});

test('an answer too long for UDP is cut to a word, and whole over TCP', async (t) => {
  const { heard, port, send } = await serving(t, many);
  send(query(3));
  await until('there is an answer', () => (heard.length > 0 ? true : undefined));
  const cut = decode(heard[0] ?? Buffer.alloc(0));
  assert.deepEqual([cut.flag_tc, cut.answers?.length], [true, 0]);

  const socket = connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  let arrived = Buffer.alloc(0);
  socket.on('data', (piece) => {
    arrived = Buffer.concat([arrived, piece]);
  });
  const message = query(4);
  const framed = Buffer.concat([Buffer.from([0, message.length]), message]);
  // Byte by byte, and two questions in one.
  for (const byte of framed) socket.write(Buffer.from([byte]));
  socket.write(Buffer.concat([framed, framed]));
  await until('there are three answers', () => {
    const length = arrived.length >= 2 ? arrived.readUInt16BE(0) + 2 : Number.POSITIVE_INFINITY;
    return arrived.length >= length * 3 ? true : undefined;
  });
  const first = decode(arrived.subarray(2, 2 + arrived.readUInt16BE(0)));
  assert.deepEqual([first.id, first.answers?.length], [4, 40]);
});

test('a connection that says too much, or never ends its word, is closed', async (t) => {
  const { clock, port } = await serving(t);
  const closed = (first: Buffer): Promise<void> =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(first));
      socket.on('error', () => undefined);
      socket.once('close', () => resolve());
      socket.resume();
    });
  await closed(Buffer.from([0xff, 0xff]));
  let isClosed = false;
  void closed(Buffer.from([0, 40, 1])).then(() => {
    isClosed = true;
  });
  await until('it is closed by time', async () => {
    await clock.passes(10_000);
    return isClosed ? true : undefined;
  });
});

test('a network that asks too often gets every second answer cut and the others not at all', () => {
  const clock = new ManualClock();
  const limit = new RateLimit(clock);
  const verdicts = (address: string, count: number) =>
    Array.from({ length: count }, () => limit.judge(address));
  assert(verdicts('192.0.2.1', answersPerSMax).every((one) => one === 'answer'));
  assert.deepEqual(verdicts('192.0.2.9', 4), ['drop', 'truncate', 'drop', 'truncate']);
  assert.equal(limit.judge('192.0.3.1'), 'answer');
  assert(verdicts('2001:db8:0:100::1', answersPerSMax).every((one) => one === 'answer'));
  assert.notEqual(limit.judge('2001:db8:0:1ff::2'), 'answer');
  assert.equal(limit.judge('2001:db8:0:200::1'), 'answer');
});

test('a second later a network is answered again', async () => {
  const clock = new ManualClock();
  const limit = new RateLimit(clock);
  for (let count = 0; count <= answersPerSMax; count += 1) limit.judge('192.0.2.1');
  assert.notEqual(limit.judge('192.0.2.1'), 'answer');
  await clock.passes(1_000);
  assert.equal(limit.judge('192.0.2.1'), 'answer');
});
