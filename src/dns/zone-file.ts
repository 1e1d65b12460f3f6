/**
 * The file of the zone: where edges are for viewers, how much each bears, and who is near to whom.
 *
 *   { "nameServers": ["ns1.example.net"], "ttl": 5, "edgesPerAnswer": 2,
 *     "edges": { "paris1": { "addresses": ["192.0.2.1", "2001:db8::1"], "weight": 100 } },
 *     "near": [ { "network": "198.51.100.0/24", "edges": ["paris1"] } ] }
 */
import { isIP } from 'node:net';
import { faultOfHostName } from '../model/host-name.ts';
import type { DnsEdge, NearNetwork, ZoneSettings } from './zone.ts';

/** What is wrong with it, in words for its operator. */
export class ZoneFault extends Error {
  override readonly name = 'ZoneFault';
}

const defaults = { ttl: 5, edgesPerAnswer: 2, weight: 100 };
const edgesMax = 2_000;
const networksMax = 10_000;
const addressesMax = 8;

/** Throws a ZoneFault. `domain` as the settings have it. */
export function readZone(text: string, domain: string): ZoneSettings {
  const { edges, edgesPerAnswer, nameServers, near, ttl, ...others } = readObject(text);
  refuseOthers('it', others);
  if (!Array.isArray(nameServers) || nameServers.length === 0) {
    fail('nameServers has to be a list of host names, those that the zone is delegated to');
  }
  const known = readEdges(edges);
  return {
    domain: domain.toLowerCase(),
    nameServers: nameServers.map(readHost),
    ttlS: readCount('ttl', ttl ?? defaults.ttl, 1, 3_600),
    edgesPerAnswer: readCount('edgesPerAnswer', edgesPerAnswer ?? defaults.edgesPerAnswer, 1, 16),
    edges: known,
    near: readNear(near ?? [], known),
  };
}

function readEdges(value: unknown): ReadonlyMap<string, DnsEdge> {
  if (!isObject(value)) return fail('edges has to be an object, from names to addresses');
  const entries = Object.entries(value);
  if (entries.length === 0 || entries.length > edgesMax) {
    fail(`edges names ${entries.length} edges; there are 1 to ${edgesMax}`);
  }
  return new Map(entries.map(([name, edge]) => [name, readEdge(name, edge)]));
}

function readEdge(name: string, value: unknown): DnsEdge {
  if (!isObject(value)) return fail(`edge ${name} is no object`);
  const { addresses, weight, ...others } = value;
  refuseOthers(`edge ${name}`, others);
  if (!Array.isArray(addresses) || addresses.length === 0 || addresses.length > addressesMax) {
    return fail(`edge ${name} needs addresses, a list of 1 to ${addressesMax}`);
  }
  const wrong = addresses.find((one) => typeof one !== 'string' || isIP(one) === 0);
  if (wrong !== undefined) fail(`edge ${name} has an address that is none`);
  return {
    addresses: addresses.map(String),
    weight: readCount(`weight of ${name}`, weight ?? defaults.weight, 0, 1_000_000),
  };
}

function readNear(value: unknown, known: ReadonlyMap<string, DnsEdge>): readonly NearNetwork[] {
  if (!Array.isArray(value) || value.length > networksMax) {
    return fail(`near has to be a list of at most ${networksMax}`);
  }
  return value.map((one: unknown, index) => {
    if (!isObject(one)) return fail(`near ${index + 1} is no object`);
    const { edges, network, ...others } = one;
    refuseOthers(`near ${index + 1}`, others);
    const [, address = '', bits = ''] =
      /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(typeof network === 'string' ? network : '') ?? [];
    const family = isIP(address);
    if (family !== 4 && family !== 6) {
      return fail(`near ${index + 1} needs a network, such as 198.51.100.0/24`);
    }
    if (Number(bits) > (family === 4 ? 32 : 128)) fail(`near ${index + 1} has too many bits`);
    if (!Array.isArray(edges) || edges.length === 0) {
      return fail(`near ${index + 1} needs edges, a list of names`);
    }
    const names = edges.map(String);
    const unknown = names.find((name) => !known.has(name));
    if (unknown !== undefined)
      fail(`near ${index + 1} names ${unknown}, which edges does not have`);
    return { family, address, bits: Number(bits), edges: names };
  });
}

function readHost(value: unknown): string {
  const host = typeof value === 'string' ? value.replace(/\.$/, '') : '';
  const fault = faultOfHostName(host);
  if (fault !== undefined) fail(`nameServers has a name that is none: ${fault}`);
  return host.toLowerCase();
}

function readCount(what: string, value: unknown, min: number, max: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) {
    return value;
  }
  return fail(`${what} is not a whole number from ${min} to ${max}`);
}

function refuseOthers(what: string, others: object): void {
  const [other] = Object.keys(others);
  if (other !== undefined) fail(`${what} has a member ${other.slice(0, 64)}, which means nothing`);
}

function readObject(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return fail('it is not JSON');
  }
  return isObject(value) ? value : fail('it is JSON, but not an object');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fail(why: string): never {
  throw new ZoneFault(why);
}
