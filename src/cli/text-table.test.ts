import assert from 'node:assert/strict';
import { test } from 'node:test';
import { factLines, oneLine, textTable } from './text-table.ts';

test('columns are as wide as their widest cell, and no line ends in spaces', () => {
  const table = textTable(
    ['ID', 'NAME'],
    [
      ['E1', 'a'],
      ['E22222', ''],
    ],
  );
  assert.equal(table, 'ID      NAME\nE1      a\nE22222\n');
});

test('facts without a value are left out', () => {
  const facts = factLines([
    ['id', 'E1'],
    ['comment', ''],
    ['status', 'Deployed'],
  ]);
  assert.equal(facts, 'id      E1\nstatus  Deployed\n');
});

test('a value from outside cannot redraw a terminal or break a line', () => {
  assert.equal(oneLine('a\u001b[2Jb\nc\u0085d'), 'a\\u001b[2Jb\\u000ac\\u0085d');
});
