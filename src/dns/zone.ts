/**
 * What the zone of a Warmfront says: pure. A name is answered with edges that are live and have taken
 * the distribution, those near the viewer first; a name that no distribution has does not exist; one
 * that is disabled exists and has no address.
 */
import { BlockList, isIP } from 'node:net';
import type { Answer } from 'dns-packet';
import { branded } from '../base/brand.ts';
import { type Query, type Rcode, rcodes, type Said, type Subnet } from './message.ts';

export type DnsEdge = {
  /** Of IPv4 and IPv6; at least one. */
  readonly addresses: readonly string[];
  /** An edge with twice the weight is named first twice as often; 0: only where no other is live. */
  readonly weight: number;
};

export type NearNetwork = {
  readonly family: 4 | 6;
  readonly address: string;
  readonly bits: number;
  /** Names of edges: named where one of them is live, and else all others. */
  readonly edges: readonly string[];
};

export type ZoneSettings = {
  /** The zone: in lower case, without a dot at the end. */
  readonly domain: string;
  readonly nameServers: readonly string[];
  readonly ttlS: number;
  /** So many edges are named at once. */
  readonly edgesPerAnswer: number;
  readonly edges: ReadonlyMap<string, DnsEdge>;
  readonly near: readonly NearNetwork[];
};

/** What the zone knows of one distribution. */
export type NamedDistribution = {
  readonly enabled: boolean;
  readonly speaksHttp2: boolean;
  /** Whether addresses of IPv6 are named for it (edge contract 14, rule 7). */
  readonly hasIpv6: boolean;
  /** The position of its last change. */
  readonly revision: number;
  /** Changed since it was made: an edge that is behind serves what it was before. */
  readonly hasChanged: boolean;
};

export type LiveEdge = { readonly name: string; readonly position: number };

export type ZoneState = {
  /** By its whole name, in lower case. */
  readonly find: (name: string) => NamedDistribution | undefined;
  /** Undefined: who is live is not known, so nothing can be said of addresses. */
  readonly live: readonly LiveEdge[] | undefined;
  /** The position of the catalog, as the zone's serial. */
  readonly serial: number;
};

const negativeTtlS = 5;
const zoneTtlS = 3_600;

export class Zone {
  readonly #settings: ZoneSettings;
  /** Longest prefix first. */
  readonly #near: readonly (NearNetwork & { readonly list: BlockList })[];

  constructor(settings: ZoneSettings) {
    this.#settings = settings;
    this.#near = settings.near
      .map((network) => {
        const list = new BlockList();
        list.addSubnet(network.address, network.bits, network.family === 4 ? 'ipv4' : 'ipv6');
        return { ...network, list };
      })
      .toSorted((a, b) => b.bits - a.bits);
  }

  /** `sender` is the resolver's address; `fraction` gives 0 ≤ x < 1. */
  answer(query: Query, sender: string, state: ZoneState, fraction: () => number): Said {
    const { domain } = this.#settings;
    const name = query.name.toLowerCase().replace(/\.$/, '');
    if ((query.edns?.version ?? 0) !== 0) return this.#empty(rcodes.ok);
    if (name === domain) return this.#ofZone(query, state);
    if (!name.endsWith(`.${domain}`)) return this.#empty(rcodes.refused);
    const found = state.find(name);
    if (found === undefined) return this.#nothing(rcodes.noName, state);
    if (query.type === 'ANY') return this.#minimal(query);
    const isHttps = query.type === httpsType;
    if (!isHttps && query.type !== 'A' && query.type !== 'AAAA') {
      return this.#nothing(rcodes.ok, state);
    }
    const isIpv6 = query.type === 'AAAA';
    if (!found.enabled || (isIpv6 && !found.hasIpv6)) return this.#nothing(rcodes.ok, state);
    const { bits, family, near } = this.#nearTo(query.edns?.subnet, sender);
    const chosen = this.#choose(found, near, state, fraction);
    // A resolver asks another server then; that there is no address would be remembered.
    if (chosen === undefined) return this.#empty(rcodes.failed);
    const scopeBits = family === query.edns?.subnet?.family ? bits : 0;
    if (isHttps) return this.#said([this.#https(query.name, found)], scopeBits);
    const version = query.type === 'A' ? 4 : 6;
    const addresses = chosen.flatMap((edge) => this.#settings.edges.get(edge)?.addresses ?? []);
    const records = addresses.filter((one) => isIP(one) === version);
    if (records.length === 0) return { ...this.#nothing(rcodes.ok, state), scopeBits };
    const type = query.type;
    return this.#said(
      records.map((data) => ({ type, name: query.name, ttl: this.#settings.ttlS, data })),
      scopeBits,
    );
  }

  #ofZone(query: Query, state: ZoneState): Said {
    const { domain, nameServers } = this.#settings;
    if (query.type === 'SOA') return this.#said([this.#soa(state, zoneTtlS)], 0);
    if (query.type === 'ANY') return this.#minimal(query);
    if (query.type !== 'NS') return this.#nothing(rcodes.ok, state);
    const records = nameServers.map((data) => ({
      type: 'NS' as const,
      name: domain,
      ttl: zoneTtlS,
      data,
    }));
    return this.#said(records, 0);
  }

  /** RFC 8482: not all that there is, which would be a gift to those who reflect. */
  #minimal({ name }: Query): Said {
    const data = { cpu: 'RFC8482', os: '' };
    return this.#said([{ type: 'HINFO', name, ttl: zoneTtlS, data }], 0);
  }

  /** Edges near the network first; undefined where none can be named. */
  #choose(
    { hasChanged, revision }: NamedDistribution,
    near: readonly string[] | undefined,
    { live }: ZoneState,
    fraction: () => number,
  ): readonly string[] | undefined {
    const { edges, edgesPerAnswer } = this.#settings;
    const known = (live ?? []).filter(({ name }) => edges.has(name));
    const current = known.filter(({ position }) => position >= revision);
    // While the first of them takes a change, all serve what was before.
    const able = current.length > 0 || !hasChanged ? current : known;
    const close = near === undefined ? [] : able.filter(({ name }) => near.includes(name));
    const names = (close.length > 0 ? close : able).map(({ name }) => name);
    const chosen = byWeight(names, (name) => edges.get(name)?.weight ?? 0, fraction);
    return chosen.length === 0 ? undefined : chosen.slice(0, edgesPerAnswer);
  }

  #nearTo(
    subnet: Subnet | undefined,
    sender: string,
  ): { bits: number; family: 4 | 6 | undefined; near: readonly string[] | undefined } {
    // Without bits the resolver asks not to look at where its client is (RFC 7871, 7.1.2).
    const address = subnet === undefined || subnet.bits === 0 ? sender : subnet.address;
    const version = isIP(address);
    if (version !== 4 && version !== 6) return { bits: 0, family: undefined, near: undefined };
    const word = version === 4 ? 'ipv4' : 'ipv6';
    const found = this.#near.find((one) => one.family === version && one.list.check(address, word));
    // A narrower network could have another answer, so none is told with fewer bits than was asked.
    const asked = subnet?.bits ?? 0;
    const widest = this.#near.some((one) => one.family === version) ? asked : 0;
    return { bits: widest, family: version, near: found?.edges };
  }

  #https(name: string, { speaksHttp2 }: NamedDistribution): Answer {
    const protocols = speaksHttp2 ? ['h2', 'http/1.1'] : ['http/1.1'];
    const alpn = Buffer.concat(
      protocols.map((one) => Buffer.from([one.length, ...Buffer.from(one)])),
    );
    // RFC 9460: priority 1, the name itself, parameter 1 (alpn); without a default that is h1 alone.
    const head = Buffer.from([0, 1, 0, 0, 1, 0, alpn.length]);
    const type: 'NULL' = branded<'NULL'>(httpsType);
    return { type, name, ttl: this.#settings.ttlS, data: Buffer.concat([head, alpn]) };
  }

  #nothing(rcode: Rcode, state: ZoneState): Said {
    const authorities = [this.#soa(state, negativeTtlS)];
    return { rcode, answers: [], authorities, scopeBits: 0 };
  }

  #empty(rcode: Rcode): Said {
    return { rcode, answers: [], authorities: [], scopeBits: 0 };
  }

  #said(answers: readonly Answer[], scopeBits: number): Said {
    return { rcode: rcodes.ok, answers, authorities: [], scopeBits };
  }

  #soa({ serial }: ZoneState, ttl: number): Answer {
    const { domain, nameServers } = this.#settings;
    const data = {
      mname: nameServers[0] ?? domain,
      rname: `hostmaster.${domain}`,
      serial: serial % 2 ** 32,
      refresh: 3_600,
      retry: 600,
      expire: 86_400,
      minimum: negativeTtlS,
    };
    return { type: 'SOA', name: domain, ttl, data };
  }
}

/** What the package calls a type that it has no name for: 65 is HTTPS. */
const httpsType = 'UNKNOWN_65';

/** Drawn without putting back, so that each comes first as often as its weight says. */
function byWeight(
  names: readonly string[],
  weightOf: (name: string) => number,
  fraction: () => number,
): readonly string[] {
  const left = names.filter((name) => weightOf(name) > 0);
  if (left.length === 0) return names;
  const drawn: string[] = [];
  while (left.length > 0) {
    const sum = left.reduce((all, name) => all + weightOf(name), 0);
    let mark = fraction() * sum;
    let at = left.findIndex((name) => {
      mark -= weightOf(name);
      return mark < 0;
    });
    if (at < 0) at = left.length - 1;
    drawn.push(...left.splice(at, 1));
  }
  return drawn;
}
