/**
 * Distributions in continuous deployment (API 2020-05-31, section 4.13): a primary one names a policy,
 * and the policy the staging one that is on trial beside it.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Catalog } from './catalog.ts';
import type { Distribution, DistributionConfig } from './distribution.ts';
import type { AccountId } from './ids.ts';
import { Refusal } from './refusal.ts';
import type { Resource } from './resources/resource.ts';

const kind = 'continuous-deployment-policy';

/** The policy that has the staging distribution of this domain name on trial. */
export function policyOfStaging(
  catalog: Catalog,
  account: AccountId,
  name: string,
): Resource<typeof kind> | undefined {
  return catalog
    .listResources(account, kind)
    .find(({ document }) => document.config.stagingNames.includes(name.toLowerCase()))?.document;
}

/** `self`: the id of what is replaced. Throws a Refusal. */
export function checkDeployment(
  catalog: Catalog,
  account: AccountId,
  config: DistributionConfig,
  self: string | undefined,
): void {
  const { continuousDeploymentPolicy: policy, httpVersion, staging } = config;
  if (policy === '') return;
  if (staging) refusePolicy('a staging distribution has none; its primary distribution names it.');
  if (httpVersion === 'http3' || httpVersion === 'http2and3') {
    refusePolicy(
      `HttpVersion ${httpVersion} and a continuous deployment policy exclude each other.`,
    );
  }
  const users = catalog.usersOf(account, { kind, id: policy });
  const other = users.find((user) => user !== `distribution ${self}`);
  if (other === undefined) return;
  const said = 'continuous deployment policy';
  throw new Refusal('ContinuousDeploymentPolicyInUse', { said, id: policy, users: other });
}

/** What is on trial changes in what a promotion is for, and in nothing else. Throws `IllegalUpdate`. */
export function checkStagingUpdate(was: DistributionConfig, given: DistributionConfig): void {
  if (!was.staging || isDeepStrictEqual(withoutTried(was), withoutTried(given))) return;
  const why = [
    'One or more fields updated are not supported for continuous deployment. ',
    'A staging distribution can change its behaviors, origins and groups, error responses, geo restriction, default root object, logging, comment and whether it is enabled.',
  ];
  throw new Refusal('IllegalUpdate', { why });
}

function withoutTried(config: DistributionConfig): object {
  const {
    behaviors: _behaviors,
    comment: _comment,
    defaultBehavior: _defaultBehavior,
    defaultRootObject: _defaultRootObject,
    enabled: _enabled,
    errorResponses: _errorResponses,
    geoRestriction: _geoRestriction,
    logging: _logging,
    originGroups: _originGroups,
    origins: _origins,
    ...fixed
  } = config;
  return fixed;
}

/** Throws `StagingDistributionInUse` while a policy has it on trial. */
export function checkNotOnTrial(
  catalog: Catalog,
  { account, config, domainName }: Distribution,
): void {
  if (!config.staging) return;
  const policy = policyOfStaging(catalog, account, domainName);
  if (policy === undefined) return;
  throw new Refusal('StagingDistributionInUse', { name: domainName, policy: policy.id });
}

function refusePolicy(why: string): never {
  throw new Refusal('InvalidArgument', { member: 'ContinuousDeploymentPolicyId', why });
}
