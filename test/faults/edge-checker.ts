/**
 * What viewers were given, held against what the API called `Deployed` and `Completed`.
 *
 * An edge is live, in the sense of the log's presence, while the lease of its last report stands and
 * that report says `serving`. Seen from outside this is certain of an edge
 *
 * - during a reading that ended within a fifth of a lease (2 s at the most) of the moment at which
 *   the edge was asked, said that it is live, and was not started anew meanwhile; what that reading
 *   calls `Deployed`, the edge serves from then on;
 * - at the moment at which it says that it is live; what was called `Deployed` before, it has caught
 *   up with.
 *
 * From there on it holds for good: an edge serves no state before one that it had, through kills,
 * pauses and cuts alike, since its disk has what it reported. Edges of which nothing is certain are
 * held to that alone. Of objects the promise is weaker, since a cache may lose the newer of two that
 * no invalidation parts: an edge gives none that is older than a `Completed` which held for it.
 */
import type { Chain } from './chain.ts';
import type { History, Live, Spell, View } from './history.ts';

const marginMsMax = 2_000;

/** From a moment on, nothing below a place may be seen. */
type Floor = { readonly fromMs: number; readonly place: number; readonly why: string };

/** A place was called deployed. */
type Deployed = Spell & { readonly place: number; readonly why: string };

type Seen = Spell & { readonly seen: View['seen'] };

export function edgeBreaches(history: History, chains: readonly Chain[]): readonly string[] {
  const marginMs = Math.min(marginMsMax, history.leaseMs / 5);
  const byEdge = new Map(history.edges.map((edge) => [edge, new EdgeEvents(marginMs)]));
  for (const event of history.events) {
    if (event.kind === 'live') byEdge.get(event.edge)?.live.push(event);
    if (event.kind === 'started') byEdge.get(event.edge)?.startedMs.push(event.atMs);
    if (event.kind === 'view') byEdge.get(event.edge)?.see(event);
  }
  const found: string[] = [];
  for (const [edge, events] of byEdge) {
    events.live.sort((a, b) => a.sentMs - b.sentMs);
    for (const chain of chains) {
      const seen = events.seenOf(`distribution ${chain.distribution}`);
      if (seen.length > 0) found.push(...distributionBreaches(edge, events, chain, seen));
    }
    for (const [subject, seen] of events.objects()) {
      found.push(...objectBreaches(edge, events, history, subject, seen));
    }
  }
  return found;
}

class EdgeEvents {
  readonly live: Live[] = [];
  readonly startedMs: number[] = [];
  readonly #marginMs: number;
  readonly #seen = new Map<string, Seen[]>();

  constructor(marginMs: number) {
    this.#marginMs = marginMs;
  }

  see({ endedMs, of, seen, sentMs }: View): void {
    const subject =
      of.kind === 'object' ? `object ${of.object}` : `distribution ${of.distribution}`;
    const all = this.#seen.get(subject) ?? [];
    this.#seen.set(subject, all);
    all.push({ sentMs, endedMs, seen });
  }

  seenOf(subject: string): readonly Seen[] {
    return this.#seen.get(subject) ?? [];
  }

  *objects(): Generator<readonly [string, readonly Seen[]]> {
    for (const [subject, seen] of this.#seen) {
      if (subject.startsWith('object ')) yield [subject.slice('object '.length), seen];
    }
  }

  /** Those that hold for this edge, by what is certain of it. */
  floorsOf(deployed: readonly Deployed[]): readonly Floor[] {
    const floors: Floor[] = [];
    const inOrder = deployed.toSorted((a, b) => a.endedMs - b.endedMs);
    for (const { endedMs, place, sentMs, why } of inOrder) {
      const isCertain = this.live.some(
        (live) =>
          live.endedMs <= sentMs &&
          endedMs <= live.sentMs + this.#marginMs &&
          !this.startedMs.some((atMs) => atMs > live.sentMs && atMs <= endedMs),
      );
      if (isCertain) floors.push({ fromMs: endedMs, place, why });
    }
    let next = 0;
    let latest: Deployed | undefined;
    for (const { endedMs, sentMs } of this.live) {
      for (; next < inOrder.length; next += 1) {
        const one = inOrder[next];
        if (one === undefined || one.endedMs > sentMs) break;
        if (latest === undefined || one.place > latest.place) latest = one;
      }
      if (latest !== undefined) {
        floors.push({
          fromMs: endedMs,
          place: latest.place,
          why: `${latest.why}, and it was live`,
        });
      }
    }
    return floors;
  }
}

/** Tells the highest floor of a moment; moments are asked for in their order. */
class Rising {
  readonly #floors: Floor[];
  #next = 0;
  #highest: Floor | undefined;

  constructor(floors: readonly Floor[]) {
    this.#floors = floors.toSorted((a, b) => a.fromMs - b.fromMs);
  }

  at(ms: number): Floor | undefined {
    for (; this.#next < this.#floors.length; this.#next += 1) {
      const floor = this.#floors[this.#next];
      if (floor === undefined || floor.fromMs > ms) break;
      if (this.#highest === undefined || floor.place > this.#highest.place) this.#highest = floor;
    }
    return this.#highest;
  }
}

function distributionBreaches(
  edge: string,
  events: EdgeEvents,
  { distribution, links, placeOf, reads }: Chain,
  seen: readonly Seen[],
): readonly string[] {
  const found: string[] = [];
  const deployed = reads.flatMap(({ endedMs, isDeployed, sentMs, state }): Deployed[] => {
    const place = placeOf.get(state.stamp);
    if (!isDeployed || place === undefined) return [];
    return [{ sentMs, endedMs, place, why: `${state.number} was called Deployed` }];
  });
  const numberAt = (place: number): string => {
    const state = links[place]?.state;
    return state === undefined || state === 'deleted' ? 'its deletion' : String(state.number);
  };
  const byNumber = new Map(
    links.flatMap(({ state }, place): [number, number][] =>
      state === 'deleted' || !state.enabled ? [] : [[state.number, place]],
    ),
  );
  const isOff = (place: number): boolean => {
    const state = links[place]?.state;
    return state === 'deleted' || state?.enabled === false;
  };
  const stood: Floor[] =
    links[0]?.write === undefined && links.length > 0
      ? [{ fromMs: -Infinity, place: 0, why: `${numberAt(0)} stood at the start` }]
      : [];
  const certain = new Rising([...stood, ...events.floorsOf(deployed)]);
  const inOrder = seen.toSorted((a, b) => a.sentMs - b.sentMs);
  /** The least place that each view can have been given at. */
  const before: Floor[] = [];
  for (const view of inOrder) {
    const floors = [
      certain.at(view.sentMs),
      ...before.filter(({ fromMs }) => fromMs <= view.sentMs),
    ];
    const floor = floors.reduce((a, b) => ((b?.place ?? -1) > (a?.place ?? -1) ? b : a), undefined);
    const least = floor?.place ?? -1;
    let place: number | undefined;
    if (view.seen === 'refused') {
      place = least < 0 ? -1 : links.findIndex((_, at) => at >= least && isOff(at));
      if (least >= 0 && place < 0) {
        found.push(`${edge} refuses ${distribution}, though ${floor?.why}`);
        continue;
      }
    } else {
      place = byNumber.get(view.seen);
      if (place === undefined) {
        found.push(`${edge} serves ${view.seen} of ${distribution}, which it never was`);
        continue;
      }
      if (place < least) {
        found.push(`${edge} serves ${view.seen} of ${distribution}, though ${floor?.why}`);
        continue;
      }
    }
    if (place > least) {
      const why = `it had served ${numberAt(place)}`;
      keepHighest(before, { fromMs: view.endedMs, place, why });
    }
  }
  return found;
}

/** Floors of views that overlap stand side by side; one that is both later and lower says nothing. */
function keepHighest(floors: Floor[], floor: Floor): void {
  const useful = floors.filter(({ fromMs, place }) => fromMs < floor.fromMs || place > floor.place);
  floors.splice(0, floors.length, ...useful.slice(-overlappingMax), floor);
}

/** Viewers of one edge and distribution that ask at one time. */
const overlappingMax = 64;

function objectBreaches(
  edge: string,
  events: EdgeEvents,
  history: History,
  object: string,
  seen: readonly Seen[],
): readonly string[] {
  const completed = history.events.flatMap((event): Deployed[] => {
    if (event.kind !== 'completed' || event.object !== object) return [];
    const { endedMs, sentMs, version } = event;
    return [
      {
        sentMs,
        endedMs,
        place: version,
        why: `the invalidation of those before ${version} was Completed`,
      },
    ];
  });
  const first = history.start.objects.get(object) ?? 0;
  const start = { fromMs: -Infinity, place: first, why: `${first} was the oldest at the start` };
  const certain = new Rising([start, ...events.floorsOf(completed)]);
  return seen
    .toSorted((a, b) => a.sentMs - b.sentMs)
    .flatMap((view) => {
      const floor = certain.at(view.sentMs);
      if (view.seen === 'refused') return [`${edge} refuses ${object}`];
      if (view.seen >= (floor?.place ?? 0)) return [];
      return [`${edge} serves version ${view.seen} of ${object}, though ${floor?.why}`];
    });
}
