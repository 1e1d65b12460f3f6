/**
 * Which edge sends a request to the feed: by a token, or by a certificate of the local authority that
 * it showed when the connection was made. Both are for one edge, and what else a request says of the
 * edge has to agree with that.
 *
 * Of a certificate OpenSSL has judged, in the handshake, whether this authority signed it, for the use
 * of a client. Here it is judged whether its key is registered still, and again whether it has ended,
 * since connections last longer than handshakes.
 */
import type { KeyObject, X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { Clock } from '../../base/clock.ts';
import { isLoopbackHost } from '../../base/listen-address.ts';
import {
  edgeSealingKey,
  hashOfEdgeKey,
  hashOfEdgeSecret,
  isEdgeKey,
  isEdgeSecret,
} from '../../model/edge-token.ts';
import { NotTaken } from './not-taken.ts';

export type Sender = {
  readonly edge: string;
  /** Seals private keys on their way to this edge. */
  readonly sealingKey: () => Uint8Array;
  /** Whether what it came by still is the edge's. */
  readonly isAllowed: () => boolean;
};

export type SenderParts = {
  readonly clock: Pick<Clock, 'now'>;
  /** The edge whose token has a secret of this hash, or whose certificate a key of it. */
  readonly edgeOfToken: (hash: string) => string | undefined;
  /** What the local authority and the holder of this key know together. */
  readonly agreeWith: (publicKey: KeyObject) => Uint8Array;
};

/** Throws a NotTaken. */
export function senderOf(request: IncomingMessage, parts: SenderParts): Sender {
  const sender = byToken(request, parts) ?? byCertificate(request, parts);
  if (sender === undefined) {
    const why = 'An edge shows a token, or a certificate of the local authority.';
    throw new NotTaken(401, 'InvalidEdgeToken', why);
  }
  if (request.headers['warmfront-edge'] !== sender.edge) {
    const shown = request.headers.authorization === undefined ? 'certificate' : 'token';
    const why = `The ${shown} is that of edge ${sender.edge}, and of no other.`;
    throw new NotTaken(403, 'AccessDenied', why);
  }
  return sender;
}

function byToken(
  { headers, socket }: IncomingMessage,
  { edgeOfToken }: SenderParts,
): Sender | undefined {
  if (headers.authorization === undefined) return undefined;
  const isEncrypted = socket instanceof TLSSocket;
  if (!isEncrypted && !isLoopbackHost(plainAddress(socket.remoteAddress))) {
    const why = 'A token is taken over TLS only. Revoke this one, since others may have read it.';
    throw new NotTaken(403, 'AccessDenied', why);
  }
  const [, secret = ''] = /^Bearer (\S+)$/.exec(headers.authorization) ?? [];
  const hash = hashOfEdgeSecret(secret);
  const edge = isEdgeSecret(secret) ? edgeOfToken(hash) : undefined;
  if (edge === undefined) {
    const why = 'The token is not known here: it was revoked, or is that of another installation.';
    throw new NotTaken(401, 'InvalidEdgeToken', why);
  }
  return {
    edge,
    sealingKey: () => edgeSealingKey(secret),
    isAllowed: () => edgeOfToken(hash) === edge,
  };
}

function byCertificate(
  { socket }: IncomingMessage,
  { agreeWith, clock, edgeOfToken }: SenderParts,
): Sender | undefined {
  const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
  if (certificate === undefined || !(socket instanceof TLSSocket)) return undefined;
  const { publicKey, validToDate } = certificate;
  const hasEnded = (): boolean => clock.now() >= validToDate.getTime();
  if (hasEnded()) {
    const ended = validToDate.toISOString();
    throw new NotTaken(401, 'InvalidEdgeCertificate', `The certificate ended at ${ended}.`);
  }
  if (!socket.authorized || !isEdgeKey(publicKey)) {
    const why = `The certificate is not one that the local authority gives to edges: ${socket.authorizationError}.`;
    throw new NotTaken(401, 'InvalidEdgeCertificate', why);
  }
  const hash = hashOfEdgeKey(publicKey);
  const edge = edgeOfToken(hash);
  if (edge === undefined || edge !== nameIn(certificate)) {
    const why = 'The certificate is not known here: it was revoked, or its edge has another key.';
    throw new NotTaken(401, 'InvalidEdgeCertificate', why);
  }
  return {
    edge,
    sealingKey: () => edgeSealingKey(agreeWith(publicKey)),
    isAllowed: () => edgeOfToken(hash) === edge && !hasEnded(),
  };
}

function nameIn({ subject }: X509Certificate): string | undefined {
  return /^CN=([^\n]+)$/.exec(subject)?.[1];
}

/** Node writes addresses of IPv4 as IPv6 where it listens to both. */
function plainAddress(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:/, '');
}
