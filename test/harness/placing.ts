/** Resources of an account, as an edge comes to know them. */
import { instant } from '../../src/base/clock.ts';
import { revision } from '../../src/base/log-record.ts';
import type { RoutingTable } from '../../src/edge/routing-table.ts';
import { accountId, configEtag } from '../../src/model/ids.ts';
import type {
  Resource,
  ResourceConfigs,
  ResourceKind,
} from '../../src/model/resources/resource.ts';

type OneResource = {
  readonly [Kind in ResourceKind]: {
    readonly kind: Kind;
    readonly id: string;
    readonly config: ResourceConfigs[Kind];
  };
}[ResourceKind];

/** Puts it in the log, as far as this edge can tell. */
export function placeResource(routing: RoutingTable, resource: OneResource): void {
  const document: Resource = {
    format: 1,
    account: accountId('000000000000'),
    etag: configEtag('E2QWRUHAPOMQZL'),
    createdAt: instant(0),
    modifiedAt: instant(0),
    ...resource,
  };
  const at = revision(routing.revision + 1);
  const { account, id, kind: of } = document;
  const placed = { document, revision: at };
  routing.apply([{ kind: 'resource', account, id, of, placed }], at);
}
