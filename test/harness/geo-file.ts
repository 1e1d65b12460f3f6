/**
 * Writes a small database of addresses in the format of MaxMind DB 2.0, by the words of its
 * specification and with no code of the reader's: a tree with records of 24 bits over 128 bits of
 * address, 16 zeros, the data, the metadata.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type GeoValue =
  | string
  | number
  | readonly GeoValue[]
  | { readonly [name: string]: GeoValue };

/** Network → what is known of it; `1.2.3.4/32` or `2001:db8::/32`. */
export function geoDatabase(
  networks: Readonly<Record<string, GeoValue>>,
  databaseType = 'Test-City',
): Uint8Array {
  const nodes: (number | undefined | { readonly at: number })[][] = [[undefined, undefined]];
  const data: Buffer[] = [];
  let dataLength = 0;
  for (const [network, value] of Object.entries(networks)) {
    const bits = bitsOf(network);
    let node = 0;
    for (const bit of bits.slice(0, -1)) {
      const pair = nodes[node] ?? [];
      const next = pair[bit];
      if (typeof next === 'number') node = next;
      else {
        nodes.push([undefined, undefined]);
        node = nodes.length - 1;
        pair[bit] = node;
      }
    }
    const last = bits.at(-1) ?? 0;
    (nodes[node] ?? [])[last] = { at: dataLength };
    const encoded = encode(value);
    data.push(encoded);
    dataLength += encoded.length;
  }
  const tree = Buffer.concat(nodes.flatMap((pair) => pair.map((one) => record(one, nodes.length))));
  const metadata = encode({
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1_700_000_000,
    database_type: databaseType,
    description: { en: 'made by a test' },
    ip_version: 6,
    languages: ['en'],
    node_count: nodes.length,
    record_size: 24,
  });
  const marker = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');
  return Buffer.concat([tree, Buffer.alloc(16), ...data, marker, metadata]);
}

/** The path of a file of its own, below the system's temporary folder. */
export function geoFile(bytes: Uint8Array): string {
  const path = join(mkdtempSync(join(tmpdir(), 'warmfront-geo-')), 'test.mmdb');
  writeFileSync(path, bytes);
  return path;
}

function record(one: number | undefined | { readonly at: number }, nodeCount: number): Buffer {
  const value = Buffer.alloc(3);
  const pointed = typeof one === 'object' ? nodeCount + 16 + one.at : (one ?? nodeCount);
  value.writeUIntBE(pointed, 0, 3);
  return value;
}

/** Addresses of IPv4 stand under ::/96. */
function bitsOf(network: string): readonly number[] {
  const [address = '', length = ''] = network.split('/');
  const isV4 = isIP(address) === 4;
  const bytes = isV4
    ? [...Buffer.alloc(12), ...address.split('.').map(Number)]
    : expanded(address).flatMap((group) => [group >> 8, group & 0xff]);
  const all = bytes.flatMap((byte) => [7, 6, 5, 4, 3, 2, 1, 0].map((bit) => (byte >> bit) & 1));
  return all.slice(0, Number(length) + (isV4 ? 96 : 0));
}

function expanded(address: string): readonly number[] {
  const [left = '', right] = address.split('::');
  const before = groupsOf(left);
  const after = groupsOf(right ?? '');
  return [
    ...before,
    ...Array.from({ length: 8 - before.length - after.length }, () => 0),
    ...after,
  ];
}

function groupsOf(text: string): readonly number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

function encode(value: GeoValue): Buffer {
  if (typeof value === 'string') {
    const text = Buffer.from(value, 'utf8');
    return Buffer.concat([control(2, text.length), text]);
  }
  if (typeof value === 'number') {
    if (Number.isInteger(value) && value >= 0) {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return Buffer.concat([control(6, 4), bytes]);
    }
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(value);
    return Buffer.concat([control(3, 8), bytes]);
  }
  if (isList(value)) return Buffer.concat([control(11, value.length), ...value.map(encode)]);
  const entries = Object.entries(value);
  const members = entries.flatMap(([name, member]) => [encode(name), encode(member)]);
  return Buffer.concat([control(7, entries.length), ...members]);
}

function isList(value: GeoValue): value is readonly GeoValue[] {
  return Array.isArray(value);
}

/** Sizes up to 284 are all that is needed. */
function control(type: number, size: number): Buffer {
  const small = Math.min(size, 29);
  const more = size < 29 ? [] : [size - 29];
  return type <= 7
    ? Buffer.from([(type << 5) | small, ...more])
    : Buffer.from([small, type - 7, ...more]);
}
