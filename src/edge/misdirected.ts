/**
 * Whether a request came on a connection that was not made for its host (edge contract 1.1, rule 9):
 * the viewer asked TLS for one name and HTTP for another, and these belong to different accounts, or
 * the certificate it was shown does not cover the host. Who asks for the same name twice, or for none
 * by TLS and one that the default certificate covers, is where it wants to be. Nor may the host's
 * security policy be got round by the name of another.
 */
import type { Certificates } from './certificates.ts';
import type { RoutingEntry, RoutingTable } from './routing-table.ts';
import { permits, rowOf } from './tls-policy.ts';
import type { ViewerTls } from './viewer.ts';

export type MisdirectedParts = {
  readonly routing: Pick<RoutingTable, 'find'>;
  /** Undefined where nothing is served over TLS. */
  readonly certificates?: Pick<Certificates, 'covers'> | undefined;
};

/** `host` as `parseHost` gives it, and what the routing table has for it. */
export function isMisdirected(
  { certificates, routing }: MisdirectedParts,
  tls: ViewerTls | undefined,
  host: string,
  entry: RoutingEntry,
): boolean {
  if (tls === undefined || tls.serverName === host || certificates === undefined) return false;
  const { serverName } = tls;
  const meant = serverName === undefined ? undefined : routing.find(serverName);
  if (meant?.state === 'serving' && meant.account !== entry.account) return true;
  return (
    !certificates.covers(serverName, host) ||
    !permits(rowOf(entry.tlsPolicy), tls.protocol, tls.cipher)
  );
}
