/** The checker finds nothing where every promise was kept, and each breach where one was not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { breaches } from './checker.ts';
import type { Event, History, Read, State, View, Write } from './history.ts';

/** One write, ten milliseconds long. */
function writes(
  distribution: string,
  [stamp, number]: readonly [string, number],
  sentMs: number,
  more: Partial<Write> & { readonly enabled?: boolean; readonly cnames?: readonly string[] } = {},
): Write {
  const { cnames = [], enabled = true, ...others } = more;
  return {
    kind: 'write',
    distribution,
    follows: undefined,
    makes: { stamp, number, enabled, cnames },
    outcome: 'accepted',
    etag: `E-${stamp}`,
    sentMs,
    endedMs: sentMs + 10,
    ...others,
  };
}

function after(stamp: string): { readonly follows: Write['follows'] } {
  return { follows: { etag: `E-${stamp}`, stamp } };
}

function reads(
  distribution: string,
  [stamp, number]: readonly [string, number],
  sentMs: number,
  more: Partial<Read> = {},
): Read {
  return {
    kind: 'read',
    distribution,
    state: stateOf(stamp, number),
    etag: `E-${stamp}`,
    isDeployed: false,
    mayBeOld: false,
    sentMs,
    endedMs: sentMs + 10,
    ...more,
  };
}

function stateOf(stamp: string, number: number): State {
  return { stamp, number, enabled: true, cnames: [] };
}

function views(edge: string, distribution: string, seen: View['seen'], sentMs: number): View {
  const of = { kind: 'distribution', distribution } as const;
  return { kind: 'view', edge, of, seen, sentMs, endedMs: sentMs + 5 };
}

function viewsObject(edge: string, object: string, seen: View['seen'], sentMs: number): View {
  return { kind: 'view', edge, of: { kind: 'object', object }, seen, sentMs, endedMs: sentMs + 5 };
}

function live(edge: string, sentMs: number): Event {
  return { kind: 'live', edge, sentMs, endedMs: sentMs + 5 };
}

function told(revision: number, writeId: string, stamps: readonly string[] = []): Event {
  return { kind: 'told', follower: 'f', revision, writeId, stamps };
}

type Standing = readonly (readonly [string, State & { readonly etag: string }])[];

function stands(
  distribution: string,
  [stamp, number]: readonly [string, number],
  more: Partial<State> = {},
): Standing[number] {
  return [distribution, { ...stateOf(stamp, number), ...more, etag: `E-${stamp}` }];
}

function history(events: readonly Event[], end: Standing, start: Standing = []): History {
  const objects = new Map([['o', 1]]);
  return {
    leaseMs: 5_000,
    edges: ['paris', 'rome'],
    start: { distributions: new Map(start), objects },
    events,
    end: new Map(end),
  };
}

function finds(given: History, ...sentences: readonly string[]): void {
  assert.deepEqual(breaches(given), sentences);
}

/** A create, two updates, one of which nobody was answered for, and what edges gave meanwhile. */
const kept: readonly Event[] = [
  writes('x', ['a', 1], 0),
  live('paris', 20),
  live('rome', 20),
  reads('x', ['a', 1], 30, { isDeployed: true }),
  views('paris', 'x', 1, 50),
  writes('x', ['b', 2], 60, { ...after('a'), outcome: 'unknown', etag: undefined }),
  views('rome', 'x', 2, 75),
  reads('x', ['b', 2], 80),
  writes('x', ['c', 3], 100, after('b')),
  writes('x', ['d', 3], 100, { ...after('b'), outcome: 'refused', etag: undefined }),
  views('paris', 'x', 2, 120),
  views('paris', 'x', 3, 140),
];

test('it finds nothing where every promise was kept, whatever became of what is unknown', () => {
  finds(history(kept, [stands('x', ['c', 3])]));
  const notMade = writes('x', ['e', 4], 200, {
    ...after('c'),
    outcome: 'unknown',
    etag: undefined,
  });
  finds(history([...kept, notMade], [stands('x', ['c', 3])]));
  finds(history([...kept, notMade], [stands('x', ['e', 4])]));
  const deletion = writes('x', ['', 0], 300, {
    ...after('c'),
    makes: 'deleted',
    outcome: 'unknown',
    etag: undefined,
  });
  finds(history([...kept, deletion], [stands('x', ['c', 3])]));
  finds(history([...kept, deletion], []));
});

test('it finds nothing in a create that was sent again', () => {
  const first = writes('x', ['a', 1], 0, { outcome: 'unknown', etag: undefined });
  finds(history([first, writes('x', ['a', 1], 50)], [stands('x', ['a', 1])]));
  const refused = writes('x', ['a', 1], 50, { outcome: 'refused', etag: undefined });
  finds(history([first, refused], [stands('x', ['a', 1])]));
});

test('it finds an acknowledged write that is lost, at the end, in the middle, or whole', () => {
  finds(
    history([...kept, writes('x', ['e', 4], 200, after('c'))], [stands('x', ['c', 3])]),
    '"e" was acknowledged, and is lost',
  );
  finds(
    history(
      [
        writes('x', ['a', 1], 0),
        writes('x', ['b', 2], 20, after('a')),
        writes('x', ['c', 3], 40, after('a')),
      ],
      [stands('x', ['c', 3])],
    ),
    '"b" was acknowledged, and is lost',
    'E-a of x was accepted for "b" and for "c"',
  );
  finds(
    history([writes('x', ['a', 1], 0)], []),
    'x was there, is gone, and nobody deleted it',
    '"a" was acknowledged, and is lost',
  );
  finds(history([], [], [stands('x', ['a', 1])]), 'x was there, is gone, and nobody deleted it');
});

test('it finds an acknowledged deletion that is undone', () => {
  const deletion = writes('x', ['', 0], 200, {
    ...after('c'),
    makes: 'deleted',
    etag: undefined,
  });
  finds(
    history([...kept, deletion], [stands('x', ['c', 3])]),
    'the deletion of x was acknowledged, and is lost',
  );
});

test('it finds what was refused and made, and what nobody wrote', () => {
  const refused = writes('x', ['b', 2], 20, {
    ...after('a'),
    outcome: 'refused',
    etag: undefined,
  });
  finds(
    history([writes('x', ['a', 1], 0), refused], [stands('x', ['b', 2])]),
    '"b" was refused, and made',
  );
  finds(history([], [stands('x', ['q', 1])]), 'x stands as "q", which nobody wrote');
});

test('it finds a reading from before an acknowledged write, unless it says that it may be old', () => {
  const old = reads('x', ['a', 1], 200);
  finds(history([...kept, old], [stands('x', ['c', 3])]), 'x was read as "a", after it was "c"');
  finds(history([...kept, { ...old, mayBeOld: true }], [stands('x', ['c', 3])]));
  // Sent before the write was answered, it may be either.
  finds(history([...kept, reads('x', ['b', 2], 105)], [stands('x', ['c', 3])]));
  finds(
    history([...kept, reads('x', ['d', 3], 200)], [stands('x', ['c', 3])]),
    'x was read as "d", which never stood',
  );
});

test('it finds a position that was used twice, and a write that stands twice', () => {
  const end = [stands('x', ['c', 3])];
  finds(history([...kept, told(7, 'v', ['a']), told(7, 'v', ['a']), told(8, 'w')], end));
  finds(
    history([...kept, told(7, 'v'), told(8, 'w'), told(7, 'u')], end),
    'position 7 holds both v and u',
  );
  finds(
    history([...kept, told(7, 'v', ['a']), told(9, 'w', ['a'])], end),
    '"a" stands both at position 7 and at 9',
  );
});

test('it finds an ETag that was accepted twice, and one of two states', () => {
  const twice = writes('x', ['e', 4], 200, { ...after('c') });
  const gone = writes('x', ['', 0], 230, { ...after('c'), makes: 'deleted', etag: undefined });
  finds(
    history([...kept, twice, gone], []),
    '"e" was acknowledged, and is lost',
    'E-c of x was accepted for "e" and for the deletion of x',
  );
  finds(
    history([...kept, reads('x', ['c', 3], 200, { etag: 'E-b' })], [stands('x', ['c', 3])]),
    'E-b of x names both "b" and "c"',
  );
});

test('it finds a CNAME with two owners', () => {
  const cnames = ['www.example'];
  const first = writes('x', ['a', 1], 0, { cnames });
  const end = [stands('x', ['a', 1], { cnames }), stands('y', ['b', 1], { cnames })];
  finds(
    history([first, writes('y', ['b', 1], 20, { cnames })], end),
    'www.example was on x and on y at once',
  );
  // It may have moved: the write that gave it up was sent before the other one was answered.
  const givesUp = writes('x', ['c', 2], 20, { ...after('a'), outcome: 'unknown', etag: undefined });
  const moved = [stands('x', ['c', 2]), stands('y', ['b', 1], { cnames })];
  finds(history([first, givesUp, writes('y', ['b', 1], 25, { cnames })], moved));
  const givesUpLater = { ...givesUp, sentMs: 60, endedMs: 70 };
  finds(
    history([first, givesUpLater, writes('y', ['b', 1], 25, { cnames })], moved),
    'www.example was on x and on y at once',
  );
});

test('it finds a Deployed that came before a live edge served the change', () => {
  const end = [stands('x', ['c', 3])];
  const deployed = reads('x', ['c', 3], 1_200, { isDeployed: true });
  const late = views('rome', 'x', 2, 1_230);
  finds(
    history([...kept, live('rome', 1_190), deployed, late], end),
    'rome serves 2 of x, though 3 was called Deployed',
  );
  // Nothing is certain of an edge that was asked too long before, or was started anew since.
  finds(history([...kept, deployed, late], end));
  const started: Event = { kind: 'started', edge: 'rome', atMs: 1_195 };
  finds(history([...kept, live('rome', 1_190), started, deployed, late], end));
  // What was asked before the reading ended may be answered from before.
  finds(history([...kept, live('rome', 1_190), deployed, views('rome', 'x', 2, 1_205)], end));
  // Live again, it has caught up with all that was said meanwhile.
  finds(
    history([...kept, deployed, late, live('rome', 1_240), views('rome', 'x', 2, 1_250)], end),
    'rome serves 2 of x, though 3 was called Deployed, and it was live',
  );
});

test('it finds an edge that refuses what is deployed, or serves what is disabled', () => {
  const base = [stands('x', ['a', 1])];
  const off = writes('x', ['b', 2], 0, { ...after('a'), enabled: false });
  const end = [stands('x', ['b', 2], { enabled: false })];
  finds(history([off, views('paris', 'x', 'refused', 20)], end, base));
  finds(
    history([off, views('paris', 'x', 'refused', 20), views('paris', 'x', 1, 40)], end, base),
    'paris serves 1 of x, though it had served 2',
  );
  finds(
    history([off, views('paris', 'x', 2, 20)], end, base),
    'paris serves 2 of x, which it never was',
  );
  finds(
    history([views('paris', 'x', 'refused', 20)], base, base),
    'paris refuses x, though 1 stood at the start',
  );
});

test('it finds an edge that goes back, over a restart too', () => {
  const end = [stands('x', ['c', 3])];
  const started: Event = { kind: 'started', edge: 'paris', atMs: 150 };
  for (const between of [[], [started]]) {
    finds(
      history([...kept, ...between, views('paris', 'x', 2, 200)], end),
      'paris serves 2 of x, though it had served 3',
    );
  }
  // Two that were under way at one time may be answered in any order.
  finds(history([...kept, views('paris', 'x', 2, 138)], end));
  finds(
    history([...kept, views('paris', 'x', 9, 200)], end),
    'paris serves 9 of x, which it never was',
  );
});

test('it finds an invalidation that is undone, and one that was Completed too early', () => {
  const completed: Event = { kind: 'completed', object: 'o', version: 2, sentMs: 30, endedMs: 40 };
  const early = [live('paris', 10), completed];
  finds(history([...early, viewsObject('paris', 'o', 2, 50)], []));
  finds(
    history([...early, viewsObject('paris', 'o', 1, 50)], []),
    'paris serves version 1 of o, though the invalidation of those before 2 was Completed',
  );
  // One that was away may serve the old one, until it is live again; then never more.
  const away = [completed, viewsObject('rome', 'o', 1, 50), live('rome', 60)];
  finds(history([...away, viewsObject('rome', 'o', 2, 70)], []));
  const started: Event = { kind: 'started', edge: 'rome', atMs: 75 };
  finds(
    history([...away, started, viewsObject('rome', 'o', 1, 80)], []),
    'rome serves version 1 of o, though the invalidation of those before 2 was Completed, and it was live',
  );
  finds(
    history([viewsObject('rome', 'o', 0, 80)], []),
    'rome serves version 0 of o, though 1 was the oldest at the start',
  );
});

test('it passes on what nobody has a right to answer', () => {
  finds(history([{ kind: 'surprise', what: 'api1 answered 500' }], []), 'api1 answered 500');
});
