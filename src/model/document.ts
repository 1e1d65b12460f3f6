/**
 * Documents: what the log holds under a key, as JSON. A document names its form, so that a reader
 * of an older release refuses one that it does not know instead of misreading it.
 */
import assert from 'node:assert/strict';
import { encodeKey, type Change, type Key } from '../base/log-record.ts';
import type { AccessIdentity } from './access-identity.ts';
import type { Certificate } from './certificate.ts';
import type {
  Behavior,
  Distribution,
  DistributionConfig,
  DistributionKind,
  Logging,
  Origin,
} from './distribution.ts';
import type { AccountId } from './ids.ts';
import type { Invalidation, InvalidationBatch } from './invalidation.ts';
import type { KeyPair } from './key-pair.ts';
import {
  plainBehavior,
  plainConfig,
  plainCustomOrigin,
  plainLogging,
  plainOrigin,
} from './plain-config.ts';

/** An edge location that status has to wait for while it is live. */
export type EdgeDocument = {
  readonly format: 1;
  readonly name: string;
  /** Kept from taking what comes after the record that says so. */
  readonly held: boolean;
};

export type DocumentKind =
  | 'distribution'
  | 'streaming-distribution'
  | 'access-identity'
  | 'invalidation'
  | 'key-pair'
  | 'certificate'
  | 'edge';

type Document = Distribution | AccessIdentity | Invalidation | KeyPair | Certificate | EdgeDocument;

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

export function accessIdentityKey(account: AccountId, id: string): Key {
  return encodeKey({ account, kind: 'access-identity', id });
}

/** Ids of invalidations are unique by themselves; the distribution is in the document. */
export function invalidationKey(account: AccountId, id: string): Key {
  return encodeKey({ account, kind: 'invalidation', id });
}

export function keyPairKey(account: AccountId, id: string): Key {
  return encodeKey({ account, kind: 'key-pair', id });
}

export function certificateKey(account: AccountId, id: string): Key {
  return encodeKey({ account, kind: 'certificate', id });
}

export function putDistribution(distribution: Distribution): Change {
  const { account, config, id } = distribution;
  return { key: distributionKey(account, config.kind, id), value: encode(distribution) };
}

export function putAccessIdentity(identity: AccessIdentity): Change {
  return { key: accessIdentityKey(identity.account, identity.id), value: encode(identity) };
}

export function putInvalidation(invalidation: Invalidation): Change {
  return {
    key: invalidationKey(invalidation.account, invalidation.id),
    value: encode(invalidation),
  };
}

export function putKeyPair(pair: KeyPair): Change {
  return { key: keyPairKey(pair.account, pair.id), value: encode(pair) };
}

export function putCertificate(certificate: Certificate): Change {
  return { key: certificateKey(certificate.account, certificate.id), value: encode(certificate) };
}

export function putEdge(edge: EdgeDocument): Change {
  return { key: edgeKey(edge.name), value: encode(edge) };
}

export function readDistribution(value: Uint8Array): Distribution {
  const document: Distribution = JSON.parse(textOf(value));
  checkForm(document);
  return {
    ...document,
    config: completed(document.config),
    createdWith: completed(document.createdWith),
  };
}

/**
 * JSON leaves out members without a value; put back, configurations compare as they were made. What
 * an earlier release did not know of is as API 2010-11-01 has it.
 */
function completed(config: DistributionConfig): DistributionConfig {
  return {
    ...plainConfig,
    ...config,
    logging: completedLogging(config.logging),
    origins: config.origins.map(completedOrigin),
    defaultBehavior: completedBehavior(config.defaultBehavior),
  };
}

function completedLogging(logging: Logging | undefined): Logging | undefined {
  return logging === undefined ? undefined : { ...plainLogging, ...logging };
}

function completedOrigin(origin: Origin): Origin {
  switch (origin.kind) {
    case 's3':
      return { ...plainOrigin, ...origin, accessIdentity: origin.accessIdentity };
    case 'custom':
      return { ...plainCustomOrigin, ...origin };
    default:
      return origin;
  }
}

function completedBehavior(behavior: Behavior): Behavior {
  const whole = { ...plainBehavior, ...behavior };
  // An earlier release had two words for this, and could only be told the one.
  const forwarded: unknown = whole.forwardedHeaders;
  const { forwardedHeaders } = forwarded === 'keyed' ? plainBehavior : whole;
  // And it kept in the behavior what error responses say now, none of which could be set but in tests.
  const { errorTtlS: _, ...rules } = { errorTtlS: {}, ...whole, forwardedHeaders };
  return rules;
}

export function readAccessIdentity(value: Uint8Array): AccessIdentity {
  const document: AccessIdentity = JSON.parse(textOf(value));
  checkForm(document);
  return document;
}

const matchingPaths: Pick<InvalidationBatch, 'matching'> = { matching: 'paths' };

export function readInvalidation(value: Uint8Array): Invalidation {
  const document: Invalidation = JSON.parse(textOf(value));
  checkForm(document);
  // An earlier release knew one way to match, and did not name it.
  return { ...document, batch: { ...matchingPaths, ...document.batch } };
}

export function readKeyPair(value: Uint8Array): KeyPair {
  const document: KeyPair = JSON.parse(textOf(value));
  checkForm(document);
  return document;
}

export function readCertificateDocument(value: Uint8Array): Certificate {
  const document: Certificate = JSON.parse(textOf(value));
  checkForm(document);
  return document;
}

export function readEdge(value: Uint8Array): EdgeDocument {
  const document: EdgeDocument = JSON.parse(textOf(value));
  checkForm(document);
  return document;
}

function textOf(value: Uint8Array): string {
  return Buffer.from(value).toString('utf8');
}

function checkForm({ format }: { readonly format: number }): void {
  assert.equal(format, 1, 'a document of a form that this release does not know');
}

function encode(document: Document): Uint8Array {
  return Buffer.from(JSON.stringify(document), 'utf8');
}
