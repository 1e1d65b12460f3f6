/**
 * AWS Signature Version 4, as header fields: what S3-compatible stores want of whoever asks them
 * (AWS General Reference, "Signing AWS API requests"; edge contract 10.7). Pure: time and keys come
 * in, the fields to send come out.
 *
 * A store signs what it understood, not the bytes on the wire: it decodes path and query and encodes
 * them anew. So does this, and `/a%2db` and `/a-b` have one signature, as have `%2F` and `/`.
 */
import { createHash, createHmac } from 'node:crypto';
import type { Instant } from '../base/clock.ts';
import { eachHeader, type HeaderList } from './header-list.ts';

/** SHA-256 of no bytes. */
export const emptyPayloadHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** In the place of a hash where S3 is to take a body unseen. */
export const unsignedPayload = 'UNSIGNED-PAYLOAD';

export const algorithm = 'AWS4-HMAC-SHA256';

export type SigningKeys = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary keys. */
  readonly sessionToken?: string | undefined;
};

export type RequestToSign = {
  readonly method: string;
  /** As it is sent, percent-encoded, with its leading `/`. */
  readonly path: string;
  /** As it is sent, without `?`; empty or undefined when there is none. A `+` stands for itself. */
  readonly query?: string | undefined;
  /**
   * What is signed, `Host` among it, as it is sent. Fields that are left out can be sent all the
   * same; a store asks for `host` and every `x-amz-…` to be in.
   */
  readonly headers: HeaderList;
  /** SHA-256 of the body in lower-case hexadecimal, or `unsignedPayload`. */
  readonly payloadHash: string;
  readonly region: string;
  readonly service: string;
  readonly keys: SigningKeys;
  readonly at: Instant;
};

/**
 * The fields to send beside those that were given: `X-Amz-Date`, `X-Amz-Content-Sha256` (only for
 * S3, which asks for it), `X-Amz-Security-Token` (of temporary keys) and, last, `Authorization`.
 */
export function signV4(request: RequestToSign): HeaderList {
  const { at, keys, payloadHash, region, service } = request;
  const time = basicTime(at);
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
  const added = ['X-Amz-Date', time];
  if (service === 's3') added.push('X-Amz-Content-Sha256', payloadHash);
  if (keys.sessionToken !== undefined) added.push('X-Amz-Security-Token', keys.sessionToken);

  const fields = canonicalFields([...request.headers, ...added]);
  const signedNames = fields.map(([name]) => name).join(';');
  const signature = signatureV4({
    ...request,
    fields,
    secretAccessKey: keys.secretAccessKey,
    time,
  });
  const authorization =
    `${algorithm} Credential=${keys.accessKeyId}/${scope}, ` +
    `SignedHeaders=${signedNames}, Signature=${signature}`;
  return [...added, 'Authorization', authorization];
}

export type SignedParts = {
  readonly method: string;
  readonly path: string;
  readonly query?: string | undefined;
  /** In the order in which they are signed, which is that of their names in lower case. */
  readonly fields: readonly (readonly [string, string])[];
  readonly payloadHash: string;
  readonly region: string;
  readonly service: string;
  readonly secretAccessKey: string;
  /** `20130524T000000Z`. */
  readonly time: string;
};

/** The signature that these parts have, in lower-case hexadecimal. */
export function signatureV4(parts: SignedParts): string {
  const { region, secretAccessKey, service, time } = parts;
  const day = time.slice(0, 8);
  const scope = `${day}/${region}/${service}/aws4_request`;
  const toSign = [algorithm, time, scope, canonicalHash(parts)].join('\n');
  let key = hmac(`AWS4${secretAccessKey}`, day);
  for (const part of [region, service, 'aws4_request']) key = hmac(key, part);
  return hmac(key, toSign).toString('hex');
}

/** SHA-256 of the canonical request, in lower-case hexadecimal. */
export function canonicalHash(
  parts: Pick<SignedParts, 'method' | 'path' | 'query' | 'fields' | 'payloadHash' | 'service'>,
): string {
  const { fields, payloadHash, service } = parts;
  const canonicalRequest = [
    parts.method,
    canonicalPath(parts.path, service),
    canonicalQuery(parts.query ?? ''),
    ...fields.map(([name, value]) => `${name}:${value}`),
    '',
    fields.map(([name]) => name).join(';'),
    payloadHash,
  ].join('\n');
  return sha256(canonicalRequest);
}

/** SHA-256 in lower-case hexadecimal, for `payloadHash`. */
export function hashPayload(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('hex');
}

/**
 * The name of an object as the path of a request to S3: each byte of its UTF-8 form but letters,
 * digits, `-._~` and `/` percent-encoded. Without the leading `/`.
 */
export function objectPath(name: string): string {
  return encodeBytes(Buffer.from(name, 'utf8'), true);
}

/** `20130524T000000Z`. */
function basicTime(at: Instant): string {
  return `${new Date(at).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
}

/** Names in lower case and in order; values trimmed, with single blanks; repeats joined. */
function canonicalFields(headers: HeaderList): readonly (readonly [string, string])[] {
  const values = new Map<string, string[]>();
  for (const [name, value] of eachHeader(headers)) {
    const lower = name.toLowerCase();
    const plain = canonicalValue(value);
    const known = values.get(lower);
    if (known === undefined) values.set(lower, [plain]);
    else known.push(plain);
  }
  return [...values]
    .map(([name, all]) => [name, all.join(',')] as const)
    .sort(([a], [b]) => inOrder(a, b));
}

export function canonicalValue(value: string): string {
  return value.trim().replace(/[ \t]+/g, ' ');
}

/** S3 takes a path as a name, every dot and slash of it; other services tidy it and encode twice. */
function canonicalPath(path: string, service: string): string {
  const once = encodeBytes(decodeBytes(path), true);
  if (service === 's3') return once;
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  const slash = segments.length > 0 && path.endsWith('/') ? '/' : '';
  return encodeBytes(Buffer.from(`/${segments.join('/')}${slash}`, 'latin1'), true);
}

function canonicalQuery(query: string): string {
  if (query === '') return '';
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=');
      const name = equals < 0 ? pair : pair.slice(0, equals);
      const value = equals < 0 ? '' : pair.slice(equals + 1);
      return [encodeBytes(decodeBytes(name)), encodeBytes(decodeBytes(value))] as const;
    })
    .sort(([a, x], [b, y]) => inOrder(a, b) || inOrder(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/** Encoded text and names of fields are ASCII, so this is the order of bytes. */
function inOrder(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** A `%` without two hexadecimal digits behind it stands for itself. */
function decodeBytes(text: string): Uint8Array {
  const plain = text.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return Buffer.from(plain, 'latin1');
}

function encodeBytes(bytes: Uint8Array, keepSlashes = false): string {
  let encoded = '';
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    encoded +=
      /[A-Za-z0-9\-._~]/.test(character) || (keepSlashes && character === '/')
        ? character
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'latin1').digest('hex');
}

function hmac(key: string | Uint8Array, text: string): Buffer {
  return createHmac('sha256', key).update(text, 'latin1').digest();
}
