/**
 * The far side failed. Where it failed and how is told by fields, never by a text, so that the
 * stage that owns retries can decide on them (edge contract 7.1 and 10.4).
 */

/** How far the attempt had come. */
export type FailedAt = 'dns' | 'connect' | 'tls' | 'headers' | 'body';

export type FailureReason =
  /** Nothing came in time. */
  | 'timeout'
  /** Refused, reset, or no way there. */
  | 'unreachable'
  /** The connection ended too early. */
  | 'closed'
  /** What came is not HTTP as this edge reads it. */
  | 'invalid'
  | 'headers-too-large'
  /** The name has no address, or could not be looked up. */
  | 'no-address'
  /** The name leads to an address that only the operator may allow. */
  | 'private-address'
  /** Certificate, name, protocol or ciphers do not fit. */
  | 'untrusted'
  /** Too much is under way to this origin already. */
  | 'capacity';

export class OriginFailure extends Error {
  override readonly name = 'OriginFailure';
  readonly at: FailedAt;
  readonly reason: FailureReason;
  /** Whether another attempt may succeed; whether one may be made is the caller's to judge. */
  readonly retryable: boolean;

  constructor(
    at: FailedAt,
    reason: FailureReason,
    { retryable, cause }: { readonly retryable: boolean; readonly cause?: unknown },
  ) {
    super(`the origin failed at ${at}: ${reason}`, { cause });
    this.at = at;
    this.reason = reason;
    this.retryable = retryable;
  }
}
