/** Invalidations: replay, bounds, what is in progress, and when a batch is forgotten. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { configOf } from '../../test/harness/configs.ts';
import { account, Deciding, otherAccount } from '../../test/harness/deciding.ts';
import type { Catalog } from './catalog.ts';
import { decideCreate, decideDelete } from './decide-distribution.ts';
import {
  countInProgress,
  decideForgetting,
  decideInvalidate,
  pathCharactersMax,
  requireInvalidation,
} from './decide-invalidation.ts';
import { decideCreateTenant } from './decide-tenant.ts';
import type { Facts } from './decision.ts';
import type { DistributionKind } from './distribution.ts';
import type { AccountId } from './ids.ts';
import { createLimits } from './limits.ts';
import { type InvalidationMatching, ofDistribution, ofTenant } from './invalidation.ts';
import { Refusal } from './refusal.ts';
import { decideDeleteResource } from './resources/decide-resource.ts';

const dayMs = 24 * 3_600_000;

function batchOf(
  distribution: string,
  callerReference: string,
  paths: readonly string[] = ['/a'],
  by: AccountId = account,
  matching: InvalidationMatching = 'paths',
) {
  const readBatch = () => ({ matching, callerReference, paths });
  return (catalog: Catalog, facts: Facts) =>
    decideInvalidate(
      catalog,
      { account: by, owner: ofDistribution(distribution), readBatch },
      facts,
    );
}

function noBody(): never {
  throw new Refusal('MissingBody');
}

function distributionIn(
  play: Deciding,
  reference = 'distribution',
  kind: DistributionKind = 'download',
): string {
  const readConfig = () => configOf(kind, reference, { enabled: false });
  return play.does((catalog, facts) => decideCreate(catalog, { account, kind, readConfig }, facts))
    .id;
}

function remove(play: Deciding, id: string): void {
  const ifMatch = play.catalog.distributions.get(id)?.document.etag;
  const target = { account, kind: 'download' as const, id, ifMatch };
  play.does((catalog, facts) => decideDelete(catalog, target, facts));
}

function inProgress(play: Deciding, distribution: string): number {
  return countInProgress(play.catalog, distribution, play.facts.deployed);
}

function forget(play: Deciding, changesMax = 64): string {
  return play.does((catalog, facts) => decideForgetting(catalog, changesMax, facts));
}

function idsOf(play: Deciding, distribution: string): readonly string[] {
  return play.catalog.listInvalidations(distribution).map(({ document }) => document.id);
}

suite('creating an invalidation', () => {
  test('it is of one distribution, and dated', () => {
    const play = new Deciding();
    const distribution = distributionIn(play);
    play.now = 7_000;
    const { id, outcome } = play.does(batchOf(distribution, 'one', ['/b', '/a', '/b']));
    assert.equal(outcome, 'new');
    assert.match(id, /^I[0-9A-Z]{13}$/);
    const { document } = requireInvalidation(
      play.catalog,
      account,
      ofDistribution(distribution),
      id,
    );
    assert.equal(document.createdAt, 7_000);
    assert.deepEqual(document.batch.paths, ['/b', '/a', '/b'], 'as they were sent');
  });

  test('a repeat is answered with the first one, in whatever order its paths come', () => {
    const play = new Deciding();
    const distribution = distributionIn(play);
    const { id } = play.does(batchOf(distribution, 'one', ['/a', '/b', '/b']));
    const repeat = { outcome: 'repeat', id };
    assert.deepEqual(play.changesNothing(batchOf(distribution, 'one', ['/a', '/b', '/b'])), repeat);
    assert.deepEqual(play.changesNothing(batchOf(distribution, 'one', ['/b', '/a', '/b'])), repeat);
    for (const others of [['/a', '/b'], ['/a', '/b', '/c'], ['/a', '/b', '/B'], ['/a']]) {
      play.refuses('InvalidationBatchAlreadyExists', batchOf(distribution, 'one', others));
    }
  });

  test('a reference belongs to its distribution', () => {
    const play = new Deciding();
    const [one, two] = [distributionIn(play, 'one'), distributionIn(play, 'two')];
    play.does(batchOf(one, 'same', ['/a']));
    assert.equal(play.does(batchOf(two, 'same', ['/b'])).outcome, 'new');
  });

  test('it is of a download distribution of the account, which is checked before the body', () => {
    const play = new Deciding();
    const own = distributionIn(play);
    const film = distributionIn(play, 'film', 'streaming');
    const cases = [
      { account, owner: ofDistribution('E0000000000000') },
      { account, owner: ofDistribution(film) },
      { account: otherAccount, owner: ofDistribution(own) },
    ];
    for (const target of cases) {
      play.refuses('NoSuchDistribution', (catalog, facts) =>
        decideInvalidate(catalog, { ...target, readBatch: noBody }, facts),
      );
    }
    play.refuses('MissingBody', (catalog, facts) =>
      decideInvalidate(catalog, { account, owner: ofDistribution(own), readBatch: noBody }, facts),
    );
  });
});

suite('the bounds of a batch', () => {
  test('a thousand paths are accepted, one more is not, each counted as often as it comes', () => {
    const play = new Deciding();
    const distribution = distributionIn(play);
    play.does(batchOf(distribution, 'full', Array<string>(1_000).fill('/same')));
    const over = batchOf(distribution, 'over', Array<string>(1_001).fill('/same'));
    play.refuses('BatchTooLarge', over, /names 1001 paths; 1000 are the most/);
  });

  test('its size is told before a used reference, and a repeat before its size', () => {
    const play = new Deciding({ 'invalidation-paths': 2 });
    const distribution = distributionIn(play);
    play.does(batchOf(distribution, 'one', ['/a', '/b']));
    play.refuses('BatchTooLarge', batchOf(distribution, 'one', ['/a', '/b', '/c']));
    // The server was started again with a lower limit.
    const facts = { ...play.facts, limits: createLimits({ 'invalidation-paths': 1 }) };
    const { answer } = batchOf(distribution, 'one', ['/a', '/b'])(play.catalog, facts);
    assert.equal(answer.outcome, 'repeat');
  });

  test('paths have a length, and no control character', () => {
    const play = new Deciding();
    const distribution = distributionIn(play);
    const longest = `/${'p'.repeat(pathCharactersMax - 1)}`;
    play.does(batchOf(distribution, 'longest', [longest]));
    play.refuses('InvalidArgument', batchOf(distribution, 'one', [`${longest}p`]), /4001/);
    for (const control of ['\n', '\t', '\u{0}', '\u{1f}', '\u{7f}']) {
      const batch = batchOf(distribution, 'one', [`/a${control}b`]);
      play.refuses('InvalidArgument', batch, /control character/);
    }
    play.does(batchOf(distribution, 'usual', ['/ü', '/a b', '/%zz', '/x/*', '/q?x=1', '//']));
  });

  test('all together have to fit into one record of the log', () => {
    const play = new Deciding();
    const distribution = distributionIn(play);
    const paths = Array.from({ length: 1_000 }, (_, n) => `/${String(n).padStart(1_100, '"')}`);
    const batch = batchOf(distribution, 'wide', paths);
    play.refuses('BatchTooLarge', batch, /all paths together/);
  });

  test('a reference has 1 to 127 bytes', () => {
    const play = new Deciding();
    const distribution = distributionIn(play);
    play.refuses('InvalidArgument', batchOf(distribution, ''), /CallerReference/);
    play.refuses('InvalidArgument', batchOf(distribution, 'r'.repeat(128)), /128 bytes/);
    play.does(batchOf(distribution, 'r'.repeat(127)));
  });
});

suite('batches in progress', () => {
  test('three of a distribution may be; a fourth waits until one is completed', () => {
    const play = new Deciding();
    const [one, two] = [distributionIn(play, 'one'), distributionIn(play, 'two')];
    for (const reference of ['a', 'b', 'c']) play.does(batchOf(one, reference));
    assert.equal(inProgress(play, one), 3);
    play.refuses('TooManyInvalidationsInProgress', batchOf(one, 'd'), /^3 invalidations/);
    play.changesNothing(batchOf(one, 'a'));
    play.refuses('InvalidationBatchAlreadyExists', batchOf(one, 'a', ['/other']));
    play.does(batchOf(two, 'd'));
    play.edgesCatchUp();
    assert.equal(inProgress(play, one), 0);
    play.does(batchOf(one, 'd'));
    assert.equal(inProgress(play, one), 1);
  });

  test('each is completed by its own position', () => {
    const play = new Deciding();
    const distribution = distributionIn(play);
    play.does(batchOf(distribution, 'a'));
    play.edgesCatchUp();
    play.does(batchOf(distribution, 'b'));
    play.does(batchOf(distribution, 'c'));
    assert.equal(inProgress(play, distribution), 2);
  });
});

suite('an invalidation is found', () => {
  test('by the distribution that it is of, and by no other', () => {
    const play = new Deciding();
    const [one, two] = [distributionIn(play, 'one'), distributionIn(play, 'two')];
    const { id } = play.does(batchOf(one, 'a'));
    const find = (by: AccountId, distribution: string, invalidation: string) => () => {
      requireInvalidation(play.catalog, by, ofDistribution(distribution), invalidation);
      return { changes: [], answer: undefined };
    };
    play.refuses('NoSuchInvalidation', find(account, two, id));
    play.refuses('NoSuchInvalidation', find(account, one, 'I0000000000000'));
    play.refuses('NoSuchDistribution', find(otherAccount, one, id));
    play.refuses('NoSuchDistribution', find(account, 'E0000000000000', id));
    play.changesNothing(find(account, one, id));
  });

  test('the list is in the order in which they were accepted, and follows each change', () => {
    const play = new Deciding();
    const distribution = distributionIn(play);
    play.now = 9_000;
    const first = play.does(batchOf(distribution, 'a')).id;
    assert.deepEqual(idsOf(play, distribution), [first]);
    play.now = 8_000; // The clock was set back.
    const second = play.does(batchOf(distribution, 'b')).id;
    assert.deepEqual(idsOf(play, distribution), [first, second]);
    assert.deepEqual(idsOf(play, 'E0000000000000'), []);
  });
});

suite('forgetting', () => {
  test('a batch is forgotten after 62 days, once it is completed', () => {
    const play = new Deciding();
    const distribution = distributionIn(play);
    const old = play.does(batchOf(distribution, 'old')).id;
    play.edgesCatchUp();
    play.now += dayMs;
    const young = play.does(batchOf(distribution, 'young')).id;
    play.now += 61 * dayMs;
    assert.equal(forget(play), 'done');
    assert.deepEqual(idsOf(play, distribution), [old, young], 'exactly 62 days are still kept');
    play.now += 1;
    forget(play);
    assert.deepEqual(idsOf(play, distribution), [young]);
    play.now += dayMs;
    forget(play);
    assert.deepEqual(idsOf(play, distribution), [young], 'not completed, so it stays');
    play.edgesCatchUp();
    forget(play);
    assert.deepEqual(idsOf(play, distribution), []);
  });

  test('its reference is free then', () => {
    const play = new Deciding();
    const distribution = distributionIn(play);
    play.does(batchOf(distribution, 'same', ['/a']));
    play.edgesCatchUp();
    play.now += 63 * dayMs;
    forget(play);
    assert.equal(play.does(batchOf(distribution, 'same', ['/b'])).outcome, 'new');
  });

  test('those of a distribution that is gone go at once, completed or not', () => {
    const play = new Deciding();
    const [gone, kept] = [distributionIn(play, 'gone'), distributionIn(play, 'kept')];
    play.edgesCatchUp();
    const one = play.does(batchOf(gone, 'a')).id;
    const two = play.does(batchOf(kept, 'a')).id;
    remove(play, gone);
    assert.equal(inProgress(play, gone), 1, 'a fact still, though nobody can ask for it');
    forget(play);
    assert.equal(play.catalog.invalidations.get(one), undefined);
    assert.deepEqual(idsOf(play, gone), []);
    assert.deepEqual(idsOf(play, kept), [two]);
  });

  test('those of a tenant stay while it is there, and go with it', () => {
    const play = new Deciding();
    const connectionMode = 'tenant-only';
    const readConfig = () => configOf('download', 'shops', { connectionMode });
    const creation = { account, kind: 'download', readConfig } as const;
    const shops = play.does((catalog, facts) => decideCreate(catalog, creation, facts)).id;
    const kind = 'distribution-tenant';
    const config = {
      name: 'red',
      distribution: shops,
      domains: ['red.example.com'],
      parameters: [],
      connectionGroup: '',
      webAcl: { kind: 'inherited' },
      certificate: '',
      geoRestriction: undefined,
      managedCertificate: undefined,
      enabled: false,
    } as const;
    const red = play.does((catalog, facts) =>
      decideCreateTenant(catalog, { account, kind, config, tags: [] }, facts),
    );
    const batch = { matching: 'keys', callerReference: 'a', paths: ['/a'] } as const;
    const invalidate = { account, owner: ofTenant(red), readBatch: () => batch };
    const { id } = play.does((catalog, facts) => decideInvalidate(catalog, invalidate, facts));
    play.edgesCatchUp();
    forget(play);
    assert.deepEqual(idsOf(play, red), [id]);
    assert.deepEqual(idsOf(play, shops), []);
    const ifMatch = play.catalog.resource(account, kind, red)?.document.etag;
    play.does((catalog, facts) =>
      decideDeleteResource(catalog, { account, kind, id: red, ifMatch }, facts),
    );
    forget(play);
    assert.equal(play.catalog.invalidations.get(id), undefined);
    assert.deepEqual(idsOf(play, red), []);
  });

  test('many are forgotten in steps, each within what one append takes', () => {
    const play = new Deciding({ 'invalidations-in-progress': 100 });
    const distribution = distributionIn(play);
    play.edgesCatchUp();
    for (let n = 0; n < 25; n += 1) play.does(batchOf(distribution, `batch ${n}`));
    remove(play, distribution);
    const { changes } = decideForgetting(play.catalog, 10, play.facts);
    assert.equal(changes.length, 10);
    assert.deepEqual(
      [forget(play, 10), forget(play, 10), forget(play, 10)],
      ['more', 'more', 'done'],
    );
    assert.equal([...play.catalog.invalidations.all()].length, 0);
    play.changesNothing((catalog, facts) => decideForgetting(catalog, 10, facts));
  });
});

const byKeys = (...paths: string[]) => [paths, account, 'keys'] as const;

test('later versions count paths and wildcards that are in progress', () => {
  const play = new Deciding({
    'invalidation-paths-in-progress': 5,
    'invalidation-wildcards-in-progress': 1,
  });
  const distribution = distributionIn(play);
  play.does(batchOf(distribution, 'one', ...byKeys('/a', '/b*')));
  play.refuses('TooManyInvalidationsInProgress', batchOf(distribution, 'two', ...byKeys('/c*')));
  play.does(batchOf(distribution, 'three', ...byKeys('/c', '/d', '/e')));
  play.refuses('TooManyInvalidationsInProgress', batchOf(distribution, 'four', ...byKeys('/f')));
  play.refuses('InvalidArgument', batchOf(distribution, 'one', ...byKeys('/g')));
  const many = Array.from({ length: 6 }, (_, index) => `/${index}`);
  play.refuses('BatchTooLarge', batchOf(distribution, 'five', ...byKeys(...many)));
});

for (const paths of [[], ['a'], ['/ä'], ['/a b'], ['']]) {
  test(`later versions refuse the paths ${JSON.stringify(paths)}`, () => {
    const play = new Deciding();
    const distribution = distributionIn(play);
    play.refuses('InvalidArgument', batchOf(distribution, 'one', ...byKeys(...paths)));
  });
}
