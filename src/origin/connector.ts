/**
 * Connections to origins: one attempt of bounded time, name look-up and TLS handshake included (edge
 * contract 10.3, rule 6), to addresses that the rule on private networks lets pass.
 *
 * TLS is verified against the public roots and the operator's own authorities; the name asked for
 * and verified is the origin's (10.2).
 */
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import {
  connect as connectTls,
  createSecureContext,
  rootCertificates,
  type SecureContext,
} from 'node:tls';
import type { Clock } from '../base/clock.ts';
import { swallowContinue } from './continue-filter.ts';
import type { Address, NameResolver } from './name-resolver.ts';
import { OriginFailure } from './origin-failure.ts';
import { raceAddresses } from './race.ts';

export type Endpoint = {
  readonly scheme: 'http' | 'https';
  /** Where to connect: a name, or an address without brackets. */
  readonly host: string;
  readonly port: number;
  /** The name that TLS asks for and verifies. */
  readonly tlsName: string;
  /** The operator named this place, so it may be private. */
  readonly trusted: boolean;
  /** Of one attempt. */
  readonly connectTimeoutMs: number;
};

export type ConnectorParts = {
  readonly clock: Clock;
  readonly resolver: NameResolver;
  readonly privateOrigins: 'allow' | 'refuse';
  /** PEM; trusted beside the public roots. */
  readonly authorities: string | undefined;
};

type Opened = (result: Socket | OriginFailure) => void;

export class Connector {
  readonly #parts: ConnectorParts;
  #secureContext: SecureContext | undefined;

  constructor(parts: ConnectorParts) {
    this.#parts = parts;
  }

  /** Rejects with an `OriginFailure`. */
  connect(endpoint: Endpoint): Promise<Socket> {
    const { clock, privateOrigins, resolver } = this.#parts;
    const allowed = endpoint.trusted || privateOrigins === 'allow' ? 'all' : 'public';
    return new Promise((resolve, reject) => {
      let expired = false;
      let giveUp: (() => void) | undefined;
      const cancel = clock.after(endpoint.connectTimeoutMs, () => {
        expired = true;
        reject(new OriginFailure('connect', 'timeout', { retryable: true }));
        giveUp?.();
      });
      resolver.resolve(endpoint.host, allowed).then(
        (addresses) => {
          if (expired) return undefined;
          giveUp = this.#open(endpoint, addresses, (result) => {
            cancel();
            if (result instanceof OriginFailure) reject(result);
            else resolve(result);
          });
          return undefined;
        },
        (failure: unknown) => {
          cancel();
          reject(failure);
        },
      );
    });
  }

  /** The answer ends it. The addresses that were judged are the ones connected to. */
  #open(endpoint: Endpoint, addresses: readonly Address[], done: Opened): () => void {
    const { clock } = this.#parts;
    const { port, scheme } = endpoint;
    let secured: Socket | undefined;
    const giveUp = raceAddresses({
      clock,
      addresses,
      dial: ({ address }) => connectTcp({ host: address, port, noDelay: true, keepAlive: true }),
      won: (socket) => {
        if (scheme === 'http') done(swallowContinue(socket));
        else secured = this.#secure(endpoint, socket, done);
      },
      lost: (cause) => done(unconnected(cause)),
    });
    return () => {
      giveUp();
      secured?.destroy();
    };
  }

  #secure(endpoint: Endpoint, connected: Socket, done: Opened): Socket {
    const socket = connectTls({ ...this.#tls(endpoint), socket: connected });
    socket.once('secureConnect', () => done(swallowContinue(socket)));
    // Stays for the life of the socket, as the one of the connection below it.
    socket.on('error', (cause) => done(unsecured(cause)));
    return socket;
  }

  #tls({ tlsName }: Endpoint) {
    this.#secureContext ??= createSecureContext({
      ca: this.#authorities(),
      minVersion: 'TLSv1.2',
    });
    return {
      secureContext: this.#secureContext,
      // An address is no name for SNI (RFC 6066 §3); its certificate is verified all the same.
      servername: isIP(tlsName) === 0 ? tlsName : '',
      host: tlsName,
      ALPNProtocols: ['http/1.1'],
    } as const;
  }

  #authorities(): string[] {
    const { authorities } = this.#parts;
    return authorities === undefined ? [...rootCertificates] : [...rootCertificates, authorities];
  }
}

function unconnected(cause: Error): OriginFailure {
  const reason = codeOf(cause) === 'ETIMEDOUT' ? 'timeout' : 'unreachable';
  return new OriginFailure('connect', reason, { retryable: true, cause });
}

function unsecured(cause: Error): OriginFailure {
  const code = codeOf(cause);
  return code === 'ECONNRESET' || code === 'EPIPE'
    ? new OriginFailure('tls', 'closed', { retryable: true, cause })
    : new OriginFailure('tls', 'untrusted', { retryable: false, cause });
}

function codeOf(cause: Error): unknown {
  return 'code' in cause ? cause.code : undefined;
}
