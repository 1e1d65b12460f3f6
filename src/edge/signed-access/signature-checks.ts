/**
 * Signatures of policies, verified beside the work of the edge: in the threads of the platform, few
 * at a time, so that a flood of new signatures cannot keep all of them from reading files.
 *
 * What was verified is remembered, good and bad apart: viewers come back with the same signature for
 * every part of a page, and whoever repeats a bad one learns no more and costs little. A verdict
 * counts for the very key it was made with, so it ends with the key; whether a policy fits and still
 * stands is no part of it, and is judged on each request.
 */
import { hash, type KeyObject, verify } from 'node:crypto';
import { BoundedMap } from '../../base/bounded-map.ts';
import { decodeSignedPart } from '../../http/signed-url.ts';

export type SignatureClaim = {
  readonly keyPairId: string;
  /** RSA, or ECDSA on P-256. */
  readonly publicKey: KeyObject;
  readonly algorithm: 'SHA1' | 'SHA256';
  /** The text that was signed, one character a byte. */
  readonly policy: string;
  /** As `encodeSignedPart` writes it. */
  readonly signature: string;
};

/** `busy`: so many signatures wait already that this one is not looked at. */
export type SignatureVerdict = 'good' | 'bad' | 'busy';

export type SignatureBounds = {
  readonly signaturesAtOnceMax: number;
  readonly signaturesWaitingMax: number;
  readonly goodSignaturesMax: number;
  readonly badSignaturesMax: number;
};

type Known = { readonly publicKey: KeyObject };
type UnderWay = Known & { readonly verdict: Promise<SignatureVerdict> };

/** What node:crypto calls PKCS #1 v1.5 with this hash. */
const algorithmNames = { SHA1: 'RSA-SHA1', SHA256: 'RSA-SHA256' } as const;

export class SignatureChecks {
  readonly #bounds: SignatureBounds;
  readonly #good: BoundedMap<string, Known>;
  readonly #bad: BoundedMap<string, Known>;
  readonly #underWay = new Map<string, UnderWay>();
  readonly #waiting: (() => void)[] = [];
  #atOnce = 0;

  constructor(bounds: SignatureBounds) {
    this.#bounds = bounds;
    this.#good = new BoundedMap(bounds.goodSignaturesMax);
    this.#bad = new BoundedMap(bounds.badSignaturesMax);
  }

  /** A promise only where the signature was not seen before. Rejects where verifying itself fails. */
  check(claim: SignatureClaim): SignatureVerdict | Promise<SignatureVerdict> {
    const { publicKey } = claim;
    const name = nameOf(claim);
    if (this.#good.get(name)?.publicKey === publicKey) return 'good';
    if (this.#bad.get(name)?.publicKey === publicKey) return 'bad';
    const underWay = this.#underWay.get(name);
    if (underWay?.publicKey === publicKey) return underWay.verdict;
    const bytes = signatureBytes(claim);
    if (bytes === undefined) return 'bad';
    if (this.#isFull() && this.#waiting.length >= this.#bounds.signaturesWaitingMax) return 'busy';
    const verdict = this.#verify(name, claim, bytes);
    this.#underWay.set(name, { publicKey, verdict });
    return verdict;
  }

  async #verify(
    name: string,
    { algorithm, policy, publicKey }: SignatureClaim,
    bytes: Uint8Array,
  ): Promise<SignatureVerdict> {
    await this.#turn();
    try {
      const isGood = await verified(algorithmNames[algorithm], policy, publicKey, bytes);
      (isGood ? this.#good : this.#bad).set(name, { publicKey });
      return isGood ? 'good' : 'bad';
    } finally {
      this.#underWay.delete(name);
      const next = this.#waiting.shift();
      if (next === undefined) this.#atOnce -= 1;
      else next();
    }
  }

  /** Whose turn ends hands it on, so that nobody who comes just then goes before who waits. */
  async #turn(): Promise<void> {
    if (!this.#isFull()) {
      this.#atOnce += 1;
      return;
    }
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  #isFull(): boolean {
    return this.#atOnce >= this.#bounds.signaturesAtOnceMax;
  }
}

/**
 * A signature of RSA is as long as its key (RFC 8017 §8.2.2), one of ECDSA no longer than its two
 * numbers in DER (RFC 3279 §2.2.3); any other is not even looked at.
 */
function signatureBytes({ publicKey, signature }: SignatureClaim): Uint8Array | undefined {
  const bytes = decodeSignedPart(signature);
  if (bytes === undefined) return undefined;
  if (publicKey.asymmetricKeyType === 'ec') {
    return bytes.length <= ecdsaBytesMax ? bytes : undefined;
  }
  const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
  return bytes.length === Math.ceil(bits / 8) ? bytes : undefined;
}

/** On P-256. */
const ecdsaBytesMax = 72;

/** Of one length, however long a policy is. None of the first three parts can hold a blank. */
function nameOf({ algorithm, keyPairId, policy, signature }: SignatureClaim): string {
  return hash('sha256', `${keyPairId} ${algorithm} ${signature} ${policy}`, 'base64url');
}

function verified(
  algorithm: string,
  policy: string,
  publicKey: KeyObject,
  signature: Uint8Array,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    verify(algorithm, Buffer.from(policy, 'latin1'), publicKey, signature, (error, isGood) => {
      if (error === null) resolve(isGood);
      else reject(error);
    });
  });
}
