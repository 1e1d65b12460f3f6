import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OriginFailure } from '../origin/origin-failure.ts';
import { pageNames } from './pages.ts';
import { detailOfFailure, resultTypes } from './result-types.ts';

const head = { status: 200, headers: [], ownHeaders: [], close: false };
const miss = {
  cutBecause: undefined,
  page: undefined,
  result: 'Miss',
  shieldResult: undefined,
} as const;

test('a bug in the midst of an answer is a fault of the edge', () => {
  const types = resultTypes({ ...miss, cutBecause: 'InternalError' }, { head, outcome: 'cut' });
  assert.deepEqual(types, {
    resultType: 'Error',
    responseResultType: 'Miss',
    detailedResultType: 'InternalError',
  });
});

test('every page has a detail, and the one who gives it may know more', () => {
  for (const name of pageNames) {
    const x = { ...miss, page: { name }, result: 'Error' } as const;
    const told = resultTypes(x, { head, outcome: 'whole' });
    assert.equal(told.resultType, name === 'capacity' ? 'CapacityExceeded' : 'Error');
    assert.match(told.detailedResultType, /^[A-Z][A-Za-z]+$/, name);
  }
  const page = { name: 'originInvalidResponse', detail: 'OriginReadError' } as const;
  const told = resultTypes({ ...miss, page, result: 'Error' }, { head, outcome: 'whole' });
  assert.equal(told.detailedResultType, 'OriginReadError');
});

test('a viewer that leaves is the cause, whatever else there was', () => {
  const page = { name: 'originConnect' } as const;
  const x = { ...miss, page, result: 'Error' } as const;
  const left = resultTypes(x, { head, outcome: 'left' });
  assert.equal(left.detailedResultType, 'ClientCommError');
  const unanswered = resultTypes(miss, { head: undefined, outcome: 'left' });
  assert.equal(unanswered.detailedResultType, 'ClientHungUpRequest');
  assert.equal(unanswered.responseResultType, 'Error');
});

test('a failure tells its detail by where and how', () => {
  for (const [at, reason, detail] of [
    ['dns', 'no-address', 'OriginDnsError'],
    ['dns', 'timeout', 'OriginCommError'],
    ['connect', 'unreachable', 'OriginConnectError'],
    ['connect', 'capacity', 'CapacityExceeded'],
    ['tls', 'untrusted', 'OriginConnectError'],
    ['headers', 'headers-too-large', 'OriginHeaderTooBigError'],
    ['headers', 'invalid', 'OriginInvalidResponseError'],
    ['body', 'closed', 'OriginReadError'],
    ['body', 'timeout', 'OriginCommError'],
  ] as const) {
    assert.equal(detailOfFailure(new OriginFailure(at, reason, { retryable: false })), detail);
  }
});
