/** API version 2010-11-01: every operation, and the form of its errors. */
import { Refusal } from '../../model/refusal.ts';
import type { Protocol } from '../routes.ts';
import { createDistribution } from './create-distribution.ts';
import { createInvalidation } from './create-invalidation.ts';
import { createOriginAccessIdentity } from './create-origin-access-identity.ts';
import { createStreamingDistribution } from './create-streaming-distribution.ts';
import { deleteDistribution } from './delete-distribution.ts';
import { deleteOriginAccessIdentity } from './delete-origin-access-identity.ts';
import { deleteStreamingDistribution } from './delete-streaming-distribution.ts';
import { getDistributionConfig } from './get-distribution-config.ts';
import { getDistribution } from './get-distribution.ts';
import { getInvalidation } from './get-invalidation.ts';
import { getOriginAccessIdentityConfig } from './get-origin-access-identity-config.ts';
import { getOriginAccessIdentity } from './get-origin-access-identity.ts';
import { getStreamingDistributionConfig } from './get-streaming-distribution-config.ts';
import { getStreamingDistribution } from './get-streaming-distribution.ts';
import { listDistributions } from './list-distributions.ts';
import { listInvalidations } from './list-invalidations.ts';
import { listOriginAccessIdentities } from './list-origin-access-identities.ts';
import { listStreamingDistributions } from './list-streaming-distributions.ts';
import { putDistributionConfig } from './put-distribution-config.ts';
import { putOriginAccessIdentityConfig } from './put-origin-access-identity-config.ts';
import { putStreamingDistributionConfig } from './put-streaming-distribution-config.ts';
import { versionRoot, writeFault } from './wire-form.ts';

export const version20101101: Protocol = {
  root: versionRoot,
  operations: [
    createDistribution,
    listDistributions,
    getDistribution,
    getDistributionConfig,
    putDistributionConfig,
    deleteDistribution,
    createStreamingDistribution,
    listStreamingDistributions,
    getStreamingDistribution,
    getStreamingDistributionConfig,
    putStreamingDistributionConfig,
    deleteStreamingDistribution,
    createOriginAccessIdentity,
    listOriginAccessIdentities,
    getOriginAccessIdentity,
    getOriginAccessIdentityConfig,
    putOriginAccessIdentityConfig,
    deleteOriginAccessIdentity,
    createInvalidation,
    listInvalidations,
    getInvalidation,
  ],
  writeFault,
  unknownPath(path) {
    const why = path.startsWith(`/${versionRoot}/`)
      ? `${path} is none of them.`
      : `it must begin with the API version, /${versionRoot}/.`;
    return new Refusal('InvalidURI', { why });
  },
  wrongMethod: (method, allowed) => new Refusal('InvalidAction', { method, allowed }),
  service: 'cloudfront',
  signatures: ['date'],
};
