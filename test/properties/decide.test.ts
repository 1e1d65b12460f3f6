/**
 * Random commands against `decide` and the fold: whatever the order, no alias has two owners, the
 * limits hold, an ETag changes exactly when its configuration was written, and a refusal changes
 * nothing.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { instant } from '../../src/base/clock.ts';
import { revision, writeId, type LogRecord } from '../../src/base/log-record.ts';
import { Catalog } from '../../src/model/catalog.ts';
import { decideCreate, decideDelete, decideReplace } from '../../src/model/decide-distribution.ts';
import type { Decision, Facts } from '../../src/model/decision.ts';
import type { DistributionConfig, DistributionKind } from '../../src/model/distribution.ts';
import { accountId, createMint } from '../../src/model/ids.ts';
import { createLimits } from '../../src/model/limits.ts';
import { Refusal } from '../../src/model/refusal.ts';
import { configOf } from '../harness/configs.ts';
import { SeededRandomness } from '../harness/seeded-randomness.ts';

const accounts = [accountId('111111111111'), accountId('222222222222')] as const;
const limits = createLimits({ distributions: 3, 'streaming-distributions': 2, aliases: 2 });

const configChange = fc.record({
  aliases: fc.uniqueArray(fc.constantFrom('a.example', 'b.example', 'c.example', 'd.example'), {
    maxLength: 3,
  }),
  comment: fc.constantFrom('', 'one', 'two'),
  enabled: fc.boolean(),
});

const command = fc.record({
  do: fc.constantFrom('create', 'create', 'replace', 'replace', 'delete'),
  account: fc.constantFrom(...accounts),
  kind: fc.constantFrom<DistributionKind>('download', 'streaming'),
  reference: fc.constantFrom('r1', 'r2', 'r3', 'r4', 'r5'),
  target: fc.nat(20),
  change: configChange,
  staleEtag: fc.boolean(),
  deployed: fc.boolean(),
});
type Command = typeof command extends fc.Arbitrary<infer One> ? One : never;

class Play {
  readonly catalog = new Catalog();
  readonly #random = new SeededRandomness(1);
  readonly #mint = createMint(this.#random);
  #now = 0;

  facts(deployed: boolean): Facts {
    this.#now += 1;
    return {
      now: instant(this.#now),
      call: '',
      mint: this.#mint,
      limits,
      domain: 'cloudfront.localhost',
      accounts: new Set(accounts),
      deployed: () => deployed,
    };
  }

  /** Whether it was accepted. */
  perform(one: Command): boolean {
    try {
      this.#append(this.#decide(one));
      return true;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return false;
    }
  }

  #decide(one: Command): Decision<unknown> {
    const facts = this.facts(one.deployed);
    const { account, kind } = one;
    if (one.do === 'create') {
      const config = configOf(kind, one.reference, one.change);
      return decideCreate(this.catalog, { account, kind, readConfig: () => config }, facts);
    }
    const all = [...this.catalog.distributions.all()].map(({ document }) => document);
    const target = all[one.target % Math.max(1, all.length)];
    const etag = one.staleEtag ? 'E0000000000000' : target?.etag;
    const id = target?.id ?? 'E1111111111111';
    const owner = { account: target?.account ?? account, kind: target?.config.kind ?? kind };
    if (one.do === 'delete')
      return decideDelete(this.catalog, { ...owner, id, ifMatch: etag }, facts);
    const config: DistributionConfig = {
      ...(target?.config ?? configOf(kind, 'r')),
      ...one.change,
    };
    return decideReplace(
      this.catalog,
      { ...owner, id, ifMatch: etag, readConfig: () => config },
      facts,
    );
  }

  #append({ changes }: Decision<unknown>): void {
    if (changes.length === 0) return;
    const record: LogRecord = {
      revision: revision(this.catalog.revision + 1),
      writeId: writeId(this.#random.bytes(16)),
      changes,
    };
    this.catalog.apply(record);
  }
}

function etags(catalog: Catalog): ReadonlyMap<string, string> {
  return new Map([...catalog.distributions.all()].map(({ document: { etag, id } }) => [id, etag]));
}

function checkInvariants(catalog: Catalog): void {
  const owners = new Map<string, string>();
  for (const { document } of catalog.distributions.all()) {
    const { config, id } = document;
    assert(config.aliases.length <= limits.aliases);
    for (const alias of config.aliases) {
      assert(!owners.has(alias), `${alias} has two owners`);
      owners.set(alias, id);
      assert.equal(catalog.domainOwner(alias)?.id, id);
    }
  }
  for (const account of accounts) {
    assert(catalog.list(account, 'download').length <= limits.distributions);
    assert(catalog.list(account, 'streaming').length <= limits['streaming-distributions']);
  }
}

test('whatever is commanded, aliases have one owner, limits hold and refusals change nothing', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
      const play = new Play();
      for (const one of commands) {
        const before = etags(play.catalog);
        const position = play.catalog.revision;
        const accepted = play.perform(one);
        const after = etags(play.catalog);
        checkInvariants(play.catalog);
        const changed = [...after].filter(([id, etag]) => before.get(id) !== etag);
        const written = play.catalog.revision - position;
        if (!accepted) assert.equal(written, 0);
        if (one.do === 'delete') {
          assert.equal(changed.length, 0);
          assert.equal(before.size - after.size, written);
        } else {
          assert.equal(changed.length, written, 'an ETag changes exactly with a write');
        }
        if (one.staleEtag && one.do !== 'create') assert(!accepted, 'a stale ETag is never taken');
        if (one.do === 'delete' && !one.deployed) assert(!accepted, 'nothing is deleted too early');
      }
    }),
    { numRuns: 300 },
  );
});

test('a create sent again is answered as at first, also after updates, until it is deleted', () => {
  fc.assert(
    fc.property(configChange, configChange, (first, second) => {
      fc.pre(first.aliases.length <= limits.aliases && second.aliases.length <= limits.aliases);
      const play = new Play();
      const account = accounts[0];
      const create = () => {
        const config = configOf('download', 'once', first);
        const decision = decideCreate(
          play.catalog,
          { account, kind: 'download', readConfig: () => config },
          play.facts(true),
        );
        const { catalog } = play;
        if (decision.changes.length > 0) {
          catalog.apply({
            revision: revision(catalog.revision + 1),
            writeId: writeId(new Uint8Array(16)),
            changes: decision.changes,
          });
        }
        return decision.answer;
      };
      const made = create();
      assert.equal(made.outcome, 'new');
      const update = (change: Partial<DistributionConfig>) => {
        const config = configOf('download', 'once', { ...first, ...change });
        const placed = play.catalog.distributions.get(made.id);
        const { changes } = decideReplace(
          play.catalog,
          {
            account,
            kind: 'download',
            id: made.id,
            ifMatch: placed?.document.etag,
            readConfig: () => config,
          },
          play.facts(true),
        );
        play.catalog.apply({
          revision: revision(play.catalog.revision + 1),
          writeId: writeId(new Uint8Array(16)),
          changes,
        });
      };
      update(second);
      assert.deepEqual(create(), { outcome: 'repeat', id: made.id });
      update({ enabled: false });
      const { changes } = decideDelete(
        play.catalog,
        {
          account,
          kind: 'download',
          id: made.id,
          ifMatch: play.catalog.distributions.get(made.id)?.document.etag,
        },
        play.facts(true),
      );
      play.catalog.apply({
        revision: revision(play.catalog.revision + 1),
        writeId: writeId(new Uint8Array(16)),
        changes,
      });
      assert.equal(create().outcome, 'new');
    }),
  );
});

test('a reader that skips intermediate values folds to the same catalog', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
      const play = new Play();
      const records: LogRecord[] = [];
      const apply = play.catalog.apply.bind(play.catalog);
      play.catalog.apply = (record) => {
        records.push(record);
        return apply(record);
      };
      for (const one of commands) play.perform(one);
      const newest = new Map(
        records.flatMap(({ changes }, index) => changes.map(({ key }) => [key, index] as const)),
      );
      const late = new Catalog();
      for (const [index, record] of records.entries()) {
        const changes = record.changes.filter(({ key }) => newest.get(key) === index);
        late.apply({ ...record, changes });
      }
      assert.deepEqual(etags(late), etags(play.catalog));
      for (const alias of ['a.example', 'b.example', 'c.example', 'd.example']) {
        assert.deepEqual(late.domainOwner(alias), play.catalog.domainOwner(alias));
      }
    }),
    { numRuns: 200 },
  );
});
