import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { facts, isPrimitive } from '../../src/wire/facts.ts';
import { describeModel } from './describe.ts';
import { factsFile, factsFileUrl } from './file.ts';

test('the generated facts are those of the SDK that is installed', () => {
  const described = describeModel();
  assert.ok(described, 'the SDK is a devDependency');
  assert.equal(readFileSync(factsFileUrl, 'utf8'), factsFile(described), 'run: npm run facts');
});

test('all 167 operations are there, and every type, enumeration and error they name', () => {
  const { enums, errorStatus, operations, shapes } = facts();
  assert.equal(operations.size, 167);
  for (const { errors, input, name, output } of operations.values()) {
    for (const shape of [input, output]) assert.ok(shape === undefined || shapes.has(shape), name);
    for (const error of errors) assert.ok(errorStatus.has(error), `${name}: ${error}`);
  }
  for (const [name, shape] of shapes) {
    const types = shape.kind === 'list' ? [shape] : shape.members;
    for (const { type } of types) assert.ok(isPrimitive(type) || shapes.has(type), name);
    if (shape.kind === 'list') continue;
    for (const { enumeration } of shape.members) {
      assert.ok(enumeration === undefined || enums.has(enumeration), name);
    }
  }
});

test('what makes CloudFront’s model odd is kept', () => {
  const { operations, shapes } = facts();
  assert.equal(operations.get('CreateDistributionWithTags')?.query, 'WithTags');
  assert.equal(operations.get('UntagResource')?.query, 'Operation=Untag');
  const updated = shapes.get('UpdateFunctionResult');
  assert.ok(updated?.kind === 'structure');
  assert.deepEqual(
    updated.members.map(({ place, wire }) => `${place} ${wire}`),
    ['payload FunctionSummary', 'header ETtag'],
  );
});
