import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Facts, silentRecorder } from '../base/recorder.ts';
import { ManualClock } from '../../test/harness/manual-clock.ts';
import { Admission, addressKey } from './admission.ts';

function admissionOf(connectionsMax: number, perAddress: number, perSecond: number) {
  const clock = new ManualClock();
  const told: Facts[] = [];
  const recorder = { ...silentRecorder, warn: (facts: Facts) => void told.push(facts) };
  const bounds = {
    connectionsMax,
    connectionsPerAddressMax: perAddress,
    connectionsPerAddressSMax: perSecond,
  };
  return { admission: new Admission({ bounds, clock, recorder }), clock, told };
}

test('one address has its bound, another its own, and a place is given back', () => {
  const { admission } = admissionOf(10, 2, 0);
  const first = admission.admit('192.0.2.1');
  assert(first);
  assert(admission.admit('::ffff:192.0.2.1'));
  assert.equal(admission.admit('192.0.2.1'), undefined);
  assert(admission.admit('192.0.2.2'));
  first();
  assert(admission.admit('192.0.2.1'));
  assert.equal(admission.open, 3);
});

test('all together have a bound, loopback too', () => {
  const { admission } = admissionOf(2, 1, 1);
  assert(admission.admit('127.0.0.1'));
  assert(admission.admit('::1'));
  assert.equal(admission.admit('127.0.0.1'), undefined);
  assert.equal(admission.admit('192.0.2.1'), undefined);
});

test('new connections of an address are counted by the second', async () => {
  const { admission, clock } = admissionOf(1_000, 0, 3);
  const admitted = (): number =>
    Array.from({ length: 5 }, () => admission.admit('192.0.2.1')).filter(Boolean).length;
  assert.equal(admitted(), 3);
  assert(admission.admit('192.0.2.2'));
  await clock.passes(999);
  assert.equal(admitted(), 0);
  await clock.passes(1);
  assert.equal(admitted(), 3);
});

test('a flood is told once in ten seconds', async () => {
  const { admission, clock, told } = admissionOf(1_000, 1, 0);
  admission.admit('192.0.2.1');
  for (let time = 0; time < 100; time += 1) admission.admit('192.0.2.1');
  assert.equal(told.length, 1);
  await clock.passes(10_000);
  admission.admit('192.0.2.1');
  assert.equal(told.length, 2);
  assert.equal(told[1]?.['refused'], 100);
});

test('0 is no bound, and a hundred thousand addresses leave nothing behind', () => {
  const { admission } = admissionOf(1_000_000, 0, 1);
  for (let at = 0; at < 100_000; at += 1) {
    const release = admission.admit(`10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`);
    assert(release);
    release();
  }
  assert.equal(admission.open, 0);
  // What is remembered of the second is full; who is new is let in, who is known is not.
  assert(admission.admit('192.0.2.1'));
  assert(admission.admit('192.0.2.1'));
  assert.equal(admission.admit('10.0.0.1'), undefined);
});

test('IPv6 is told apart by its /64, however it is written', () => {
  const one = addressKey('2001:db8:0:1::1');
  assert.equal(addressKey('2001:0DB8:0000:0001:ffff:ffff:ffff:ffff'), one);
  assert.equal(addressKey('2001:db8:0:1:0:0:0:9%eth0'), one);
  assert.notEqual(addressKey('2001:db8:0:2::1'), one);
  assert.notEqual(addressKey('2001:db8::1'), one);
  assert.equal(addressKey('fe80::1'), 'fe80:0:0:0');
  assert.equal(addressKey('::ffff:127.0.0.1'), undefined);
});
