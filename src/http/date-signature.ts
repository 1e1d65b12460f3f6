/**
 * The signature of API versions before 2013: Base64 of HMAC-SHA1 over the text of the date alone
 * (API 2010-11-01, section 1.6). Method, path and body are not signed, so TLS is part of the
 * scheme; the server narrows what a stolen signature is good for by refusing old dates.
 */
import { createHmac } from 'node:crypto';

/** `dateText` is signed as it stands in the header, never as a date written anew. */
export function signDate(secretAccessKey: string, dateText: string): string {
  return createHmac('sha1', secretAccessKey).update(dateText, 'utf8').digest('base64');
}
