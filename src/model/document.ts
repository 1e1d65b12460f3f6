/**
 * Documents: what the log holds under a key, as JSON. A document names its form, so that a reader
 * of an older release refuses one that it does not know instead of misreading it.
 */
import assert from 'node:assert/strict';
import { encodeKey, type Change, type Key } from '../base/log-record.ts';
import type { Distribution, DistributionConfig, DistributionKind } from './distribution.ts';
import type { AccountId } from './ids.ts';

/** An edge location that status has to wait for while it is live. */
export type EdgeDocument = {
  readonly format: 1;
  readonly name: string;
  /** Kept from taking what comes after the record that says so. */
  readonly held: boolean;
};

export type DocumentKind = 'distribution' | 'streaming-distribution' | 'edge';

/** Documents that belong to no account stand under this one, which is no account number. */
export const systemAccount = 'warmfront';

export function documentKindOf(kind: DistributionKind): DocumentKind {
  return kind === 'download' ? 'distribution' : 'streaming-distribution';
}

export function distributionKey(account: AccountId, kind: DistributionKind, id: string): Key {
  return encodeKey({ account, kind: documentKindOf(kind), id });
}

export function edgeKey(name: string): Key {
  return encodeKey({ account: systemAccount, kind: 'edge', id: name });
}

export function putDistribution(distribution: Distribution): Change {
  const { account, config, id } = distribution;
  return { key: distributionKey(account, config.kind, id), value: encode(distribution) };
}

export function putEdge(edge: EdgeDocument): Change {
  return { key: edgeKey(edge.name), value: encode(edge) };
}

export function readDistribution(value: Uint8Array): Distribution {
  const document: Distribution = JSON.parse(Buffer.from(value).toString('utf8'));
  assert.equal(document.format, 1, 'a distribution document of a form this release does not know');
  return {
    ...document,
    config: completed(document.config),
    createdWith: completed(document.createdWith),
  };
}

/** JSON leaves out members without a value; put back, configurations compare as they were made. */
function completed(config: DistributionConfig): DistributionConfig {
  const origins = config.origins.map((origin) =>
    origin.kind === 's3' ? { ...origin, accessIdentity: origin.accessIdentity } : origin,
  );
  return { ...config, logging: config.logging, origins };
}

export function readEdge(value: Uint8Array): EdgeDocument {
  const document: EdgeDocument = JSON.parse(Buffer.from(value).toString('utf8'));
  assert.equal(document.format, 1, 'an edge document of a form this release does not know');
  return document;
}

function encode(document: Distribution | EdgeDocument): Uint8Array {
  return Buffer.from(JSON.stringify(document), 'utf8');
}
