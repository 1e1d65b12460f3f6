/**
 * A refusal is a no its caller may read: a fault of the request, never of ours. Every no that
 * Warmfront can say about a request to its API stands in this table; api/refusals.ts gives each
 * its status, so that a code without a wire form does not compile.
 */
const sayings = {
  AccessDenied: 'The key is not allowed to do this: {why}',
  BatchTooLarge: 'The invalidation is too large: {why}',
  CNAMEAlreadyExists:
    'CNAME {name} belongs to another distribution already, or to a tenant; remove it there first, or choose another name.',
  CachePolicyAlreadyExists:
    'A {said} named {name} exists already; its id is {id}. Use that one, or choose another name.',
  CachePolicyInUse:
    'The {said} {id} cannot be deleted yet: {users} names it. Take it out of there first.',
  CannotChangeImmutablePublicKeyFields:
    'Only the comment of a public key can change; make another key for the rest.',
  CannotDeleteEntityWhileInUse:
    'The {said} {id} cannot be deleted yet: {users} names it. Take it out of there first.',
  CannotUpdateEntityWhileInUse:
    'The {said} {id} cannot be changed so: {users} names it. Take it out of there first.',
  CertificateKeyMismatch:
    'The private key is not that of the certificate: their public keys differ.',
  CloudFrontOriginAccessIdentityAlreadyExists:
    'Caller reference {reference} was used to create origin access identity {id} with another comment; use a new reference.',
  CloudFrontOriginAccessIdentityInUse: 'Origin access identity {id} cannot be deleted yet: {why}',
  ContinuousDeploymentPolicyAlreadyExists:
    'A {said} like this exists already; its id is {id}. Use that one, or delete it first.',
  ContinuousDeploymentPolicyInUse:
    'The {said} {id} is in use: {users} names it. Take it out of there first.',
  DistributionAlreadyExists:
    'Caller reference {reference} was used to create distribution {id} already; use a new reference for another one.',
  DistributionNotDisabled: 'Distribution {id} cannot be deleted yet: {why}',
  EdgeAlreadyExists:
    'Edge location {name} runs in the process that has the API, so it needs no token; choose another name.',
  EdgeTokenAlreadyExists:
    'Edge location {name} has a token or certificate, by which a machine of its own joins. Revoke it first, or choose another name.',
  EntityAlreadyExists:
    'A {said} named {name} exists already; its id is {id}. Use that one, or choose another name.',
  EntityLimitExceeded: 'No more than {max} of this kind are accepted: {said}.',
  EntityNotFound: 'There is no {said} {id}.',
  EntitySizeLimitExceeded: 'The {said} would have {given} bytes; at most {max} are accepted.',
  FieldLevelEncryptionConfigAlreadyExists:
    'A {said} with this caller reference exists already; its id is {id}. Use that one, or choose another reference.',
  FieldLevelEncryptionConfigInUse:
    'The {said} {id} cannot be deleted yet: {users} names it. Take it out of there first.',
  FieldLevelEncryptionProfileAlreadyExists:
    'A {said} with this name or caller reference exists already; its id is {id}. Use that one, or choose others.',
  FieldLevelEncryptionProfileInUse:
    'The {said} {id} cannot be deleted yet: {users} names it. Take it out of there first.',
  FunctionAlreadyExists:
    'A {said} named {name} exists already. Use that one, or choose another name.',
  FunctionInUse:
    'The {said} {id} cannot be deleted yet: {users} names it. Take it out of there first.',
  FunctionSizeLimitExceeded:
    'The code of the function has {given} bytes; at most {max} are accepted.',
  IllegalDelete: 'The {said} {id} is managed: every account has it, and nobody can delete it.',
  IllegalFieldLevelEncryptionConfigAssociationWithCacheBehavior: '{why}',
  IllegalOriginAccessConfiguration:
    'Origin {id} cannot use both origin access control and origin access identity.',
  IllegalUpdate: '{why}',
  IncompleteSignature: 'The Authorization header cannot be read: {why}',
  InconsistentQuantities: '{why}',
  InvalidAction: '{method} is not defined for this path; it takes {allowed}.',
  InvalidArgument: '{member}: {why}',
  InvalidAssociation:
    'The tenant cannot be of distribution {id}, which viewers reach directly; choose another one, with the ConnectionMode tenant-only.',
  InvalidCertificate: 'The certificate cannot be used: {why}',
  InvalidCertificateKey: 'The private key of the certificate cannot be used: {why}',
  InvalidClientTokenId: 'The access key id in the Authorization header is not known here.',
  InvalidDefaultRootObject: 'The default root object {why}',
  InvalidDomainNameForOriginAccessControl:
    'The origin access control of origin {id} is for another kind of origin: {why}',
  InvalidErrorCode: 'The error code is not valid: {why}',
  InvalidForwardCookies: 'The cookies to forward are not valid: {why}',
  InvalidFunctionAssociation: 'The function association is not valid: {why}',
  InvalidGeoRestrictionParameter: 'The geo restriction is not valid: {why}',
  InvalidHTTPRequest: 'The request is not well-formed HTTP: {why}',
  InvalidHeadersForS3Origin: 'Header {name} cannot be forwarded to an S3 origin.',
  InvalidHttpAuthHeader:
    'The Authorization header must have the form AWS <AccessKeyId>:<Signature>.',
  InvalidIfMatchVersion:
    'If-Match must hold the one ETag that the last GET or PUT of this configuration answered; {why}',
  InvalidLambdaFunctionAssociation: 'The Lambda function association is not valid: {why}',
  InvalidLocationCode: 'The location code {code} is not two letters of ISO 3166-1.',
  InvalidOrigin: 'The origin is not valid: {why}',
  InvalidOriginAccessControl: 'There is no origin access control {id}.',
  InvalidOriginAccessIdentity: 'The origin access identity is not valid: {why}',
  InvalidOriginKeepaliveTimeout:
    'OriginKeepaliveTimeout is {given}; 1 to {max} seconds are accepted.',
  InvalidOriginReadTimeout: 'OriginReadTimeout is {given}; 1 to {max} seconds are accepted.',
  InvalidRelativePath: 'The path {path} of an error page must begin with a slash.',
  InvalidRequiredProtocol: 'RequiredProtocols may hold one Protocol, and its only value is https.',
  InvalidResponseCode: 'The response code is not valid: {why}',
  InvalidTTLOrder: 'MinTTL ≤ DefaultTTL ≤ MaxTTL must hold, and it says {min}, {usual}, {max}.',
  InvalidTagging: 'The tags are not valid: {why}',
  InvalidURI: 'The path does not name a resource of this API: {why}',
  InvalidViewerCertificate: 'The viewer certificate is not valid: {why}',
  InvalidWebACLId: '{id} is neither the id nor the ARN of a web ACL.',
  InvalidationBatchAlreadyExists:
    'Caller reference {reference} was used for invalidation {id} with other paths; use a new reference.',
  KeyGroupAlreadyExists:
    'A {said} named {name} exists already; its id is {id}. Use that one, or choose another name.',
  KeyPairActive: 'Key pair {id} is active; deactivate it before it is deleted.',
  MalformedInput: '{why}',
  MalformedXML: '{why}',
  MethodNotAllowed: '{method} is not defined for this path; it takes {allowed}.',
  MissingAuthenticationToken:
    'The request carries no credentials; sign it with an Authorization header.',
  MissingBody: 'This action takes {form} as its body, and the body is empty.',
  MonitoringSubscriptionAlreadyExists:
    'Distribution {id} has a monitoring subscription already; delete it to make another.',
  NoSuchCachePolicy: 'There is no {said} {id}.',
  NoSuchCertificate: 'There is no certificate {id}.',
  NoSuchCloudFrontOriginAccessIdentity: 'There is no origin access identity {id}.',
  NoSuchContinuousDeploymentPolicy: 'There is no {said} {id}.',
  NoSuchDistribution: 'There is no download distribution {id}.',
  NoSuchEdge: 'There is no edge location {name}; there are: {known}.',
  NoSuchEdgeToken: 'Edge location {name} has no token.',
  NoSuchEndpoint: 'There is no private endpoint {path}; there are: {known}.',
  NoSuchFieldLevelEncryptionConfig: 'There is no {said} {id}.',
  NoSuchFieldLevelEncryptionProfile: 'There is no {said} {id}.',
  NoSuchFunctionExists: 'There is no {said} {id}.',
  NoSuchInvalidation: 'There is no invalidation {id} of this distribution.',
  NoSuchKeyPair: 'There is no key pair {id}.',
  NoSuchMonitoringSubscription: 'There is no {said} {id}.',
  NoSuchOperation: 'The path {path} names no operation of this API version.',
  NoSuchOrigin: 'One or more of your origins or origin groups do not exist: {id}.',
  NoSuchOriginAccessControl: 'There is no {said} {id}.',
  NoSuchOriginRequestPolicy: 'There is no {said} {id}.',
  NoSuchPublicKey: 'There is no {said} {id}.',
  NoSuchRealtimeLogConfig: 'There is no {said} {id}.',
  NoSuchResource: 'There is no {said} {id}.',
  NoSuchResponseHeadersPolicy: 'There is no {said} {id}.',
  NoSuchStreamingDistribution: 'There is no streaming distribution {id}.',
  OriginAccessControlAlreadyExists:
    'An {said} named {name} exists already; its id is {id}. Use that one, or choose another name.',
  OriginAccessControlInUse:
    'The {said} {id} cannot be deleted yet: {users} names it. Take it out of there first.',
  OriginRequestPolicyAlreadyExists:
    'An {said} named {name} exists already; its id is {id}. Use that one, or choose another name.',
  OriginRequestPolicyInUse:
    'The {said} {id} cannot be deleted yet: {users} names it. Take it out of there first.',
  PreconditionFailed:
    'If-Match says {given}, and the ETag is another: the last change was made by {change}. Read it again and start from there.',
  PublicKeyAlreadyExists:
    'A {said} with this name or caller reference exists already; its id is {id}. Use that one, or choose others.',
  PublicKeyInUse:
    'The {said} {id} cannot be deleted yet: {users} names it. Take it out of there first.',
  QueryArgProfileEmpty:
    'A query argument has no profile; give it the id of one, or leave the argument out.',
  RealtimeLogConfigAlreadyExists:
    'A {said} named {name} exists already. Use that one, or choose another name.',
  RealtimeLogConfigInUse:
    'The {said} {id} cannot be deleted yet: {users} names it. Take it out of there first.',
  RequestExpired:
    'The date of the request is more than 15 minutes away from the clock of the server, which says {now}.',
  ResourceInUse:
    'The {said} {id} cannot be deleted yet: {users} names it. Take it out of there first.',
  ResourceNotDisabled: 'The {said} {id} cannot be deleted yet: {why}',
  ResponseHeadersPolicyAlreadyExists:
    'A {said} named {name} exists already; its id is {id}. Use that one, or choose another name.',
  ResponseHeadersPolicyInUse:
    'The {said} {id} cannot be deleted yet: {users} names it. Take it out of there first.',
  ServiceUnavailable: 'The change could not be recorded at this time: {why} Try again.',
  SignatureDoesNotMatch: 'The signature does not match the request: {why}',
  StagingDistributionInUse:
    'The staging distribution {name} is in continuous deployment policy {policy}; take it out of there first.',
  StreamingDistributionAlreadyExists:
    'Caller reference {reference} was used to create streaming distribution {id} already; use a new reference for another one.',
  StreamingDistributionNotDisabled: 'Streaming distribution {id} cannot be deleted yet: {why}',
  Throttling: 'Too much of this is under way at once: {why}',
  TooLongCSPInResponseHeadersPolicy:
    'The content security policy has {given} characters; at most {max} are accepted.',
  TooManyCacheBehaviors:
    'The configuration has {given} cache behaviors; at most {max} are accepted.',
  TooManyCachePolicies: 'The account has {max} of this kind, {said}, as many as it may have.',
  TooManyCertificates:
    'The account has {max} certificates, as many as it may have; delete one first.',
  TooManyCloudFrontOriginAccessIdentities:
    'The account has {max} origin access identities, as many as it may have.',
  TooManyContinuousDeploymentPolicies:
    'The account has {max} of this kind, {said}, as many as it may have.',
  TooManyCookieNamesInWhiteList:
    'A cache behavior lists {given} cookies; at most {max} are accepted.',
  TooManyCookiesInCachePolicy: 'The policy lists {given} cookies; at most {max} are accepted.',
  TooManyCookiesInOriginRequestPolicy:
    'The policy lists {given} cookies; at most {max} are accepted.',
  TooManyCustomHeadersInResponseHeadersPolicy:
    'The policy has {given} custom headers; at most {max} are accepted.',
  TooManyDistributionCNAMEs: 'The configuration names {given} CNAMEs; at most {max} are accepted.',
  TooManyDistributions: 'The account has {max} {said}, as many as it may have.',
  TooManyDistributionsAssociatedToCachePolicy: 'There are {max} {said}, as many as there may be.',
  TooManyDistributionsAssociatedToFieldLevelEncryptionConfig:
    'There are {max} {said}, as many as there may be.',
  TooManyDistributionsAssociatedToKeyGroup: 'There are {max} {said}, as many as there may be.',
  TooManyDistributionsAssociatedToOriginAccessControl:
    'There are {max} {said}, as many as there may be.',
  TooManyDistributionsAssociatedToOriginRequestPolicy:
    'There are {max} {said}, as many as there may be.',
  TooManyDistributionsAssociatedToResponseHeadersPolicy:
    'There are {max} {said}, as many as there may be.',
  TooManyDistributionsWithSingleFunctionARN: 'There are {max} {said}, as many as there may be.',
  TooManyEdgeTokens: 'There are {max} tokens of edges, as many as there may be; revoke one first.',
  TooManyFieldLevelEncryptionConfigs:
    'The account has {max} of this kind, {said}, as many as it may have.',
  TooManyFieldLevelEncryptionContentTypeProfiles:
    'The configuration maps {given} content types; at most {max} are accepted.',
  TooManyFieldLevelEncryptionEncryptionEntities:
    'The profile has {given} keys; at most {max} are accepted.',
  TooManyFieldLevelEncryptionFieldPatterns:
    'The profile has {given} field patterns; at most {max} are accepted.',
  TooManyFieldLevelEncryptionProfiles:
    'The account has {max} of this kind, {said}, as many as it may have.',
  TooManyFieldLevelEncryptionQueryArgProfiles:
    'The configuration maps {given} query arguments; at most {max} are accepted.',
  TooManyFunctions: 'The account has {max} of this kind, {said}, as many as it may have.',
  TooManyHeadersInCachePolicy: 'The policy lists {given} headers; at most {max} are accepted.',
  TooManyHeadersInForwardedValues:
    'A cache behavior lists {given} headers; at most {max} are accepted.',
  TooManyHeadersInOriginRequestPolicy:
    'The policy lists {given} headers; at most {max} are accepted.',
  TooManyInvalidationsInProgress:
    '{max} {what} of this distribution may be in progress at once; wait until some are Completed.',
  TooManyKeyGroups: 'The account has {max} of this kind, {said}, as many as it may have.',
  TooManyKeyGroupsAssociatedToDistribution:
    'A cache behavior names {given} key groups; at most {max} are accepted.',
  TooManyKeyPairs: 'The account has {max} {which} pairs, as many as it may have; {way} one first.',
  TooManyOriginAccessControls:
    'The account has {max} of this kind, {said}, as many as it may have.',
  TooManyOriginCustomHeaders: 'An origin has {given} custom headers; at most {max} are accepted.',
  TooManyOriginGroupsPerDistribution:
    'The configuration has {given} origin groups; at most {max} are accepted.',
  TooManyOriginRequestPolicies:
    'The account has {max} of this kind, {said}, as many as it may have.',
  TooManyOrigins: 'The configuration has {given} origins; at most {max} are accepted.',
  TooManyPublicKeys: 'The account has {max} of this kind, {said}, as many as it may have.',
  TooManyPublicKeysInKeyGroup: 'The key group has {given} public keys; at most {max} are accepted.',
  TooManyQueryStringParameters:
    'A cache behavior lists {given} query strings; at most {max} are accepted.',
  TooManyQueryStringsInCachePolicy:
    'The policy lists {given} query strings; at most {max} are accepted.',
  TooManyQueryStringsInOriginRequestPolicy:
    'The policy lists {given} query strings; at most {max} are accepted.',
  TooManyRealtimeLogConfigs: 'The account has {max} of this kind, {said}, as many as it may have.',
  TooManyRemoveHeadersInResponseHeadersPolicy:
    'The policy removes {given} headers; at most {max} are accepted.',
  TooManyResponseHeadersPolicies:
    'The account has {max} of this kind, {said}, as many as it may have.',
  TooManyStreamingDistributionCNAMEs:
    'The configuration names {given} CNAMEs; at most {max} are accepted.',
  TooManyStreamingDistributions:
    'The account has {max} streaming distributions, as many as it may have.',
  TooManyTrustedSigners:
    'The configuration trusts {given} account numbers; at most {max} are accepted.',
  TrustedKeyGroupDoesNotExist: 'There is no key group {id}.',
  TrustedSignerDoesNotExist: 'Account {account} is not known here, so it cannot sign.',
  UnsupportedOperation: '{operation} is not supported: {why}',
} as const;

export type RefusalCode = keyof typeof sayings;

/** A value from outside is cut to this many characters where a message repeats it. */
const factCharactersMax = 200;

export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;

  constructor(code: RefusalCode, facts: Readonly<Record<string, Fact>> = {}) {
    super(sayings[code].replace(/\{(\w+)\}/g, (_, name: string) => told(facts[name])));
    this.code = code;
  }
}

/** A list is for what is put together of several facts; each is cut by itself. */
type Fact = string | number | readonly string[];

function told(fact: Fact = ''): string {
  if (typeof fact === 'string' || typeof fact === 'number') return cut(String(fact));
  const [first = '', ...more] = fact.map(cut);
  return `${first}${more.join('; ')}`;
}

function cut(text: string): string {
  return text.slice(0, factCharactersMax);
}

export const refusalCodes: readonly RefusalCode[] = Object.keys(sayings).filter(isRefusalCode);

function isRefusalCode(text: string): text is RefusalCode {
  return Object.hasOwn(sayings, text);
}
