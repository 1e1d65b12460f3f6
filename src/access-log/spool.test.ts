import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainFacts } from '../../test/harness/access-log-lines.ts';
import { instant } from '../base/clock.ts';
import { lineBytesMax, LineWriter } from './fields.ts';
import {
  entryStart,
  journalHead,
  journalIdOf,
  journalName,
  linesOfReady,
  objectKey,
  readEntry,
  readJournalHead,
  readReadyHead,
  readTargetLine,
  readyHead,
  readyName,
  readyStem,
  targetLine,
  uniqueIdOf,
} from './spool.ts';

const id = '0123456789abcdef0123';
const target = { distributionId: 'E111111ABCDEF8', bucket: 'logs', prefix: 'a/Grüße "\n/\ud800' };

test('names of journals tell their id and sort by age', () => {
  const name = journalName(instant(1_000), id, 7);
  assert.equal(name, `000000000001000-${id}-000007`);
  assert.equal(journalIdOf(`${name}.open`), id);
  assert.equal(journalIdOf(`${name}.closed`), id);
  for (const other of [name, `${name}.part`, `${name}.open.x`, `x${name}.open`, 'a.closed']) {
    assert.equal(journalIdOf(other), undefined, other);
  }
  assert(journalName(instant(999_999), id, 1) < journalName(instant(1_000_000), id, 1));
});

test('names of ready files tell how many lines they have', () => {
  const stem = readyStem(journalName(instant(5), id, 1), 'ABCDEFGHIJ1');
  assert.equal(stem, '000000000000005-ABCDEFGHIJ1');
  assert.equal(linesOfReady(readyName(stem, 1_234)), 1_234);
  for (const other of [stem, `${stem}.ready`, `${stem}-1.part`, `${stem}-x.ready`]) {
    assert.equal(linesOfReady(other), undefined, other);
  }
});

test('heads and targets are read as they were written, and nothing else is', () => {
  assert.equal(readJournalHead(journalHead('2010')), '2010');
  assert.equal(readJournalHead('#{"format":2,"fields":"modern"}'), undefined);
  assert.equal(readJournalHead('#{"format":1,"fields":"other"}'), undefined);
  const line = targetLine(3, target);
  assert.equal(line.indexOf('\n'), line.length - 1);
  assert.deepEqual(readTargetLine(line), { number: 3, target });
  for (const other of ['', '=', '=[]', '=null', '={"number":3}', '3\t', line.slice(0, 20)]) {
    assert.equal(readTargetLine(other), undefined, other);
  }
  const head = { bucket: 'logs', key: 'a b/ü' };
  assert.deepEqual(readReadyHead(readyHead(head)), head);
  assert.equal(readReadyHead('{"format":9,"bucket":"a","key":"b"}'), undefined);
  assert.equal(readReadyHead('gzip'), undefined);
});

test('an entry is read only when it is whole', () => {
  const bytes = Buffer.alloc(lineBytesMax(plainFacts) + 10);
  const start = bytes.write(entryStart(12), 3) + 3;
  const end = new LineWriter('modern').write(bytes, start, plainFacts) - 1;
  assert.deepEqual(readEntry(bytes, 3, end, 'modern'), {
    number: 12,
    lineStart: start,
    hour: '2010-11-20-10',
  });
  assert.equal(readEntry(bytes, 3, end, '2010'), undefined, 'another number of fields');
  const [lastField] = bytes.toString('latin1', 3, end).split('\t').slice(-1);
  for (let cut = 3; cut < end - (lastField?.length ?? 0); cut += 1) {
    assert.equal(readEntry(bytes, 3, cut, 'modern'), undefined, `cut at ${cut}`);
  }
  for (let at = 3; at < end; at += 1) {
    const spoilt = Buffer.from(bytes);
    spoilt[at] = 0;
    assert.equal(readEntry(spoilt, 3, end, 'modern'), undefined, `NUL at ${at}`);
  }
});

test('the name of an object has prefix, distribution, hour and an id that repeats', () => {
  const journal = journalName(instant(0), id, 1);
  const unique = uniqueIdOf(journal, target, '2010-11-20-10');
  assert.match(unique, /^[0-9A-Z]{11}$/);
  assert.equal(uniqueIdOf(journal, { ...target }, '2010-11-20-10'), unique);
  assert.notEqual(uniqueIdOf(journal, target, '2010-11-20-11'), unique);
  assert.notEqual(uniqueIdOf(journal, { ...target, prefix: '' }, '2010-11-20-10'), unique);
  assert.notEqual(uniqueIdOf(`${journal}1`, target, '2010-11-20-10'), unique);
  assert.equal(
    objectKey({ ...target, prefix: 'x' }, '2010-11-20-10', 'ABCDEFGHIJ1'),
    'xE111111ABCDEF8.2010-11-20-10.ABCDEFGHIJ1.gz',
  );
});
