/**
 * What each refusal is on the wire: its status (API 2010-11-01, section 1.9), and from that whose
 * fault it is. A code that the model can say and that has no status here does not compile.
 */
import type { RefusalCode } from '../model/refusal.ts';

const statuses = {
  AccessDenied: 403,
  BatchTooLarge: 413,
  CNAMEAlreadyExists: 409,
  CachePolicyAlreadyExists: 409,
  CachePolicyInUse: 409,
  CannotChangeImmutablePublicKeyFields: 400,
  CertificateKeyMismatch: 400,
  CloudFrontOriginAccessIdentityAlreadyExists: 409,
  CloudFrontOriginAccessIdentityInUse: 409,
  DistributionAlreadyExists: 409,
  DistributionNotDisabled: 409,
  IllegalDelete: 400,
  IllegalUpdate: 400,
  IncompleteSignature: 400,
  InconsistentQuantities: 400,
  InvalidAction: 400,
  InvalidArgument: 400,
  InvalidCertificate: 400,
  InvalidCertificateKey: 400,
  InvalidClientTokenId: 403,
  InvalidDefaultRootObject: 400,
  InvalidHTTPRequest: 400,
  InvalidHttpAuthHeader: 400,
  InvalidIfMatchVersion: 400,
  InvalidOrigin: 400,
  InvalidOriginAccessIdentity: 400,
  InvalidRequiredProtocol: 400,
  InvalidTagging: 400,
  InvalidURI: 400,
  InvalidationBatchAlreadyExists: 409,
  KeyGroupAlreadyExists: 409,
  KeyPairActive: 409,
  MalformedInput: 400,
  MalformedXML: 400,
  MethodNotAllowed: 405,
  MissingAuthenticationToken: 403,
  MissingBody: 400,
  NoSuchCachePolicy: 404,
  NoSuchCertificate: 404,
  NoSuchCloudFrontOriginAccessIdentity: 404,
  NoSuchDistribution: 404,
  NoSuchEdge: 404,
  NoSuchEndpoint: 404,
  NoSuchInvalidation: 404,
  NoSuchKeyPair: 404,
  NoSuchOperation: 404,
  NoSuchOriginAccessControl: 404,
  NoSuchOriginRequestPolicy: 404,
  NoSuchPublicKey: 404,
  NoSuchResource: 404,
  NoSuchResponseHeadersPolicy: 404,
  NoSuchStreamingDistribution: 404,
  OriginAccessControlAlreadyExists: 409,
  OriginAccessControlInUse: 409,
  OriginRequestPolicyAlreadyExists: 409,
  OriginRequestPolicyInUse: 409,
  PreconditionFailed: 412,
  PublicKeyAlreadyExists: 409,
  PublicKeyInUse: 409,
  RequestExpired: 400,
  ResourceInUse: 409,
  ResponseHeadersPolicyAlreadyExists: 409,
  ResponseHeadersPolicyInUse: 409,
  ServiceUnavailable: 503,
  SignatureDoesNotMatch: 403,
  StreamingDistributionAlreadyExists: 409,
  StreamingDistributionNotDisabled: 409,
  Throttling: 400,
  TooLongCSPInResponseHeadersPolicy: 400,
  TooManyCachePolicies: 400,
  TooManyCertificates: 400,
  TooManyCloudFrontOriginAccessIdentities: 400,
  TooManyCookiesInCachePolicy: 400,
  TooManyCookiesInOriginRequestPolicy: 400,
  TooManyCustomHeadersInResponseHeadersPolicy: 400,
  TooManyDistributionCNAMEs: 400,
  TooManyDistributions: 400,
  TooManyHeadersInCachePolicy: 400,
  TooManyHeadersInOriginRequestPolicy: 400,
  TooManyInvalidationsInProgress: 400,
  TooManyKeyGroups: 400,
  TooManyKeyPairs: 400,
  TooManyOriginAccessControls: 400,
  TooManyOriginRequestPolicies: 400,
  TooManyPublicKeys: 400,
  TooManyPublicKeysInKeyGroup: 400,
  TooManyQueryStringsInCachePolicy: 400,
  TooManyQueryStringsInOriginRequestPolicy: 400,
  TooManyRemoveHeadersInResponseHeadersPolicy: 400,
  TooManyResponseHeadersPolicies: 400,
  TooManyStreamingDistributionCNAMEs: 400,
  TooManyStreamingDistributions: 400,
  TooManyTrustedSigners: 400,
  TrustedSignerDoesNotExist: 400,
  UnsupportedOperation: 400,
} as const satisfies Record<RefusalCode, number>;

/** What an error document tells, whichever form it takes. */
export type Fault = {
  readonly status: number;
  readonly code: RefusalCode | 'InternalError';
  readonly message: string;
};

export function faultOf(code: RefusalCode, message: string): Fault {
  return { status: statuses[code], code, message };
}

/** For a bug: the caller learns no more than where the record has the rest. */
export const internalFault: Fault = {
  status: 500,
  code: 'InternalError',
  message: 'The service met an error of its own; its record holds the cause under this request id.',
};

/** `Receiver` is us. */
export function sideAtFault(status: number): 'Sender' | 'Receiver' {
  return status >= 500 ? 'Receiver' : 'Sender';
}
