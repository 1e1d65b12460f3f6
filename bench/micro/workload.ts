/** Ten thousand distributions, each with aliases of its own: more than one account may have. */
import { type LogRecord, revision, writeId } from '../../src/base/log-record.ts';
import { instant } from '../../src/base/clock.ts';
import { Catalog } from '../../src/model/catalog.ts';
import type { Distribution } from '../../src/model/distribution.ts';
import { putDistribution } from '../../src/model/document.ts';
import { accountId, createMint } from '../../src/model/ids.ts';
import { configOf } from '../../test/harness/configs.ts';
import { SeededRandomness } from '../../test/harness/seeded-randomness.ts';

export const distributionCount = 10_000;
export const domain = 'cloudfront.localhost';
export const account = accountId('000000000000');
export const mint = createMint(new SeededRandomness(7));

const someWriteId = writeId(new Uint8Array(16));

export function distributions(): readonly Distribution[] {
  return Array.from({ length: distributionCount }, (_, index) => {
    const config = configOf('download', `reference-${index}`, {
      aliases: [`www${index}.example.com`, `img${index}.example.com`],
    });
    return {
      format: 1,
      account,
      id: mint.distributionId(),
      etag: mint.configEtag(),
      domainName: `${mint.domainLabel('download')}.${domain}`,
      createdAt: instant(1_700_000_000_000 + index),
      modifiedAt: instant(1_700_000_000_000 + index),
      config,
      createdWith: config,
    };
  });
}

/** One record for each. */
export function recordsOf(all: readonly Distribution[]): readonly LogRecord[] {
  return all.map((distribution, index) => ({
    revision: revision(index + 1),
    writeId: someWriteId,
    changes: [putDistribution(distribution)],
  }));
}

export function fold(records: readonly LogRecord[]): Catalog {
  const catalog = new Catalog();
  for (const record of records) catalog.apply(record);
  return catalog;
}
