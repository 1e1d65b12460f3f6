/**
 * May this request have what it asks for (edge contract 9)? A signature of a trusted signer has to
 * stand over a policy that fits the URL, the time and the viewer.
 *
 * The contract's order is kept as far as it can be seen: which parameter is missing, an unknown key
 * and a policy that is none have codes of their own; everything after that is one code, so that
 * nobody learns which condition failed. Behind that code, what costs nothing is judged first: a
 * flood of expired URLs is refused without verifying a signature. The pattern of a resource comes
 * last, since only who may sign is allowed the time that comparing a nasty one takes.
 */
import type { Instant } from '../../base/clock.ts';
import { isInRange } from '../../http/ipv4-range.ts';
import { type Policy, policyBytesMax, readPolicy } from '../../http/policy.ts';
import { type RequestedUrl, resourceFits } from '../../http/resource-pattern.ts';
import { cannedPolicy, decodeSignedPart } from '../../http/signed-url.ts';
import {
  asSignedPart,
  readSignedCookies,
  readSignedQuery,
  type SigningParameters,
} from '../../http/signing-parameters.ts';
import type { TrustedSigners } from '../../model/distribution.ts';
import type { SignedAccessCode } from '../pages.ts';
import type { SigningKey } from '../signing-keys.ts';
import type { ViewerRequest } from '../viewer.ts';
import type { SignatureChecks, SignatureClaim, SignatureVerdict } from './signature-checks.ts';

export type SignedRequest = Pick<
  ViewerRequest,
  'address' | 'headers' | 'hostText' | 'path' | 'query' | 'scheme'
>;

export type Trust = {
  /** The account that owns the distribution. */
  readonly owner: string;
  readonly signers: TrustedSigners;
  readonly find: (keyPairId: string) => SigningKey | undefined;
  /** By the key groups that are trusted. */
  readonly findInGroups: (publicKeyId: string) => SigningKey | undefined;
};

export type SignedVerdict =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'refused'; readonly code: SignedAccessCode; readonly why: string }
  | { readonly kind: 'busy' };

type Refused = Extract<SignedVerdict, { kind: 'refused' }>;
type Terms = { readonly policy: Policy; readonly texts: readonly string[] };

const allowed: SignedVerdict = { kind: 'allowed' };
const busy: SignedVerdict = { kind: 'busy' };

/** What a key pair's id could look like; any other is not looked for. */
const keyPairIdForm = /^[A-Za-z0-9_-]{1,128}$/;
/** As a number stands in JSON, since the text is made again with it. */
const expiresForm = /^(?:0|[1-9]\d{0,18})$/;
const expiresMax = 2n ** 63n - 1n;
/** Base64 of the longest policy. */
const policyCharactersMax = Math.ceil(policyBytesMax / 3) * 4;

/** A promise only where a signature has to be verified that was not seen before. */
export function judgeSignedRequest(
  request: SignedRequest,
  trust: Trust,
  { checks, now }: { readonly checks: SignatureChecks; readonly now: Instant },
): SignedVerdict | Promise<SignedVerdict> {
  const { given, rest } = readSignedQuery(request.query);
  const said = given ?? readSignedCookies(request.headers);
  if (said === undefined) return refused('MissingKey', 'nothing is signed');
  const signed = complete(said);
  if ('kind' in signed) return signed;

  const key = trustedKey(signed.keyPairId, trust);
  if ('kind' in key) return key;

  // Parameters of a signed URL are no part of what was signed; cookies leave the query whole.
  const urls = urlsOf(request, given === undefined ? request.query : rest);
  const terms = signed.policy === undefined ? cannedTerms(said, urls) : customTerms(signed.policy);
  if (terms === undefined) return refused('MalformedPolicy', 'the policy is none');
  const { policy, texts } = terms;
  if (now >= policy.endsBefore * 1_000) return refused('AccessDenied', 'expired');
  if (policy.startsAfter !== undefined && now <= policy.startsAfter * 1_000) {
    return refused('AccessDenied', 'too early');
  }
  if (policy.viewers !== undefined && !isInRange(request.address, policy.viewers)) {
    return refused('AccessDenied', 'another address');
  }

  const algorithm = algorithmOf(said);
  if (algorithm === undefined) return refused('AccessDenied', 'an unknown algorithm');
  const claim = {
    keyPairId: signed.keyPairId,
    publicKey: key.publicKey,
    algorithm,
    signature: asSignedPart(signed.signature),
  };
  const conclude = (verdict: SignatureVerdict): SignedVerdict => {
    if (verdict === 'busy') return busy;
    if (verdict === 'bad') return refused('AccessDenied', 'the signature does not fit');
    const { resource } = policy;
    return resource === undefined || urls.some((url) => resourceFits(resource, url))
      ? allowed
      : refused('AccessDenied', 'signed for something else');
  };
  const verdict = checkOneOf(texts, claim, checks);
  return verdict instanceof Promise ? verdict.then(conclude) : conclude(verdict);
}

type Complete = {
  readonly keyPairId: string;
  readonly signature: string;
  readonly policy: string | undefined;
};

function complete({
  expires,
  keyPairId,
  policy,
  signature,
}: SigningParameters): Complete | Refused {
  if (keyPairId === undefined || keyPairId === '') return refused('MissingKey', 'no key pair id');
  if (signature === undefined) return refused('AccessDenied', 'no signature');
  if (policy === undefined && expires === undefined) {
    return refused('MalformedPolicy', 'neither a policy nor a time');
  }
  return { keyPairId, signature, policy };
}

function trustedKey(
  id: string,
  { find, findInGroups, owner, signers }: Trust,
): SigningKey | Refused {
  if (!keyPairIdForm.test(id)) return refused('InvalidKey', 'no key pair has such an id');
  const ofGroup = findInGroups(id);
  if (ofGroup !== undefined) return ofGroup;
  const key = find(id);
  if (key === undefined) return refused('UnknownKey', 'no active key pair has this id');
  const isTrusted =
    signers.accounts.includes(key.account) || (signers.self && key.account === owner);
  if (!isTrusted) return refused('UnknownKey', 'the key pair is of nobody who may sign');
  if (key.publicKey.asymmetricKeyType !== 'rsa') return refused('InvalidKey', 'no RSA key');
  return key;
}

/**
 * The URL as the viewer used it. The contract drops the port of the host, since the service has none
 * but 80 and 443; where an edge listens elsewhere, signers sign the URL with its port, so both count.
 */
function urlsOf(
  { hostText, path, scheme }: SignedRequest,
  query: string | undefined,
): readonly RequestedUrl[] {
  const host = hostText.toLowerCase();
  const bare = host.replace(/:\d*$/, '');
  const hosts = bare === host ? [host] : [host, bare];
  return hosts.map((one) => ({ scheme, host: one, path, query }));
}

/** The text is not sent: it is made again, so anything else in the URL than was signed shows. */
function cannedTerms(
  { expires = '' }: SigningParameters,
  urls: readonly RequestedUrl[],
): Terms | undefined {
  if (!expiresForm.test(expires)) return undefined;
  const time = BigInt(expires);
  if (time > expiresMax) return undefined;
  return {
    policy: {
      resource: undefined,
      startsAfter: undefined,
      endsBefore: Number(time),
      viewers: undefined,
    },
    texts: urls.map(({ host, path, query, scheme }) =>
      cannedPolicy(`${scheme}://${host}${path}${query === undefined ? '' : `?${query}`}`, time),
    ),
  };
}

function customTerms(part: string): Terms | undefined {
  if (part.length > policyCharactersMax) return undefined;
  const bytes = decodeSignedPart(asSignedPart(part));
  const policy = bytes === undefined ? undefined : readPolicy(bytes);
  if (bytes === undefined || policy === undefined) return undefined;
  return { policy, texts: [Buffer.from(bytes).toString('latin1')] };
}

function algorithmOf({ hashAlgorithm }: SigningParameters): 'SHA1' | 'SHA256' | undefined {
  if (hashAlgorithm === undefined || hashAlgorithm === 'SHA1') return 'SHA1';
  return hashAlgorithm === 'SHA256' ? 'SHA256' : undefined;
}

/** Good where the signature stands over one of the texts; they are tried in their order. */
function checkOneOf(
  [text, ...others]: readonly string[],
  claim: Omit<SignatureClaim, 'policy'>,
  checks: SignatureChecks,
): SignatureVerdict | Promise<SignatureVerdict> {
  if (text === undefined) return 'bad';
  const goOn = (verdict: SignatureVerdict): SignatureVerdict | Promise<SignatureVerdict> =>
    verdict === 'bad' ? checkOneOf(others, claim, checks) : verdict;
  const verdict = checks.check({ ...claim, policy: text });
  return verdict instanceof Promise ? verdict.then(goOn) : goOn(verdict);
}

function refused(code: SignedAccessCode, why: string): Refused {
  return { kind: 'refused', code, why };
}
