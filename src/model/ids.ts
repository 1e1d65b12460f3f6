/**
 * The shapes of identifiers (API 2010-11-01, section 1.8) and their makers. Each is minted at
 * random and opaque: nothing is derived from anything else.
 */
import { branded } from '../base/brand.ts';
import type { Randomness } from '../base/randomness.ts';

/** 12 digits. */
export type AccountId = string & { readonly brand: 'AccountId' };
/** `E` and 13 of `[0-9A-Z]`; of a download or a streaming distribution. */
export type DistributionId = string & { readonly brand: 'DistributionId' };
/** `E` and 13 of `[0-9A-Z]`; the revision of one configuration, for `If-Match`. */
export type ConfigEtag = string & { readonly brand: 'ConfigEtag' };
/** `E` and 13 of `[0-9A-Z]`; of an origin access identity. */
export type AccessIdentityId = string & { readonly brand: 'AccessIdentityId' };
/** `I` and 13 of `[0-9A-Z]`. */
export type InvalidationId = string & { readonly brand: 'InvalidationId' };
/** `APKA` and 16 of `[0-9A-Z]`. */
export type KeyPairId = string & { readonly brand: 'KeyPairId' };
/** `ASCA` and 17 of `[0-9A-Z]`, as ids of server certificates have it. */
export type CertificateId = string & { readonly brand: 'CertificateId' };

const idTailLength = 13;
const keyPairTailLength = 16;
const certificateTailLength = 17;
const canonicalUserIdBytes = 48;
const upper = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const lower = '0123456789abcdefghijklmnopqrstuvwxyz';

/** Mints what a decision needs; passed in, so that a decision itself stays pure. */
export type Mint = {
  readonly distributionId: () => DistributionId;
  readonly configEtag: () => ConfigEtag;
  readonly accessIdentityId: () => AccessIdentityId;
  readonly invalidationId: () => InvalidationId;
  readonly keyPairId: () => KeyPairId;
  readonly certificateId: () => CertificateId;
  /** `K` and 13 of `[0-9A-Z]`. */
  readonly publicKeyId: () => string;
  /** In lower case. */
  readonly uuid: () => string;
  /** So many of `[0-9A-Za-z]`, for ids that begin with what they name. */
  readonly longLabel: (length: number) => string;
  /** 96 hexadecimal digits. */
  readonly canonicalUserId: () => string;
  /** The first label of a distribution's domain name. */
  readonly domainLabel: (kind: 'download' | 'streaming') => string;
};

export function createMint(randomness: Randomness): Mint {
  return {
    distributionId: () => distributionId(`E${draw(randomness, upper)}`),
    configEtag: () => configEtag(`E${draw(randomness, upper)}`),
    accessIdentityId: () => accessIdentityId(`E${draw(randomness, upper)}`),
    invalidationId: () => invalidationId(`I${draw(randomness, upper)}`),
    keyPairId: () => keyPairId(`APKA${draw(randomness, upper, keyPairTailLength)}`),
    certificateId: () => certificateId(`ASCA${draw(randomness, upper, certificateTailLength)}`),
    publicKeyId: () => `K${draw(randomness, upper)}`,
    uuid: () => randomness.uuid(),
    longLabel: (length) => draw(randomness, `${upper}${lower.slice(10)}`, length),
    canonicalUserId: () => Buffer.from(randomness.bytes(canonicalUserIdBytes)).toString('hex'),
    domainLabel: (kind) => `${kind === 'download' ? 'd' : 's'}${draw(randomness, lower)}`,
  };
}

export function accountId(text: string): AccountId {
  return branded<AccountId>(text);
}

export function distributionId(text: string): DistributionId {
  return branded<DistributionId>(text);
}

export function configEtag(text: string): ConfigEtag {
  return branded<ConfigEtag>(text);
}

export function accessIdentityId(text: string): AccessIdentityId {
  return branded<AccessIdentityId>(text);
}

export function invalidationId(text: string): InvalidationId {
  return branded<InvalidationId>(text);
}

export function keyPairId(text: string): KeyPairId {
  return branded<KeyPairId>(text);
}

export function certificateId(text: string): CertificateId {
  return branded<CertificateId>(text);
}

/** Each character is drawn evenly: bytes past the last whole multiple of the alphabet are left out. */
function draw(randomness: Randomness, alphabet: string, length = idTailLength): string {
  const evenBelow = 256 - (256 % alphabet.length);
  let drawn = '';
  while (drawn.length < length) {
    for (const byte of randomness.bytes(length)) {
      if (byte < evenBelow && drawn.length < length) drawn += alphabet[byte % alphabet.length];
    }
  }
  return drawn;
}
