/**
 * Status is arithmetic: a change is `Deployed` when every live edge serves a position that has
 * reached it. Nothing is flagged or timed, and nothing is guessed: where presence cannot tell, or
 * edges that run may not have reported yet, the answer is InProgress.
 */
import type { LogId, Revision } from '../base/log-record.ts';
import type { Liveness } from '../log/presence.ts';

/** Have all live edges of `registered` taken what the log says up to `revision`? */
export function hasReachedEdges(
  revision: Revision,
  registered: ReadonlyMap<string, unknown>,
  { head, reports, settled }: Liveness,
): boolean {
  if (registered.size === 0) return true;
  if (!settled) return false;
  const live = reports.filter(({ edge, state }) => state === 'serving' && registered.has(edge));
  if (live.length === 0) return false;
  return live.every(({ serving }) => hasReached(serving, head.logId, revision));
}

function hasReached(
  serving: { readonly logId: LogId; readonly revision: Revision } | undefined,
  logId: LogId,
  revision: Revision,
): boolean {
  return serving !== undefined && serving.logId === logId && serving.revision >= revision;
}

/** Remembers what was said to be deployed: once said of a change, it stays said. */
export class DeployedLatch {
  readonly #said = new Map<string, Revision>();

  holds(id: string, revision: Revision): boolean {
    return this.#said.get(id) === revision;
  }

  latch(id: string, revision: Revision): void {
    this.#said.set(id, revision);
  }

  forget(id: string): void {
    this.#said.delete(id);
  }
}
