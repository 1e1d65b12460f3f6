/** What the contract suite needs of a home of the log, and one test's dealings with it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  encodeKey,
  writeId,
  type Change,
  type Cursor,
  type Key,
  type WriteId,
} from '../../src/base/log-record.ts';
import type { Append, AppendOutcome, ChangeLog, LogReader } from '../../src/log/log.ts';
import { SeededRandomness } from '../harness/seeded-randomness.ts';
import { Followed, type Documents } from './followed.ts';

export type Home = {
  /** Opens the log, or opens it anew after it was closed. */
  readonly open: () => Promise<ChangeLog>;
  /**
   * What stays when it is closed: nothing; all, for one process at a time; all, for any number of
   * logs that are open at once.
   */
  readonly keeps: 'nothing' | 'for one' | 'for many';
  /** A reader of the log in the way in which others reach it; the log itself where undefined. */
  readonly reader?: (log: ChangeLog) => LogReader;
  /** Called when the test is over and every log is closed. */
  readonly remove: () => Promise<void>;
};

export type MakeHome = () => Promise<Home>;

const timeoutMs = 30_000;

/** A test with a log of its own. */
export function trial(
  title: string,
  makeHome: MakeHome,
  act: (trial: Trial) => Promise<void>,
): void {
  test(title, { timeout: timeoutMs }, async () => {
    const home = await makeHome();
    const one = new Trial(home, await home.open());
    try {
      await act(one);
    } finally {
      await one.end();
      await home.remove();
    }
  });
}

export class Trial {
  readonly home: Home;
  readonly random = new SeededRandomness(7);
  readonly signal: AbortSignal;
  log: ChangeLog;
  reader: LogReader;
  readonly #stop = new AbortController();
  readonly #open = new Set<{ close(): Promise<void> }>();
  readonly #followed: Followed[] = [];

  constructor(home: Home, log: ChangeLog) {
    this.home = home;
    this.signal = this.#stop.signal;
    this.log = log;
    this.reader = this.#take(log);
  }

  head(): Promise<Cursor> {
    return this.log.head(this.signal);
  }

  newWriteId(): WriteId {
    return writeId(this.random.bytes(16));
  }

  /** One document a name; `null` deletes. */
  appendAt(at: Cursor, values: Readonly<Record<string, string | null>>): Append {
    const changes = Object.entries(values).map(([id, value]) => change(id, value));
    return { at, changes, writeId: this.newWriteId() };
  }

  append(append: Append): Promise<AppendOutcome> {
    return this.log.append(append, this.signal);
  }

  /** Appends at the head, as the only writer. */
  async put(values: Readonly<Record<string, string | null>>): Promise<Cursor> {
    const append = this.appendAt(await this.head(), values);
    return appended(await this.append(append));
  }

  /** `count` appends to one name: `name` holds 1, then 2 … */
  async count(name: string, count: number): Promise<Cursor> {
    let at = await this.head();
    for (let value = 1; value <= count; value += 1) {
      const append = this.appendAt(at, { [name]: String(value) });
      at = appended(await this.append(append));
    }
    return at;
  }

  follow(from?: Cursor, known?: Documents, pace?: () => Promise<void>): Followed {
    const followed = new Followed(this.reader, from, known, pace);
    this.#followed.push(followed);
    return followed;
  }

  /** The fold of a reader that begins now. */
  async state(): Promise<Readonly<Record<string, string>>> {
    const followed = this.follow();
    await followed.reaches((await this.head()).revision);
    await followed.stop();
    return named(followed.documents);
  }

  /** Another log of the same home, where it has several. */
  async another(): Promise<ChangeLog> {
    if (this.home.keeps !== 'for many') return this.log;
    const log = await this.home.open();
    this.#open.add(log);
    return log;
  }

  async reopen(): Promise<void> {
    await this.log.close();
    this.log = await this.home.open();
    this.reader = this.#take(this.log);
  }

  async end(): Promise<void> {
    await Promise.all(this.#followed.map((followed) => followed.stop().catch(() => undefined)));
    this.#stop.abort();
    for (const open of this.#open) await open.close();
  }

  #take(log: ChangeLog): LogReader {
    const reader = this.home.reader?.(log) ?? log;
    // The reader is closed first.
    this.#open.add(reader).add(log);
    return reader;
  }
}

export function appended(outcome: AppendOutcome): Cursor {
  assert(outcome.kind === 'appended', `the append was ${JSON.stringify(outcome)}`);
  return outcome.cursor;
}

export function keyOf(id: string): Key {
  return encodeKey({ account: 'test', kind: 'thing', id });
}

export function change(id: string, value: string | null): Change {
  return { key: keyOf(id), value: value === null ? null : Buffer.from(value) };
}

/** Documents by the name that `change` was given. */
export function named(documents: Documents): Readonly<Record<string, string>> {
  const entries = [...documents].map(([key, value]) => [key.slice('test/thing/'.length), value]);
  return Object.fromEntries(entries.sort(([a = ''], [b = '']) => (a < b ? -1 : 1)));
}
