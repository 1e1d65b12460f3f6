import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signDate } from './date-signature.ts';

test('the check vectors of the contract hold, and the zone is signed as written', () => {
  const secret = 'warmfront-test-secret';
  assert.equal(signDate(secret, 'Thu, 19 Nov 2009 19:37:58 GMT'), '+fQKmv5nfpJLgEbMt7kSRjSgcM0=');
  assert.equal(signDate(secret, 'Thu, 19 Nov 2009 19:37:58 +0000'), 'X5IyRqHCIW/PRO1LGdCJDQDqGS8=');
});
