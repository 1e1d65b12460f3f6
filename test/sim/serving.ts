/**
 * Viewers in the simulated world: the real pipeline, routing table and store of an edge, with an
 * origin whose answers take their time. Each answer of the origin is a version, and the world's
 * moments are numbered, so that what a viewer got can be held against what was promised.
 */
import type { Clock } from '../../src/base/clock.ts';
import { silentRecorder } from '../../src/base/recorder.ts';
import { MemoryStore } from '../../src/cache/memory-store.ts';
import { edgeBounds } from '../../src/edge/bounds.ts';
import { CacheNotes } from '../../src/edge/cache-notes.ts';
import { Compressions } from '../../src/edge/compressed-body.ts';
import { Exchange, type EdgeParts } from '../../src/edge/exchange.ts';
import { Places } from '../../src/edge/places.ts';
import { runPipeline } from '../../src/edge/pipeline.ts';
import { FailureRecord } from '../../src/edge/recording.ts';
import type { RoutingTable } from '../../src/edge/routing-table.ts';
import { SignatureChecks } from '../../src/edge/signed-access/signature-checks.ts';
import { Tally } from '../../src/edge/tally.ts';
import type { AnswerAccount, AnswerHead, ViewerAnswer } from '../../src/edge/viewer.ts';
import { ViewerCounts } from '../../src/edge/viewer-counts.ts';
import { formatHttpDate } from '../../src/http/dates.ts';
import { headerValue } from '../../src/http/header-list.ts';
import type { OriginAnswer, OriginBody } from '../../src/origin/origin-answer.ts';
import type { SeededRandomness } from '../harness/seeded-randomness.ts';

/** Moments of the world, in the order in which they came. */
export class Moments {
  #last = 0;

  next(): number {
    this.#last += 1;
    return this.#last;
  }
}

/** What one viewer was given. */
export type Given = {
  readonly status: number;
  /** When the head was given. */
  readonly begunAt: number;
  /** When the origin made what was given; undefined where it is none of its making. */
  readonly madeAt: number | undefined;
  /** Whether it came out of the cache. */
  readonly result: string;
};

export type ServingParts = {
  readonly name: string;
  readonly routing: RoutingTable;
  readonly clock: Clock;
  readonly random: SeededRandomness;
  readonly moments: Moments;
};

export class SimServing {
  readonly #edge: EdgeParts;
  readonly #moments: Moments;
  readonly #random: SeededRandomness;
  readonly #clock: Clock;

  constructor({ clock, moments, name, random, routing }: ServingParts) {
    this.#moments = moments;
    this.#random = random;
    this.#clock = clock;
    const counts = new ViewerCounts();
    this.#edge = {
      bounds: edgeBounds,
      clock,
      randomness: random,
      recorder: silentRecorder,
      counts,
      failures: new FailureRecord(clock, silentRecorder, counts),
      routing,
      store: new MemoryStore({ bytesMax: 1_000_000, bodyBytesMax: 10_000 }),
      origins: {
        ask: () => this.#origin(),
        askEdge: () => this.#origin(),
        close: () => Promise.resolve(),
      },
      compressions: new Compressions(edgeBounds.compressionsMax),
      exchanges: new Tally(edgeBounds.exchangesMax),
      viewersAt: { httpsPort: 443 },
      bodyMemory: new Tally(edgeBounds.bodyMemoryBytesMax),
      signatures: new SignatureChecks(edgeBounds),
      places: new Places([], silentRecorder),
      originAttemptsMax: 1,
      pop: name.toUpperCase(),
      notes: new CacheNotes(),
      standards: false,
      explain: false,
      viaName: `${name}.cloudfront.localhost`,
    };
  }

  /** Resolves when the viewer has the answer. */
  async get(hostText: string, path: string): Promise<Given | undefined> {
    const answer = new GivenAnswer(this.#moments);
    await runPipeline(
      new Exchange(
        this.#edge,
        {
          fault: undefined,
          request: {
            method: 'GET',
            scheme: 'http',
            httpVersion: '1.1',
            hostText,
            path,
            query: undefined,
            headers: [],
            hasBody: false,
            address: '192.0.2.1',
            port: 1_024,
            headBytes: 0,
            tls: undefined,
          },
        },
        answer,
      ),
    );
    return answer.given;
  }

  /** The version is made at some moment between the question and its answer. */
  async #origin(): Promise<OriginAnswer> {
    await this.#takesTime();
    const madeAt = this.#moments.next();
    const body = this.#body();
    await this.#takesTime();
    const lifetime = this.#random.chance(0.3) ? 'no-cache' : `max-age=${this.#random.below(600)}`;
    const date = formatHttpDate(this.#clock.now());
    const headers = ['Date', date, 'Cache-Control', lifetime, 'X-Made-At', String(madeAt)];
    return { status: 200, headers, body };
  }

  #takesTime(): Promise<void> {
    const ms = this.#random.below(400);
    return new Promise((resolve) => {
      this.#clock.after(ms, resolve);
    });
  }

  #body(): OriginBody {
    return {
      async *[Symbol.asyncIterator]() {
        yield Buffer.from('one piece');
      },
      discard: () => undefined,
    };
  }
}

class GivenAnswer implements ViewerAnswer {
  readonly #moments: Moments;
  readonly gone = new AbortController().signal;
  given: Given | undefined;

  constructor(moments: Moments) {
    this.#moments = moments;
  }

  get begun(): boolean {
    return this.given !== undefined;
  }

  whole(head: AnswerHead): void {
    this.begin(head);
  }

  begin({ headers, ownHeaders, status }: AnswerHead): void {
    const madeAt = headerValue(headers, 'x-made-at');
    this.given = {
      status,
      begunAt: this.#moments.next(),
      madeAt: madeAt === undefined ? undefined : Number(madeAt),
      result: headerValue(ownHeaders, 'x-cache') ?? '',
    };
  }

  write(): boolean {
    return true;
  }

  drained(): Promise<void> {
    return Promise.resolve();
  }

  end(): void {
    // The head said all that is looked at.
  }

  account(): AnswerAccount {
    return { head: undefined, outcome: 'whole', sentBytes: 0, firstByteMs: 0, takenMs: 0 };
  }

  cut(): void {
    // Origins of this world end no body early.
  }
}
