import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parseLog, plainFacts } from '../../test/harness/access-log-lines.ts';
import { instant } from '../base/clock.ts';
import {
  fieldNames,
  type FieldSet,
  fileHead,
  lineBytesMax,
  type LineFacts,
  LineWriter,
  longestLineBytes,
  originValueCharactersMax,
} from './fields.ts';

function lineOf(changed: Partial<LineFacts> = {}, fields: FieldSet = 'modern'): string {
  const facts = { ...plainFacts, ...changed };
  const bytes = Buffer.alloc(lineBytesMax(facts) + 7, 'x');
  const end = new LineWriter(fields).write(bytes, 7, facts);
  assert.equal(bytes.toString('latin1', 0, 7), 'xxxxxxx');
  return bytes.toString('latin1', 7, end);
}

test('a file begins with the version and the names of its fields', () => {
  assert.equal(
    fileHead('2010'),
    '#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem ' +
      'sc-status cs(Referer) cs(User-Agent) cs-uri-query\n',
  );
  assert.equal(fieldNames.modern.length, 33);
  assert.deepEqual(fieldNames.modern.slice(0, 12), fieldNames[2010]);
  assert.equal(fieldNames.modern.at(-1), 'sc-range-end');
});

test('the twelve fields of 2010 come out as in its guide', () => {
  const example: Partial<LineFacts> = {
    domainName: 'd1a2b3example.cloudfront.net',
    path: '/img/a b.jpg',
    referer: 'www.example.com/p.html',
    userAgent: 'Mozilla/5.0 (X11)',
    query: 'user=7',
  };
  assert.equal(
    lineOf(example, '2010'),
    '2010-11-20\t10:02:07\tLAX1\t4390282\t192.0.2.4\tGET\td1a2b3example.cloudfront.net\t' +
      '/img/a%20b.jpg\t200\twww.example.com/p.html\tMozilla/5.0%20(X11)\tuser=7\n',
  );
});

test('the modern line has 33 fields, in their order', () => {
  const line = lineOf({
    query: 'a=1&b=2',
    referer: 'https://www.example.com/',
    userAgent: 'curl/8',
    cookie: 'a=1; b=2',
    resultType: 'Error',
    responseResultType: 'Miss',
    detailedResultType: 'ClientCommError',
    status: 206,
    forwardedFor: '203.0.113.9, 198.51.100.2',
    tlsProtocol: 'TLSv1.3',
    tlsCipher: 'TLS_AES_128_GCM_SHA256',
    protocol: 'https',
    takenMs: 61_002.4,
    firstByteMs: 0.6,
    rangeStart: '0',
    rangeEnd: '99',
  });
  const fields = line.slice(0, -1).split('\t');
  const named = Object.fromEntries(fieldNames.modern.map((name, at) => [name, fields[at]]));
  assert.equal(fields.length, 33);
  assert.deepEqual(named, {
    date: '2010-11-20',
    time: '10:02:07',
    'x-edge-location': 'LAX1',
    'sc-bytes': '4390282',
    'c-ip': '192.0.2.4',
    'cs-method': 'GET',
    'cs(Host)': 'd111111abcdef8.cloudfront.localhost',
    'cs-uri-stem': '/img/a.jpg',
    'sc-status': '206',
    'cs(Referer)': 'https://www.example.com/',
    'cs(User-Agent)': 'curl/8',
    'cs-uri-query': 'a=1&b=2',
    'cs(Cookie)': 'a=1;%20b=2',
    'x-edge-result-type': 'Error',
    'x-edge-request-id': 'k6WGMNkEzR5BEM_SaF47gjtX9zBDO2m349OY2an0QPEaUum1ZOLrow==',
    'x-host-header': 'www.example.com',
    'cs-protocol': 'https',
    'cs-bytes': '100',
    'time-taken': '61.002',
    'x-forwarded-for': '203.0.113.9,%20198.51.100.2',
    'ssl-protocol': 'TLSv1.3',
    'ssl-cipher': 'TLS_AES_128_GCM_SHA256',
    'x-edge-response-result-type': 'Miss',
    'cs-protocol-version': 'HTTP/1.1',
    'fle-status': '-',
    'fle-encrypted-fields': '-',
    'c-port': '50123',
    'time-to-first-byte': '0.001',
    'x-edge-detailed-result-type': 'ClientCommError',
    'sc-content-type': 'image/jpeg',
    'sc-content-len': '4390000',
    'sc-range-start': '0',
    'sc-range-end': '99',
  });
});

test('what is absent or empty is a hyphen, and a viewer that left has status 000', () => {
  const fields = lineOf({
    status: 0,
    query: '',
    hostText: '',
    firstByteMs: undefined,
    contentType: undefined,
    contentLength: undefined,
  })
    .slice(0, -1)
    .split('\t');
  const of = (name: string): string | undefined => fields[fieldNames.modern.indexOf(name)];
  assert.equal(of('sc-status'), '000');
  for (const name of ['cs-uri-query', 'cs(Cookie)', 'x-host-header', 'time-to-first-byte']) {
    assert.equal(of(name), '-', name);
  }
  assert.equal(of('sc-content-len'), '-');
});

test('bytes 0 to 32, 127 and above, and the listed characters are written as %XX', () => {
  const all = String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte));
  const escapedOnes = ` <>"#%{}|\\^~[]'\``;
  const expected = Array.from(all)
    .map((character) => {
      const byte = character.charCodeAt(0);
      const isEscaped = byte <= 32 || byte >= 127 || escapedOnes.includes(character);
      return isEscaped ? `%${byte.toString(16).toUpperCase().padStart(2, '0')}` : character;
    })
    .join('');
  assert.equal(lineOf({ userAgent: all }, '2010').split('\t')[10], expected);
});

test('times have three decimals, and numbers of any length come out whole', () => {
  const cases: readonly [number, string][] = [
    [0, '0.000'],
    [0.4, '0.000'],
    [0.5, '0.001'],
    [999.6, '1.000'],
    [86_400_000, '86400.000'],
    [-3, '0.000'],
  ];
  for (const [takenMs, expected] of cases) {
    assert.equal(lineOf({ takenMs }).split('\t')[18], expected);
  }
  for (const sentBytes of [0, 9, 10, 99, 100, 2 ** 31, 2 ** 40, Number.MAX_SAFE_INTEGER]) {
    assert.equal(lineOf({ sentBytes }).split('\t')[3], String(sentBytes));
  }
});

test('a writer changes the second it writes with the time', () => {
  const writer = new LineWriter('2010');
  const bytes = Buffer.alloc(30_000);
  const at = (ms: number): string =>
    bytes
      .toString('latin1', 0, writer.write(bytes, 0, { ...plainFacts, endedAt: instant(ms) }))
      .slice(0, 19);
  assert.equal(at(0), '1970-01-01\t00:00:00');
  assert.equal(at(999), '1970-01-01\t00:00:00');
  assert.equal(at(1_000), '1970-01-01\t00:00:01');
  assert.equal(at(500), '1970-01-01\t00:00:00');
});

const text = fc.oneof(
  fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((one) => String.fromCharCode(one)) }),
  fc.constant(undefined),
);
const word = text.map((one) => one ?? 'x');
const anyFacts: fc.Arbitrary<Partial<LineFacts>> = fc.record({
  path: word,
  query: text,
  referer: text,
  userAgent: text,
  cookie: text,
  hostText: word,
  method: word,
  forwardedFor: text,
  contentType: text,
  contentLength: text,
  rangeStart: text,
  rangeEnd: text,
  status: fc.integer({ min: 0, max: 599 }),
  sentBytes: fc.maxSafeNat(),
  receivedBytes: fc.maxSafeNat(),
  takenMs: fc.double({ min: 0, max: 1e9, noNaN: true }),
});

test('whatever was sent, a line is one line of 33 fields in plain ASCII, within its bound', () => {
  fc.assert(
    fc.property(anyFacts, (changed) => {
      const line = lineOf(changed);
      assert.match(line, /^[\x21-\x7e\t]+\n$/);
      assert.equal(line.split('\t').length, 33);
      assert(line.length <= lineBytesMax({ ...plainFacts, ...changed }));
    }),
  );
});

test('an independent parser gives back what the viewer sent', () => {
  // What the parser itself would take for an escape is left out: it decodes twice.
  const plain = fc
    .string({ unit: 'binary-ascii', maxLength: 40 })
    .filter((one) => !one.includes('%'));
  fc.assert(
    fc.property(plain, plain, plain, (path, userAgent, query) => {
      const line = lineOf({ path: `/${path}`, userAgent, query });
      const [parsed] = parseLog(`${fileHead('modern')}${line}`);
      assert(parsed !== undefined);
      assert.equal(parsed['cs-uri-stem'], `/${path}`);
      assert.equal(parsed['cs-user-agent'], userAgent === '' ? '-' : userAgent);
      assert.equal(parsed['cs-uri-query'], query === '' ? '-' : query);
      assert.equal(parsed['x-edge-detailed-result-type'], 'Hit');
      assert.equal(Object.keys(parsed).length, 33);
    }),
  );
});

test('the largest request and the longest values of an origin fit into the bound', () => {
  const facts: LineFacts = {
    ...plainFacts,
    userAgent: '%'.repeat(32_768 - plainFacts.path.length - plainFacts.hostText.length - 3),
    contentType: ' '.repeat(5_000),
    contentLength: '"'.repeat(5_000),
    rangeStart: "'".repeat(5_000),
    rangeEnd: '~'.repeat(5_000),
  };
  assert(lineBytesMax(facts) <= longestLineBytes(32_768));
  const line = lineOf(facts);
  assert(line.length <= lineBytesMax(facts));
  assert.equal(line.split('\t')[29], '%20'.repeat(originValueCharactersMax));
});
