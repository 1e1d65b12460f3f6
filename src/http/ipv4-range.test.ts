import assert from 'node:assert/strict';
import { BlockList } from 'node:net';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { isInRange, parseIpv4, parseIpv4Range } from './ipv4-range.ts';

function holds(range: string, address: string): boolean {
  const parsed = parseIpv4Range(range);
  assert(parsed !== undefined, range);
  return isInRange(address, parsed);
}

test('an address alone holds itself and no other', () => {
  assert(holds('192.0.2.5', '192.0.2.5'));
  assert(!holds('192.0.2.5', '192.0.2.4'));
  assert(holds('255.255.255.255/32', '255.255.255.255'));
});

test('what stands behind the prefix counts for nothing', () => {
  assert(holds('192.0.2.77/24', '192.0.2.1'));
  assert(!holds('192.0.2.77/24', '192.0.3.1'));
  assert(holds('128.0.0.0/1', '203.0.113.9'));
  assert(!holds('128.0.0.0/1', '127.255.255.255'));
});

test('0.0.0.0/0 holds every address, and nothing else holds one of IPv6', () => {
  for (const address of ['192.0.2.1', '2001:db8::1', '::ffff:192.0.2.1', '']) {
    assert(holds('0.0.0.0/0', address));
    assert(!holds('198.51.100.0/1', address === '192.0.2.1' ? '127.0.0.1' : address));
  }
});

test('ranges agree with those of the platform', () => {
  const address = fc.ipV4();
  fc.assert(
    fc.property(address, fc.integer({ min: 0, max: 32 }), address, (base, prefix, asked) => {
      const list = new BlockList();
      list.addSubnet(base, prefix);
      assert.equal(holds(`${base}/${prefix}`, asked), list.check(asked));
    }),
  );
});

test('anything else is no range', () => {
  const wrong = [
    '',
    '1.2.3',
    '1.2.3.4.5',
    '256.0.0.1',
    '01.2.3.4',
    '1.2.3.4/',
    '1.2.3.4/33',
    '1.2.3.4/08',
    '1.2.3.4/-1',
    '1.2.3.4/24/8',
    ' 1.2.3.4',
    '1.2.3.4\n',
    '0x7f.1',
    '2001:db8::/32',
    '::1',
    '*',
  ];
  for (const text of wrong) assert.equal(parseIpv4Range(text), undefined, JSON.stringify(text));
  assert.equal(parseIpv4('1.2.3.4'), 0x01020304);
});
