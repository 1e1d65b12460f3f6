import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { type Answer, AUTHORITATIVE_ANSWER, decode, encode } from 'dns-packet';
import { pointingOf, systemRecords } from './pointing.ts';

const ours = 'dabc.cdn.example';
const zone = new Map<string, readonly Answer[]>(
  (
    [
      { type: 'CNAME', name: 'www.shop.example', data: 'WWW2.shop.example' },
      { type: 'CNAME', name: 'www2.shop.example', data: ours },
      { type: 'CNAME', name: 'old.shop.example', data: 'hosting.example' },
      { type: 'CNAME', name: 'loop.shop.example', data: 'loop.shop.example' },
      { type: 'CNAME', name: '*.shop.example', data: ours },
      { type: 'A', name: 'shop.example', data: '192.0.2.1' },
      { type: 'A', name: 'other.example', data: '192.0.2.9' },
      { type: 'AAAA', name: 'six.example', data: '2001:db8::1' },
      { type: 'A', name: ours, data: '192.0.2.1' },
      { type: 'AAAA', name: ours, data: '2001:db8::1' },
    ] as const satisfies readonly Answer[]
  ).map((record) => [`${record.name} ${record.type}`, [record]]),
);

const socket = createSocket('udp4');
socket.on('message', (bytes, { address, port }) => {
  const { id = 0, questions = [] } = decode(bytes);
  const [question] = questions;
  const name = question?.name.toLowerCase() ?? '';
  const answers = zone.get(`${name} ${question?.type}`) ?? [];
  // SERVFAIL.
  const failure = name === 'broken.example' ? 2 : 0;
  const flags = AUTHORITATIVE_ANSWER | failure;
  socket.send(
    encode({ type: 'response', id, flags, questions, answers: [...answers] }),
    port,
    address,
  );
});
socket.bind(0, '127.0.0.1');
await once(socket, 'listening');
after(() => socket.close());
const records = systemRecords([`127.0.0.1:${socket.address().port}`]);

for (const [said, name, kind, why] of [
  ['by an alias of an alias', 'www.shop.example', 'there', undefined],
  ['by a wildcard', '*.shop.example', 'there', undefined],
  ['by an address, as an apex does', 'shop.example', 'there', undefined],
  ['by an address of the other family', 'six.example', 'there', undefined],
  ['by being it', ours, 'there', undefined],
  ['to another name', 'old.shop.example', 'elsewhere', /an alias of hosting\.example/],
  ['to other addresses', 'other.example', 'elsewhere', /addresses of its own/],
  ['nowhere', 'none.example', 'elsewhere', /no record/],
  ['to itself', 'loop.shop.example', 'elsewhere', /no record/],
  ['as far as nobody can tell', 'broken.example', 'unknown', /no resolver could tell/],
] as const) {
  test(`${name} leads ${said}: ${kind}`, async () => {
    const pointing = await pointingOf(name, ours, records);
    assert.equal(pointing.kind, kind);
    if (why !== undefined) assert.match('why' in pointing ? pointing.why : '', why);
  });
}
