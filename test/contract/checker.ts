/**
 * The checker: given all that writers asked and were answered and all that readers were told, names
 * every breach of the log's promises.
 *
 * It needs no word of the log for what is true. Each append names the write that it follows, so the
 * append that stands at the head tells the whole history, backwards, write by write; everything
 * else is held against that chain.
 */
import {
  type Change,
  type Cursor,
  type Key,
  type LogRecord,
  revision,
  sameCursor,
} from '../../src/base/log-record.ts';
import type { Append, AppendOutcome, TailEvent } from '../../src/log/log.ts';

/** One call; a call that was repeated is there several times. */
export type Attempt = { readonly append: Append; readonly outcome: AppendOutcome };

export type Told = {
  readonly reader: string;
  readonly from: Cursor | undefined;
  readonly events: readonly TailEvent[];
  /** Whether it was followed to the head of `History`. */
  readonly toTheEnd: boolean;
};

export type History = {
  /** Where the log stood when the history began; the fold at that point was empty. */
  readonly base: Cursor;
  readonly head: Cursor;
  readonly attempts: readonly Attempt[];
  readonly readers: readonly Told[];
};

/** Sentences, one a breach; none when every promise was kept. */
export function breaches(history: History): readonly string[] {
  const truth = trace(history);
  if (typeof truth === 'string') return [truth];
  return [
    ...history.attempts.flatMap((attempt) => checkAttempt(truth, attempt)),
    ...history.readers.flatMap((told) => new ReaderCheck(history, truth, told).run()),
  ];
}

/** Revision → the append that stands there. */
type Truth = ReadonlyMap<number, Append>;

function place({ at, writeId }: Append): string {
  return `${at.revision + 1} ${writeId}`;
}

function trace({ base, head, attempts }: History): Truth | string {
  const known = new Map(attempts.map(({ append }) => [place(append), append]));
  const truth = new Map<number, Append>();
  for (let cursor = head; !sameCursor(cursor, base); ) {
    const append = known.get(`${cursor.revision} ${cursor.writeId}`);
    if (append === undefined) {
      return `nobody wrote what stands at ${cursor.revision} (${cursor.writeId})`;
    }
    truth.set(cursor.revision, append);
    cursor = append.at;
  }
  return truth;
}

function checkAttempt(truth: Truth, { append, outcome }: Attempt): readonly string[] {
  const at = append.at.revision + 1;
  const standing = truth.get(at);
  const stands = standing !== undefined && place(standing) === place(append);
  switch (outcome.kind) {
    case 'appended': {
      const { logId, revision, writeId } = outcome.cursor;
      const right = logId === append.at.logId && revision === at && writeId === append.writeId;
      if (!right) return [`the write for ${at} was told that it stands at ${revision}`];
      return stands ? [] : [`the write at ${at} was answered and is lost`];
    }
    case 'conflict':
      return stands ? [`the write at ${at} was told of a conflict and stands`] : [];
    case 'refused':
    case 'unknown':
      return [];
  }
  return outcome satisfies never;
}

class ReaderCheck {
  readonly #history: History;
  readonly #truth: Truth;
  readonly #told: Told;
  readonly #found: string[] = [];
  /** What the reader holds. */
  #fold: Map<Key, string>;
  /** What it should hold at `#rightAt`. */
  #right = new Map<Key, string>();
  #rightAt: number;
  #last: number;
  /** Whether the reader was caught up since the last snapshot, so that no number may be missing. */
  #gapless = false;

  constructor(history: History, truth: Truth, told: Told) {
    this.#history = history;
    this.#truth = truth;
    this.#told = told;
    this.#rightAt = history.base.revision;
    this.#last = (told.from ?? history.base).revision;
    this.#fold = new Map(this.#rightFold(this.#last));
  }

  run(): readonly string[] {
    for (const event of this.#told.events) {
      if (event.kind === 'snapshot') {
        this.#fold = new Map();
        this.#last = this.#history.base.revision;
        this.#gapless = false;
      }
      if (event.kind === 'record') this.#checkRecord(event.record);
      if (event.kind === 'caughtUp') this.#checkCaughtUp(event.cursor);
    }
    if (this.#told.toTheEnd && this.#last !== this.#history.head.revision) {
      this.#say(`never heard of what came after ${this.#last}`);
    }
    return this.#found;
  }

  #say(breach: string): void {
    this.#found.push(`reader ${this.#told.reader} ${breach}`);
  }

  #checkRecord(record: LogRecord): void {
    const { revision: at, writeId, changes } = record;
    if (at <= this.#last) this.#say(`was told ${at} after ${this.#last}`);
    else if (this.#gapless && at !== this.#last + 1) this.#say(`was not told ${this.#last + 1}`);
    this.#last = at;
    const written = this.#truth.get(at);
    if (written === undefined || written.writeId !== writeId) {
      return this.#say(`was told a stranger's write at ${at}`);
    }
    for (const change of changes) {
      const original = written.changes.find(({ key }) => key === change.key);
      if (original === undefined || text(original) !== text(change)) {
        this.#say(`was told another value of ${change.key} at ${at}`);
      }
      put(this.#fold, change);
    }
  }

  #checkCaughtUp(cursor: Cursor): void {
    const at = cursor.revision;
    if (at < this.#last) this.#say(`was caught up at ${at} after it was told ${this.#last}`);
    if (this.#gapless && at !== this.#last) this.#say(`was not told ${this.#last + 1}`);
    if (!sameCursor(cursor, this.#cursorAt(at))) this.#say(`was caught up at a false ${at}`);
    this.#last = at;
    this.#gapless = true;
    const right = this.#rightFold(at);
    for (const key of new Set([...right.keys(), ...this.#fold.keys()])) {
      if (right.get(key) === this.#fold.get(key)) continue;
      this.#say(`held another value of ${key} when caught up at ${at}`);
    }
  }

  #cursorAt(at: number): Cursor {
    const { base } = this.#history;
    const writeId = this.#truth.get(at)?.writeId ?? base.writeId;
    return { logId: base.logId, revision: revision(at), writeId };
  }

  #rightFold(at: number): ReadonlyMap<Key, string> {
    const end = Math.min(at, this.#history.head.revision);
    if (end < this.#rightAt) {
      this.#right = new Map();
      this.#rightAt = this.#history.base.revision;
    }
    while (this.#rightAt < end) {
      this.#rightAt += 1;
      for (const change of this.#truth.get(this.#rightAt)?.changes ?? []) put(this.#right, change);
    }
    return this.#right;
  }
}

function put(fold: Map<Key, string>, change: Change): void {
  if (change.value === null) fold.delete(change.key);
  else fold.set(change.key, text(change));
}

function text({ value }: Change): string {
  return value === null ? 'deleted' : Buffer.from(value).toString('latin1');
}
