/**
 * Connections to origins: one attempt of bounded time, name look-up and TLS handshake included (edge
 * contract 10.3, rule 6), to addresses that the rule on private networks lets pass.
 *
 * TLS is verified against the public roots and the operator's own authorities; the name asked for
 * and verified is the origin's, and the versions spoken are those that it names (10.2).
 */
import { constants } from 'node:crypto';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import {
  connect as connectTls,
  createSecureContext,
  rootCertificates,
  type SecureContext,
} from 'node:tls';
import type { Clock } from '../base/clock.ts';
import type { TlsProtocol } from '../model/distribution.ts';
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
  /** Of TLS; TLS 1.3 goes with 1.2. */
  readonly tlsProtocols: readonly TlsProtocol[];
  /** The family of addresses that its name is looked up by; undefined: whatever it has. */
  readonly family: 4 | 6 | undefined;
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
  /** By the versions that may be spoken. */
  readonly #secureContexts = new Map<string, SecureContext>();

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
        (all) => {
          if (expired) return undefined;
          const { family } = endpoint;
          const addresses = all.filter((one) => family === undefined || one.family === family);
          if (addresses.length === 0) {
            cancel();
            reject(new OriginFailure('dns', 'no-address', { retryable: false }));
            return undefined;
          }
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

  #tls({ tlsName, tlsProtocols }: Endpoint) {
    return {
      secureContext: this.#contextFor(tlsProtocols),
      // An address is no name for SNI (RFC 6066 §3); its certificate is verified all the same.
      servername: isIP(tlsName) === 0 ? tlsName : '',
      host: tlsName,
      ALPNProtocols: ['http/1.1'],
    } as const;
  }

  #contextFor(protocols: readonly TlsProtocol[]): SecureContext {
    const key = protocols.toSorted().join(' ');
    const known = this.#secureContexts.get(key);
    if (known !== undefined) return known;
    const made = createSecureContext({ ca: this.#authorities(), ...versionsOf(protocols) });
    this.#secureContexts.set(key, made);
    return made;
  }

  #authorities(): string[] {
    const { authorities } = this.#parts;
    return authorities === undefined ? [...rootCertificates] : [...rootCertificates, authorities];
  }
}

const without = {
  TLSv1: constants.SSL_OP_NO_TLSv1,
  'TLSv1.1': constants.SSL_OP_NO_TLSv1_1,
  // TLS 1.3 goes with it (edge contract 10.2, rule 4).
  'TLSv1.2': constants.SSL_OP_NO_TLSv1_2 | constants.SSL_OP_NO_TLSv1_3,
} as const;

/**
 * SSL 3.0 is in no OpenSSL that this runs on, so an origin for which nothing else may be spoken is not
 * reached. What TLS 1.0 and 1.1 sign with is allowed only where one of these is.
 */
function versionsOf(protocols: readonly TlsProtocol[]) {
  let secureOptions = 0;
  for (const [version, option] of Object.entries(without)) {
    if (!protocols.some((one) => one === version)) secureOptions |= option;
  }
  const isOld = protocols.includes('TLSv1') || protocols.includes('TLSv1.1');
  return isOld
    ? ({ minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0', secureOptions } as const)
    : ({ minVersion: 'TLSv1.2', secureOptions } as const);
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
