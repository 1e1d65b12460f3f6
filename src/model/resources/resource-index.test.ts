import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { instant } from '../../base/clock.ts';
import { revision } from '../../base/log-record.ts';
import { accountId, configEtag } from '../ids.ts';
import type { At } from '../document-index.ts';
import { ResourceIndex } from './resource-index.ts';
import type { Resource } from './resource.ts';

const account = accountId('000000000000');
const kind = 'resource-policy';

function placed(id: string, createdAt: number, at: number): At<Resource<typeof kind>> {
  return {
    revision: revision(at),
    document: {
      format: 1,
      account,
      kind,
      id,
      etag: configEtag('E2QWRUHAPOMQZL'),
      createdAt: instant(createdAt),
      modifiedAt: instant(at),
      config: { arn: id, document: '{}' },
    },
  };
}

const ids = ['a', 'b', 'c', 'd'];

test('a list is in order of creation, whatever was put, replaced and removed, and read in between', () => {
  const one = fc.record({
    id: fc.constantFrom(...ids),
    createdAt: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
    isRead: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(one, { maxLength: 30 }), (all) => {
      const index = new ResourceIndex();
      const known = new Map<string, At<Resource<typeof kind>>>();
      for (const [at, { createdAt, id, isRead }] of all.entries()) {
        const now = createdAt === undefined ? undefined : placed(id, createdAt, at);
        const before = index.set(account, { kind, id }, now);
        assert.equal(before, known.get(id));
        if (now === undefined) known.delete(id);
        else known.set(id, now);
        if (!isRead) continue;
        const expected = [...known.values()].sort(
          (a, b) =>
            a.document.createdAt - b.document.createdAt || (a.document.id < b.document.id ? -1 : 1),
        );
        assert.deepEqual(index.list(account, kind), expected);
      }
      assert.equal(index.list(account, kind).length, known.size);
      assert.deepEqual(index.list(accountId('111111111111'), kind), []);
    }),
  );
});
