import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '../../model/refusal.ts';
import { readDocument } from './document.ts';
import { readBoolean, readMembers, readText, rootMember } from './members.ts';

function root(text: string) {
  return rootMember(readDocument(Buffer.from(text), 'A'));
}

function refuses(act: () => unknown, message: RegExp): void {
  assert.throws(
    act,
    (error) =>
      error instanceof Refusal && error.code === 'MalformedXML' && message.test(error.message),
  );
}

test('members come in any order, and their texts are trimmed of the white space of XML alone', () => {
  const members = readMembers(root('<A><C>2</C>\n<B> \t1\u{a0}\r\n</B><C>3</C></A>'), ['B'], ['C']);
  assert.equal(readText(members.required('B')), '1\u{a0}');
  assert.deepEqual(members.all('C').map(readText), ['2', '3']);
  assert.equal(readMembers(root('<A/>'), ['B']).optional('B'), undefined);
});

test('what is not known, said twice or missing is refused by its place', () => {
  refuses(() => readMembers(root('<A><X/></A>'), ['B']), /'a' has no member X/);
  refuses(() => readMembers(root('<A><B/><B/></A>'), ['B']), /'a' has more than one B/);
  refuses(() => readMembers(root('<A/>'), ['B']).required('B'), /null at 'a\.b'/);
  refuses(() => readMembers(root('<A>x<B/></A>'), ['B']), /text stands directly in 'a'/);
  refuses(() => readMembers(root('<A x="1"/>'), ['B']), /attribute x/);
  refuses(() => readText(root('<A><B/></A>')), /elements where a text is meant/);
  refuses(() => readMembers(root('<A><__proto__/></A>'), ['B']), /no member __proto__/);
});

test('booleans are those of XML schema', () => {
  for (const text of ['true', '1', ' true '])
    assert.equal(readBoolean(root(`<A>${text}</A>`)), true);
  for (const text of ['false', '0']) assert.equal(readBoolean(root(`<A>${text}</A>`)), false);
  for (const text of ['', 'True', 'yes', '2']) {
    refuses(() => readBoolean(root(`<A>${text}</A>`)), /true or false/);
  }
});

test('long runs of white space cost time in proportion', () => {
  const started = process.hrtime.bigint();
  readText(root(`<A>x${' '.repeat(60_000)}x</A>`));
  assert(process.hrtime.bigint() - started < 500_000_000n);
});

test('faults of the form and a wrong root are MalformedXML', () => {
  refuses(() => root('<A>'), /line 1/);
  refuses(() => root('<B/>'), /must be A, not B/);
});
