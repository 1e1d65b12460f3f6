/**
 * Connections to origins: one attempt of bounded time, name look-up and TLS handshake included (edge
 * contract 10.3, rule 6), to addresses that the rule on private networks lets pass.
 *
 * TLS is verified against the public roots and the operator's own authorities; the name asked for
 * and verified is the origin's (10.2).
 */
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net';
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

export type Endpoint = {
  readonly scheme: 'http' | 'https';
  /** Where to connect: a name, or an address without brackets. */
  readonly host: string;
  readonly port: number;
  /** The name that TLS asks for and verifies. */
  readonly tlsName: string;
  /** The operator named this place, so it may be private. */
  readonly trusted: boolean;
};

export type ConnectorParts = {
  readonly clock: Clock;
  readonly resolver: NameResolver;
  readonly privateOrigins: 'allow' | 'refuse';
  /** PEM; trusted beside the public roots. */
  readonly authorities: string | undefined;
  readonly timeoutMs: number;
};

/** How long one of several addresses is tried before the next one is tried beside it. */
const nextAddressMs = 1_000;

export class Connector {
  readonly #parts: ConnectorParts;
  #secureContext: SecureContext | undefined;

  constructor(parts: ConnectorParts) {
    this.#parts = parts;
  }

  /** Rejects with an `OriginFailure`. */
  connect(endpoint: Endpoint): Promise<Socket> {
    const { clock, privateOrigins, resolver, timeoutMs } = this.#parts;
    const allowed = endpoint.trusted || privateOrigins === 'allow' ? 'all' : 'public';
    return new Promise((resolve, reject) => {
      let expired = false;
      let opening: Socket | undefined;
      const cancel = clock.after(timeoutMs, () => {
        expired = true;
        reject(new OriginFailure('connect', 'timeout', { retryable: true }));
        opening?.destroy();
      });
      resolver.resolve(endpoint.host, allowed).then(
        (addresses) => {
          if (expired) return undefined;
          opening = this.#open(endpoint, addresses, (failure, socket) => {
            cancel();
            if (failure === undefined) resolve(socket);
            else reject(failure);
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

  #open(
    endpoint: Endpoint,
    addresses: readonly Address[],
    done: (failure: OriginFailure | undefined, socket: Socket) => void,
  ): Socket {
    const { host, port, scheme } = endpoint;
    const options = {
      host,
      port,
      lookup: known(addresses),
      autoSelectFamilyAttemptTimeout: nextAddressMs,
      noDelay: true,
      keepAlive: true,
    };
    let at: 'connect' | 'tls' = 'connect';
    const socket =
      scheme === 'http' ? connectTcp(options) : connectTls({ ...options, ...this.#tls(endpoint) });
    socket.once('connect', () => {
      at = 'tls';
    });
    socket.once(scheme === 'http' ? 'connect' : 'secureConnect', () => {
      done(undefined, swallowContinue(socket));
    });
    // Stays for the life of the socket: a fault between two owners must not end the process.
    socket.on('error', (cause) => done(asFailure(at, cause), socket));
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
      ALPNProtocols: ['http/1.1'],
    } as const;
  }

  #authorities(): string[] {
    const { authorities } = this.#parts;
    return authorities === undefined ? [...rootCertificates] : [...rootCertificates, authorities];
  }
}

/** The addresses that were judged are the ones connected to; the name is not looked up again. */
function known(addresses: readonly Address[]): LookupFunction {
  return (_name, { all }, callback) => {
    const [first] = addresses;
    if (all === true) callback(null, [...addresses]);
    else callback(null, first?.address ?? '', first?.family);
  };
}

function asFailure(at: 'connect' | 'tls', cause: Error): OriginFailure {
  const code = 'code' in cause ? cause.code : undefined;
  if (at === 'connect') {
    const reason = code === 'ETIMEDOUT' ? 'timeout' : 'unreachable';
    return new OriginFailure('connect', reason, { retryable: true, cause });
  }
  if (code === 'ECONNRESET' || code === 'EPIPE') {
    return new OriginFailure('tls', 'closed', { retryable: true, cause });
  }
  return new OriginFailure('tls', 'untrusted', { retryable: false, cause });
}
