/**
 * Key pairs sign URLs of private distributions. The log holds the public key only: a private key is
 * shown once, to who had it made here, and kept by nobody else.
 */
import type { Instant } from '../base/clock.ts';
import type { AccountId, KeyPairId } from './ids.ts';

export type KeyPair = {
  readonly format: 1;
  readonly account: AccountId;
  readonly id: KeyPairId;
  /** SubjectPublicKeyInfo in PEM: RSA of 1024 to 4096 bits. */
  readonly publicKey: string;
  /** An inactive one signs nothing any more. */
  readonly active: boolean;
  readonly createdAt: Instant;
};
