/** Key pairs: at most two of an account are active, and an active one is not deleted. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { account, Deciding, otherAccount } from '../../test/harness/deciding.ts';
import type { Catalog } from './catalog.ts';
import {
  decideDeleteKeyPair,
  decideImportKeyPair,
  decideSwitchKeyPair,
  keyPairsMax,
} from './decide-key-pair.ts';
import type { Facts } from './decision.ts';
import type { AccountId } from './ids.ts';

function importOf(publicKey: string, by: AccountId = account) {
  return (catalog: Catalog, facts: Facts) =>
    decideImportKeyPair(catalog, { account: by, publicKey }, facts);
}

function switchOf(id: string, active: boolean, by: AccountId = account) {
  return (catalog: Catalog, facts: Facts) =>
    decideSwitchKeyPair(catalog, { account: by, id, active }, facts);
}

function deleteOf(id: string, by: AccountId = account) {
  return (catalog: Catalog) => decideDeleteKeyPair(catalog, { account: by, id });
}

function shown(play: Deciding, by: AccountId = account) {
  return play.catalog
    .listKeyPairs(by)
    .map(({ document: { active, publicKey } }) => [publicKey, active]);
}

suite('importing', () => {
  test('a pair is active at once, and has an id of its own', () => {
    const play = new Deciding();
    const id = play.does(importOf('one'));
    assert.match(id, /^APKA[0-9A-Z]{16}$/);
    play.now += 1;
    assert.notEqual(play.does(importOf('two')), id);
    assert.deepEqual(shown(play), [
      ['one', true],
      ['two', true],
    ]);
  });

  test('a key that is known is answered with its pair, as it stands', () => {
    const play = new Deciding();
    const id = play.does(importOf('one'));
    assert.equal(play.changesNothing(importOf('one')), id);
    play.does(switchOf(id, false));
    assert.equal(play.changesNothing(importOf('one')), id);
    assert.deepEqual(shown(play), [['one', false]]);
    assert.notEqual(play.does(importOf('one', otherAccount)), id, 'accounts have their own');
  });

  test('a third active one is refused, whichever way it would come to be', () => {
    const play = new Deciding();
    const one = play.does(importOf('one'));
    play.does(importOf('two'));
    play.refuses('TooManyKeyPairs', importOf('three'), /2 active key pairs.*deactivate one/);
    play.changesNothing(importOf('one'));
    play.does(importOf('three', otherAccount));
    play.does(switchOf(one, false));
    play.does(importOf('three'));
    play.refuses('TooManyKeyPairs', switchOf(one, true));
    play.changesNothing(switchOf(one, false));
  });

  test('inactive ones are kept up to a bound', () => {
    const play = new Deciding();
    for (let n = 0; n < keyPairsMax; n += 1) {
      play.does(switchOf(play.does(importOf(`key ${n}`)), false));
    }
    play.refuses('TooManyKeyPairs', importOf('one more'), /100 key pairs.*delete one/);
    play.changesNothing(importOf('key 0'));
    play.does(deleteOf(play.does(importOf('key 0'))));
    play.does(importOf('one more'));
  });
});

suite('switching and deleting', () => {
  test('what is so already changes nothing', () => {
    const play = new Deciding();
    const id = play.does(importOf('one'));
    play.does(importOf('two'));
    play.changesNothing(switchOf(id, true));
    play.does(switchOf(id, false));
    play.changesNothing(switchOf(id, false));
    play.does(switchOf(id, true));
  });

  test('an active pair is not deleted, an inactive one is, for good', () => {
    const play = new Deciding();
    const id = play.does(importOf('one'));
    play.refuses('KeyPairActive', deleteOf(id));
    play.does(switchOf(id, false));
    play.does(deleteOf(id));
    assert.deepEqual(shown(play), []);
    play.refuses('NoSuchKeyPair', deleteOf(id));
    play.refuses('NoSuchKeyPair', switchOf(id, true));
    assert.notEqual(play.does(importOf('one')), id, 'the same key comes back as another pair');
  });

  test('the pairs of another account are none', () => {
    const play = new Deciding();
    const id = play.does(importOf('one'));
    play.refuses('NoSuchKeyPair', switchOf(id, false, otherAccount));
    play.refuses('NoSuchKeyPair', deleteOf(id, otherAccount));
    play.refuses('NoSuchKeyPair', switchOf('APKA0000000000000000', false));
  });
});
