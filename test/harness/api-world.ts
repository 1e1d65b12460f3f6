/**
 * The API on a real socket over a real control plane on a log in memory, with a clock that stands
 * still and one edge that takes changes when it is told to.
 */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createKeyring, type Credential, defaultCredential } from '../../src/api/credentials.ts';
import { createApiHandler } from '../../src/api/handler.ts';
import { apiServerOptions, guardApiServer } from '../../src/api/listener.ts';
import type { Service } from '../../src/api/operation.ts';
import type { Protocol } from '../../src/api/routes.ts';
import type { Clock } from '../../src/base/clock.ts';
import type { Cursor } from '../../src/base/log-record.ts';
import type { Randomness } from '../../src/base/randomness.ts';
import { type Recorder, silentRecorder } from '../../src/base/recorder.ts';
import { sealingKeyBytes } from '../../src/base/sealing.ts';
import { type ControlPlane, createControl } from '../../src/control/control-plane.ts';
import type { ChangeLog } from '../../src/log/log.ts';
import { MemoryLog } from '../../src/log/memory.ts';
import { accountId } from '../../src/model/ids.ts';
import { createLimits, type Limits } from '../../src/model/limits.ts';
import { makeCertificate } from './test-certificates.ts';

const authority = makeCertificate({ commonName: 'authority', isAuthority: true });

export const domain = 'cloudfront.localhost';

/** A second account, so that what belongs to one can be seen from the other. */
export const otherCredential: Credential = {
  accessKeyId: 'other',
  secretAccessKey: 'other-secret',
  accountId: accountId('111122223333'),
};

export type ApiWorldOptions = {
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly recorder?: Recorder;
  readonly limits?: Partial<Limits>;
  readonly allowReset?: boolean;
  readonly publicEndpoint?: string;
  /** Otherwise nobody can tell where names lead. */
  readonly pointingOf?: Service['pointingOf'];
  /** In the place of those that are served. */
  readonly protocols?: readonly Protocol[];
};

export class ApiWorld {
  readonly port: number;
  readonly control: ControlPlane;
  readonly #server: Server;
  readonly #log: ChangeLog;
  readonly #faults: Faults;
  readonly #closing: AbortController;

  static async start(options: ApiWorldOptions): Promise<ApiWorld> {
    const { clock, randomness, recorder = silentRecorder } = options;
    const limits = createLimits(options.limits);
    const keyring = createKeyring([defaultCredential, otherCredential]);
    const log = new MemoryLog({ clock, randomness });
    const faults: Faults = { serving: undefined, logIsFull: false, controlIsBroken: false };
    const control = await createControl({
      log: fillable(log, faults),
      presence: {
        async live(signal) {
          const head = await log.head(signal);
          const { serving } = faults;
          const report = {
            edge: 'local1',
            session: 1,
            beat: 1,
            state: 'serving' as const,
            serving,
          };
          return { head, reports: [report], settled: true, reached: undefined };
        },
        latch: async () => undefined,
      },
      clock,
      randomness,
      recorder,
      limits,
      domain,
      accounts: keyring.accounts,
      sealingKey: new Uint8Array(sealingKeyBytes),
    });
    await control.registerEdges(['local1']);
    const closing = new AbortController();
    const server = createServer(apiServerOptions);
    guardApiServer(server, { clock, randomness, recorder });
    server.on(
      'request',
      createApiHandler(
        {
          control: breakable(control, faults),
          limits,
          publicEndpoint: () => options.publicEndpoint ?? 'https://cdn.example:4443',
          authorityCertificate: (await authority).certificate,
          certifyEdge: async () => ({ certificate: 'certificate', endsAt: clock.now() }),
          legacyMinimumTtlS: 3_600,
          pointingOf: options.pointingOf ?? (async () => ({ kind: 'unknown', why: 'no DNS' })),
          allowReset: options.allowReset ?? true,
          memoryOnly: true,
          isDraining: () => false,
          viewerMetrics: () => [],
          keyring,
          clock,
          randomness,
          recorder,
          closing: closing.signal,
        },
        options.protocols,
      ),
    );
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    assert(isTcp(address), 'the server listens on TCP');
    return new ApiWorld(address.port, control, server, log, faults, closing);
  }

  private constructor(
    port: number,
    control: ControlPlane,
    server: Server,
    log: ChangeLog,
    faults: Faults,
    closing: AbortController,
  ) {
    this.port = port;
    this.control = control;
    this.#server = server;
    this.#log = log;
    this.#faults = faults;
    this.#closing = closing;
  }

  /** The edge serves all that was written so far, and nothing that comes later. */
  async edgeCatchesUp(): Promise<Cursor> {
    const head = await this.#log.head(AbortSignal.timeout(1_000));
    this.#faults.serving = head;
    return head;
  }

  logFills(): void {
    this.#faults.logIsFull = true;
  }

  controlBreaks(): void {
    this.#faults.controlIsBroken = true;
  }

  async stop(): Promise<void> {
    this.#closing.abort();
    this.#server.closeAllConnections();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
    await this.control.close();
    await this.#log.close();
  }
}

type Faults = { serving: Cursor | undefined; logIsFull: boolean; controlIsBroken: boolean };

function isTcp(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}

function fillable(log: ChangeLog, faults: Faults): ChangeLog {
  return {
    append: async (append, signal) =>
      faults.logIsFull ? { kind: 'refused', reason: 'log-full' } : await log.append(append, signal),
    tail: (from, signal) => log.tail(from, signal),
    head: (signal) => log.head(signal),
    proves: (cursor, signal) => log.proves(cursor, signal),
    forget: (floor, signal) => log.forget(floor, signal),
    close: () => log.close(),
  };
}

function breakable(control: ControlPlane, faults: Faults): ControlPlane {
  return {
    ...control,
    async find(account, kind, id) {
      if (faults.controlIsBroken) throw new TypeError('a bug that was planted for this test');
      return await control.find(account, kind, id);
    },
  };
}
