/**
 * A continuous deployment policy: which requests for a distribution go to another one, that is on trial
 * (API 2020-05-31, section 4.13).
 */
import { Refusal } from '../refusal.ts';
import { invalidArgument } from './invalid-argument.ts';

export type ContinuousDeploymentPolicyConfig = {
  readonly enabled: boolean;
  /** Domain names of distributions on trial; at most one. */
  readonly stagingNames: readonly string[];
  readonly traffic: Traffic | undefined;
};

export type Traffic =
  /** `weight`: the share of viewers, 0 to 0.15. */
  | {
      readonly kind: 'weight';
      readonly weight: number;
      readonly stickiness: Stickiness | undefined;
    }
  | { readonly kind: 'header'; readonly header: string; readonly value: string };

/** How long a viewer stays where it was sent. */
export type Stickiness = { readonly idleS: number; readonly maxS: number };

const weightMax = 0.15;
const [stickySMin, stickySMax] = [300, 3_600];
const headerPrefix = 'aws-cf-cd-';
const textCharactersMax = 256;

export type StagingNames = {
  /** Is it the domain name of a distribution on trial, of the account? */
  readonly isStaging: (domainName: string) => boolean;
  /** The id of another policy that it is in. */
  readonly takenBy: (domainName: string) => string | undefined;
};

/** Throws a Refusal. */
export function checkContinuousDeploymentPolicy(
  { stagingNames, traffic }: ContinuousDeploymentPolicyConfig,
  { isStaging, takenBy }: StagingNames,
): void {
  const member = 'The parameter StagingDistributionDnsNames';
  if (stagingNames.length !== 1) invalidArgument(member, 'it holds exactly one name.');
  for (const name of stagingNames) {
    if (!isStaging(name)) invalidArgument(member, `no staging distribution has the name ${name}.`);
    const policy = takenBy(name);
    if (policy !== undefined) throw new Refusal('StagingDistributionInUse', { name, policy });
  }
  if (traffic?.kind === 'weight') checkWeight(traffic.weight, traffic.stickiness);
  if (traffic?.kind !== 'header') return;
  const { header, value } = traffic;
  const isHeader = header.toLowerCase().startsWith(headerPrefix) && /^[\w-]+$/.test(header);
  if (!isHeader || header.length > textCharactersMax) {
    invalidArgument('The parameter Header', `its name begins with ${headerPrefix}.`);
  }
  if (!/^[\x21-\x7e]+$/.test(value) || value.length > textCharactersMax) {
    const why = `it has 1 to ${textCharactersMax} visible characters.`;
    invalidArgument('The parameter Value', why);
  }
}

function checkWeight(weight: number, stickiness: Stickiness | undefined): void {
  if (!(weight >= 0 && weight <= weightMax)) {
    invalidArgument('The parameter Weight', `it is a share from 0 to ${weightMax}.`);
  }
  if (stickiness === undefined) return;
  const { idleS, maxS } = stickiness;
  const isRight = [idleS, maxS].every((one) => one >= stickySMin && one <= stickySMax);
  if (isRight && idleS <= maxS) return;
  const why = `both times are ${stickySMin} to ${stickySMax} seconds, and the idle one is no longer.`;
  invalidArgument('The parameter SessionStickinessConfig', why);
}
