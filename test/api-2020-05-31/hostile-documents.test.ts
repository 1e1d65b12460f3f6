/**
 * Documents that mean harm, or are none (API 2020-05-31, sections 1.5 and 7): each meets a clear error in
 * bounded time and memory, on an operation of the usual bound and on the one that takes 16 MiB.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { streamRaw } from '../harness/raw-http.ts';
import { signedV4 } from '../harness/v4-request.ts';
import { assertFault, hostile, type RawWorld, startRawWorld } from './raw-world.ts';

const mebibyte = 1_048_576;
const msMax = 4_000;
const raw: RawWorld = await startRawWorld();

const operations = [
  { root: 'DistributionConfig', path: '/2020-05-31/distribution' },
  { root: 'InvalidationBatch', path: '/2020-05-31/distribution/E1/invalidation' },
] as const;

const laughs = Array.from({ length: 12 }, (_, index) => {
  return `<!ENTITY l${index + 1} "${`&l${index};`.repeat(10)}">`;
});

type Document = string | Uint8Array;

const malformed: Readonly<Record<string, (root: string) => Document>> = {
  'a DOCTYPE': (root) => `<!DOCTYPE ${root}><${root}/>`,
  'a DOCTYPE with an address': (root) =>
    `<!DOCTYPE ${root} PUBLIC "a" "http://127.0.0.1:1/"><${root}/>`,
  'an entity of a file': (root) =>
    `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><${root}>&e;</${root}>`,
  'an entity of an address': (root) =>
    `<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:1/">%p;]><${root}/>`,
  'a bomb of entities in entities': (root) =>
    `<!DOCTYPE x [<!ENTITY l0 "ha">${laughs.join('')}]><${root}>&l12;</${root}>`,
  'a bomb of one long entity': (root) =>
    `<!DOCTYPE x [<!ENTITY l "${'a'.repeat(50_000)}">]><${root}>${'&l;'.repeat(10_000)}</${root}>`,
  'an ENTITY without a DOCTYPE': (root) => `<${root}><!ENTITY a "b">&a;</${root}>`,
  'an entity that nobody declares': (root) => `<${root}>&nbsp;</${root}>`,
  'a depth of 100,000': (root) =>
    `<${root}>${'<a>'.repeat(100_000)}${'</a>'.repeat(100_000)}</${root}>`,
  'a depth of 100,000 that never ends': (root) => `<${root}>${'<a>'.repeat(100_000)}`,
  'a depth of 65': (root) => `<${root}>${'<a>'.repeat(64)}${'</a>'.repeat(64)}</${root}>`,
  '20,001 elements': (root) => `<${root}>${'<a/>'.repeat(20_000)}</${root}>`,
  '33 attributes': (root) =>
    `<${root} ${Array.from({ length: 33 }, (_, index) => `a${index}=""`).join(' ')}/>`,
  'an element that is not closed': (root) => `<${root}><Comment>c</${root}>`,
  'a root that is not closed': (root) => `<${root}><Comment>c</Comment>`,
  'a tag that is not closed': (root) => `<${root}><Comment`,
  'an end before its start': (root) => `</${root}><${root}>`,
  'two roots': (root) => `<${root}/><${root}/>`,
  'text behind the root': (root) => `<${root}/>more`,
  'a document within the document': (root) => `<${root}><?xml version="1.0"?></${root}>`,
  'bytes that are no UTF-8': (root) =>
    Buffer.concat([Buffer.from(`<${root}>`), Buffer.from([0xc3, 0x28]), Buffer.from(`</${root}>`)]),
  'UTF-8 that is cut': (root) =>
    Buffer.concat([Buffer.from(`<${root}>`), Buffer.from([0xe2, 0x82])]),
  'a surrogate in UTF-8': (root) =>
    Buffer.concat([
      Buffer.from(`<${root}>`),
      Buffer.from([0xed, 0xa0, 0x80]),
      Buffer.from(`</${root}>`),
    ]),
  'UTF-16': (root) => Buffer.from(`\u{feff}<${root}/>`, 'utf16le'),
  'another encoding by name': (root) => `<?xml version="1.0" encoding="UTF-7"?><${root}/>`,
  'XML 1.1': (root) => `<?xml version="1.1"?><${root}/>`,
  'a NUL': (root) => `<${root}>\0</${root}>`,
  'a NUL by number': (root) => `<${root}>&#0;</${root}>`,
  'a control character by number': (root) => `<${root}>&#x1;</${root}>`,
  'a number beyond all characters': (root) => `<${root}>&#x110000;</${root}>`,
  'a prefix that nobody declares': (root) => `<cf:${root}/>`,
  JSON: () => '{"DistributionConfig": {}}',
  'a blank': () => ' ',
};

for (const { path, root } of operations) {
  for (const [said, write] of Object.entries(malformed)) {
    hostile(`${root}: ${said} is MalformedXML`, raw, async () => {
      const started = performance.now();
      const answer = await raw.asks({ method: 'POST', path, body: write(root) });
      assertFault(answer, 400, 'MalformedXML');
      assert.ok(performance.now() - started < msMax, 'in bounded time');
    });
  }
}

hostile('a body that is missing is told so', raw, async () => {
  const answer = await raw.asks({ method: 'POST', path: operations[0].path });
  assertFault(answer, 400, 'MissingBody');
});

const chunk = Buffer.concat([
  Buffer.from(`${mebibyte.toString(16)}\r\n`),
  Buffer.alloc(mebibyte, 'x'),
  Buffer.from('\r\n'),
]);

for (const { path, root } of operations) {
  const bytesMax = root === 'InvalidationBatch' ? 16 * mebibyte : mebibyte;
  const tooLarge = new RegExp(`larger than ${bytesMax} bytes`);

  hostile(`${root}: 100 MB that are announced are refused unread`, raw, async () => {
    const { fields } = await signedV4({ method: 'POST', path, body: '<a/>', at: raw.clock.now() });
    const lines = [...fields, ['content-length', String(100 * mebibyte)] as const];
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    const answer = await raw.sends(Buffer.from(`POST ${path} HTTP/1.1\r\n${head}\r\n<a>`));
    assertFault(answer, 400, 'MalformedXML', tooLarge);
  });

  hostile(`${root}: 100 MB in chunks are refused at the bound, and not kept`, raw, async () => {
    const { fields } = await signedV4({ method: 'POST', path, body: '<a/>', at: raw.clock.now() });
    const lines = [...fields, ['transfer-encoding', 'chunked'] as const];
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    const before = process.memoryUsage().rss;
    const start = Buffer.from(`POST ${path} HTTP/1.1\r\n${head}\r\n`);
    const { answer, rssMax } = await streamRaw(raw.world.port, start, chunk, 100);
    assertFault(answer, 400, 'MalformedXML', tooLarge);
    assert.ok(rssMax - before < 4 * bytesMax + 64 * mebibyte, 'memory stays bounded');
  });
}

test('as many elements as a batch may need are read, and told as too many paths', async () => {
  const paths = '<Path>/a</Path>'.repeat(3_001);
  const body = `<InvalidationBatch><Paths><Quantity>3001</Quantity><Items>${paths}</Items></Paths><CallerReference>r</CallerReference></InvalidationBatch>`;
  const answer = await raw.asks({ method: 'POST', path: operations[1].path, body });
  assertFault(answer, 404, 'NoSuchDistribution');
});
