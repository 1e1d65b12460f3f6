/** What was on trial becomes what viewers get (API 2020-05-31, section 4.13). */
import type { Catalog } from './catalog.ts';
import { decideReplace, requireDistribution } from './decide-distribution.ts';
import { checkIfMatch, type Decision, type Facts, mintUnused } from './decision.ts';
import type { Distribution, DistributionConfig } from './distribution.ts';
import type { AccountId, DistributionId } from './ids.ts';
import { Refusal } from './refusal.ts';
import { putResource } from './resources/resource-document.ts';
import type { Resource } from './resources/resource.ts';

export type Promote = {
  readonly account: AccountId;
  /** Ids. The staging one is that of the primary one's policy where none is given. */
  readonly primary: string;
  readonly staging: string | undefined;
  /** The header as it came: the ETag of the primary one, a comma, that of the staging one. */
  readonly ifMatch: string | undefined;
};

/** The primary distribution and its policy, which ends the trial, change in one append. */
export function decidePromote(
  catalog: Catalog,
  { account, ifMatch, primary: id, staging: stagingId }: Promote,
  facts: Facts,
): Decision<DistributionId> {
  const { document: primary } = requireDistribution(catalog, account, 'download', id);
  const policy = policyOf(catalog, primary);
  const staging = stagingOf(catalog, primary, policy, stagingId);
  const [primaryMatch, stagingMatch] = bothOf(ifMatch);
  checkIfMatch(primaryMatch, primary);
  checkIfMatch(stagingMatch, staging);
  const { answer, changes } = decideReplace(
    catalog,
    {
      account,
      kind: 'download',
      id,
      ifMatch: primaryMatch,
      originsMayChange: true,
      readConfig: (was) => promoted(was, staging.config),
    },
    facts,
  );
  return { answer, changes: [...changes, ...endOfTrial(policy, facts)] };
}

/**
 * Whether it is enabled stays with the primary distribution, too: nobody switches a site off by
 * promoting a trial that was switched off.
 */
function promoted(was: DistributionConfig, tried: DistributionConfig): DistributionConfig {
  const { aliases, callerReference, continuousDeploymentPolicy, enabled, staging } = was;
  return { ...tried, aliases, callerReference, continuousDeploymentPolicy, enabled, staging };
}

type Policy = Resource<'continuous-deployment-policy'>;

function policyOf(catalog: Catalog, { account, config }: Distribution): Policy | undefined {
  const id = config.continuousDeploymentPolicy;
  return catalog.resource(account, 'continuous-deployment-policy', id)?.document;
}

function stagingOf(
  catalog: Catalog,
  primary: Distribution,
  policy: Policy | undefined,
  id: string | undefined,
): Distribution {
  const { account } = primary;
  const isTried = ({ domainName }: Distribution): boolean =>
    policy?.config.stagingNames.includes(domainName.toLowerCase()) === true;
  if (id === undefined) {
    const tried = catalog.list(account, 'download').find(({ document }) => isTried(document));
    if (tried !== undefined) return tried.document;
    const why = `no policy of distribution ${primary.id} names a staging distribution; say which one.`;
    throw new Refusal('InvalidArgument', { member: 'StagingDistributionId', why });
  }
  const { document: staging } = requireDistribution(catalog, account, 'download', id);
  if (!staging.config.staging) {
    const why = `distribution ${id} is no staging distribution.`;
    throw new Refusal('InvalidArgument', { member: 'StagingDistributionId', why });
  }
  if (policy === undefined || isTried(staging)) return staging;
  const why = `policy ${policy.id} of distribution ${primary.id} has another staging distribution than ${id}.`;
  throw new Refusal('IllegalUpdate', { why });
}

function bothOf(ifMatch: string | undefined): readonly [string | undefined, string | undefined] {
  const [primary, staging, ...more] = (ifMatch ?? '').split(',');
  if (staging !== undefined && more.length === 0) return [primary, staging];
  const why = 'a promotion takes two, of the primary distribution, then of the staging one.';
  throw new Refusal('InvalidIfMatchVersion', { why });
}

function endOfTrial(
  policy: Policy | undefined,
  { call, mint, now }: Facts,
): Decision<never>['changes'] {
  if (policy?.config.enabled !== true) return [];
  const etag = mintUnused(mint.configEtag, (minted) => minted === policy.etag);
  const config = { ...policy.config, enabled: false };
  const ended: Policy = { ...policy, etag, modifiedAt: now, changedBy: call, config };
  return [putResource(ended)];
}
