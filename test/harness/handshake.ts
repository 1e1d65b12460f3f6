/** TLS handshakes as a viewer makes them, and what it was shown. */
import { X509Certificate } from 'node:crypto';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';

export type Shown = {
  /** The DNS names of the certificate. */
  readonly names: readonly string[];
  /** SHA-256, hexadecimal digits in lower case. */
  readonly fingerprint: string;
  readonly kind: string;
  /** How many certificates came, the server's own included. */
  readonly chainLength: number;
  /** Why the viewer would not trust it; undefined: it does. */
  readonly distrust: string | undefined;
  readonly protocol: string;
  readonly cipher: string;
  readonly alpn: string | false | null;
  readonly isReused: boolean;
};

const handshakeMsMax = 20_000;

/** Resolves once the handshake is done, trusted or not; rejects where it fails. */
export async function handshake(port: number, options: ConnectionOptions = {}): Promise<Shown> {
  const socket = await connected(port, options);
  const shown = shownBy(socket);
  socket.destroy();
  return shown;
}

/** Of a whole handshake: what the next one takes as `session`, to do with less. */
export async function sessionOf(port: number, options: ConnectionOptions = {}): Promise<Buffer> {
  const given = Promise.withResolvers<Buffer>();
  // In TLS 1.3 tickets come after the handshake.
  const socket = await connected(port, options, given.resolve);
  socket.once('close', () => given.reject(new Error('no session was given')));
  try {
    return await given.promise;
  } finally {
    socket.destroy();
  }
}

async function connected(
  port: number,
  options: ConnectionOptions,
  onSession: (session: Buffer) => void = () => undefined,
): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
  const late = setTimeout(() => socket.destroy(new Error('no handshake in time')), handshakeMsMax);
  socket.once('session', onSession);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve);
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('the connection was closed')));
    });
  } finally {
    clearTimeout(late);
    socket.on('error', () => undefined);
  }
  return socket;
}

/** Resolves with the code of the fault, where the handshake fails. */
export async function faultOfHandshake(
  port: number,
  options: ConnectionOptions = {},
): Promise<string> {
  try {
    await handshake(port, options);
  } catch (error) {
    if (error instanceof Error) return 'code' in error ? String(error.code) : error.message;
  }
  return 'none';
}

function shownBy(socket: TLSSocket): Shown {
  const peer = socket.getPeerX509Certificate();
  const authorizationError: unknown = socket.authorizationError;
  let chainLength = 0;
  for (let one = peer; one !== undefined; one = one.issuerCertificate) chainLength += 1;
  const names = (peer?.subjectAltName ?? '')
    .split(', ')
    .filter((name) => name.startsWith('DNS:'))
    .map((name) => name.slice('DNS:'.length));
  return {
    names,
    fingerprint: fingerprintOf(peer),
    kind: peer?.publicKey.asymmetricKeyType ?? 'none',
    chainLength,
    distrust: socket.authorized ? undefined : String(authorizationError),
    protocol: socket.getProtocol() ?? '',
    cipher: socket.getCipher().name,
    alpn: socket.alpnProtocol,
    isReused: socket.isSessionReused(),
  };
}

export function fingerprintOf(certificate: X509Certificate | string | undefined): string {
  const parsed = typeof certificate === 'string' ? new X509Certificate(certificate) : certificate;
  return (parsed?.fingerprint256 ?? '').replaceAll(':', '').toLowerCase();
}
