/**
 * The states that a distribution has gone through, one after the other. Each write names the state
 * it follows, so the state that stands at the end tells all of them, backwards; what nobody was
 * answered for is on this chain where it was made, and off it where it was not.
 */
import type { History, Read, State, Write } from './history.ts';

export type Link = {
  readonly state: State | 'deleted';
  /** Undefined: it stood when the history began. */
  readonly write: Write | undefined;
};

export type Chain = {
  readonly distribution: string;
  /** The oldest first. */
  readonly links: readonly Link[];
  /** Stamp → place in `links`. */
  readonly placeOf: ReadonlyMap<string, number>;
  readonly writes: readonly Write[];
  readonly reads: readonly Read[];
};

export function chainsOf(history: History): {
  readonly chains: readonly Chain[];
  readonly breaches: readonly string[];
} {
  const chains: Chain[] = [];
  const breaches: string[] = [];
  const names = new Set([...history.start.distributions.keys(), ...history.end.keys()]);
  const writes = new Map<string, Write[]>();
  const reads = new Map<string, Read[]>();
  for (const event of history.events) {
    if (event.kind === 'write') listed(writes, event.distribution).push(event);
    if (event.kind === 'read') listed(reads, event.distribution).push(event);
  }
  for (const name of [...names, ...writes.keys(), ...reads.keys()]) {
    if (chains.some(({ distribution }) => distribution === name)) continue;
    const own = { writes: writes.get(name) ?? [], reads: reads.get(name) ?? [] };
    const { chain, found } = chainOf(name, history, own);
    chains.push(chain);
    breaches.push(...found);
  }
  return { chains, breaches };
}

function listed<Item>(all: Map<string, Item[]>, name: string): Item[] {
  const list = all.get(name) ?? [];
  all.set(name, list);
  return list;
}

type Own = { readonly writes: readonly Write[]; readonly reads: readonly Read[] };

function chainOf(
  name: string,
  { end, start }: History,
  { reads, writes }: Own,
): { readonly chain: Chain; readonly found: readonly string[] } {
  const base = start.distributions.get(name);
  const makers = new Map<string, Write>();
  for (const write of writes) {
    if (write.makes === 'deleted') continue;
    // The same create, sent again: it was made where any of its answers says so.
    const known = makers.get(write.makes.stamp);
    if (known === undefined || write.outcome === 'accepted') makers.set(write.makes.stamp, write);
  }
  const walk = (last: string | undefined): Link[] | string => {
    const links: Link[] = [];
    for (let stamp = last; stamp !== undefined; ) {
      if (stamp === base?.stamp) {
        links.unshift({ state: base, write: undefined });
        return links;
      }
      const write = makers.get(stamp);
      if (write === undefined || write.makes === 'deleted') {
        return `${name} stands as "${stamp}", which nobody wrote`;
      }
      if (links.some(({ write: other }) => other === write)) return `${name} follows itself`;
      links.unshift({ state: write.makes, write });
      stamp = write.follows?.stamp;
    }
    return base === undefined ? links : `${name} stood, and was made a second time`;
  };
  const last = end.get(name);
  let links: Link[] | string = [];
  if (last !== undefined) links = walk(last.stamp);
  else if (base !== undefined || writes.some(wasMade) || reads.length > 0) {
    links = walkToDeletion(name, writes, walk);
  }
  if (typeof links === 'string') {
    const chain = { distribution: name, links: [], placeOf: new Map(), writes, reads };
    return { chain, found: [links] };
  }
  const placeOf = new Map(
    links.flatMap(({ state }, place): [string, number][] =>
      state === 'deleted' ? [] : [[state.stamp, place]],
    ),
  );
  return { chain: { distribution: name, links, placeOf, writes, reads }, found: [] };
}

function wasMade({ outcome }: Write): boolean {
  return outcome === 'accepted';
}

/** It is gone, so one of the writes that delete was made; an answered one if there is any. */
function walkToDeletion(
  name: string,
  writes: readonly Write[],
  walk: (last: string | undefined) => Link[] | string,
): Link[] | string {
  const deletions = writes
    .filter(({ makes, outcome }) => makes === 'deleted' && outcome !== 'refused')
    .toSorted((a, b) => Number(wasMade(b)) - Number(wasMade(a)));
  let best: Link[] | string = `${name} was there, is gone, and nobody deleted it`;
  for (const write of deletions) {
    const before = walk(write.follows?.stamp);
    if (typeof before === 'string') {
      if (typeof best === 'string') best = before;
      continue;
    }
    const links: Link[] = [...before, { state: 'deleted', write }];
    if (wasMade(write)) return links;
    if (typeof best === 'string' || links.length > best.length) best = links;
  }
  return best;
}
