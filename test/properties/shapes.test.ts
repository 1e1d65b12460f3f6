/**
 * Batches and configurations of identities: what is written reads back as it was, and damage gives a
 * document or a refusal, never a crash.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import {
  readAccessIdentityConfig,
  writeAccessIdentityConfig,
} from '../../src/api/2010-11-01/access-identity-shape.ts';
import {
  readInvalidationBatch,
  writeInvalidationBatch,
} from '../../src/api/2010-11-01/invalidation-shape.ts';
import { namespace } from '../../src/api/2010-11-01/wire-form.ts';
import { legalXmlText, writeXml, type XmlElement } from '../../src/base/xml.ts';
import type { AccessIdentityConfig } from '../../src/model/access-identity.ts';
import type { InvalidationBatch } from '../../src/model/invalidation.ts';
import { Refusal } from '../../src/model/refusal.ts';

/** Any text that XML can carry, without white space around it, as values are held. */
const value = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 8 }).map(legalXmlText),
      fc.constantFrom('&', '<', '>', ']]>', '"', "'", '\r\n', '\t', '&amp;', '%20', '*', '?', '/'),
    ),
    { maxLength: 6 },
  )
  .map((pieces) => pieces.join('').replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, ''));

const batch: fc.Arbitrary<InvalidationBatch> = fc.record({
  matching: fc.constant('paths' as const),
  callerReference: value,
  paths: fc.array(
    value.map((text) => `/${text}`),
    { minLength: 1, maxLength: 8 },
  ),
});

const config: fc.Arbitrary<AccessIdentityConfig> = fc.record({
  callerReference: value,
  comment: value,
});

function bytesOf(root: XmlElement): Buffer {
  return Buffer.from(writeXml(root, namespace));
}

suite('what is written reads back as it was', () => {
  test('batches of invalidations, with their paths in order', () => {
    fc.assert(
      fc.property(batch, (given) => {
        assert.deepEqual(
          readInvalidationBatch(bytesOf(writeInvalidationBatch(given))),
          structuredClone(given),
        );
      }),
    );
  });

  test('configurations of identities', () => {
    fc.assert(
      fc.property(config, (given) => {
        assert.deepEqual(
          readAccessIdentityConfig(bytesOf(writeAccessIdentityConfig(given))),
          structuredClone(given),
        );
      }),
    );
  });

  test('a path without its slash reads as the one with it', () => {
    fc.assert(
      fc.property(batch, (given) => {
        const root = writeInvalidationBatch(given);
        const children = root.children.map((child) =>
          child.name === 'Path' && !/^\/[/ \t\r\n]|^\/$/.test(child.text)
            ? { ...child, text: child.text.slice(1) }
            : child,
        );
        assert.deepEqual(
          readInvalidationBatch(bytesOf({ ...root, children })),
          structuredClone(given),
        );
      }),
    );
  });
});

test('damage gives a document or a refusal', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        batch.map((given) => ({
          bytes: bytesOf(writeInvalidationBatch(given)),
          read: readInvalidationBatch,
        })),
        config.map((given) => ({
          bytes: bytesOf(writeAccessIdentityConfig(given)),
          read: readAccessIdentityConfig,
        })),
      ),
      fc.nat(),
      fc.uint8Array({ maxLength: 4 }),
      ({ bytes, read }, place, damage) => {
        const at = place % bytes.length;
        const rest = bytes.subarray(Math.min(bytes.length, at + damage.length));
        try {
          read(Buffer.concat([bytes.subarray(0, at), damage, rest]));
        } catch (refusal) {
          assert(refusal instanceof Refusal, String(refusal));
        }
      },
    ),
    { numRuns: 1_000 },
  );
});

test('more paths than any batch may have are read, so that they are told as too many', () => {
  const paths = '<Path>/</Path>'.repeat(74_000);
  const document = `<InvalidationBatch>${paths}<CallerReference>r</CallerReference></InvalidationBatch>`;
  assert(document.length < 1_048_576);
  assert.equal(readInvalidationBatch(Buffer.from(document)).paths.length, 74_000);
});
