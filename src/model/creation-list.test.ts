import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  array,
  assert as assertProperty,
  boolean,
  integer,
  nat,
  property,
  record,
} from 'fast-check';
import { propertyRuns } from '../../test/harness/property-runs.ts';
import { instant } from '../base/clock.ts';
import { revision } from '../base/log-record.ts';
import { CreationList } from './creation-list.ts';
import { byCreation, type CreationOrder } from './creation-order.ts';

type One = CreationOrder & { readonly said: number };

test('a list that is kept in order agrees with one that is sorted', () => {
  const action = record({
    id: integer({ min: 0, max: 20 }),
    said: nat(),
    isRemoved: boolean(),
  });
  assertProperty(
    property(array(action, { maxLength: 60 }), (all) => {
      const list = new CreationList<One>();
      const known = new Map<string, One>();
      for (const { id, isRemoved, said } of all) {
        const one = { id: `E${id}`, createdAt: instant(id % 7), said };
        if (isRemoved) {
          list.remove(one);
          known.delete(one.id);
        } else {
          list.put({ document: one, revision: revision(1) });
          known.set(one.id, one);
        }
      }
      const sorted = [...known.values()].sort(byCreation);
      assert.deepEqual(
        list.items.map(({ document }) => document),
        sorted,
      );
    }),
    { numRuns: propertyRuns(200) },
  );
});
