/**
 * What TLS speaks with viewers, by the security policy of a distribution (the table of edge contract
 * 1.2), as far as it is safe and the platform has it. SSL 3.0, TLS 1.0 and 1.1, RC4 and 3DES are left
 * out of every row: what only speaks these is refused, and policies that differ in nothing else are
 * one row here. Ciphers stand in the order of preference, which is the server's.
 *
 * OpenSSL settles on a version, and for TLS 1.3 on a cipher, before it asks whose name a viewer wants;
 * of a name's own row a context can then only bound the ciphers of TLS 1.2. So who has shaken hands is
 * looked at once more, by `permits`.
 */
import { constants } from 'node:crypto';
import type { SecureContextOptions } from 'node:tls';
import { type TlsPolicy, tlsPolicies } from '../model/distribution.ts';

const ciphers: readonly string[] = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES128-SHA256',
  'ECDHE-RSA-AES128-SHA256',
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-RSA-AES128-SHA',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES256-SHA384',
  'ECDHE-RSA-AES256-SHA384',
  'ECDHE-ECDSA-AES256-SHA',
  'ECDHE-RSA-AES256-SHA',
  'AES128-GCM-SHA256',
  'AES256-GCM-SHA384',
  'AES128-SHA256',
  'AES256-SHA',
  'AES128-SHA',
];

/** What each row drops against the one above it; the last speaks TLS 1.3 alone, with all it has. */
const dropped: Readonly<Partial<Record<TlsPolicy, RegExp>>> = {
  'TLSv1.2_2018': /-SHA$/,
  // Key exchange by RSA.
  'TLSv1.2_2019': /^AES/,
  // CBC.
  'TLSv1.2_2021': /(?<!GCM)-SHA(?:256|384)$/,
  'TLSv1.2_2025': /CHACHA20/,
};

export type TlsRow = {
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly ciphers: readonly string[];
};

const rows = new Map<TlsPolicy, TlsRow>();
let above: TlsRow = { minVersion: 'TLSv1.2', ciphers };
for (const policy of tlsPolicies) {
  const drops = dropped[policy];
  if (policy === 'TLSv1.3_2025') {
    above = { minVersion: 'TLSv1.3', ciphers: ciphers.filter((name) => name.startsWith('TLS_')) };
  } else if (drops !== undefined) {
    above = { ...above, ciphers: above.ciphers.filter((name) => !drops.test(name)) };
  }
  rows.set(policy, above);
}

/** That of a distribution on the default certificate, and of who asks for no name that is served. */
export const usualRow = rowOf('TLSv1');

/** Policies that come to the same have the same row. */
export function rowOf(policy: TlsPolicy): TlsRow {
  return rows.get(policy) ?? above;
}

/** `protocol` and `cipher` as Node names them. */
export function permits(row: TlsRow, protocol: string, cipher: string): boolean {
  return (row.minVersion === 'TLSv1.2' || protocol === 'TLSv1.3') && row.ciphers.includes(cipher);
}

/** A mark before a group: where the platform has it. */
const groups = '?X25519MLKEM768:?SecP256r1MLKEM768:X25519:P-256:P-384';

/** How long a viewer may come back to a session without a whole handshake. */
const sessionS = 3_600;

/** For every context of an edge: sessions are shared by its workers and by its certificates. */
export function tlsOptions({ ciphers: allowed, minVersion }: TlsRow) {
  return {
    minVersion,
    maxVersion: 'TLSv1.3',
    ciphers: allowed.join(':'),
    honorCipherOrder: true,
    ecdhCurve: groups,
    // Within TLS 1.2 a viewer may not begin another handshake: it would cost as much as the first one
    // and be counted nowhere.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    sessionTimeout: sessionS,
    sessionIdContext: 'warmfront edge',
    // Viewers are not asked for certificates, so there is nobody to trust.
    ca: [],
  } as const satisfies SecureContextOptions;
}
