import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { asSignedPart, readSignedCookies, readSignedQuery } from './signing-parameters.ts';

const nothing = {
  expires: undefined,
  policy: undefined,
  signature: undefined,
  keyPairId: undefined,
  hashAlgorithm: undefined,
};

test('signing parameters are taken out of a query in any order, the rest stays in its own', () => {
  assert.deepEqual(readSignedQuery('b=2&Signature=s&a=1&Expires=9&Key-Pair-Id=K&c&&a=3'), {
    given: { ...nothing, expires: '9', signature: 's', keyPairId: 'K' },
    rest: 'b=2&a=1&c&&a=3',
  });
  assert.deepEqual(readSignedQuery('Policy=p&Hash-Algorithm=SHA256&Signature=s&Key-Pair-Id=K'), {
    given: {
      ...nothing,
      policy: 'p',
      hashAlgorithm: 'SHA256',
      signature: 's',
      keyPairId: 'K',
    },
    rest: undefined,
  });
});

test('a query that ended in ? or & before it was signed comes out as it was', () => {
  assert.equal(readSignedQuery('&Expires=9').rest, '');
  assert.equal(readSignedQuery('a=1&&Expires=9').rest, 'a=1&');
  assert.equal(readSignedQuery('Expires=9').rest, undefined);
});

test('one of the four makes a query a signed one, in its exact spelling only', () => {
  for (const name of ['Expires', 'Policy', 'Signature', 'Key-Pair-Id']) {
    assert.notEqual(readSignedQuery(name).given, undefined, name);
    assert.notEqual(readSignedQuery(`a=1&${name}=`).given, undefined, name);
    assert.equal(readSignedQuery(`${name.toLowerCase()}=1`).given, undefined);
    assert.equal(readSignedQuery(`x${name}=1`).given, undefined);
    assert.equal(
      readSignedQuery(`%${name.charCodeAt(0).toString(16)}${name.slice(1)}=1`).given,
      undefined,
    );
  }
  assert.equal(readSignedQuery('Hash-Algorithm=SHA1').given, undefined);
  assert.deepEqual(readSignedQuery(undefined), { given: undefined, rest: undefined });
  assert.equal(readSignedQuery('').rest, '');
});

test('a percent-encoding is undone once', () => {
  const { given } = readSignedQuery('Signature=a%2Bb%253D&Policy=%zz&Key-Pair-Id=%41');
  assert.deepEqual(given, { ...nothing, signature: 'a+b%3D', policy: '%zz', keyPairId: 'A' });
});

test('a parameter that is said twice comes out as nothing that could be good', () => {
  assert.equal(readSignedQuery('Expires=1&Expires=1').given?.expires, '1,1');
});

test('of signed cookies the first of a name counts, in whatever field it stands', () => {
  const headers = [
    'Cookie',
    'a=1; CloudFront-Signature=s==; CloudFront-Key-Pair-Id = K ;CloudFront-Signature=other',
    'Host',
    'h',
    'cookie',
    'CloudFront-Expires=9;CloudFront-Key-Pair-Id=other; cloudfront-policy=p; CloudFront-Policy',
  ];
  assert.deepEqual(readSignedCookies(headers), {
    ...nothing,
    expires: '9',
    signature: 's==',
    keyPairId: 'K',
  });
  assert.equal(readSignedCookies(['Cookie', 'a=1; CloudFront-Other=2; Expires=3']), undefined);
  assert.equal(readSignedCookies([]), undefined);
});

test('Base64 of either alphabet is spelt as signed parts are', () => {
  assert.equal(asSignedPart('+/=-~_aZ0,'), '-~_-~_aZ0,');
});

test('no query and no cookie brings the readers down', () => {
  const names = fc.constantFrom(
    'Expires',
    'Policy',
    'Signature',
    'CloudFront-Policy',
    '',
    '%',
    'a',
  );
  const text = fc
    .array(fc.tuple(names, fc.constantFrom('=', '==', ''), fc.string()))
    .map((parts) => parts.map((part) => part.join('')));
  fc.assert(
    fc.property(text, (parts) => {
      const query = parts.join('&');
      const { given, rest } = readSignedQuery(query);
      if (given === undefined && !query.includes('Hash-Algorithm')) {
        assert.equal(rest ?? '', query);
      }
      readSignedCookies(['Cookie', parts.join(';')]);
    }),
  );
});
