/** What refusals tell their callers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal, refusalCodes } from '../model/refusal.ts';
import { faultOf } from './refusals.ts';

/** The step is in the reason that whoever refuses gives. */
const toldByReason: ReadonlySet<string> = new Set([
  'CloudFrontOriginAccessIdentityInUse',
  'DistributionNotDisabled',
  'ResourceNotDisabled',
  'StreamingDistributionNotDisabled',
]);
const step =
  /\b(choose|use|take|remove|revoke|delete|disable|deactivate) (?:it|that|them|another|others|a new)\b/i;

test('a conflict tells which step comes next', () => {
  const conflicts = refusalCodes.map((code) => faultOf(code, new Refusal(code).message));
  const silent = conflicts
    .filter(({ code, status }) => status === 409 && !toldByReason.has(code))
    .filter(({ message }) => !step.test(message));
  assert.deepEqual(silent, []);
});
