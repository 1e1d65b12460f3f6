/**
 * Status is arithmetic: a change is `Deployed` when every live edge serves a position that has
 * reached it. Nothing is flagged or timed, and nothing is guessed: where presence cannot tell, or
 * edges that run may not have reported yet, the answer is InProgress.
 */
import type { Cursor } from '../base/log-record.ts';
import type { Liveness } from '../log/presence.ts';

/**
 * The point up to which all live edges of `registered` serve, or did at some time: `Deployed` is
 * said of every change up to there, for good. Undefined: of none.
 */
export function reachedBy(
  registered: ReadonlyMap<string, unknown>,
  { head, reached, reports, settled }: Liveness,
): Cursor | undefined {
  const latched = reached?.logId === head.logId ? reached : undefined;
  if (registered.size === 0) return head;
  if (!settled) return latched;
  const live = reports.filter(({ edge, state }) => state === 'serving' && registered.has(edge));
  let least: Cursor | undefined;
  for (const { serving } of live) {
    if (serving === undefined || serving.logId !== head.logId) return latched;
    if (least === undefined || serving.revision < least.revision) least = serving;
  }
  return least !== undefined && least.revision > (latched?.revision ?? -1) ? least : latched;
}
