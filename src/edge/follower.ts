/**
 * How an edge follows the log: it hears every record, takes each in order, and reports the one
 * number that says how far it has come. Hearing and taking are apart, since a delay or a hold keeps
 * an edge from taking what it has heard (both exist to rehearse slow edges on purpose).
 *
 * What is taken is swapped into the routing table as one step, so a viewer sees a configuration
 * whole or not at all. An edge that begins anew takes the whole state at once: it catches up before
 * it counts as live.
 *
 *   tail ──hear──► waiting steps ──take (due, not held)──► catalog + routing table ──► report
 */
import type { Clock } from '../base/clock.ts';
import type { Change, Cursor, Key, LogRecord, Revision } from '../base/log-record.ts';
import type { LogReader } from '../log/log.ts';
import { Catalog, type Touched } from '../model/catalog.ts';
import { edgeKey, readEdge } from '../model/document.ts';

/** What is served from, and the position it stands at; both calls take effect at once and whole. */
export interface Routing {
  apply(touched: readonly Touched[], upTo: Revision): void;
  replaceAll(catalog: Catalog, upTo: Revision): void;
}

export type FollowerParts = {
  /** The name of the edge location. */
  readonly edge: string;
  readonly reader: Pick<LogReader, 'tail'>;
  readonly clock: Clock;
  readonly propagationDelayMs: number;
  readonly routing: Routing;
  /** Called after each step with the point that is now served. */
  readonly report: (serving: Cursor) => void;
};

/** A consistent step: everything up to `cursor`, to be taken as one. */
type Step = {
  readonly records: readonly LogRecord[];
  readonly cursor: Cursor;
  readonly dueMs: number;
};

/** Past so many waiting steps they are folded into one, which keeps the newest value of each key. */
const waitingStepsMax = 10_000;

export class EdgeFollower {
  readonly #parts: FollowerParts;
  readonly #ownKey: Key;
  #catalog = new Catalog();
  #serving: Cursor | undefined;
  #heard: Cursor | undefined;
  #waiting: Step[] = [];
  /** The edge takes nothing beyond this; set by the newest hold that was heard. */
  #holdAt: Revision | undefined;
  #cancelWake: (() => void) | undefined;
  #anew = new AbortController();

  constructor(parts: FollowerParts) {
    this.#parts = parts;
    this.#ownKey = edgeKey(parts.edge);
  }

  /** The point that is served; undefined until the whole state was taken once. */
  get serving(): Cursor | undefined {
    return this.#serving;
  }

  get catalog(): Catalog {
    return this.#catalog;
  }

  /** Forgets the history followed so far: the next thing heard is a whole state. */
  beginAnew(): void {
    this.#heard = undefined;
    this.#anew.abort();
  }

  /**
   * Takes all that was heard, whatever delay or hold stands: an edge that was away catches up
   * before it counts as live again, as one does that starts.
   */
  catchUp(): void {
    const steps = this.#waiting;
    this.#waiting = [];
    this.#cancelWake?.();
    this.#cancelWake = undefined;
    for (const step of steps) this.#take(step);
    const serving = this.#serving;
    if (this.#holdAt === undefined || serving === undefined) return;
    if (this.#holdAt < serving.revision) this.#holdAt = serving.revision;
  }

  /** Follows until `signal` is aborted or the log is closed; rejects when the tail breaks. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      do {
        this.#anew = new AbortController();
        await this.#follow(AbortSignal.any([signal, this.#anew.signal]));
      } while (!signal.aborted && this.#anew.signal.aborted);
    } finally {
      this.#cancelWake?.();
    }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    let building: Catalog | undefined;
    let batch: LogRecord[] = [];
    for await (const event of this.#parts.reader.tail(this.#heard, signal)) {
      if (event.kind === 'snapshot') {
        building = new Catalog();
        batch = [];
      } else if (event.kind === 'record') {
        if (building === undefined) batch.push(event.record);
        else building.apply(event.record);
      } else if (event.kind === 'caughtUp') {
        if (building !== undefined) this.#takeWhole(building, event.cursor);
        else this.#hear(batch, event.cursor);
        building = undefined;
        batch = [];
      }
      // While detached the catalog stands and is served: losing the control plane stops no traffic.
    }
  }

  #takeWhole(catalog: Catalog, cursor: Cursor): void {
    this.#catalog = catalog;
    this.#waiting = [];
    const held = catalog.edges.get(this.#parts.edge)?.held === true;
    this.#holdAt = held ? cursor.revision : undefined;
    this.#parts.routing.replaceAll(catalog, cursor.revision);
    this.#heard = cursor;
    this.#serve(cursor);
  }

  #hear(batch: readonly LogRecord[], cursor: Cursor): void {
    const before = this.#heard;
    this.#heard = cursor;
    for (const record of batch) this.#hearOwn(record);
    const dueMs = this.#parts.clock.monotonicMs() + this.#parts.propagationDelayMs;
    if (isWithoutGap(batch, before, cursor)) {
      for (const record of batch) {
        const { revision, writeId } = record;
        this.#waiting.push({ records: [record], cursor: { ...cursor, revision, writeId }, dueMs });
      }
    } else {
      this.#waiting.push({ records: batch, cursor, dueMs });
    }
    if (this.#waiting.length > waitingStepsMax) this.#waiting = [foldSteps(this.#waiting, cursor)];
    this.#takeDue();
  }

  #hearOwn({ changes, revision }: LogRecord): void {
    for (const { key, value } of changes) {
      if (key !== this.#ownKey) continue;
      this.#holdAt = value !== null && readEdge(value).held ? revision : undefined;
    }
  }

  #takeDue(): void {
    this.#cancelWake?.();
    this.#cancelWake = undefined;
    const { clock } = this.#parts;
    while (this.#waiting[0] !== undefined) {
      const [step] = this.#waiting;
      if (this.#holdAt !== undefined && step.cursor.revision > this.#holdAt) return;
      const waitMs = step.dueMs - clock.monotonicMs();
      if (waitMs > 0) {
        this.#cancelWake = clock.after(waitMs, () => this.#takeDue());
        return;
      }
      this.#waiting.shift();
      this.#take(step);
    }
  }

  #take({ cursor, records }: Step): void {
    const touched = records.flatMap((record) => this.#catalog.apply(record));
    this.#parts.routing.apply(touched, cursor.revision);
    this.#serve(cursor);
  }

  #serve(cursor: Cursor): void {
    this.#serving = cursor;
    this.#parts.report(cursor);
  }
}

/** Without a gap each record is a whole state of its own, so the edge may stop between any two. */
function isWithoutGap(
  batch: readonly LogRecord[],
  before: Cursor | undefined,
  cursor: Cursor,
): boolean {
  if (before === undefined || before.logId !== cursor.logId) return false;
  return (
    cursor.revision - before.revision === batch.length &&
    batch.every((record, index) => record.revision === before.revision + index + 1)
  );
}

function foldSteps(steps: readonly Step[], cursor: Cursor): Step {
  const newest = new Map<Key, { readonly change: Change; readonly record: LogRecord }>();
  for (const record of steps.flatMap(({ records }) => records)) {
    for (const change of record.changes) newest.set(change.key, { change, record });
  }
  const records = [...newest.values()]
    .sort((a, b) => a.record.revision - b.record.revision)
    .map(({ change, record }) => ({ ...record, changes: [change] }));
  return { records, cursor, dueMs: steps.at(-1)?.dueMs ?? 0 };
}
