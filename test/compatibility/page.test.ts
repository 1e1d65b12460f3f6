/**
 * docs/compatibility.md says of each operation and field what becomes of it: it is made of the tables
 * beside this file, and `node test/compatibility/page.test.ts --rewrite` writes it anew. The tables
 * leave nothing out that the model of the service has, and speak of nothing else.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { version20101101 } from '../../src/api/2010-11-01/protocol.ts';
import { facts } from '../../src/wire/facts.ts';
import { handlers } from '../../src/api/2020-05-31/handlers.ts';
import { distributionFields, streamingFields } from './fields.ts';
import { asTold, leavesOf } from './leaves.ts';
import { operations20101101, operations20200531 } from './operations.ts';
import { compatibilityPage } from './page.ts';
import { type FieldSection, type OperationRow, pathsOf } from './state.ts';

const page = join(import.meta.dirname, '../../docs/compatibility.md');

if (process.argv.includes('--rewrite')) writeFileSync(page, compatibilityPage());

test('docs/compatibility.md is what the tables say; --rewrite writes it anew', () => {
  assert.equal(readFileSync(page, 'utf8'), compatibilityPage(), 'run: npm run docs');
});

test('every operation of both versions stands in the tables once', () => {
  assert.deepEqual(named(operations20200531), [...facts().operations.keys()].sort());
  const old = version20101101.operations.map(({ name }) => name).sort();
  assert.deepEqual(named(operations20101101), old);
});

function named(rows: readonly OperationRow<string>[]): readonly string[] {
  return rows.flatMap(({ operations }) => operations).sort();
}

test('what is honored or stored has a handler, and what has none is refused', () => {
  const served = new Set(Object.keys(handlers));
  for (const { operations, state } of operations20200531) {
    for (const name of operations) {
      if (state !== 'refused') assert.ok(served.has(name), `${name} has no handler`);
      else assert.ok(!served.has(name) || refusing.has(name), `${name} has a handler`);
    }
  }
});

/** They look for what they are asked about before they refuse. */
const refusing: ReadonlySet<string> = new Set(['TestFunction', 'TestConnectionFunction']);

for (const [shape, sections] of [
  ['DistributionConfig', distributionFields],
  ['StreamingDistributionConfig', streamingFields],
] as const satisfies readonly (readonly [string, readonly FieldSection[]])[]) {
  test(`every field of ${shape} stands in the table once`, () => {
    const leaves = new Set(leavesOf(shape).map(asTold));
    assert.deepEqual([...pathsOf(sections).keys()].sort(), [...leaves].sort());
  });
}

test('what is told of the default behavior is all that other behaviors have', () => {
  assert.deepEqual(
    leavesBelow('CacheBehaviors/Items/').filter((leaf) => leaf !== 'PathPattern'),
    leavesBelow('DefaultCacheBehavior/'),
  );
});

function leavesBelow(path: string): readonly string[] {
  return leavesOf('DistributionConfig')
    .filter((leaf) => leaf.startsWith(path))
    .map((leaf) => leaf.slice(path.length))
    .sort();
}
