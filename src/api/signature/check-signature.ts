/**
 * Who sent this request? The checks of API 2010-11-01, section 1.6, in their order.
 *
 * `x-amz-security-token` is not looked at: it belongs to temporary credentials, which are not given
 * out here, and it is no part of what is signed.
 */
import { timingSafeEqual } from 'node:crypto';
import type { Instant } from '../../base/clock.ts';
import { signDate } from '../../http/date-signature.ts';
import { formatHttpDate, parseSignedDate } from '../../http/dates.ts';
import { Refusal } from '../../model/refusal.ts';
import type { Credential, Keyring } from '../credentials.ts';
import { readAuthorization } from './authorization-header.ts';

export const clockSkewMsMax = 15 * 60_000;

/** Each header with every value it was sent with, as `IncomingMessage.headersDistinct` has them. */
export type DistinctHeaders = Readonly<Record<string, readonly string[] | undefined>>;

/** The credential that signed it; throws a Refusal for the first check that fails. */
export function checkSignature(
  headers: DistinctHeaders,
  keyring: Keyring,
  now: Instant,
): Credential {
  const { accessKeyId, signature } = readAuthorization(headers['authorization']);
  const dateText = signedText(headers);
  const date = parseSignedDate(dateText, now);
  if (date === undefined) {
    const why = `its date, ${dateText}, is none that can be read, such as ${formatHttpDate(now)}.`;
    throw new Refusal('AccessDenied', { why });
  }
  const credential = keyring.find(accessKeyId);
  if (credential === undefined) throw new Refusal('InvalidClientTokenId');
  if (!isSame(signature, signDate(credential.secretAccessKey, dateText))) {
    const why = 'it is not the one that this key gives for its date; check the secret access key.';
    throw new Refusal('SignatureDoesNotMatch', { why });
  }
  // A date in a header has no fractions of a second, so neither may the clock it is held against.
  const nowInSeconds = Math.floor(now / 1_000) * 1_000;
  if (Math.abs(nowInSeconds - date) > clockSkewMsMax) {
    throw new Refusal('RequestExpired', { now: formatHttpDate(now) });
  }
  return credential;
}

/** The value of `x-amz-date` where there is one, else of `Date`: verbatim, as it was signed. */
function signedText(headers: DistinctHeaders): string {
  const name = headers['x-amz-date'] === undefined ? 'date' : 'x-amz-date';
  const values = headers[name] ?? [];
  const [only] = values;
  if (only === undefined) {
    throw new Refusal('AccessDenied', { why: 'it has neither a Date nor an x-amz-date header.' });
  }
  if (values.length > 1) {
    throw new Refusal('AccessDenied', { why: `it has more than one ${name} header.` });
  }
  return only.trim();
}

/** In constant time; that all signatures have one length is no secret. */
function isSame(given: string, expected: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}
