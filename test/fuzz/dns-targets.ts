/** Messages of DNS: read, they are a query that can be answered in its own words, or a fault. */
import assert from 'node:assert/strict';
import { decode, encode } from 'dns-packet';
import { messageBytesMax, readQuery, writeAnswer, writeFault } from '../../src/dns/message.ts';
import { Zone } from '../../src/dns/zone.ts';
import { readZone } from '../../src/dns/zone-file.ts';
import type { SeededRandomness } from '../harness/seeded-randomness.ts';
import { bytesOf, type Target } from './target.ts';

const zone = new Zone(
  readZone(
    JSON.stringify({
      nameServers: ['ns1.example.net'],
      edges: { paris1: { addresses: ['192.0.2.1', '2001:db8::1'] } },
      near: [{ network: '192.0.2.0/24', edges: ['paris1'] }],
    }),
    'cdn.example',
  ),
);
const site = { enabled: true, speaksHttp2: true, hasIpv6: true, revision: 1, hasChanged: false };
const state = { find: () => site, live: [{ name: 'paris1', position: 2 }], serial: 2 };

function query(name: string, subnet?: string): string {
  const bytes = encode({
    type: 'query',
    id: 258,
    questions: [{ type: 'A', name }],
    additionals:
      subnet === undefined
        ? []
        : [
            {
              type: 'OPT',
              name: '.',
              udpPayloadSize: 1_232,
              extendedRcode: 0,
              ednsVersion: 0,
              flags: 0,
              flag_do: false,
              options: [{ code: 8, family: 1, sourcePrefixLength: 24, ip: subnet }],
            },
          ],
  });
  return bytes.toString('latin1');
}

function holds(text: string, random: SeededRandomness): void {
  const bytes = bytesOf(text);
  const read = readQuery(bytes);
  if (read.kind === 'nothing') {
    const isAnswer = bytes.length >= 12 && ((bytes[2] ?? 0) & 0x80) !== 0;
    assert(isAnswer || bytes.length < 12 || bytes.length > messageBytesMax);
    return;
  }
  if (read.kind === 'fault') {
    assert.equal(writeFault(read.id, read.rcode).length, 12);
    return;
  }
  const said = zone.answer(read.query, '192.0.2.9', state, () => random.fraction());
  const answer = writeAnswer(read.query, said, 'udp');
  assert(answer.length <= (read.query.edns?.bytesMax ?? 512));
  const packet = decode(answer);
  assert.equal(packet.id, bytes.readUInt16BE(0));
  assert.equal(packet.flag_qr, true);
  assert.equal(packet.questions?.[0]?.name, read.query.name);
}

export const dnsTargets: readonly Target[] = [
  {
    name: 'messages of DNS',
    seeds: [
      query('d1.cdn.example'),
      query('d1.cdn.example', '192.0.2.0'),
      query('cdn.example', '198.51.100.0'),
      query('.'),
    ],
    tokens: [
      '\xc0\x0c',
      '\0',
      '\x3f',
      '\x00\xff',
      '\x00\x29',
      '\x00\x41',
      '\x00\x08',
      '\x80',
      '\x02d1',
    ],
    holds,
  },
];
