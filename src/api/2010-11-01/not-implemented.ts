/**
 * Resources of API 2010-11-01 that are not served yet: invalidations and origin access identities
 * (sections 2.4 and 2.5). Their paths are known, so a caller learns that they are missing here and
 * not that they are misspelled.
 */
import { Refusal } from '../../model/refusal.ts';
import { type Method, type Operation, operation } from '../operation.ts';

const invalidations = 'Invalidation of objects';
const identities = 'An origin access identity';

export const notImplemented: readonly Operation[] = [
  missing(
    invalidations,
    'CreateInvalidation',
    'POST',
    '/2010-11-01/distribution/{id}/invalidation',
  ),
  missing(invalidations, 'ListInvalidations', 'GET', '/2010-11-01/distribution/{id}/invalidation'),
  missing(
    invalidations,
    'GetInvalidation',
    'GET',
    '/2010-11-01/distribution/{id}/invalidation/{invalidationId}',
  ),
  missing(
    identities,
    'CreateOriginAccessIdentity',
    'POST',
    '/2010-11-01/origin-access-identity/cloudfront',
  ),
  missing(
    identities,
    'ListOriginAccessIdentities',
    'GET',
    '/2010-11-01/origin-access-identity/cloudfront',
  ),
  missing(
    identities,
    'GetOriginAccessIdentity',
    'GET',
    '/2010-11-01/origin-access-identity/cloudfront/{id}',
  ),
  missing(
    identities,
    'DeleteOriginAccessIdentity',
    'DELETE',
    '/2010-11-01/origin-access-identity/cloudfront/{id}',
  ),
  missing(
    identities,
    'GetOriginAccessIdentityConfig',
    'GET',
    '/2010-11-01/origin-access-identity/cloudfront/{id}/config',
  ),
  missing(
    identities,
    'PutOriginAccessIdentityConfig',
    'PUT',
    '/2010-11-01/origin-access-identity/cloudfront/{id}/config',
  ),
];

function missing(what: string, name: string, method: Method, path: string): Operation {
  return operation({
    name,
    method,
    path,
    // Pages of the original spell the last word `CloudFront` too (section 1.1).
    anyCase: path.includes('cloudfront'),
    answer: () => Promise.reject(new Refusal('NotImplemented', { what })),
  });
}
