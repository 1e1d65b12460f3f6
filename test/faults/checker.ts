/**
 * The checker of the whole service: given the history of a round, names every breach of what
 * Warmfront promises. A write whose outcome is unknown may have been made or not; which, the chain
 * of states tells (chain.ts).
 *
 * - No acknowledged write is lost: it is on the chain, and who reads after it finds it.
 * - No position of the log holds two records, and no write stands at two positions.
 * - No ETag is accepted twice, and none names two states.
 * - No CNAME is owned by two distributions at one moment.
 * - `Deployed` and `Completed` are facts, invalidations are never undone, and no edge goes back:
 *   edge-checker.ts.
 */
import { type Chain, chainsOf } from './chain.ts';
import { edgeBreaches } from './edge-checker.ts';
import type { History, Read, Write } from './history.ts';

/** Sentences, one a breach; none when every promise was kept. */
export function breaches(history: History): readonly string[] {
  const { breaches: broken, chains } = chainsOf(history);
  return [
    ...history.events.flatMap((event) => (event.kind === 'surprise' ? [event.what] : [])),
    ...broken,
    ...chains.flatMap((chain) => [...lostWrites(chain), ...staleReads(chain)]),
    ...chains.flatMap((chain) => etagBreaches(chain, history)),
    ...positionBreaches(history),
    ...cnameBreaches(chains),
    ...edgeBreaches(history, chains),
  ];
}

function labelOf({ distribution, makes }: Write): string {
  return makes === 'deleted' ? `the deletion of ${distribution}` : `"${makes.stamp}"`;
}

function isMade(chain: Chain, write: Write): boolean {
  if (write.makes !== 'deleted') return chain.placeOf.has(write.makes.stamp);
  return chain.links.some((link) => link.write === write);
}

function lostWrites(chain: Chain): readonly string[] {
  const found: string[] = [];
  for (const write of chain.writes) {
    const isThere = isMade(chain, write);
    if (write.outcome === 'accepted' && !isThere) {
      found.push(`${labelOf(write)} was acknowledged, and is lost`);
    }
    // Who sends a create again may be refused where the first one was made.
    const others = chain.writes.filter(({ makes }) => sameState(makes, write.makes));
    if (isThere && others.every(({ outcome }) => outcome === 'refused')) {
      found.push(`${labelOf(write)} was refused, and made`);
    }
  }
  return found;
}

function sameState(one: Write['makes'], other: Write['makes']): boolean {
  if (one === 'deleted' || other === 'deleted') return one === other;
  return one.stamp === other.stamp;
}

/** What was answered, or read, before a reading began is there when it ends. */
function staleReads({ distribution, placeOf, reads, writes }: Chain): readonly string[] {
  const known: { readonly atMs: number; readonly place: number; readonly stamp: string }[] = [];
  const learn = (stamp: string, atMs: number): void => {
    const place = placeOf.get(stamp);
    if (place !== undefined) known.push({ atMs, place, stamp });
  };
  for (const { endedMs, makes, outcome } of writes) {
    if (outcome === 'accepted' && makes !== 'deleted') learn(makes.stamp, endedMs);
  }
  for (const { endedMs, state } of reads) learn(state.stamp, endedMs);
  known.sort((a, b) => a.atMs - b.atMs);
  const found: string[] = [];
  let next = 0;
  let latest = { place: -1, stamp: '' };
  for (const { mayBeOld, sentMs, state } of reads.toSorted((a, b) => a.sentMs - b.sentMs)) {
    for (; next < known.length; next += 1) {
      const one = known[next];
      if (one === undefined || one.atMs > sentMs) break;
      if (one.place > latest.place) latest = one;
    }
    if (mayBeOld) continue;
    const place = placeOf.get(state.stamp);
    if (place === undefined) {
      found.push(`${distribution} was read as "${state.stamp}", which never stood`);
    } else if (place < latest.place) {
      found.push(`${distribution} was read as "${state.stamp}", after it was "${latest.stamp}"`);
    }
  }
  return found;
}

function etagBreaches(
  { distribution, reads, writes }: Chain,
  { end, start }: History,
): readonly string[] {
  const found: string[] = [];
  const stamps = new Map<string, string>();
  const name = (etag: string, stamp: string): void => {
    const known = stamps.get(etag);
    if (known === undefined) stamps.set(etag, stamp);
    else if (known !== stamp) {
      found.push(`${etag} of ${distribution} names both "${known}" and "${stamp}"`);
    }
  };
  const ends = [start.distributions.get(distribution), end.get(distribution)];
  for (const one of ends) if (one !== undefined) name(one.etag, one.stamp);
  for (const { etag, state } of reads) name(etag, state.stamp);
  const accepted = new Map<string, Write>();
  for (const write of writes) {
    const { etag, follows, makes, outcome } = write;
    if (makes !== 'deleted' && etag !== undefined) name(etag, makes.stamp);
    if (outcome !== 'accepted' || follows === undefined) continue;
    const other = accepted.get(follows.etag);
    if (other === undefined) accepted.set(follows.etag, write);
    else {
      found.push(
        `${follows.etag} of ${distribution} was accepted for ${labelOf(other)} and for ${labelOf(write)}`,
      );
    }
  }
  return found;
}

function positionBreaches({ events }: History): readonly string[] {
  const found = new Set<string>();
  const writeAt = new Map<number, string>();
  const placeOf = new Map<string, number>();
  for (const event of events) {
    if (event.kind !== 'told') continue;
    const { revision, stamps, writeId } = event;
    const known = writeAt.get(revision);
    if (known !== undefined && known !== writeId) {
      found.add(`position ${revision} holds both ${known} and ${writeId}`);
    }
    writeAt.set(revision, writeId);
    for (const one of [`write ${writeId}`, ...stamps.map((stamp) => `"${stamp}"`)]) {
      const place = placeOf.get(one);
      if (place !== undefined && place !== revision) {
        found.add(`${one} stands both at position ${place} and at ${revision}`);
      }
      placeOf.set(one, revision);
    }
  }
  return [...found];
}

type Owned = {
  readonly distribution: string;
  readonly fromMs: number;
  readonly untilMs: number;
};

/**
 * A state certainly stands from when somebody was answered with it, to when the write was sent that
 * followed it.
 */
function cnameBreaches(chains: readonly Chain[]): readonly string[] {
  const owned = new Map<string, Owned[]>();
  for (const chain of chains) {
    const { distribution } = chain;
    const seenMs = firstSeen(chain);
    for (const [place, { state, write }] of chain.links.entries()) {
      if (state === 'deleted') continue;
      const fromMs = write === undefined ? -Infinity : seenMs.get(state.stamp);
      const untilMs = chain.links[place + 1]?.write?.sentMs ?? Infinity;
      if (fromMs === undefined || fromMs >= untilMs) continue;
      for (const cname of state.cnames) {
        const all = owned.get(cname) ?? [];
        owned.set(cname, all);
        all.push({ distribution, fromMs, untilMs });
      }
    }
  }
  const found: string[] = [];
  for (const [cname, all] of owned) {
    let last: Owned | undefined;
    for (const one of all.toSorted((a, b) => a.fromMs - b.fromMs)) {
      if (
        last !== undefined &&
        last.distribution !== one.distribution &&
        one.fromMs < last.untilMs
      ) {
        found.push(`${cname} was on ${last.distribution} and on ${one.distribution} at once`);
      }
      if (last === undefined || one.untilMs > last.untilMs) last = one;
    }
  }
  return found;
}

/** Stamp → when somebody was first answered with the state. */
function firstSeen({ reads, writes }: Chain): ReadonlyMap<string, number> {
  const seenMs = new Map<string, number>();
  const see = (stamp: string, atMs: number): void => {
    seenMs.set(stamp, Math.min(atMs, seenMs.get(stamp) ?? Infinity));
  };
  for (const { endedMs, makes, outcome } of writes) {
    if (outcome === 'accepted' && makes !== 'deleted') see(makes.stamp, endedMs);
  }
  for (const { endedMs, state } of reads satisfies readonly Read[]) see(state.stamp, endedMs);
  return seenMs;
}
