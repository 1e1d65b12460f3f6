/** Invalidations as facts: exact paths, both sides decoded once, nothing brought back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant } from '../base/clock.ts';
import { revision } from '../base/log-record.ts';
import { accountId, distributionId, invalidationId } from '../model/ids.ts';
import type { InvalidationMatching } from '../model/invalidation.ts';
import { type InvalidatedKey, InvalidationFacts } from './invalidation-facts.ts';

const distribution = distributionId('E0000000000001');

function batch(at: number, ...paths: string[]) {
  return batchOf('paths', at, paths);
}

function batchOf(matching: InvalidationMatching, at: number, paths: string[]) {
  return {
    revision: revision(at),
    document: {
      format: 1 as const,
      account: accountId('000000000000'),
      distribution,
      id: invalidationId(`I${at}`),
      createdAt: instant(0),
      batch: { matching, callerReference: `batch ${at}`, paths },
    },
  };
}

function covers(facts: InvalidationFacts, path: string, fetchedAt: number, root = ''): boolean {
  return facts.cover([distribution], keyOf(path), root, revision(fetchedAt));
}

/** What stands after `?` is part of the key. */
function keyOf(text: string): InvalidatedKey {
  const [path = '', query] = text.split('?');
  return { path, query };
}

test('what was fetched before is covered, what was fetched from then on is not', () => {
  const facts = new InvalidationFacts();
  facts.add(batch(5, '/a'));
  assert(covers(facts, '/a', 4));
  assert(!covers(facts, '/a', 5));
  assert(!covers(facts, '/b', 4));
  assert(!facts.cover(['E0000000000002'], keyOf('/a'), '', revision(4)));
});

test('the newest of several batches counts, in whatever order they are folded', () => {
  const facts = new InvalidationFacts();
  facts.add(batch(9, '/a'));
  facts.add(batch(5, '/a'));
  assert(covers(facts, '/a', 8));
});

test('both sides are decoded once before they are compared', () => {
  const facts = new InvalidationFacts();
  facts.add(batch(5, '/b%20c.jpg', '/%2B', '/ü', '/%zz', '/q?x=1', '/100%2525'));
  for (const path of ['/b%20c.jpg', '/b c.jpg', '/+', '/%2b', '/%C3%BC', '/ü', '/%zz', '/q']) {
    assert(covers(facts, path, 4), path);
  }
  assert(covers(facts, '/100%2525', 4));
  assert(!covers(facts, '/100%25', 4), 'decoded once, not twice');
});

test('a star is an ordinary character', () => {
  const facts = new InvalidationFacts();
  facts.add(batch(5, '/x/*'));
  assert(covers(facts, '/x/*', 4));
  assert(!covers(facts, '/x/y', 4));
});

test('the root and the default root object are one', () => {
  const facts = new InvalidationFacts();
  facts.add(batch(5, '/'));
  assert(covers(facts, '/index.html', 4, 'index.html'));
  assert(!covers(facts, '/index.html', 4, 'home.html'));
  facts.add(batch(7, '/index.html'));
  assert(covers(facts, '/index.html', 6, 'index.html'));
});

test('a batch that is forgotten brings nothing back', () => {
  const facts = new InvalidationFacts();
  facts.add(batch(5, '/a'));
  facts.add(batch(6, '/b'));
  facts.forget(batch(5, '/a'));
  assert(covers(facts, '/a', 4));
  assert(covers(facts, '/anything else', 4), 'older than the floor');
  assert(!covers(facts, '/a', 5));
  assert(covers(facts, '/b', 5));
});

test('a distribution that is gone takes its facts along', () => {
  const facts = new InvalidationFacts();
  facts.add(batch(5, '/a'));
  facts.forgetOwner(distribution);
  assert(!covers(facts, '/a', 4));
});

test('by keys, a path names itself with the query that is keyed, and a star at the end anything', () => {
  const facts = new InvalidationFacts();
  facts.add(batchOf('keys', 5, ['/a', '/b?x=1', '/c/*', '/d*e', '/%c3%bc']));
  for (const key of ['/a', '/b?x=1', '/c/', '/c/x', '/c/x?y=1', '/d*e', '/%C3%BC']) {
    assert(covers(facts, key, 4), key);
    assert(!covers(facts, key, 5), key);
  }
  for (const key of ['/A', '/a?x=1', '/b', '/c', '/dxe', '/ab', '/b?x=1&y']) {
    assert(!covers(facts, key, 4), key);
  }
});

test('the newest of wildcards and paths counts, and what is forgotten leaves its floor', () => {
  const facts = new InvalidationFacts();
  const all = batchOf('keys', 7, ['/*']);
  facts.add(batchOf('keys', 5, ['/a*']));
  facts.add(all);
  assert(covers(facts, '/a/b', 6));
  assert(covers(facts, '/other', 6));
  assert(!covers(facts, '/other', 7));
  facts.forget(all);
  assert(covers(facts, '/other', 6));
  assert(!covers(facts, '/other', 7));
});
