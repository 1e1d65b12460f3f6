/**
 * XML: what is written reads back as it was, whatever a configuration holds; and bytes of any kind
 * give a document or a clear fault, never a crash.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  readDistributionConfig,
  writeDistributionConfig,
} from '../../src/api/2010-11-01/distribution-config-shape.ts';
import {
  readStreamingDistributionConfig,
  writeStreamingDistributionConfig,
} from '../../src/api/2010-11-01/streaming-distribution-config-shape.ts';
import { namespace } from '../../src/api/2010-11-01/wire-form.ts';
import { legalXmlText, readXml, writeXml, type XmlElement, XmlFault } from '../../src/base/xml.ts';
import type { DistributionConfig, Origin } from '../../src/model/distribution.ts';
import {
  plainBehavior,
  plainConfig,
  plainCustomOrigin,
  plainLogging,
  plainOrigin,
} from '../../src/model/plain-config.ts';
import { Refusal } from '../../src/model/refusal.ts';

const bounds = { bytesMax: 1_048_576, depthMax: 64, elementsMax: 10_000 };
const defaults = { minTtlS: 3_600 };

/** Any text that XML can carry, with the characters that need care more often than chance has it. */
const legalText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 8 }).map(legalXmlText),
      fc.constantFrom(
        '&',
        '<',
        '>',
        ']]>',
        '"',
        "'",
        '\r',
        '\r\n',
        '\t',
        '&amp;',
        '<!--',
        '\u{85}',
      ),
    ),
    { maxLength: 6 },
  )
  .map((pieces) => pieces.join(''));

/** As values are held: without white space around them. */
const value = legalText.map((text) => text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, ''));
const filledValue = value.filter((text) => text !== '');

const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{0,10}$/);

const { tree } = fc.letrec<{ tree: XmlElement }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    fc.record({
      name,
      attributes: fc.constant([]),
      children: fc.constant([]),
      text: legalText,
    }),
    fc.record({
      name,
      attributes: fc.constant([]),
      children: fc.array(tie('tree'), { minLength: 1, maxLength: 4 }),
      text: fc.constant(''),
    }),
  ),
}));

const accounts = fc.uniqueArray(fc.stringMatching(/^\d{12}$/), { maxLength: 5 });
const alias = fc.stringMatching(/^[a-z]{1,8}\.example\.com$/);
const identity = fc.option(fc.stringMatching(/^E[0-9A-Z]{13}$/), { nil: undefined });
const port = fc.integer({ min: 0, max: 99_999 });

const s3Origin: fc.Arbitrary<Origin> = fc
  .record({ domainName: value, accessIdentity: identity })
  .map((said) => ({ ...plainOrigin, kind: 's3', id: 'default', ...said }));

const customOrigin: fc.Arbitrary<Origin> = fc
  .record({
    domainName: value,
    httpPort: port,
    httpsPort: port,
    protocolPolicy: fc.constantFrom('http-only' as const, 'match-viewer' as const),
  })
  .map((said) => ({ ...plainCustomOrigin, id: 'default', ...said }));

const common = {
  callerReference: value,
  aliases: fc.uniqueArray(alias, { maxLength: 10 }),
  comment: value,
  enabled: fc.boolean(),
  logging: fc.option(
    fc.record({ bucket: value, prefix: value }).map((said) => ({ ...plainLogging, ...said })),
    { nil: undefined },
  ),
};

function behavior<Policy>(viewerProtocolPolicy: fc.Arbitrary<Policy>) {
  return fc
    .record({ viewerProtocolPolicy, trustedSigners: fc.record({ self: fc.boolean(), accounts }) })
    .map((said) => ({
      ...plainBehavior,
      ...said,
      targetOriginId: 'default',
      minTtlS: defaults.minTtlS,
    }));
}

const download: fc.Arbitrary<DistributionConfig> = fc
  .record({
    ...common,
    defaultRootObject: fc.oneof(fc.constant(''), filledValue),
    origins: fc.oneof(s3Origin, customOrigin).map((origin) => [origin]),
    defaultBehavior: behavior(fc.constantFrom('allow-all' as const, 'https-only' as const)),
  })
  .map((said) => ({ ...plainConfig, ...said, kind: 'download' }));

const streaming: fc.Arbitrary<DistributionConfig> = fc
  .record({
    ...common,
    origins: s3Origin.map((origin) => [origin]),
    defaultBehavior: behavior(fc.constant('allow-all' as const)),
  })
  .map((said) => ({ ...plainConfig, ...said, kind: 'streaming' }));

/** fast-check makes objects without a prototype; configurations are plain ones. */
function plain(config: DistributionConfig): DistributionConfig {
  return structuredClone(config);
}

function bytesOf(root: XmlElement): Uint8Array {
  return Buffer.from(writeXml(root, namespace));
}

test('a tree that is written reads back as it was', () => {
  fc.assert(
    fc.property(tree, (root) => {
      assert.deepEqual(readXml(bytesOf(root), bounds), structuredClone(root));
    }),
  );
});

test('a configuration of either kind that is written reads back as it was', () => {
  fc.assert(
    fc.property(download, (config) => {
      const bytes = bytesOf(writeDistributionConfig(config));
      assert.deepEqual(readDistributionConfig(bytes, defaults), plain(config));
    }),
  );
  fc.assert(
    fc.property(streaming, (config) => {
      const bytes = bytesOf(writeStreamingDistributionConfig(config));
      assert.deepEqual(readStreamingDistributionConfig(bytes, defaults), plain(config));
    }),
  );
});

test('children in any order say the same, but for the order of aliases and signers', () => {
  fc.assert(
    fc.property(download, fc.infiniteStream(fc.nat()), (config, numbers) => {
      const read = readDistributionConfig(
        bytesOf(shuffled(writeDistributionConfig(config), numbers)),
        defaults,
      );
      assert.deepEqual(sortedLists(read), sortedLists(plain(config)));
    }),
  );
});

function shuffled(element: XmlElement, numbers: Iterator<number>): XmlElement {
  const children = element.children
    .map((child) => ({ child: shuffled(child, numbers), at: Number(numbers.next().value) }))
    .sort((a, b) => a.at - b.at)
    .map(({ child }) => child);
  return { ...element, children };
}

function sortedLists(config: DistributionConfig): DistributionConfig {
  const { defaultBehavior } = config;
  const { trustedSigners } = defaultBehavior;
  const sortedSigners = { ...trustedSigners, accounts: [...trustedSigners.accounts].sort() };
  return {
    ...config,
    aliases: [...config.aliases].sort(),
    defaultBehavior: { ...defaultBehavior, trustedSigners: sortedSigners },
  };
}

test('raw bytes give a document or a fault, and nothing else', () => {
  const seeds = [
    '<A>',
    '</A>',
    '<!DOCTYPE A [',
    '<![CDATA[',
    ']]>',
    '&#x',
    ';',
    '<?xml ',
    '?>',
    '"',
  ];
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 16 }),
    fc.constantFrom(...seeds).map((text) => new Uint8Array(Buffer.from(text))),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      try {
        readXml(Buffer.concat(pieces), bounds);
      } catch (fault) {
        assert(fault instanceof XmlFault, String(fault));
        assert.match(fault.message, /^line \d+, column \d+: |UTF-8/);
      }
    }),
    { numRuns: 1_000 },
  );
});

test('a configuration with damage gives a configuration or a refusal', () => {
  fc.assert(
    fc.property(
      fc.oneof(download, streaming),
      fc.nat(),
      fc.uint8Array({ maxLength: 4 }),
      (config, place, damage) => {
        const isDownload = config.kind === 'download';
        const write = isDownload ? writeDistributionConfig : writeStreamingDistributionConfig;
        const read = isDownload ? readDistributionConfig : readStreamingDistributionConfig;
        const bytes = Buffer.from(bytesOf(write(config)));
        const at = place % bytes.length;
        const damaged = Buffer.concat([
          bytes.subarray(0, at),
          damage,
          bytes.subarray(Math.min(bytes.length, at + damage.length)),
        ]);
        try {
          assert.equal(read(damaged, defaults).kind, config.kind);
        } catch (refusal) {
          assert(refusal instanceof Refusal, String(refusal));
        }
      },
    ),
    { numRuns: 1_000 },
  );
});
