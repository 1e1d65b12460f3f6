/**
 * The tables of the embedded log, and of an edge machine's copy of a log elsewhere, with every
 * statement on them. Each call blocks until the disk has answered, so the log makes it on a thread of
 * its own (embedded-worker.ts); the copy does without, as no viewer waits for the thread it is on.
 *
 * Durable: WAL with `synchronous=FULL` syncs the write-ahead log in each commit, before `appendAll`
 * returns. Alone: `locking_mode=EXCLUSIVE` holds the file from the first read until it is closed or
 * the process is dead, and as it is set before the first use of WAL, there is no shared memory file.
 */
import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import {
  type Change,
  type Cursor,
  type Key,
  type LogId,
  type LogRecord,
  type Revision,
  type WriteId,
  parseKey,
  parseLogId,
  parseWriteId,
  revision,
} from '../base/log-record.ts';
import { cursorAfter, judgeAppend } from './append-rules.ts';
import { UnfitFile, isFull } from './embedded-failure.ts';
import type { Append, AppendOutcome } from './log.ts';
import type { Page, PageRequest } from './tail.ts';

export const fileName = 'log.sqlite';
export const formatVersion = 1;
/**
 * `WFLG` and `WFLC`, so that `file` and we know a file for what it is: a copy that were taken for the
 * log would be written to, and the log that were taken for a copy would be overwritten.
 */
const applicationIds = { log: 0x57464c47, copy: 0x57464c43 } as const;
export const copyFileName = 'copy.sqlite';
/** The name of the log that a copy is of before it has a state. */
export const blankLogId = parseLogId('0'.repeat(32));
const pageBytes = 4_096;
/** What one page of a tail holds before it is cut, at the end of a revision. */
const pageRecordsMax = 256;
const pageBytesMax = 1_048_576;
/** The write-ahead log is cut back to this after a checkpoint. */
const walBytesKept = 16 * 1_048_576;

export type StoreOptions = {
  readonly of: 'log' | 'copy';
  /** Made, for this user alone, where it is missing; undefined, for a copy: kept in memory. */
  readonly directory: string | undefined;
  /** The names of the log and of its beginning, if it is a new one. */
  readonly logId: LogId;
  readonly writeId: WriteId;
  readonly historyRecordsMax: number;
  /** Appends that would make the file larger are refused as `log-full`. */
  readonly bytesMax: number;
};

const schema = `
CREATE TABLE head(
  only INTEGER PRIMARY KEY CHECK(only = 1),
  log_id TEXT NOT NULL, revision INTEGER NOT NULL, write_id TEXT NOT NULL
) STRICT;
CREATE TABLE past(revision INTEGER PRIMARY KEY, write_id TEXT NOT NULL) STRICT;
CREATE TABLE doc(
  key TEXT PRIMARY KEY, revision INTEGER NOT NULL, write_id TEXT NOT NULL, value BLOB
) STRICT;
CREATE INDEX doc_by_revision ON doc(revision);
CREATE INDEX doc_deleted ON doc(revision) WHERE value IS NULL;
PRAGMA user_version = ${formatVersion};
`;

type Row = Readonly<Record<string, SQLOutputValue>>;

export class EmbeddedStore {
  readonly #database: DatabaseSync;
  readonly #historyRecordsMax: number;
  readonly #statements: ReturnType<typeof prepare>;

  /** Throws what `explainFailure` understands. */
  constructor(options: StoreOptions) {
    const { directory, of } = options;
    let file = ':memory:';
    if (directory !== undefined) {
      makeDirectory(directory);
      file = join(directory, of === 'log' ? fileName : copyFileName);
      // Made here, for this user alone: what SQLite makes beside it takes its mode over.
      closeSync(openSync(file, 'a', 0o600));
    }
    const database = new DatabaseSync(file);
    this.#database = database;
    this.#historyRecordsMax = options.historyRecordsMax;
    try {
      this.#begin(options);
      this.#statements = prepare(database);
      const head = this.head();
      if (!this.proves(head)) throw new UnfitFile('damaged', 'its history does not reach its end');
    } catch (thrown) {
      database.close();
      throw thrown;
    }
  }

  head(): Cursor {
    const row = this.#statements.head.get();
    if (row === undefined) throw new UnfitFile('damaged', 'it does not say where it ends');
    return {
      logId: read(row, 'log_id', parseLogId),
      revision: position(row),
      writeId: read(row, 'write_id', parseWriteId),
    };
  }

  /** Whether this is a copy that has no state yet. */
  get isBlank(): boolean {
    return this.head().logId === blankLogId;
  }

  /** Takes over what the log that this is a copy of recorded since, up to `cursor`. */
  mirror(records: readonly LogRecord[], cursor: Cursor): void {
    const { addPast, putDocument } = this.#statements;
    this.#transact(() => {
      for (const { changes, revision: at, writeId } of records) {
        if (at !== cursor.revision) addPast.run(at, writeId);
        for (const { key, value } of changes) putDocument.run(key, at, writeId, value);
      }
      addPast.run(cursor.revision, cursor.writeId);
      this.#endAt(cursor);
      this.#boundHistory(cursor.revision);
    });
  }

  /** Puts a whole state in the place of this one. */
  replaceAll(
    documents: Iterable<{ readonly record: LogRecord; readonly change: Change }>,
    cursor: Cursor,
  ): void {
    const { addPast, putDocument } = this.#statements;
    this.#transact(() => {
      this.#database.exec('DELETE FROM doc; DELETE FROM past');
      for (const { change, record } of documents) {
        putDocument.run(change.key, record.revision, record.writeId, change.value);
      }
      addPast.run(cursor.revision, cursor.writeId);
      this.#endAt(cursor);
    });
  }

  /** Throws where what is on the disk is not what was written there. */
  check(): void {
    const found = this.#database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
    if (found !== 'ok') throw new UnfitFile('damaged', String(found));
  }

  proves(cursor: Cursor): boolean {
    return cursor.logId === this.head().logId && this.#past(cursor.revision) === cursor.writeId;
  }

  /**
   * Each append is judged in turn, as if they came one after the other; all that stand are made
   * durable by one commit. Throws where nothing is known of any of them.
   */
  appendAll(appends: readonly Append[]): readonly AppendOutcome[] {
    try {
      return this.#transact(() => appends.map((append) => this.#append(append)));
    } catch (thrown) {
      if (!isFull(thrown)) throw thrown;
      // The transaction was undone as a whole; a smaller one may still have room.
      if (appends.length > 1) return appends.flatMap((append) => this.appendAll([append]));
      return [{ kind: 'refused', reason: 'log-full' }];
    }
  }

  forget(floor: Revision): void {
    this.#transact(() => this.#forget(Math.min(floor, this.head().revision)));
  }

  readPage({ after, proof, every }: PageRequest): Page {
    if (proof !== undefined && !this.proves(proof)) return { kind: 'unproven' };
    const records: (LogRecord & { readonly changes: Change[] })[] = [];
    let bytes = 0;
    const rows = every ? this.#statements.everyAfter : this.#statements.documentsAfter;
    for (const row of rows.iterate(after)) {
      const at = position(row);
      let record = records.at(-1);
      if (record?.revision !== at) {
        if (records.length >= pageRecordsMax || bytes >= pageBytesMax) {
          return { kind: 'page', records, head: this.head(), more: true };
        }
        record = { revision: at, writeId: read(row, 'write_id', parseWriteId), changes: [] };
        records.push(record);
      }
      if (row['key'] === null) continue; // Nothing is left of this revision.
      const change = { key: read(row, 'key', parseKey), value: value(row) };
      record.changes.push(change);
      bytes += change.key.length + (change.value?.byteLength ?? 0);
    }
    return { kind: 'page', records, head: this.head(), more: false };
  }

  /** Whether nothing was ever appended. */
  isEmpty(): boolean {
    return this.head().revision === 0 && this.#statements.documentsAfter.get(0) === undefined;
  }

  /** The log goes by this name from now on, so that no cursor of before is a point of it. */
  rename(name: LogId): void {
    this.#transact(() => this.#endAt({ ...this.head(), logId: name }));
  }

  close(): void {
    this.#database.close();
  }

  #begin({ bytesMax, directory, logId, of, writeId }: StoreOptions): void {
    const database = this.#database;
    const applicationId = applicationIds[of];
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    // Looked at before anything is changed: the file may be another program's.
    const found = wholeNumber(database, 'application_id');
    const version = wholeNumber(database, 'user_version');
    const empty = database.prepare('SELECT 1 FROM sqlite_schema').get() === undefined;
    if (!empty && found !== applicationId)
      throw new UnfitFile('foreign', 'another program made it');
    if (version > formatVersion) {
      throw new UnfitFile('newer', `format ${version}, and this one knows ${formatVersion}`);
    }
    const mode = database.prepare('PRAGMA journal_mode = WAL').get();
    if (directory !== undefined && mode?.['journal_mode'] !== 'wal')
      throw new Error('its disk allows no write-ahead log');
    database.exec(`
      PRAGMA synchronous = FULL;
      PRAGMA fullfsync = ON;
      PRAGMA checkpoint_fullfsync = ON;
      PRAGMA cell_size_check = ON;
      PRAGMA temp_store = MEMORY;
      PRAGMA trusted_schema = OFF;
      PRAGMA journal_size_limit = ${walBytesKept};
      PRAGMA max_page_count = ${Math.floor(bytesMax / pageBytes)};
    `);
    if (!empty) {
      this.#transact(() => undefined); // Takes the lock for good, and rolls a torn end back.
      return;
    }
    this.#transact(() => {
      database.exec(`${schema} PRAGMA application_id = ${applicationId}`);
      database.prepare('INSERT INTO head VALUES (1, ?, 0, ?)').run(logId, writeId);
      database.prepare('INSERT INTO past VALUES (0, ?)').run(writeId);
    });
    if (directory !== undefined) syncDirectory(directory);
  }

  #endAt({ logId, revision: at, writeId }: Cursor): void {
    this.#database
      .prepare('UPDATE head SET log_id = ?, revision = ?, write_id = ?')
      .run(logId, at, writeId);
  }

  #append(append: Append): AppendOutcome {
    const head = this.head();
    const verdict = judgeAppend(append, head, this.#past(append.at.revision + 1));
    if (verdict !== 'append') return verdict;
    const cursor = cursorAfter(append.at, append.writeId);
    const { addPast, setHead, putDocument } = this.#statements;
    addPast.run(cursor.revision, cursor.writeId);
    setHead.run(cursor.revision, cursor.writeId);
    for (const { key, value } of append.changes) {
      putDocument.run(key, cursor.revision, cursor.writeId, value);
    }
    this.#boundHistory(cursor.revision);
    return { kind: 'appended', cursor };
  }

  #past(at: number): WriteId | undefined {
    const row = this.#statements.past.get(at);
    return row === undefined ? undefined : read(row, 'write_id', parseWriteId);
  }

  /** Lets history grow a little beyond its bound, so that most appends have nothing to tidy. */
  #boundHistory(end: Revision): void {
    const floor = end - this.#historyRecordsMax;
    const oldest = this.#statements.oldest.get();
    const slack = Math.ceil(this.#historyRecordsMax / 100);
    if (oldest !== undefined && floor - position(oldest) >= slack) this.#forget(floor);
  }

  #forget(floor: number): void {
    this.#statements.forgetPast.run(floor);
    this.#statements.forgetDeleted.run(floor);
  }

  #transact<Result>(act: () => Result): Result {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = act();
      this.#database.exec('COMMIT');
      return result;
    } catch (thrown) {
      // SQLite itself undoes some transactions that fail, such as on a full disk.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw thrown;
    }
  }
}

function prepare(database: DatabaseSync) {
  return {
    head: database.prepare('SELECT log_id, revision, write_id FROM head'),
    setHead: database.prepare('UPDATE head SET revision = ?, write_id = ?'),
    past: database.prepare('SELECT write_id FROM past WHERE revision = ?'),
    oldest: database.prepare('SELECT revision FROM past ORDER BY revision LIMIT 1'),
    addPast: database.prepare('INSERT INTO past(revision, write_id) VALUES (?, ?)'),
    putDocument: database.prepare(
      `INSERT INTO doc(key, revision, write_id, value) VALUES (?, ?, ?, ?)
       ON CONFLICT(key) DO UPDATE
       SET revision = excluded.revision, write_id = excluded.write_id, value = excluded.value`,
    ),
    documentsAfter: database.prepare(
      'SELECT revision, write_id, key, value FROM doc WHERE revision > ? ORDER BY revision',
    ),
    everyAfter: database.prepare(
      `SELECT past.revision, past.write_id, doc.key, doc.value
       FROM past LEFT JOIN doc ON doc.revision = past.revision
       WHERE past.revision > ? ORDER BY past.revision`,
    ),
    forgetPast: database.prepare('DELETE FROM past WHERE revision < ?'),
    forgetDeleted: database.prepare('DELETE FROM doc WHERE value IS NULL AND revision < ?'),
  };
}

function position(row: Row): Revision {
  const at = row['revision'];
  if (typeof at !== 'number') throw new UnfitFile('damaged', 'a revision is no number');
  return revision(at);
}

function value(row: Row): Uint8Array | null {
  const bytes = row['value'];
  if (bytes === null || bytes instanceof Uint8Array) return bytes;
  throw new UnfitFile('damaged', 'a document is no bytes');
}

function read<Text extends WriteId | LogId | Key>(
  row: Row,
  column: string,
  parse: (text: string) => Text,
): Text {
  try {
    return parse(String(row[column]));
  } catch (thrown) {
    throw new UnfitFile('damaged', thrown instanceof Error ? thrown.message : column);
  }
}

function wholeNumber(database: DatabaseSync, pragma: 'application_id' | 'user_version'): number {
  return Number(database.prepare(`PRAGMA ${pragma}`).get()?.[pragma]);
}

/** A directory's own name is durable only once the directory that holds it is synced. */
function makeDirectory(directory: string): void {
  const first = mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = directory; ; made = dirname(made)) {
    syncDirectory(dirname(made));
    if (made === first || made === dirname(made)) return;
  }
}

function syncDirectory(directory: string): void {
  const opened = openSync(directory, 'r');
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}
