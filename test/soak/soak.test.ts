import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesOf, etagOf, isPieceOf, versionOf } from './bodies.ts';
import { flatness } from './memory.ts';
import { soak } from './soak.ts';

test('a piece is told from those of another place, version or path', () => {
  const version = { path: '/kept/1-100', version: 3 };
  const piece = bytesOf(version, 70_000, 200_000);
  assert.equal(piece.length, 130_000);
  assert.ok(isPieceOf(version, 70_000, piece));
  assert.ok(!isPieceOf(version, 70_001, piece));
  assert.ok(!isPieceOf({ ...version, version: 4 }, 70_000, piece));
  assert.ok(!isPieceOf({ ...version, path: '/kept/2-100' }, 70_000, piece));
  assert.equal(versionOf(version.path, etagOf(version)), 3);
  assert.equal(versionOf('/kept/2-100', etagOf(version)), undefined);
});

test('memory that grows is told from memory that does not', () => {
  const mebibyte = 1_048_576;
  const flat = Array.from({ length: 100 }, (_, index) => (200 + (index % 7)) * mebibyte);
  const growing = Array.from({ length: 100 }, (_, index) => (100 + index * 2) * mebibyte);
  assert.equal(flatness(flat).isFlat, true);
  assert.equal(flatness(growing).isFlat, false);
});

test('a short soak: no byte is wrong, and the server goes on', async () => {
  const { invalidations, tally } = await soak({
    seconds: 8,
    seed: 11,
    viewers: 12,
    flags: [],
    tell: () => undefined,
  });
  assert.deepEqual(tally.told, []);
  assert.ok(tally.requests > 100, `${tally.requests} requests`);
  assert.ok(invalidations > 0);
});
