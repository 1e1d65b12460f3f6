/** Edges made known and forgotten, and the reset that tests ask for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Change, revision, writeId } from '../base/log-record.ts';
import { Catalog } from './catalog.ts';
import { decideEdges, decideReset } from './decide-edge.ts';
import { edgeKey, putEdge } from './document.ts';
import { accountId } from './ids.ts';
import { putKeyValue } from './key-values/key-value.ts';
import { putTags } from './tags.ts';

const account = accountId('111111111111');
const stored: readonly Change[] = [
  putTags(account, { kind: 'distribution', id: 'E1' }, [{ key: 'a', value: 'b' }]),
  putKeyValue(account, 'store', { key: 'a', value: 'b' }),
];

function catalogOf(changes: readonly Change[]): Catalog {
  const catalog = new Catalog();
  catalog.apply({ revision: revision(1), writeId: writeId(new Uint8Array(16)), changes });
  return catalog;
}

test('a start makes its edges known, forgets those it has no more, and touches nothing else', () => {
  const catalog = catalogOf([...stored, putEdge({ format: 1, name: 'old', held: false })]);
  assert.deepEqual(decideEdges(catalog, ['new'], 64).changes, [
    putEdge({ format: 1, name: 'new', held: false }),
    { key: edgeKey('old'), value: null },
  ]);
});

test('a reset deletes tags and items of key-value stores too', () => {
  const { changes } = decideReset(catalogOf(stored), 64);
  assert.deepEqual(
    changes,
    stored.map(({ key }) => ({ key, value: null })),
  );
});
