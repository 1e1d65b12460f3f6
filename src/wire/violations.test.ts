import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Violations } from './violations.ts';

function worstOf(violations: Violations): { code: string; message: string } {
  const { worst } = violations;
  assert(worst !== undefined);
  return { code: worst.kind, message: worst.told.join('; ') };
}

test('where nothing is wrong there is no worst', () => {
  assert.equal(new Violations().worst, undefined);
});

test('all that is wrong is told together, and the worst kind gives the code', () => {
  const violations = new Violations();
  violations.quantity('config.aliases.quantity', 2, 1);
  assert.equal(worstOf(violations).code, 'InconsistentQuantities');
  violations.missing('config.callerReference');
  assert.equal(worstOf(violations).code, 'MalformedXML');
  violations.wrongType('config.enabled', 'perhaps', 'a boolean');
  const { code, message } = worstOf(violations);
  assert.equal(code, 'MalformedInput');
  assert.match(message, /3 validation errors detected/);
  assert.match(message, /Value '2' at 'config\.aliases\.quantity' .*is 1/);
  assert.match(message, /Value null at 'config\.callerReference' .*must not be null/);
  assert.match(message, /Value 'perhaps' at 'config\.enabled' .*must be a boolean/);
  assert.equal(violations.count, 3);
});

test('one is told in the singular, and a long value in part', () => {
  const violations = new Violations();
  violations.constraint('name', 'x'.repeat(500), 'Member must be short');
  const { message } = worstOf(violations);
  assert.match(message, /1 validation error detected/);
  assert(message.includes(`'${'x'.repeat(100)}'`) && !message.includes('x'.repeat(101)));
});

test('of very many the first are told and the rest counted', () => {
  const violations = new Violations();
  for (let at = 0; at < 50; at += 1) violations.missing(`member${at}.`);
  const { message } = worstOf(violations);
  assert.match(message, /50 validation errors detected/);
  assert(message.includes('member19.') && !message.includes('member20.'));
  assert.match(message, /and 30 more/);
});
