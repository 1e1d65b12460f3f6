import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Instant, instant } from '../../base/clock.ts';
import { signDate } from '../../http/date-signature.ts';
import { formatHttpDate } from '../../http/dates.ts';
import { accountId } from '../../model/ids.ts';
import { Refusal, type RefusalCode } from '../../model/refusal.ts';
import { createKeyring } from '../credentials.ts';
import { checkSignature, type DistinctHeaders } from './check-signature.ts';

const credential = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'warmfront-test-secret',
  accountId: accountId('111122223333'),
};
const keyring = createKeyring([credential]);
const now = instant(Date.UTC(2009, 10, 19, 19, 37, 58, 900));
const date = 'Thu, 19 Nov 2009 19:37:58 GMT';
const authorization = 'AWS AKIDEXAMPLE:+fQKmv5nfpJLgEbMt7kSRjSgcM0=';

function check(headers: Record<string, string | string[]>, at: Instant = now) {
  const distinct: DistinctHeaders = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, [value].flat()]),
  );
  return checkSignature(distinct, keyring, at);
}

function refuses(
  code: RefusalCode,
  headers: Record<string, string | string[]>,
  at?: Instant,
): void {
  assert.throws(
    () => check(headers, at),
    (error) => error instanceof Refusal && error.code === code,
    JSON.stringify(headers),
  );
}

test('the vectors of the contract sign, in both forms of the date', () => {
  assert.equal(check({ date, authorization }), credential);
  const zoned = 'Thu, 19 Nov 2009 19:37:58 +0000';
  const signed = 'AWS AKIDEXAMPLE:X5IyRqHCIW/PRO1LGdCJDQDqGS8=';
  assert.equal(check({ date: zoned, authorization: signed }), credential);
  refuses('SignatureDoesNotMatch', { date: zoned, authorization });
});

test('x-amz-date is signed where it is sent, whatever Date says', () => {
  assert.equal(check({ date: 'nonsense', 'x-amz-date': date, authorization }), credential);
  refuses('AccessDenied', { date, 'x-amz-date': 'nonsense', authorization });
  refuses('AccessDenied', { date, 'x-amz-date': '', authorization });
});

test('no credentials, another form, or two headers', () => {
  refuses('MissingAuthenticationToken', { date });
  for (const other of [
    '',
    'AWS',
    'AWS AKIDEXAMPLE',
    'AWS :x',
    'AWS a:b:c',
    'AWS a b:c',
    'aws AKIDEXAMPLE:x',
    'Basic dXNlcjpwYXNz',
    'AWS4-HMAC-SHA256 Credential=x',
    `AWS ${'a'.repeat(129)}:x`,
  ]) {
    refuses('InvalidHttpAuthHeader', { date, authorization: other });
  }
  refuses('InvalidHttpAuthHeader', { date, authorization: [authorization, authorization] });
});

test('a date that is missing, double or unreadable comes before the key', () => {
  refuses('AccessDenied', { authorization: 'AWS nobody:x' });
  refuses('AccessDenied', { authorization: 'AWS nobody:x', date: '2009-11-19' });
  refuses('AccessDenied', { authorization, date: [date, date] });
});

test('the key comes before the signature, and that before the window', () => {
  refuses('InvalidClientTokenId', { date, authorization: 'AWS nobody:x' });
  refuses('SignatureDoesNotMatch', { date, authorization: 'AWS AKIDEXAMPLE:x' });
  const old = 'Thu, 19 Nov 1999 19:37:58 GMT';
  refuses('SignatureDoesNotMatch', { date: old, authorization });
});

test('fifteen minutes either way are in time, a second more is not', () => {
  const signedAt = (ms: number) => {
    const text = formatHttpDate(instant(now + ms));
    const signature = signDate(credential.secretAccessKey, text);
    return { date: text, authorization: `AWS AKIDEXAMPLE:${signature}` };
  };
  assert.equal(check(signedAt(-900_000)), credential);
  assert.equal(check(signedAt(900_000)), credential);
  refuses('RequestExpired', signedAt(-901_000));
  refuses('RequestExpired', signedAt(901_000));
});
