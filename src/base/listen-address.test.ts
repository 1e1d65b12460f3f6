import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatListenAddress, isLoopbackHost, parseListenAddress } from './listen-address.ts';

test('an address is a host and a port, and is written as it was read', () => {
  const cases: readonly [string, string, number][] = [
    ['127.0.0.1:4400', '127.0.0.1', 4400],
    ['0.0.0.0:0', '0.0.0.0', 0],
    ['localhost:80', 'localhost', 80],
    ['edge-1.example.com:65535', 'edge-1.example.com', 65_535],
    ['[::1]:4400', '::1', 4400],
    ['[::]:0', '::', 0],
  ];
  for (const [text, host, port] of cases) {
    assert.deepEqual(parseListenAddress(text), { host, port });
    assert.equal(formatListenAddress({ host, port }), text);
  }
});

test('what is wrong with an address is said', () => {
  const cases: readonly [string, RegExp][] = [
    ['', /has no port/],
    ['127.0.0.1', /has no port/],
    ['::1', /no port.*brackets/],
    ['::1:4400', /brackets/],
    [':4400', /no host/],
    ['127.0.0.1:', /empty text is not a port/],
    ['127.0.0.1:65536', /65536 is not a port/],
    ['127.0.0.1:-1', /-1 is not a port/],
    ['127.0.0.1:4e3', /4e3 is not a port/],
    ['[127.0.0.1]:80', /not an IPv6 address/],
    ['300.0.0.1:80', /neither a host name nor an address/],
    ['a b:80', /neither a host name nor an address/],
    ['http://localhost:80', /not HOST:PORT/],
  ];
  for (const [text, fault] of cases) {
    const answer = parseListenAddress(text);
    assert(typeof answer === 'string', text);
    assert.match(answer, fault);
  }
});

test('loopback is 127.0.0.0/8, ::1 and localhost', () => {
  for (const host of [
    '127.0.0.1',
    '127.8.8.8',
    '::1',
    '0:0:0:0:0:0:0:1',
    'localhost',
    '::ffff:127.0.0.1',
  ]) {
    assert(isLoopbackHost(host), host);
  }
  for (const host of ['0.0.0.0', '::', '10.0.0.1', 'fe80::1', 'localhost.example.com', 'host']) {
    assert(!isLoopbackHost(host), host);
  }
});
