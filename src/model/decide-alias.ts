/** An alias is moved from one distribution to another of the account (API 2020-05-31, section 4.4). */
import type { Catalog } from './catalog.ts';
import { checkConfig } from './check-config.ts';
import { requireDistribution } from './decide-distribution.ts';
import { mintUnused, type Decision, type Facts } from './decision.ts';
import type { Distribution } from './distribution.ts';
import { putDistribution } from './document.ts';
import type { AccountId } from './ids.ts';
import { Refusal } from './refusal.ts';

export type MoveAlias = {
  readonly account: AccountId;
  readonly target: string;
  readonly alias: string;
};

/** Both distributions change in one append, so nobody sees it on neither or on both. */
export function decideMoveAlias(
  catalog: Catalog,
  { account, alias: given, target: id }: MoveAlias,
  facts: Facts,
): Decision<undefined> {
  const { document: target } = requireDistribution(catalog, account, 'download', id);
  const alias = given.toLowerCase();
  const ownerId = catalog.aliasOwner(alias);
  if (ownerId === id) return { changes: [], answer: undefined };
  const owner = ownerId === undefined ? undefined : catalog.distributions.get(ownerId)?.document;
  if (owner !== undefined && owner.account !== account) {
    throw new Refusal('AccessDenied', { why: `${alias} is on a distribution of another account.` });
  }
  const gaining = renamed(target, [...target.config.aliases, alias], facts);
  checkConfig(gaining.config, facts.limits, facts);
  const losing =
    owner === undefined
      ? []
      : [
          renamed(
            owner,
            owner.config.aliases.filter((one) => one !== alias),
            facts,
          ),
        ];
  return { changes: [...losing, gaining].map(putDistribution), answer: undefined };
}

function renamed(
  was: Distribution,
  aliases: readonly string[],
  { call, mint, now }: Facts,
): Distribution {
  return {
    ...was,
    etag: mintUnused(mint.configEtag, (etag) => etag === was.etag),
    modifiedAt: now,
    changedBy: call,
    config: { ...was.config, aliases },
  };
}

export type Conflict = { readonly alias: string; readonly distribution: Distribution };

/** Aliases of other distributions that are this one, take it in, or are taken in by it. */
export function conflictsWith(catalog: Catalog, self: string, given: string): readonly Conflict[] {
  const alias = given.toLowerCase();
  return [...catalog.distributions.all()]
    .filter(({ document }) => document.id !== self)
    .flatMap(({ document }) =>
      document.config.aliases
        .filter((one) => one === alias || covers(one, alias) || covers(alias, one))
        .map((one) => ({ alias: one, distribution: document })),
    );
}

function covers(wildcard: string, name: string): boolean {
  return wildcard.startsWith('*.') && name.endsWith(wildcard.slice(1)) && name !== wildcard;
}
