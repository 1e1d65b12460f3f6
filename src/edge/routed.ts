/** What later stages may count on because earlier ones have run; a missing part is a bug. */
import assert from 'node:assert/strict';
import type { BehaviorEntry } from './behavior-entry.ts';
import type { Exchange } from './exchange.ts';
import type { RoutingEntry } from './routing-table.ts';

export function routed(x: Exchange): RoutingEntry {
  assert(x.entry, 'route comes before the stages that need a distribution');
  return x.entry;
}

export function behaviorOf(x: Exchange): BehaviorEntry {
  assert(x.behavior, 'matchBehavior comes before the stages that go by a behavior');
  return x.behavior;
}

export function keyOf(x: Exchange): string {
  assert(x.key, 'deriveKey comes before the stages that use the cache');
  return x.key;
}
