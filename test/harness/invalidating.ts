/** An invalidation as the fold of the log tells an edge of it. */
import { instant } from '../../src/base/clock.ts';
import { revision } from '../../src/base/log-record.ts';
import { accountId, distributionId, invalidationId } from '../../src/model/ids.ts';
import type { InvalidationMatching } from '../../src/model/invalidation.ts';
import type { Stage } from './scenario.ts';

/** Of the distribution of the stage, or of a tenant of it; the edge takes it at once. */
export function invalidates(
  { routing }: Stage,
  path: string,
  matching: InvalidationMatching = 'paths',
  tenant?: string,
): void {
  const at = revision(routing.revision + 1);
  const id = invalidationId(`I${at}`);
  const document = {
    format: 1,
    account: accountId('000000000000'),
    distribution: distributionId('E111111ABCDEF8'),
    tenant,
    id,
    createdAt: instant(0),
    batch: { matching, callerReference: 'once', paths: [path] },
  } as const;
  const placed = { revision: at, document };
  routing.apply([{ kind: 'invalidation', id, placed, before: undefined }], at);
}
