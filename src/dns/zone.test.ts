/** What the zone says: of names, edges, places and weights. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Query, Subnet } from './message.ts';
import { type LiveEdge, type NamedDistribution, Zone, type ZoneState } from './zone.ts';
import { readZone, ZoneFault } from './zone-file.ts';

const file = {
  nameServers: ['ns1.example.net', 'ns2.example.net.'],
  edges: {
    paris1: { addresses: ['192.0.2.1', '2001:db8::1'], weight: 300 },
    rome1: { addresses: ['192.0.2.2'], weight: 100 },
    spare1: { addresses: ['192.0.2.3'], weight: 0 },
  },
  near: [
    { network: '198.51.100.0/24', edges: ['rome1'] },
    { network: '198.51.100.128/25', edges: ['spare1'] },
    { network: '2001:db8:1::/48', edges: ['paris1'] },
  ],
};
const zone = new Zone(readZone(JSON.stringify(file), 'CDN.example'));
const always: readonly LiveEdge[] = ['paris1', 'rome1', 'spare1'].map((name) => ({
  name,
  position: 9,
}));
const site: NamedDistribution = {
  enabled: true,
  speaksHttp2: true,
  hasIpv6: true,
  revision: 5,
  hasChanged: false,
};

function asked(type: string, name = 'd1.cdn.example', subnet?: Subnet): Query {
  const edns = { bytesMax: 1_232, version: 0, subnet };
  return { id: 1, wantsRecursion: false, name, type, edns };
}

function state(changed: Partial<ZoneState> = {}, found: NamedDistribution = site): ZoneState {
  return {
    find: (name) => (name === 'd1.cdn.example' ? found : undefined),
    live: always,
    serial: 7,
    ...changed,
  };
}

function said(query: Query, with_ = state(), { fraction = 0, sender = '203.0.113.1' } = {}) {
  const { answers, authorities, rcode, scopeBits } = zone.answer(
    query,
    sender,
    with_,
    () => fraction,
  );
  const data = answers.map((one) => ('data' in one ? one.data : undefined));
  return { rcode, data, types: authorities.map(({ type }) => type), scopeBits };
}

test('a name is answered with addresses of live edges, whatever its case', () => {
  assert.deepEqual(said(asked('A')).data, ['192.0.2.1', '192.0.2.2']);
  assert.deepEqual(said(asked('AAAA', 'D1.CDN.Example')).data, ['2001:db8::1']);
  assert.deepEqual(said(asked('A'), state({ live: always.slice(1, 2) })).data, ['192.0.2.2']);
});

test('a name that nobody has does not exist, and a disabled one has no address', () => {
  for (const name of ['d2.cdn.example', 'a.d1.cdn.example', 'www.cdn.example']) {
    assert.deepEqual(said(asked('A', name)), { rcode: 3, data: [], types: ['SOA'], scopeBits: 0 });
  }
  const old = state({}, { ...site, hasIpv6: false });
  assert.deepEqual(said(asked('AAAA', 'd1.cdn.example'), old).data, []);
  assert.notDeepEqual(said(asked('A', 'd1.cdn.example'), old).data, []);
  const disabled = state({}, { ...site, enabled: false });
  for (const type of ['A', 'AAAA', 'UNKNOWN_65']) {
    const nothing = { rcode: 0, data: [], types: ['SOA'], scopeBits: 0 };
    assert.deepEqual(said(asked(type), disabled), nothing, type);
  }
  assert.equal(said(asked('TXT')).rcode, 0);
  assert.equal(said(asked('A', 'example.com')).rcode, 5);
  assert.equal(said(asked('A', 'xcdn.example')).rcode, 5);
});

test('the zone itself has a start of authority and its servers', () => {
  assert.deepEqual(said(asked('NS', 'cdn.example')).data, ['ns1.example.net', 'ns2.example.net']);
  const [soa] = said(asked('SOA', 'cdn.example')).data;
  assert(typeof soa === 'object' && soa !== null && 'serial' in soa);
  assert.equal(soa.serial, 7);
  assert.deepEqual(said(asked('A', 'cdn.example')).types, ['SOA']);
});

test('an edge that has not taken the distribution is not named', () => {
  const [paris, rome] = [
    { name: 'paris1', position: 9 },
    { name: 'rome1', position: 3 },
  ];
  assert(paris && rome);
  assert.deepEqual(said(asked('A'), state({ live: [paris, rome] })).data, ['192.0.2.1']);
  // A new one that no edge has taken: ask elsewhere, and remember nothing.
  assert.equal(said(asked('A'), state({ live: [rome] })).rcode, 2);
  // A change that is on its way: it is served as it was.
  const changed = { ...site, hasChanged: true };
  assert.deepEqual(said(asked('A'), state({ live: [rome] }, changed)).data, ['192.0.2.2']);
});

test('where nobody is live, or that is not known, another server is to be asked', () => {
  assert.equal(said(asked('A'), state({ live: [] })).rcode, 2);
  assert.equal(said(asked('A'), state({ live: undefined })).rcode, 2);
  const stranger = [{ name: 'elsewhere1', position: 9 }];
  assert.equal(said(asked('A'), state({ live: stranger })).rcode, 2);
});

test('edges near the client come alone, by its subnet or else by the address of its resolver', () => {
  const subnet: Subnet = { family: 4, address: '198.51.100.0', bits: 24 };
  assert.deepEqual(said(asked('A', 'd1.cdn.example', subnet)).data, ['192.0.2.2']);
  assert.equal(said(asked('A', 'd1.cdn.example', subnet)).scopeBits, 24);
  assert.deepEqual(said(asked('A'), state(), { sender: '198.51.100.9' }).data, ['192.0.2.2']);
  // The narrower network counts.
  assert.deepEqual(said(asked('A'), state(), { sender: '198.51.100.200' }).data, ['192.0.2.3']);
  const six: Subnet = { family: 6, address: '2001:db8:1::', bits: 56 };
  assert.deepEqual(said(asked('A', 'd1.cdn.example', six)).data, ['192.0.2.1']);
  // Without bits the resolver wants its client left alone; its own address counts.
  const none: Subnet = { family: 4, address: '0.0.0.0', bits: 0 };
  const away = said(asked('A', 'd1.cdn.example', none));
  assert.deepEqual([away.data.length, away.scopeBits], [2, 0]);
  // None of those near is live: all others are better than nothing.
  const live = always.slice(0, 1);
  assert.deepEqual(said(asked('A', 'd1.cdn.example', subnet), state({ live })).data, ['192.0.2.1']);
});

test('edges come first as often as their weights say, and one without weight is a last resort', () => {
  let firsts = 0;
  for (let at = 0; at < 400; at += 1) {
    const { data } = said(asked('A'), state(), { fraction: (at + 0.5) / 400 });
    assert(!data.includes('192.0.2.3'));
    if (data[0] === '192.0.2.1') firsts += 1;
  }
  assert.equal(firsts, 300);
  assert.deepEqual(said(asked('A'), state({ live: always.slice(2) })).data, ['192.0.2.3']);
});

test('a file of a zone that is wrong is told what is wrong with it', () => {
  const cases: readonly [object, RegExp][] = [
    [{ ...file, nameServers: [] }, /nameServers/],
    [{ ...file, edges: {} }, /0 edges/],
    [{ ...file, edges: { a1: { addresses: ['x'] } }, near: [] }, /a1 has an address that is none/],
    [
      { ...file, edges: { a1: { addresses: ['192.0.2.1'], weight: -1 } }, near: [] },
      /weight of a1/,
    ],
    [{ ...file, near: [{ network: '192.0.2.0', edges: ['paris1'] }] }, /near 1 needs a network/],
    [{ ...file, near: [{ network: '192.0.2.0/33', edges: ['paris1'] }] }, /too many bits/],
    [{ ...file, near: [{ network: '192.0.2.0/24', edges: ['oslo1'] }] }, /names oslo1/],
    [{ ...file, ttl: 0 }, /ttl is not a whole number from 1 to 3600/],
    [{ ...file, edge: 1 }, /a member edge/],
  ];
  for (const [wrong, words] of cases) {
    assert.throws(
      () => readZone(JSON.stringify(wrong), 'cdn.example'),
      (error) => error instanceof ZoneFault && words.test(error.message),
      String(words),
    );
  }
  assert.throws(() => readZone('{', 'cdn.example'), /not JSON/);
});
