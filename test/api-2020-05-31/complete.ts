/**
 * Answers are whole: each member that the facts know of a shape is there, so that a client that reads it
 * unasked never meets nothing. What may be absent stands here, as API 2020-05-31, section 4.2, has it.
 */
import assert from 'node:assert/strict';
import { facts, isPrimitive } from '../../src/wire/facts.ts';

/** `Shape.Member`: absent where it does not apply, and no client takes it for granted. */
const optional: ReadonlySet<string> = new Set([
  // One of each group is there, by what the resource is.
  'Origin.S3OriginConfig',
  'Origin.CustomOriginConfig',
  'Origin.VpcOriginConfig',
  'DefaultCacheBehavior.CachePolicyId',
  'DefaultCacheBehavior.ForwardedValues',
  'DefaultCacheBehavior.MinTTL',
  'DefaultCacheBehavior.DefaultTTL',
  'DefaultCacheBehavior.MaxTTL',
  'CacheBehavior.CachePolicyId',
  'CacheBehavior.ForwardedValues',
  'CacheBehavior.MinTTL',
  'CacheBehavior.DefaultTTL',
  'CacheBehavior.MaxTTL',
  'ViewerCertificate.IAMCertificateId',
  'ViewerCertificate.ACMCertificateArn',
  'ViewerCertificate.Certificate',
  'TrafficConfig.SingleWeightConfig',
  'TrafficConfig.SingleHeaderConfig',
  // Said by whoever made it, or not at all.
  'Distribution.AliasICPRecordals',
  'DistributionSummary.AliasICPRecordals',
  'Origin.ResponseCompletionTimeout',
  'OriginShield.OriginShieldRegion',
  'CustomOriginConfig.IpAddressType',
  'CustomOriginConfig.OriginMtlsConfig',
  'VpcOriginConfig.OwnerAccountId',
  'DefaultCacheBehavior.RealtimeLogConfigArn',
  'DefaultCacheBehavior.OriginRequestPolicyId',
  'DefaultCacheBehavior.ResponseHeadersPolicyId',
  'CacheBehavior.RealtimeLogConfigArn',
  'CacheBehavior.OriginRequestPolicyId',
  'CacheBehavior.ResponseHeadersPolicyId',
  'CookiePreference.WhitelistedNames',
  'DistributionConfig.AnycastIpListId',
  'DistributionConfig.TenantConfig',
  'DistributionConfig.ViewerMtlsConfig',
  'DistributionConfig.ConnectionFunctionAssociation',
  'DistributionConfig.CacheTagConfig',
  'DistributionSummary.AnycastIpListId',
  'DistributionSummary.ViewerMtlsConfig',
  'DistributionSummary.ConnectionFunctionAssociation',
  'ConnectionGroup.AnycastIpListId',
  'ConnectionGroupSummary.AnycastIpListId',
  'DistributionTenant.Customizations',
  'DistributionTenantSummary.Customizations',
  'Customizations.Certificate',
  'Customizations.GeoRestrictions',
  'Customizations.WebAcl',
  'AnycastIpList.IpamConfig',
  'AnycastIpListSummary.IpamConfig',
  'ContinuousDeploymentPolicyConfig.TrafficConfig',
  'ContinuousDeploymentSingleWeightConfig.SessionStickinessConfig',
  'ResponseHeadersPolicyConfig.CorsConfig',
  'ResponseHeadersPolicyConfig.SecurityHeadersConfig',
  'ResponseHeadersPolicyConfig.ServerTimingHeadersConfig',
  'ResponseHeadersPolicyConfig.CustomHeadersConfig',
  'ResponseHeadersPolicyConfig.RemoveHeadersConfig',
  'ResponseHeadersPolicyCorsConfig.AccessControlExposeHeaders',
  'ResponseHeadersPolicyCorsConfig.AccessControlMaxAgeSec',
  'ResponseHeadersPolicySecurityHeadersConfig.XSSProtection',
  'ResponseHeadersPolicySecurityHeadersConfig.FrameOptions',
  'ResponseHeadersPolicySecurityHeadersConfig.ReferrerPolicy',
  'ResponseHeadersPolicySecurityHeadersConfig.ContentSecurityPolicy',
  'ResponseHeadersPolicySecurityHeadersConfig.ContentTypeOptions',
  'ResponseHeadersPolicySecurityHeadersConfig.StrictTransportSecurity',
  'ResponseHeadersPolicyXSSProtection.ModeBlock',
  'ResponseHeadersPolicyXSSProtection.ReportUri',
  'CachePolicyHeadersConfig.Headers',
  'CachePolicyCookiesConfig.Cookies',
  'CachePolicyQueryStringsConfig.QueryStrings',
  'OriginRequestPolicyHeadersConfig.Headers',
  'OriginRequestPolicyCookiesConfig.Cookies',
  'OriginRequestPolicyQueryStringsConfig.QueryStrings',
  'QueryArgProfileConfig.QueryArgProfiles',
  'ContentTypeProfileConfig.ContentTypeProfiles',
  'ContentTypeProfile.ProfileId',
  'FieldLevelEncryptionConfig.QueryArgProfileConfig',
  'FieldLevelEncryptionConfig.ContentTypeProfileConfig',
  'FieldLevelEncryptionSummary.QueryArgProfileConfig',
  'FieldLevelEncryptionSummary.ContentTypeProfileConfig',
]);

/** Throws with the names of all members that are missing from a value of this shape. */
export function isComplete(shape: string, value: unknown): void {
  assert.deepEqual([...missing(shape, value)], [], shape);
}

/** The same of the whole answer of an operation, with its ETag and its Location. */
export function isCompleteAnswer(operation: string, answer: unknown): void {
  const { output } = facts().operations.get(operation) ?? {};
  if (output !== undefined) isComplete(output, answer);
}

function* missing(shape: string, value: unknown): Iterable<string> {
  const described = facts().shapes.get(shape);
  assert.ok(described !== undefined, shape);
  if (described.kind === 'list') {
    assert.ok(Array.isArray(value), shape);
    if (isPrimitive(described.type)) return;
    for (const item of value) yield* missing(described.type, item);
    return;
  }
  assert.ok(typeof value === 'object' && value !== null, shape);
  const members = new Map<string, unknown>(Object.entries(value));
  for (const { name, type } of described.members) {
    const member = members.get(name);
    if (member !== undefined) {
      if (!isPrimitive(type)) yield* missing(type, member);
    } else if (!optional.has(`${shape}.${name}`) && !isAbsence(name, members)) {
      yield `${shape}.${name}`;
    }
  }
}

/** An empty list has no items, and the last page no marker of a next one (sections 2.6 and 2.8). */
function isAbsence(name: string, members: ReadonlyMap<string, unknown>): boolean {
  return name === 'NextMarker' || (name === 'Items' && members.get('Quantity') === 0);
}

/**
 * Every member of `given` stands in `found`, lists of words in whatever order: what a tool that compares
 * what it said with what there is calls no drift. An empty text may be absent.
 */
export function holds(found: unknown, given: unknown, path = ''): void {
  if (Array.isArray(given)) {
    if (given.length === 0) return;
    assert.ok(Array.isArray(found), path);
    assert.equal(found.length, given.length, path);
    if (given.every((item) => typeof item !== 'object')) {
      assert.deepEqual(new Set(found), new Set(given), path);
      return;
    }
    for (const [index, item] of given.entries()) holds(found[index], item, `${path}.${index}`);
    return;
  }
  if (typeof given !== 'object' || given === null || given instanceof Uint8Array) {
    if (given !== '' || found !== undefined) assert.deepEqual(found, given, path);
    return;
  }
  // A list of nothing says nothing.
  if ('Quantity' in given && given.Quantity === 0 && found === undefined) return;
  assert.ok(typeof found === 'object' && found !== null, path);
  const members = new Map<string, unknown>(Object.entries(found));
  for (const [name, value] of Object.entries(given)) {
    holds(members.get(name), value, `${path}.${name}`);
  }
}
