import assert from 'node:assert/strict';
import { test } from 'node:test';
import { legalXmlText, parentElement, readXml, textElement, writeXml, XmlFault } from './xml.ts';

const bounds = { bytesMax: 65_536, depthMax: 8, elementsMax: 100 };
const read = (text: string) => readXml(Buffer.from(text), bounds);
const refuses = (bytes: string | Uint8Array, message: RegExp) =>
  assert.throws(
    () => readXml(typeof bytes === 'string' ? Buffer.from(bytes) : bytes, bounds),
    (fault) => fault instanceof XmlFault && message.test(fault.message),
  );

test('elements are known by their local names, whatever their namespace', () => {
  const plain = read('<A><B>x</B></A>');
  assert.deepEqual(read('<A xmlns="urn:one"><B>x</B></A>'), plain);
  assert.deepEqual(read('<p:A xmlns:p="urn:one"><p:B>x</p:B></p:A>'), plain);
});

test('text, CDATA, character references and the five built-in entities are joined', () => {
  const { text } = read(
    '<?xml version="1.0" encoding="utf-8"?>\n<A>a &amp;<![CDATA[<b>]]>&#x20;&lt;</A>',
  );
  assert.equal(text, 'a &<b> <');
  assert.equal(read('<A>one<!-- not text -->two</A>').text, 'onetwo');
});

test('a byte order mark is passed over', () => {
  assert.equal(readXml(Buffer.from('\u{feff}<A/>'), bounds).name, 'A');
});

test('attributes that declare nothing are kept for the caller to judge', () => {
  const xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="B"';
  assert.deepEqual(read(`<A ${xsi} lang="en"/>`).attributes, [{ name: 'lang', value: 'en' }]);
});

test('a fault names its line and column', () => {
  refuses('<A>\n  <B>x & y</B></A>', /a raw & stands at line 2, column 8, write it as &amp;/);
  refuses('<A>\n<B></A>', /^line 2, column 8: unexpected close tag/);
});

test('DOCTYPE, declared entities and processing instructions are refused', () => {
  refuses('<!DOCTYPE A><A/>', /DOCTYPE/);
  refuses('<!DOCTYPE A SYSTEM "file:///etc/passwd"><A/>', /DOCTYPE/);
  refuses('<!DOCTYPE A [<!ENTITY x SYSTEM "http://127.0.0.1/">]><A>&x;</A>', /DOCTYPE/);
  const laughs = Array.from(
    { length: 10 },
    (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`,
  );
  refuses(`<!DOCTYPE A [<!ENTITY l0 "ha">${laughs.join('')}]><A>&l10;</A>`, /DOCTYPE/);
  refuses('<A>&nbsp;</A>', /entity/);
  refuses('<?xml-stylesheet href="x"?><A/>', /processing instructions/);
  refuses('<A><?php x ?></A>', /processing instructions/);
});

test('what is not UTF-8 or not XML 1.0 is refused', () => {
  refuses(Buffer.from('\u{feff}<A/>', 'utf16le'), /UTF-8/);
  refuses(Buffer.from([0x3c, 0x41, 0x3e, 0xff, 0x3c, 0x2f, 0x41, 0x3e]), /UTF-8/);
  refuses('<?xml version="1.0" encoding="ISO-8859-1"?><A/>', /ISO-8859-1/);
  refuses('<?xml version="1.1"?><A/>', /1\.1/);
});

test('NUL and other characters outside XML are refused, raw and by reference', () => {
  refuses('<A>\0</A>', /disallowed character/);
  refuses('<A>\u{1}</A>', /disallowed character/);
  refuses('<A>&#0;</A>', /character/);
  refuses('<A>&#xD800;</A>', /character/);
});

test('bounds hold on bytes, depth, elements and attributes', () => {
  refuses(`<A>${' '.repeat(65_536)}</A>`, /more than 65536 bytes/);
  refuses('<A>'.repeat(9), /deeper than 8/);
  assert.equal(read(`${'<A>'.repeat(8)}${'</A>'.repeat(8)}`).name, 'A');
  refuses(`<A>${'<B/>'.repeat(100)}</A>`, /more than 100 elements/);
  const many = Array.from({ length: 40 }, (_, i) => ` a${i}="1"`).join('');
  refuses(`<A${many}/>`, /more than 32 attributes/);
});

test('no document, two documents and unfinished ones are refused', () => {
  refuses('', /root/);
  refuses('   ', /root/);
  refuses('plain text', /./);
  refuses('<A/><B/>', /./);
  refuses('<A/>more', /./);
  refuses('<A', /./);
  refuses('<A><![CDATA[x', /./);
  refuses('<x:A/>', /unbound namespace prefix/);
});

test('names of built-in members of objects are plain names', () => {
  const element = read('<constructor __proto__="1"><__proto__/><toString/></constructor>');
  assert.deepEqual(
    element.children.map(({ name }) => name),
    ['__proto__', 'toString'],
  );
});

test('the namespace is the first attribute directly after the root name', () => {
  const root = parentElement('A', textElement('B', 'x & <y>'), undefined, [textElement('C', '')]);
  assert.equal(
    writeXml(root, 'urn:one'),
    '<?xml version="1.0"?>\n<A xmlns="urn:one"><B>x &amp; &lt;y&gt;</B><C/></A>',
  );
  assert.equal(writeXml(root, undefined).split('\n')[1]?.startsWith('<A><B>'), true);
});

test('what cannot be written is an error, never a broken document', () => {
  assert.throws(() => writeXml(textElement('A', '\0'), undefined), RangeError);
  assert.throws(() => writeXml(textElement('A', '\u{d800}'), undefined), RangeError);
  assert.throws(
    () => writeXml({ ...parentElement('A', textElement('B', '')), text: 'x' }, undefined),
    RangeError,
  );
  assert.equal(legalXmlText('a\0b\u{d800}c\u{1f600}'), 'a\u{fffd}b\u{fffd}c\u{1f600}');
});
