/**
 * An update in this form of a distribution that a later form made or changed (API 2010-11-01, section
 * 7). What the form has no words for and what stands beside all it says, such as the versions of HTTP,
 * stays as it was. One with more origins, behaviors or rules than the form can say is refused, since
 * what was sent was written without knowledge of them.
 */
import { isDeepStrictEqual } from 'node:util';
import type { DistributionConfig, Origin } from '../../model/distribution.ts';
import { plainBehavior, plainCustomOrigin, plainOrigin } from '../../model/plain-config.ts';
import { Refusal } from '../../model/refusal.ts';

/** Throws `IllegalUpdate`. */
export function carryOver(was: DistributionConfig, given: DistributionConfig): DistributionConfig {
  const beyond = beyondThisForm(was);
  if (beyond.length > 0) {
    const why = [
      `The distribution has more than this API version can say (${beyond.join(', ')})`,
      '; update it through 2020-05-31.',
    ];
    throw new Refusal('IllegalUpdate', { why });
  }
  const id = was.defaultBehavior.targetOriginId;
  const origins = given.origins.map((origin) => ({ ...origin, id }));
  const { minTtlS } = was.defaultBehavior;
  return {
    ...was,
    callerReference: given.callerReference,
    aliases: given.aliases,
    comment: given.comment,
    enabled: given.enabled,
    defaultRootObject: given.defaultRootObject,
    logging: given.logging,
    origins,
    defaultBehavior: { ...given.defaultBehavior, targetOriginId: id, minTtlS },
  };
}

function beyondThisForm(config: DistributionConfig): readonly string[] {
  const { behaviors, defaultBehavior, errorResponses, originGroups, origins, staging } = config;
  const { minTtlS, targetOriginId, trustedSigners, viewerProtocolPolicy } = defaultBehavior;
  const said = {
    ...plainBehavior,
    minTtlS,
    targetOriginId,
    trustedSigners,
    viewerProtocolPolicy,
  };
  const parts: readonly (readonly [string, boolean])[] = [
    ['several origins', origins.length > 1 || originGroups.length > 0],
    ['settings of its origin', origins.some((origin) => !isSayable(origin))],
    ['cache behaviors', behaviors.length > 0],
    [
      'rules of its default cache behavior',
      viewerProtocolPolicy === 'redirect-to-https' || !isDeepStrictEqual(said, defaultBehavior),
    ],
    ['custom error responses', errorResponses.length > 0],
    ['cookies in its logs', config.logging?.withCookies === true],
    ['tenants', config.connectionMode !== 'direct'],
    ['continuous deployment', staging || config.continuousDeploymentPolicy !== ''],
  ];
  return parts.filter(([, isBeyond]) => isBeyond).map(([name]) => name);
}

function isSayable(origin: Origin): boolean {
  const { domainName, id } = origin;
  switch (origin.kind) {
    case 's3': {
      const { accessIdentity, kind } = origin;
      return isDeepStrictEqual(origin, { ...plainOrigin, accessIdentity, domainName, id, kind });
    }
    case 'custom': {
      const { httpPort, httpsPort, protocolPolicy } = origin;
      const ports = { httpPort, httpsPort, protocolPolicy };
      const said = { ...plainCustomOrigin, ...ports, domainName, id };
      return protocolPolicy !== 'https-only' && isDeepStrictEqual(origin, said);
    }
    default:
      return false;
  }
}
