/**
 * Certificates of an account's own, for its aliases. The log holds the chain in the open, as every
 * viewer gets it, and the private key sealed. A certificate claims nothing by itself: an edge uses
 * it for a name only where a distribution of the same account answers to that name.
 */
import type { Instant } from '../base/clock.ts';
import type { Sealed } from '../base/sealing.ts';
import type { AccountId, CertificateId } from './ids.ts';

export type CertificateKeyKind = 'ec' | 'rsa';

/** What is read of a certificate itself. */
export type CertificateFacts = {
  /** Host names in lower case, each once; `*.` may lead. At least one. */
  readonly names: readonly string[];
  /** PEM: the certificate itself, then each one's issuer. */
  readonly chain: string;
  readonly keyKind: CertificateKeyKind;
  /** SHA-256 of the certificate, 64 hexadecimal digits. */
  readonly fingerprint: string;
  /** The time in which the whole chain is valid. */
  readonly notBefore: Instant;
  readonly notAfter: Instant;
};

export type Certificate = CertificateFacts & {
  readonly format: 1;
  readonly account: AccountId;
  readonly id: CertificateId;
  /** The private key: PEM, PKCS #8. */
  readonly sealedKey: Sealed;
  readonly createdAt: Instant;
};

/** A box with a private key opens beside its own certificate only. */
export function sealingContext({
  account,
  fingerprint,
}: Pick<Certificate, 'account' | 'fingerprint'>): string {
  return `key of certificate ${account}/${fingerprint}`;
}

export function isValidAt(
  { notAfter, notBefore }: Pick<Certificate, 'notAfter' | 'notBefore'>,
  now: Instant,
): boolean {
  return notBefore <= now && now < notAfter;
}

/** `*.` stands for one label exactly (RFC 6125 §6.4.3). Both in lower case. */
export function coversName(names: readonly string[], host: string): boolean {
  const dot = host.indexOf('.');
  const wildcard = dot < 0 ? undefined : `*${host.slice(dot)}`;
  return names.some((name) => name === host || name === wildcard);
}
