/**
 * The listener that speaks TLS. It takes connections itself and hands them to Node's TLS server one
 * by one, so that the handshakes under way are bounded: each costs more than a request does, and is
 * paid for before anybody is known.
 *
 * Sessions can be taken up again at any worker of the edge location, by tickets whose keys all of
 * them share; they are exchanged together, which costs viewers one whole handshake.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer, TLSSocket } from 'node:tls';
import type { Recorder } from '../base/recorder.ts';
import type { EdgeBounds } from './bounds.ts';
import type { Certificates } from './certificates.ts';
import type { CertificateAndKey, TlsSettings } from './settings.ts';
import { permits, tlsOptions, usualRow } from './tls-policy.ts';

export type SecureListenerParts = {
  readonly tls: Pick<TlsSettings, 'certificate' | 'key' | 'ticketKeys'>;
  readonly certificates: Pick<Certificates, 'contextFor' | 'renewDefault' | 'rowFor'>;
  readonly bounds: EdgeBounds;
  readonly recorder: Recorder;
  /** Whether the distribution of that name lets viewers speak HTTP/2; empty where none was asked for. */
  readonly speaksHttp2: (serverName: string) => boolean;
  /** Whether there is room for it; it is closed where there is none. */
  readonly admit: (socket: Socket) => boolean;
  readonly accept: (socket: TLSSocket) => void;
};

export class SecureListener {
  /** Listens; the caller starts and closes it. */
  readonly server: Server;
  readonly #parts: SecureListenerParts;
  readonly #tls: TlsServer;
  /** Every connection, its handshake done or not. */
  readonly #open = new Set<Socket>();
  #secured = 0;
  #ticketKeys: Buffer;

  constructor(parts: SecureListenerParts) {
    const { bounds, certificates, tls } = parts;
    this.#parts = parts;
    this.#ticketKeys = Buffer.from(tls.ticketKeys);
    this.server = createServer({ noDelay: true }, (socket) => this.#connect(socket));
    this.#tls = createTlsServer({
      ...this.#contextOptions(tls),
      ALPNCallback: ({ protocols, servername }) => {
        // In the server's order of preference; a viewer that speaks neither is refused.
        if (protocols.includes('h2') && parts.speaksHttp2(nameOf(servername))) return 'h2';
        return protocols.includes('http/1.1') ? 'http/1.1' : undefined;
      },
      handshakeTimeout: bounds.handshakeMsMax,
      SNICallback(this: unknown, serverName, done) {
        const takesEc = (): boolean => takesEcKeys(this);
        certificates.contextFor({ serverName, takesEc }, (context) => done(null, context));
      },
    });
    this.#tls.on('secureConnection', (socket) => this.#secure(socket));
    this.#tls.on('tlsClientError', (error, socket) => {
      const code = 'code' in error ? error.code : undefined;
      const why = 'reason' in error ? error.reason : error.message;
      const { remoteAddress: address } = socket;
      parts.recorder.debug({ code, why, address }, 'a TLS handshake failed');
      socket.destroy();
    });
  }

  /** From now on; connections that stand are not touched. */
  renewCertificate(renewed: CertificateAndKey): void {
    this.#parts.certificates.renewDefault(renewed);
    this.#tls.setSecureContext(this.#contextOptions(renewed));
  }

  renewTicketKeys(keys: Uint8Array): void {
    this.#ticketKeys = Buffer.from(keys);
    this.#tls.setTicketKeys(this.#ticketKeys);
  }

  /** Those whose handshake is not done, and all others that are left. */
  destroyConnections(): void {
    for (const socket of this.#open) socket.destroy();
  }

  #contextOptions({ certificate, key }: CertificateAndKey) {
    return {
      ...tlsOptions(usualRow),
      ca: [],
      cert: certificate,
      key,
      ticketKeys: this.#ticketKeys,
    };
  }

  #connect(socket: Socket): void {
    const handshakes = this.#open.size - this.#secured;
    if (handshakes >= this.#parts.bounds.handshakesMax) {
      socket.destroy();
      return;
    }
    if (!this.#parts.admit(socket)) return;
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    this.#tls.emit('connection', socket);
  }

  #secure(socket: TLSSocket): void {
    if (!this.#isPermitted(socket)) {
      // It is among those whose handshake is not done until it is closed.
      socket.destroy();
      return;
    }
    this.#secured += 1;
    // A viewer may end its side once it has asked, and is answered all the same; but not before.
    socket.allowHalfOpen = true;
    socket.once('close', () => {
      this.#secured -= 1;
    });
    this.#parts.accept(socket);
  }

  /** What the context of the name could not rule out: a version, a cipher of TLS 1.3, a session of before. */
  #isPermitted(socket: TLSSocket): boolean {
    const row = this.#parts.certificates.rowFor(nameOf(socket.servername));
    if (row === usualRow) return true;
    const [protocol, { name: cipher }] = [socket.getProtocol() ?? '', socket.getCipher()];
    if (permits(row, protocol, cipher)) return true;
    const { remoteAddress: address } = socket;
    this.#parts.recorder.debug(
      { protocol, cipher, address },
      'the security policy of the distribution does not allow what TLS settled on',
    );
    return false;
  }
}

/** Node says `false` where no name was asked for, though its types know of texts alone. */
function nameOf(serverName: unknown): string {
  return typeof serverName === 'string' ? serverName : '';
}

/**
 * Node calls back as a method of the connection, though it does not promise to: where it should not,
 * a viewer is taken for one that can verify keys on curves, as nearly all can.
 */
function takesEcKeys(connection: unknown): boolean {
  if (!(connection instanceof TLSSocket)) return true;
  return connection.getSharedSigalgs().some((one) => one.startsWith('ECDSA+'));
}
