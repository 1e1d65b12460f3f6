/** Invalidations: facts with a position, `Completed` once every live edge serves beyond it. */
import type { At } from '../model/document-index.ts';
import {
  decideInvalidate,
  requireInvalidation,
  requireOwner,
} from '../model/decide-invalidation.ts';
import type { Invalidation } from '../model/invalidation.ts';
import type { Control, InvalidationView } from './control.ts';
import type { ControlCore } from './core.ts';
import { unknownMarker } from './markers.ts';

type InvalidationControl = Pick<Control, 'invalidate' | 'findInvalidation' | 'listInvalidations'>;

export function invalidationControl(core: ControlCore): InvalidationControl {
  function viewAt({ document: invalidation, revision }: At<Invalidation>): InvalidationView {
    const completed = core.hasReached(revision);
    return { invalidation, status: completed ? 'Completed' : 'InProgress' };
  }

  async function view(placed: At<Invalidation>): Promise<InvalidationView> {
    await core.liveness();
    return viewAt(placed);
  }

  return {
    async invalidate(account, owner, readBatch) {
      const command = { account, owner, readBatch };
      const { id, outcome } = await core.writeKnowing((catalog, facts) =>
        decideInvalidate(catalog, command, facts),
      );
      const placed = requireInvalidation(core.catalog, account, owner, id);
      return { ...(await view(placed)), outcome };
    },

    findInvalidation(account, owner, id) {
      return Promise.try(() => view(requireInvalidation(core.catalog, account, owner, id)));
    },

    async listInvalidations(account, owner, request) {
      requireOwner(core.catalog, account, owner);
      const newestFirst = core.catalog.listInvalidations(owner.id).toReversed();
      checkMarker(newestFirst, request.marker);
      const { items, truncated } = core.page(newestFirst, request);
      if (items.length > 0) await core.liveness();
      return { items: items.map(viewAt), truncated };
    },
  };
}

/** This list is not in order of creation, so a marker that is gone has no place in it. */
function checkMarker(items: readonly At<Invalidation>[], marker: string | undefined): void {
  if (marker === undefined || items.some(({ document }) => document.id === marker)) return;
  throw unknownMarker(marker);
}
