/**
 * An origin access identity: a virtual user of the store behind S3 origins. A distribution that
 * names one has its requests to the bucket signed as that user, so that the bucket may be closed to
 * all others (API 2010-11-01, section 2.4).
 */
import type { Instant } from '../base/clock.ts';
import type { AccessIdentityId, AccountId, ConfigEtag } from './ids.ts';

export type AccessIdentityConfig = {
  readonly callerReference: string;
  /** Empty when there is none. */
  readonly comment: string;
};

export type AccessIdentity = {
  readonly format: 1;
  readonly account: AccountId;
  readonly id: AccessIdentityId;
  readonly etag: ConfigEtag;
  /** What the owner of a bucket grants access to; 96 lower-case hexadecimal digits, for good. */
  readonly canonicalUserId: string;
  readonly createdAt: Instant;
  /** When its ETag changed last, and by which operation; absent in documents of earlier releases. */
  readonly modifiedAt?: Instant;
  readonly changedBy?: string;
  readonly config: AccessIdentityConfig;
  /**
   * Whether a distribution let go of it. The change that does puts this document again, so that the
   * position of the document says from when on it is free: once every live edge has come as far.
   */
  readonly wasDetached: boolean;
  /** What the create said, to tell a repeated create from another one with its reference. */
  readonly createdWith: AccessIdentityConfig;
};
