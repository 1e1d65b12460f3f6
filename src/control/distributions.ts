/** Distributions of both kinds: commands, and readings with their status. */
import {
  conflictsWith,
  decideMoveAlias,
  decideMoveDomain,
  requireHolder,
} from '../model/decide-domain.ts';
import type { At } from '../model/document-index.ts';
import {
  decideCreate,
  decideDelete,
  decideReplace,
  requireDistribution,
} from '../model/decide-distribution.ts';
import { decidePromote } from '../model/decide-promotion.ts';
import { countInProgress } from '../model/decide-invalidation.ts';
import { behaviorsOf, type Distribution } from '../model/distribution.ts';
import { accountId, type AccountId } from '../model/ids.ts';
import type { ActiveKeyGroup, ActiveSigner, Control, DistributionView } from './control.ts';
import type { ControlCore, KnownLiveness } from './core.ts';

type DistributionControl = Pick<
  Control,
  | 'create'
  | 'find'
  | 'list'
  | 'replace'
  | 'delete'
  | 'promote'
  | 'moveAlias'
  | 'moveDomain'
  | 'conflictingDomains'
>;

export function distributionControl(core: ControlCore): DistributionControl {
  function viewAt(placed: At<Distribution>, liveness: KnownLiveness): DistributionView {
    const { document: distribution, revision } = placed;
    const { id } = distribution;
    const completed = (_: string, change: typeof revision): boolean => core.hasReached(change);
    return {
      distribution,
      status: core.isDeployed(revision, liveness) ? 'Deployed' : 'InProgress',
      invalidationsInProgress: countInProgress(core.catalog, id, completed),
      activeSigners: activeSigners(core, distribution),
      activeKeyGroups: activeKeyGroups(core, distribution),
    };
  }

  async function view(placed: At<Distribution>): Promise<DistributionView> {
    return viewAt(placed, await core.liveness());
  }

  return {
    async create(account, kind, readConfig, options = {}) {
      const { id, outcome } = await core.write((catalog, facts) =>
        decideCreate(catalog, { account, kind, readConfig, ...options }, facts),
      );
      return { ...(await view(requireDistribution(core.catalog, account, kind, id))), outcome };
    },

    find(account, kind, id) {
      return Promise.try(() => view(requireDistribution(core.catalog, account, kind, id)));
    },

    async list(account, kind, request) {
      const { items, truncated } = core.page(core.catalog.list(account, kind), request);
      const liveness = items.length === 0 ? undefined : await core.liveness();
      return { items: items.map((placed) => viewAt(placed, liveness)), truncated };
    },

    async replace(account, kind, id, ifMatch, readConfig, options = {}) {
      const command = { account, kind, id, ifMatch, readConfig, ...options };
      await core.write((catalog, facts) => decideReplace(catalog, command, facts));
      return view(requireDistribution(core.catalog, account, kind, id));
    },

    async delete(account, kind, id, ifMatch) {
      const command = { account, kind, id, ifMatch };
      await core.writeKnowing((catalog, facts) => decideDelete(catalog, command, facts));
    },

    async promote(promotion) {
      const { account, primary } = promotion;
      await core.write((catalog, facts) => decidePromote(catalog, promotion, facts));
      return view(requireDistribution(core.catalog, account, 'download', primary));
    },

    async moveAlias(account, target, alias) {
      const command = { account, target, alias };
      await core.write((catalog, facts) => decideMoveAlias(catalog, command, facts));
    },

    async moveDomain(move) {
      await core.write((catalog, facts) => decideMoveDomain(catalog, move, facts));
      return requireHolder(core.catalog, move.account, move.target).document;
    },

    conflictingDomains(account, self, domain) {
      return Promise.try(() => {
        requireHolder(core.catalog, account, self);
        return conflictsWith(core.catalog, self.id, domain);
      });
    },
  };
}

/** Read anew each time: it reports the accounts, not only the configuration. */
function activeSigners({ catalog }: ControlCore, distribution: Distribution): ActiveSigner[] {
  const trusted = behaviorsOf(distribution.config).map((one) => one.trustedSigners);
  const signers: ActiveSigner[] = [];
  const pairsOf = (account: AccountId): readonly string[] =>
    catalog
      .listKeyPairs(account)
      .filter(({ document }) => document.active)
      .map(({ document }) => document.id);
  if (trusted.some(({ self }) => self)) {
    signers.push({ account: 'self', keyPairIds: pairsOf(distribution.account) });
  }
  for (const account of new Set(trusted.flatMap(({ accounts }) => accounts).map(accountId))) {
    signers.push({ account, keyPairIds: pairsOf(account) });
  }
  return signers;
}

function activeKeyGroups({ catalog }: ControlCore, distribution: Distribution): ActiveKeyGroup[] {
  const { account, config } = distribution;
  const named = new Set(behaviorsOf(config).flatMap(({ keyGroups }) => keyGroups));
  return [...named].map((keyGroup) => ({
    keyGroup,
    publicKeys: catalog.resource(account, 'key-group', keyGroup)?.document.config.publicKeys ?? [],
  }));
}
