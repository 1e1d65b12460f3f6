/**
 * Edge tokens: what lets an edge on another machine follow the log. A token holds a secret of 256
 * random bits and the fingerprint of the local authority, so that nothing else need be copied to
 * the machine. The log keeps a hash of the secret alone: who reads the log can join nothing.
 *
 * In place of a secret an edge may have a key of its own, with a certificate of the local authority
 * (docs/decisions/0031). The log then keeps a hash of the public key.
 *
 * The secret, or what the edge's key and the authority's have in common, also gives the key that
 * private keys are sealed with on their way to this one edge, so that the key of the API's machines
 * never leaves them.
 */
import assert from 'node:assert/strict';
import { createHash, hkdfSync, type KeyObject, X509Certificate } from 'node:crypto';
import { type Change, encodeKey, type Key } from '../base/log-record.ts';
import type { Instant } from '../base/clock.ts';
import { sealingKeyBytes } from '../base/sealing.ts';
import { systemAccount } from './document.ts';

/** The document lets one edge join, by the name of the edge. */
export type EdgeTokenDocument = {
  readonly format: 1;
  readonly name: string;
  /** SHA-256 of the secret, or of the public key; 64 hexadecimal digits. */
  readonly hash: string;
  readonly createdAt: Instant;
  /** When the certificate ends; undefined: there is a secret, and no certificate. */
  readonly certificateEndsAt?: Instant;
};

export type EdgeToken = {
  readonly secret: string;
  /** SHA-256 of the authority's public key. */
  readonly authority: string;
};

export const edgeSecretBytes = 32;
const form = /^wfedge1\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{43})$/;
const secretForm = /^[A-Za-z0-9_-]{43}$/;
const nameForm = /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/;

/** 1 to 32 lower-case letters, digits and inner hyphens. */
export function isEdgeName(text: string): boolean {
  return nameForm.test(text);
}

export function writeEdgeToken({ authority, secret }: EdgeToken): string {
  return `wfedge1.${secret}.${authority}`;
}

/** Undefined: it is none. */
export function readEdgeToken(text: string): EdgeToken | undefined {
  const [, secret, authority] = form.exec(text.trim()) ?? [];
  return secret === undefined || authority === undefined ? undefined : { secret, authority };
}

export function isEdgeSecret(text: string): boolean {
  return secretForm.test(text);
}

export function edgeSecretOf(bytes: Uint8Array): string {
  assert.equal(bytes.length, edgeSecretBytes);
  return Buffer.from(bytes).toString('base64url');
}

export function hashOfEdgeSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Never that of a secret: what is hashed has another form. */
export function hashOfEdgeKey(publicKey: KeyObject): string {
  return sha256OfKey(publicKey).digest('hex');
}

/** P-256: the authority has a key of this kind too, and agrees with it on another. */
export function isEdgeKey({ asymmetricKeyDetails, asymmetricKeyType }: KeyObject): boolean {
  return asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1';
}

/** Stays the same when the authority's certificate is renewed with the same key. */
export function fingerprintOfAuthority(certificate: string): string {
  return sha256OfKey(new X509Certificate(certificate).publicKey).digest('base64url');
}

function sha256OfKey(publicKey: KeyObject) {
  return createHash('sha256').update(publicKey.export({ type: 'spki', format: 'der' }));
}

/** Seals what goes to this edge alone (RFC 5869). */
export function edgeSealingKey(secret: string | Uint8Array): Uint8Array {
  const use = 'warmfront: private keys of certificates for one edge';
  return new Uint8Array(hkdfSync('sha256', secret, '', use, sealingKeyBytes));
}

export function edgeTokenKey(name: string): Key {
  return encodeKey({ account: systemAccount, kind: 'edge-token', id: name });
}

export function putEdgeToken(token: EdgeTokenDocument): Change {
  return { key: edgeTokenKey(token.name), value: Buffer.from(JSON.stringify(token)) };
}

export function readEdgeTokenDocument(value: Uint8Array): EdgeTokenDocument {
  const document: EdgeTokenDocument = JSON.parse(Buffer.from(value).toString('utf8'));
  assert.equal(document.format, 1, 'a document of a form that this release does not know');
  return document;
}
