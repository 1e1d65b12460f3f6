/** Status: `Deployed` only where every live edge has come as far, and presence is settled. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logId, revision, writeId } from '../base/log-record.ts';
import type { EdgeState, Liveness } from '../log/presence.ts';
import { reachedBy } from './status.ts';

const log = logId(new Uint8Array(16));
const other = logId(new Uint8Array(16).fill(1));

function cursor(position: number, of = log) {
  return { logId: of, revision: revision(position), writeId: writeId(new Uint8Array(16)) };
}

function liveness(
  edges: Readonly<Record<string, [EdgeState, number | undefined]>>,
  changed: Partial<Liveness> = {},
): Liveness {
  const reports = Object.entries(edges).map(([edge, [state, position]]) => ({
    edge,
    session: 1,
    beat: 1,
    state,
    serving: position === undefined ? undefined : cursor(position),
  }));
  return { head: cursor(9), reports, settled: true, reached: undefined, ...changed };
}

const registered = new Map([
  ['one', {}],
  ['two', {}],
]);
const five = revision(5);

function hasReachedEdges(
  change: number,
  edges: ReadonlyMap<string, unknown>,
  seen: Liveness,
): boolean {
  return (reachedBy(edges, seen)?.revision ?? -1) >= change;
}

test('what was once said stays said, in this log, when edges go away or come back from before', () => {
  const said = { reached: cursor(6) };
  for (const edges of [{}, { one: ['serving', 4] }, { one: ['joining', 9] }] as const) {
    const copied: Record<string, [EdgeState, number | undefined]> = Object.fromEntries(
      Object.entries(edges).map(([name, [state, position]]) => [name, [state, position]]),
    );
    assert.equal(reachedBy(registered, liveness(copied, said))?.revision, 6);
  }
  assert.equal(reachedBy(registered, liveness({ one: ['serving', 8] }, said))?.revision, 8);
  assert.equal(reachedBy(registered, liveness({}, { settled: false, ...said }))?.revision, 6);
  assert.equal(reachedBy(registered, liveness({}, { reached: cursor(6, other) })), undefined);
});

test('it waits for the last of the live edges', () => {
  assert(
    !hasReachedEdges(five, registered, liveness({ one: ['serving', 9], two: ['serving', 4] })),
  );
  assert(hasReachedEdges(five, registered, liveness({ one: ['serving', 9], two: ['serving', 5] })));
});

test('an edge that is not live, joins or drains holds nothing back', () => {
  assert(hasReachedEdges(five, registered, liveness({ one: ['serving', 5] })));
  assert(hasReachedEdges(five, registered, liveness({ one: ['serving', 5], two: ['joining', 1] })));
  assert(
    hasReachedEdges(five, registered, liveness({ one: ['serving', 5], two: ['draining', 1] })),
  );
});

test('without an edge it is true at once; with none of them live it is not', () => {
  assert(hasReachedEdges(five, new Map(), liveness({})));
  assert(!hasReachedEdges(five, registered, liveness({})));
  assert(!hasReachedEdges(five, registered, liveness({ one: ['joining', 9] })));
});

test('edges that are not registered count for nothing', () => {
  const stranger = liveness({ stranger: ['serving', 9] });
  assert(!hasReachedEdges(five, registered, stranger));
});

test('before presence has settled nothing is deployed', () => {
  const unsettled = liveness({ one: ['serving', 9], two: ['serving', 9] }, { settled: false });
  assert(!hasReachedEdges(five, registered, unsettled));
});

test('a position in another log counts for nothing', () => {
  const foreign = liveness({ one: ['serving', 9] }, { head: cursor(9, other) });
  assert(!hasReachedEdges(five, registered, foreign));
});
