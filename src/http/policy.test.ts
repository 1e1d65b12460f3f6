/** Custom policies: what is one, what is none, and that no bytes bring the reader down. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { type Policy, policyBytesMax, readPolicy } from './policy.ts';

function read(text: string): Policy | undefined {
  return readPolicy(Buffer.from(text, 'utf8'));
}

const ends = '"DateLessThan":{"AWS:EpochTime":2000000000}';
const plain = `{"Statement":[{"Resource":"*","Condition":{${ends}}}]}`;
const open: Policy = {
  resource: '*',
  startsAfter: undefined,
  endsBefore: 2_000_000_000,
  viewers: undefined,
};

test('a policy says what is opened, from when, until when and to whom', () => {
  assert.deepEqual(read(plain), open);
  const all =
    '{"Statement":[{"Resource":"http://h/a/*","Condition":{"IpAddress":{"AWS:SourceIp":"192.0.2.0/24"},' +
    `"DateGreaterThan":{"AWS:EpochTime":1241073790},${ends}}}]}`;
  assert.deepEqual(read(all), {
    resource: 'http://h/a/*',
    startsAfter: 1_241_073_790,
    endsBefore: 2_000_000_000,
    viewers: { base: 0xc0000200, prefixBits: 24 },
  });
});

test('blanks, the order of members and a statement without a list make no difference', () => {
  assert.deepEqual(
    read(` { "Statement" :\n{ "Condition" : {${ends}\t},\r\n "Resource" : "*" } } `),
    open,
  );
});

test('without a resource, everything is opened', () => {
  assert.deepEqual(read(`{"Statement":{"Condition":{${ends}}}}`), { ...open, resource: undefined });
});

test('a resource is compared byte by byte, so it is read as bytes', () => {
  const policy = read(`{"Statement":{"Resource":"http://h/é","Condition":{${ends}}}}`);
  assert.equal(policy?.resource, 'http://h/\u00c3\u00a9');
});

test(String.raw`\? is read as it is meant, with one backslash or with two`, () => {
  for (const written of [String.raw`http://h/a\?b=*`, String.raw`http://h/a\\?b=*`]) {
    const policy = read(`{"Statement":{"Resource":"${written}","Condition":{${ends}}}}`);
    assert.equal(policy?.resource, String.raw`http://h/a\?b=*`);
  }
});

function endsBefore(time: string): number | undefined {
  return read(`{"Statement":{"Condition":{"DateLessThan":{"AWS:EpochTime":${time}}}}}`)?.endsBefore;
}

function condition(text: string): string {
  return `{"Statement":[{"Resource":"*","Condition":${text}}]}`;
}

test('times are whole numbers of up to 64 bits', () => {
  assert.equal(endsBefore('0'), 0);
  assert.equal(endsBefore('-5'), -5);
  assert.equal(endsBefore('9223372036854775807'), 2 ** 63);
  assert.equal(endsBefore('2e9'), 2_000_000_000);
  for (const wrong of ['"2000000000"', '1.5', '1e30', '1e999', 'null', 'true', '[1]', '{}']) {
    assert.equal(endsBefore(wrong), undefined, wrong);
  }
});

test('what is no policy, or says more than is understood, is none', () => {
  const statement = `{"Resource":"*","Condition":{${ends}}}`;
  const wrong = [
    '',
    ' ',
    'null',
    '0',
    '"Statement"',
    '[]',
    '{}',
    '{"Statement":null}',
    '{"Statement":[]}',
    '{"Statement":"x"}',
    `{"Statement":[[${statement}]]}`,
    `{"Statement":[${statement},${statement}]}`,
    `{"Statement":[${statement}],"Version":"2008-10-17"}`,
    `{"Statement":[{"Effect":"Allow","Resource":"*","Condition":{${ends}}}]}`,
    `{"statement":[${statement}]}`,
    `{"Statement":[{"Resource":["*"],"Condition":{${ends}}}]}`,
    `{"Statement":[{"Resource":null,"Condition":{${ends}}}]}`,
    `{"Statement":[{"Resource":"*"}]}`,
    condition('null'),
    condition('[]'),
    condition('{}'),
    condition('{"DateGreaterThan":{"AWS:EpochTime":1}}'),
    condition('{"DateLessThan":{"AWS:EpochTime":1,"AWS:Other":2}}'),
    condition('{"DateLessThan":{"aws:epochtime":1}}'),
    condition('{"DateLessThan":1}'),
    condition(`{${ends},"StringEquals":{"AWS:Referer":"x"}}`),
    condition(`{${ends},"DateGreaterThan":{"AWS:EpochTime":"1"}}`),
    condition(`{${ends},"DateGreaterThan":null}`),
    condition(`{${ends},"IpAddress":{}}`),
    condition(`{${ends},"IpAddress":{"AWS:SourceIp":""}}`),
    condition(`{${ends},"IpAddress":{"AWS:SourceIp":"300.0.0.1"}}`),
    condition(`{${ends},"IpAddress":{"AWS:SourceIp":["192.0.2.1","192.0.2.2"]}}`),
    condition(`{${ends},"IpAddress":{"AWS:SourceIp":"2001:db8::/32"}}`),
    condition(`{${ends},"__proto__":{"DateGreaterThan":{"AWS:EpochTime":1}}}`),
    `${plain}x`,
    `\ufeff${plain}`,
    plain.replace('2000000000', '02000000000'),
    plain.replace('"*"', '"*'),
    plain.replace('"*"', String.raw`"\*"`),
  ];
  for (const text of wrong) assert.equal(read(text), undefined, text);
  const notUtf8 = Buffer.from(plain.replace('*', '\u00ff'), 'latin1');
  assert.equal(readPolicy(notUtf8), undefined);
});

test('a member that is said twice makes a policy none, wherever it stands', () => {
  const wrong = [
    `{"Statement":{"Condition":{${ends}}},"Statement":{"Resource":"*","Condition":{${ends}}}}`,
    `{"Statement":{"Resource":"a:b","Resource":"*","Condition":{${ends}}}}`,
    `{"Statement":{"Condition":{${ends},${ends}}}}`,
    '{"Statement":{"Condition":{"DateLessThan":{"AWS:EpochTime":1,"AWS:EpochTime":2000000000}}}}',
    '{"Statement":{"Condition":{"DateLessThan":{"AWS:EpochTime":1,"AWS\\u003aEpochTime":2000000000}}}}',
  ];
  for (const text of wrong) assert.equal(read(text), undefined, text);
  // Colons inside of texts are no members.
  const colons = `{"Statement":{"Resource":"http://h:80/\\"::\\\\","Condition":{${ends}}}}`;
  assert.notEqual(read(colons), undefined);
});

test('a policy of more bytes than the bound is none, however it is filled', () => {
  assert.notEqual(read(plain.padEnd(policyBytesMax)), undefined);
  assert.equal(read(plain.padEnd(policyBytesMax + 1)), undefined);
  assert.equal(read('['.repeat(policyBytesMax)), undefined);
  assert.equal(read(`${'['.repeat(2_000)}${']'.repeat(2_000)}`), undefined);
  assert.equal(read(`${'{"a":'.repeat(600)}1${'}'.repeat(600)}`), undefined);
});

test('no bytes bring the reader down', () => {
  const json = fc.json().map((text) => Buffer.from(text));
  const cut = fc
    .tuple(fc.nat(plain.length), fc.nat(plain.length), fc.uint8Array({ maxLength: 8 }))
    .map(([from, to, bytes]) =>
      Buffer.concat([Buffer.from(plain.slice(0, from)), bytes, Buffer.from(plain.slice(to))]),
    );
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 5_000 }), json, cut), (bytes) => {
      const policy = readPolicy(bytes);
      if (policy !== undefined) assert(Number.isInteger(policy.endsBefore));
    }),
    { numRuns: 2_000 },
  );
});
