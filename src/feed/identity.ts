/**
 * Who an edge machine is to the API, and whom it trusts to be the API: by a token, or by a key of its
 * own with a certificate of the local authority, behind which that one's own certificate stands.
 */
import { createPrivateKey, diffieHellman, type KeyObject, X509Certificate } from 'node:crypto';
import { edgeSealingKey, type EdgeToken, isEdgeKey } from '../model/edge-token.ts';
import { readPem } from '../model/pem.ts';

export type EdgeIdentity = {
  /** Sent with each request, once it is known that the API is the right one. */
  readonly headers: Readonly<Record<string, string>>;
  /** Shown in each handshake; PEM, both. */
  readonly shown: { readonly cert: string; readonly key: string } | undefined;
  /** Opens what the API seals for this edge alone. */
  readonly sealingKey: Uint8Array;
  /** The authority that certifies the API: its certificate in PEM, or the hash of its key. */
  readonly trusts:
    | { readonly kind: 'certificate'; readonly certificate: string }
    | { readonly kind: 'fingerprint'; readonly fingerprint: string };
  /** When it ends by itself, if it does. */
  readonly endsAtMs: number | undefined;
};

/** What is wrong with files that should hold an identity; a sentence without a full stop. */
export class IdentityFault extends Error {
  override readonly name = 'IdentityFault';
}

export function identityByToken({ authority, secret }: EdgeToken): EdgeIdentity {
  return {
    headers: { authorization: `Bearer ${secret}` },
    shown: undefined,
    sealingKey: edgeSealingKey(secret),
    trusts: { kind: 'fingerprint', fingerprint: authority },
    endsAtMs: undefined,
  };
}

/** `certificates` and `key` are in PEM. Throws an IdentityFault. */
export function identityByCertificate(
  edge: string,
  { certificates, key: keyText }: { readonly certificates: string; readonly key: string },
): EdgeIdentity {
  const [own, authority, ...others] = readCertificates(certificates);
  if (own === undefined || authority === undefined || others.length > 0) {
    fault('it holds no certificate of an edge with that of the authority behind it');
  }
  const key = readKey(keyText);
  if (!isEdgeKey(own.publicKey) || !own.checkPrivateKey(key)) {
    fault('it is not for the key that is given');
  }
  if (!authority.ca || !own.checkIssued(authority) || !own.verify(authority.publicKey)) {
    fault('the second certificate is not that of the authority which signed the first');
  }
  if (!isEdgeKey(authority.publicKey)) fault('the authority has another kind of key than ours has');
  if (own.subject !== `CN=${edge}`) {
    fault(`it is that of ${own.subject.replace(/^CN=/, 'edge ')}, and not of ${edge}`);
  }
  return {
    headers: {},
    shown: { cert: own.toString(), key: keyText },
    sealingKey: edgeSealingKey(diffieHellman({ privateKey: key, publicKey: authority.publicKey })),
    trusts: { kind: 'certificate', certificate: authority.toString() },
    endsAtMs: own.validToDate.getTime(),
  };
}

function readCertificates(text: string): readonly X509Certificate[] {
  try {
    return readPem(text).map(({ pem }) => new X509Certificate(pem));
  } catch {
    return fault('it holds something else than certificates in PEM');
  }
}

function readKey(text: string): KeyObject {
  try {
    return createPrivateKey(text);
  } catch {
    return fault('the file of its key holds no private key in PEM');
  }
}

function fault(why: string): never {
  throw new IdentityFault(why);
}
