/**
 * A refusal is a no its caller may read: a fault of the request, never of ours. Every no that
 * Warmfront can say about a request to its API stands in this table; api/refusals.ts gives each
 * its status, so that a code without a wire form does not compile.
 */
const sayings = {
  AccessDenied: 'The key is not allowed to do this: {why}',
  BatchTooLarge: 'The invalidation is too large: {why}',
  CNAMEAlreadyExists:
    'CNAME {name} belongs to another distribution already; remove it there first, or choose another name.',
  CertificateKeyMismatch:
    'The private key is not that of the certificate: their public keys differ.',
  CloudFrontOriginAccessIdentityAlreadyExists:
    'Caller reference {reference} was used to create origin access identity {id} with another comment; use a new reference.',
  CloudFrontOriginAccessIdentityInUse: 'Origin access identity {id} cannot be deleted yet: {why}',
  DistributionAlreadyExists:
    'Caller reference {reference} was used to create distribution {id} with another configuration; use a new reference.',
  DistributionNotDisabled: 'Distribution {id} cannot be deleted yet: {why}',
  IncompleteSignature: 'The Authorization header cannot be read: {why}',
  IllegalUpdate:
    '{member} cannot be changed after creation: it is {was}, and the update says {given}.',
  InvalidAction: '{method} is not defined for this path; it takes {allowed}.',
  InvalidationBatchAlreadyExists:
    'Caller reference {reference} was used for invalidation {id} with other paths; use a new reference.',
  InconsistentQuantities: '{why}',
  InvalidArgument: '{member}: {why}',
  InvalidCertificate: 'The certificate cannot be used: {why}',
  InvalidCertificateKey: 'The private key of the certificate cannot be used: {why}',
  InvalidClientTokenId: 'The access key id in the Authorization header is not known here.',
  InvalidDefaultRootObject: 'The default root object {why}',
  InvalidHTTPRequest: 'The request is not well-formed HTTP: {why}',
  InvalidHttpAuthHeader:
    'The Authorization header must have the form AWS <AccessKeyId>:<Signature>.',
  InvalidIfMatchVersion:
    'If-Match must hold the one ETag that the last GET or PUT of this configuration answered; {why}',
  InvalidOrigin: 'The origin is not valid: {why}',
  InvalidOriginAccessIdentity: 'The origin access identity is not valid: {why}',
  InvalidRequiredProtocol: 'RequiredProtocols may hold one Protocol, and its only value is https.',
  InvalidURI: 'The path does not name a resource of this API: {why}',
  KeyPairActive: 'Key pair {id} is active; deactivate it before it is deleted.',
  MalformedInput: '{why}',
  MalformedXML: 'The XML is not what this action takes: {why}',
  MethodNotAllowed: '{method} is not defined for this path; it takes {allowed}.',
  MissingAuthenticationToken:
    'The request carries no credentials; sign it with an Authorization header.',
  MissingBody: 'This action takes {form} as its body, and the body is empty.',
  NoSuchCertificate: 'There is no certificate {id}.',
  NoSuchCloudFrontOriginAccessIdentity: 'There is no origin access identity {id}.',
  NoSuchDistribution: 'There is no download distribution {id}.',
  NoSuchEdge: 'There is no edge location {name}; there are: {known}.',
  NoSuchEndpoint: 'There is no private endpoint {path}; there are: {known}.',
  NoSuchInvalidation: 'There is no invalidation {id} of this distribution.',
  NoSuchKeyPair: 'There is no key pair {id}.',
  NoSuchOperation: 'The path {path} names no operation of this API version.',
  NoSuchStreamingDistribution: 'There is no streaming distribution {id}.',
  PreconditionFailed:
    'If-Match says {given}, but the configuration has changed since and its ETag is another now; read it again and start from there.',
  RequestExpired:
    'The date of the request is more than 15 minutes away from the clock of the server, which says {now}.',
  ServiceUnavailable: 'The change could not be recorded at this time: {why} Try again.',
  SignatureDoesNotMatch: 'The signature does not match the request: {why}',
  StreamingDistributionAlreadyExists:
    'Caller reference {reference} was used to create streaming distribution {id} with another configuration; use a new reference.',
  StreamingDistributionNotDisabled: 'Streaming distribution {id} cannot be deleted yet: {why}',
  Throttling: 'Too much of this is under way at once: {why}',
  TooManyCertificates:
    'The account has {max} certificates, as many as it may have; delete one first.',
  TooManyCloudFrontOriginAccessIdentities:
    'The account has {max} origin access identities, as many as it may have.',
  TooManyDistributionCNAMEs: 'The configuration names {given} CNAMEs; at most {max} are accepted.',
  TooManyDistributions: 'The account has {max} download distributions, as many as it may have.',
  TooManyInvalidationsInProgress:
    '{max} invalidations of this distribution are in progress, as many as may be at once; wait until one is Completed.',
  TooManyKeyPairs: 'The account has {max} {which} pairs, as many as it may have; {way} one first.',
  TooManyStreamingDistributionCNAMEs:
    'The configuration names {given} CNAMEs; at most {max} are accepted.',
  TooManyStreamingDistributions:
    'The account has {max} streaming distributions, as many as it may have.',
  TooManyTrustedSigners:
    'The configuration trusts {given} account numbers; at most {max} are accepted.',
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
