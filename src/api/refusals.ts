/**
 * What each refusal is on the wire: its status (API 2010-11-01, section 1.9), and from that whose
 * fault it is. A code that the model can say and that has no status here does not compile.
 */
import type { RefusalCode } from '../model/refusal.ts';

const statuses = {
  AccessDenied: 403,
  BatchTooLarge: 413,
  CNAMEAlreadyExists: 409,
  CertificateKeyMismatch: 400,
  CloudFrontOriginAccessIdentityAlreadyExists: 409,
  CloudFrontOriginAccessIdentityInUse: 409,
  DistributionAlreadyExists: 409,
  DistributionNotDisabled: 409,
  IllegalUpdate: 400,
  IncompleteSignature: 400,
  InconsistentQuantities: 400,
  InvalidAction: 400,
  InvalidationBatchAlreadyExists: 409,
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
  InvalidURI: 400,
  KeyPairActive: 409,
  MalformedInput: 400,
  MalformedXML: 400,
  MethodNotAllowed: 405,
  MissingAuthenticationToken: 403,
  MissingBody: 400,
  NoSuchCertificate: 404,
  NoSuchCloudFrontOriginAccessIdentity: 404,
  NoSuchDistribution: 404,
  NoSuchEdge: 404,
  NoSuchEndpoint: 404,
  NoSuchInvalidation: 404,
  NoSuchKeyPair: 404,
  NoSuchOperation: 404,
  NoSuchStreamingDistribution: 404,
  PreconditionFailed: 412,
  RequestExpired: 400,
  ServiceUnavailable: 503,
  SignatureDoesNotMatch: 403,
  StreamingDistributionAlreadyExists: 409,
  StreamingDistributionNotDisabled: 409,
  Throttling: 400,
  TooManyCertificates: 400,
  TooManyCloudFrontOriginAccessIdentities: 400,
  TooManyDistributionCNAMEs: 400,
  TooManyDistributions: 400,
  TooManyInvalidationsInProgress: 400,
  TooManyKeyPairs: 400,
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
