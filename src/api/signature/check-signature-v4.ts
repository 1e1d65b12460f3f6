/**
 * Who sent this request, by AWS Signature Version 4 or 4A? The checks of API 2020-05-31, section 2.2.
 * The first part needs the head alone, so that nobody's body is read before the key is known; the
 * second holds the body's hash against what was signed.
 *
 * Any region is taken, since tools sign for the one they are set to; the service must be ours. A body is
 * signed by its hash, whole: `UNSIGNED-PAYLOAD` and bodies signed piece by piece are refused.
 */
import { type KeyObject, timingSafeEqual } from 'node:crypto';
import { type Instant, instant } from '../../base/clock.ts';
import { algorithm, canonicalValue, hashPayload, signatureV4 } from '../../http/sigv4.ts';
import { algorithmV4a, isSignedV4a, verifyingKeyV4a } from '../../http/sigv4a.ts';
import { Refusal } from '../../model/refusal.ts';
import type { Credential, Keyring } from '../credentials.ts';
import type { DistinctHeaders } from './check-signature.ts';

export const skewMsMax = 5 * 60_000;
const headerCharactersMax = 8_192;
const signedHeadersMax = 100;

export type HeadToCheck = {
  readonly method: string;
  /** As it came. */
  readonly path: string;
  readonly query: string;
  readonly headers: DistinctHeaders;
};

export type Signed = {
  readonly credential: Credential;
  /** Its hash was not sent, so that the signature is judged with the body, by `checkBody`. */
  readonly needsBody: boolean;
  /** Throws `SignatureDoesNotMatch` unless the body is the one that was signed. */
  checkBody(bytes: Uint8Array): void;
};

type Authorization = {
  readonly accessKeyId: string;
  readonly day: string;
  /** Undefined in Version 4A, which names none. */
  readonly region: string | undefined;
  readonly signedNames: readonly string[];
  readonly signature: string;
};

/** Throws a Refusal for the first check that fails. */
export function checkHeadV4(
  head: HeadToCheck,
  keyring: Keyring,
  service: string,
  now: Instant,
): Signed {
  const { headers, method, path, query } = head;
  const authorization = readAuthorization(headers['authorization'], service);
  const { accessKeyId, day, region, signature, signedNames } = authorization;
  const credential = keyring.find(accessKeyId);
  if (credential === undefined) throw new Refusal('InvalidClientTokenId');
  const time = timeOf(headers, day);
  checkTime(time, now);
  refuseUnsigned(headers, signedNames);
  if (path.split('/').some((segment) => segment === '.' || segment === '..')) {
    throw new Refusal('InvalidURI', { why: 'its path has a segment of dots.' });
  }
  // A `+` is read as a blank, so that is what it has to be signed as: one who changes %2B into it would
  // change what is meant.
  const spaced = query.replaceAll('+', '%20');
  const said = only(headers, 'x-amz-content-sha256');
  if (said !== undefined && !/^[0-9a-f]{64}$/i.test(said)) {
    mismatch(`x-amz-content-sha256 is ${said.slice(0, 64)} where the hash of the body is meant.`);
  }
  const fields = signedNames.map((name) => [name, fieldOf(headers, name)] as const);
  const check = (payloadHash: string): void => {
    const parts = { method, path, query: spaced, fields, payloadHash, service, time };
    const { secretAccessKey } = credential;
    const isRight =
      region === undefined
        ? isSignedV4a(parts, verifyingKey(credential), signature)
        : isSame(signature, signatureV4({ ...parts, region, secretAccessKey }));
    if (isRight) return;
    mismatch(
      'check the secret access key and the clock, and that nothing on the way changes requests.',
    );
  };
  // Where the hash was sent, the signature is judged before the body is read.
  if (said !== undefined) check(said);
  return {
    credential,
    needsBody: said === undefined,
    checkBody(bytes) {
      const hash = hashPayload(bytes);
      if (said === undefined) check(hash);
      else if (said.toLowerCase() !== hash)
        mismatch('the body is not the one whose hash was sent.');
    },
  };
}

/** Deriving one costs more than verifying by it; there are as many as there are credentials. */
const verifyingKeys = new WeakMap<Credential, KeyObject>();

function verifyingKey(credential: Credential): KeyObject {
  const known = verifyingKeys.get(credential);
  if (known !== undefined) return known;
  const key = verifyingKeyV4a(credential.accessKeyId, credential.secretAccessKey);
  verifyingKeys.set(credential, key);
  return key;
}

/** Version 4 has a region in its scope and an HMAC; 4A has neither, and an ECDSA signature in DER. */
const form = new RegExp(
  `^(?:${algorithm} +Credential=([^\\s,/]{1,128})/(\\d{8})/([a-z0-9-]{1,64})|` +
    `${algorithmV4a} +Credential=([^\\s,/]{1,128})/(\\d{8}))/([a-z0-9-]{1,64})/aws4_request,` +
    " *SignedHeaders=([a-z0-9!#$%&'*+.^_`|~;-]{1,4096}), *Signature=([0-9a-f]{64,160})$",
);

function readAuthorization(values: readonly string[] = [], service: string): Authorization {
  const [header, ...more] = values;
  if (header === undefined) throw new Refusal('MissingAuthenticationToken');
  const match = header.length > headerCharactersMax ? null : form.exec(header.trim());
  if (match === null || more.length > 0) {
    throw new Refusal('IncompleteSignature', {
      why: `it must be ${algorithm} Credential=KEY/DAY/REGION/${service}/aws4_request, SignedHeaders=…, Signature=….`,
    });
  }
  const [, idV4, dayV4, region, idV4a, dayV4a, scope = '', names = '', signature = ''] = match;
  const accessKeyId = idV4 ?? idV4a ?? '';
  const day = dayV4 ?? dayV4a ?? '';
  if (scope !== service) {
    throw new Refusal('SignatureDoesNotMatch', {
      why: `its scope names the service ${scope}, not ${service}.`,
    });
  }
  const signedNames = names.split(';');
  const isSorted = signedNames.every(
    (name, index) => index === 0 || name > (signedNames[index - 1] ?? ''),
  );
  if (!isSorted || signedNames.length > signedHeadersMax) {
    throw new Refusal('IncompleteSignature', { why: 'SignedHeaders must be in order, each once.' });
  }
  return { accessKeyId, day, region, signedNames, signature };
}

/** `x-amz-date`, or `Date` in its place; its day must be that of the scope. */
function timeOf(headers: DistinctHeaders, day: string): string {
  const sent = only(headers, 'x-amz-date');
  const date = only(headers, 'date');
  const time =
    sent ?? (date === undefined || Number.isNaN(Date.parse(date)) ? '' : basic(Date.parse(date)));
  if (!/^\d{8}T\d{6}Z$/.test(time)) {
    throw new Refusal('IncompleteSignature', {
      why: 'x-amz-date must hold the time of the request, such as 20240102T030405Z.',
    });
  }
  if (!time.startsWith(day)) mismatch(`its scope is of ${day}, and its time ${time}.`);
  return time;
}

function basic(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}

function checkTime(time: string, now: Instant): void {
  const iso = time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
  const at = instant(Date.parse(iso));
  const limit = (ms: number): string =>
    `${basic(ms)} (${basic(now)} ${ms < now ? '-' : '+'} 5 min.)`;
  if (Number.isNaN(at)) mismatch(`its time, ${time}, is none.`);
  if (at < now - skewMsMax) {
    mismatch(`Signature expired: ${time} is now earlier than ${limit(now - skewMsMax)}`);
  }
  if (at > now + skewMsMax) {
    mismatch(`Signature not yet current: ${time} is still later than ${limit(now + skewMsMax)}`);
  }
}

/** Whoever is in the middle could add a field that was not signed. */
function refuseUnsigned(headers: DistinctHeaders, signedNames: readonly string[]): void {
  const signed = new Set(signedNames);
  for (const name of Object.keys(headers)) {
    if ((name === 'host' || name.startsWith('x-amz-')) && !signed.has(name)) {
      mismatch(`the header ${name} was sent and not signed.`);
    }
  }
  for (const name of signed) {
    if (headers[name] === undefined) mismatch(`the header ${name} is signed and was not sent.`);
  }
  if (!signed.has('host')) mismatch('the header host is not signed.');
}

function fieldOf(headers: DistinctHeaders, name: string): string {
  return (headers[name] ?? []).map(canonicalValue).join(',');
}

function only(headers: DistinctHeaders, name: string): string | undefined {
  const values = headers[name];
  if (values !== undefined && values.length > 1) mismatch(`it has ${name} more than once.`);
  return values?.[0];
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function mismatch(why: string): never {
  throw new Refusal('SignatureDoesNotMatch', { why });
}
