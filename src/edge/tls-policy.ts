/**
 * What TLS speaks with viewers (edge contract 1.2): the row `TLSv1`, which is that of distributions
 * on the default certificate, as far as it is safe and the platform has it. TLS 1.0, TLS 1.1 and
 * 3DES are left out: what only speaks these is refused. Ciphers stand in the order of preference,
 * which is the server's.
 */
import { constants } from 'node:crypto';
import type { SecureContextOptions } from 'node:tls';

const ciphers = [
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
].join(':');

/** A mark before a group: where the platform has it. */
const groups = '?X25519MLKEM768:?SecP256r1MLKEM768:X25519:P-256:P-384';

/** How long a viewer may come back to a session without a whole handshake. */
const sessionS = 3_600;

/** For every context of an edge: sessions are shared by its workers and by its certificates. */
export const tlsPolicy = {
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  ciphers,
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
