/**
 * Parts a closed journal into the files that buckets are given: one for each bucket, prefix,
 * distribution and hour in it. In constant memory: only so many are made at a time, and the journal
 * is read again for those that are left.
 *
 * The ready files are on disk before the journal goes. A crash in between has them made once more,
 * under the same names.
 */
import { open } from 'node:fs/promises';
import type { FieldSet } from './fields.ts';
import { LogFile } from './log-file.ts';
import {
  type LogTarget,
  objectKey,
  isWhole,
  readEntry,
  readJournalHead,
  readTargetLine,
  readyStem,
  uniqueIdOf,
} from './spool.ts';

/** Each takes about 400 KB while it is made. */
const filesAtOnceMax = 32;
const pieceBytes = 262_144;
/** A journal's own chunks bound its lines. */
const lineBytesMax = 262_144;
/** `2026-11-25`, a tab, `02`, and the colon behind it. */
const hourBytes = 14;
const lineFeed = 0x0a;
const headMark = 0x23;
const targetMark = 0x3d;

/** A journal of another release. It is left as it is, for that release to read. */
export class UnknownJournal extends Error {
  override readonly name = 'UnknownJournal';
}

export type SplitDone = {
  /** Names of the ready files. */
  readonly files: readonly string[];
  readonly lines: number;
  /** Half a line at the end after a crash, or what a lost block of the disk left. */
  readonly brokenLines: number;
};

/**
 * `journal` is the name of the file at `path` without its ending; the results lie in `folder`. Rejects
 * with UnknownJournal or an error of the system.
 */
export async function splitJournal(
  path: string,
  { folder, journal }: { readonly folder: string; readonly journal: string },
): Promise<SplitDone> {
  const done = new Map<string, string>();
  for (;;) {
    const pass = new Pass(folder, journal, done);
    await pass.read(path);
    const { brokenLines, lines } = pass;
    if (!pass.leftSomeOut) return { files: [...done.values()], lines, brokenLines };
  }
}

class Pass {
  readonly #folder: string;
  readonly #journal: string;
  readonly #done: Map<string, string>;
  readonly #making = new Map<string, LogFile>();
  readonly #targets = new Map<number, LogTarget>();
  /** The unique id of each target and hour. */
  readonly #ids = new Map<string, string>();
  #fields: FieldSet | undefined;
  /** How the last entry began, up to its hour, and its file: mostly the next one is of it, too. */
  #lastStart: Buffer = Buffer.alloc(0);
  #lastFile: LogFile | undefined;
  #lastLineStart = 0;
  lines = 0;
  brokenLines = 0;
  leftSomeOut = false;

  /** What `done` holds is passed over; what this pass makes is added, unique id → file name. */
  constructor(folder: string, journal: string, done: Map<string, string>) {
    this.#folder = folder;
    this.#journal = journal;
    this.#done = done;
  }

  async read(path: string): Promise<void> {
    try {
      await this.#readPieces(path);
      for (const [id, file] of this.#making) {
        this.#done.set(id, await file.finish());
        this.#making.delete(id);
      }
    } finally {
      for (const file of this.#making.values()) file.giveUp();
    }
  }

  async #readPieces(path: string): Promise<void> {
    const file = await open(path, 'r');
    try {
      const piece = Buffer.allocUnsafe(lineBytesMax + pieceBytes);
      let length = 0;
      for (;;) {
        const { bytesRead } = await file.read(piece, length, pieceBytes);
        if (bytesRead === 0) break;
        length += bytesRead;
        const taken = await this.#takeLines(piece.subarray(0, length));
        piece.copyWithin(0, taken, length);
        length -= taken;
        if (length <= lineBytesMax) continue;
        this.brokenLines += 1;
        length = 0;
      }
      // Without its line feed it may lack more than that.
      if (length > 0) this.brokenLines += 1;
    } finally {
      await file.close();
    }
  }

  /** How many of the bytes are done with: up to the last line feed. */
  async #takeLines(bytes: Buffer): Promise<number> {
    let start = 0;
    for (let end = bytes.indexOf(lineFeed); end >= 0; end = bytes.indexOf(lineFeed, start)) {
      const first = bytes[start];
      if (first === headMark || first === targetMark)
        this.#takeNote(bytes.toString('utf8', start, end));
      else {
        const busy = this.#takeEntry(bytes, start, end);
        if (busy !== undefined) await busy;
      }
      start = end + 1;
    }
    return start;
  }

  #takeNote(line: string): void {
    const fields = readJournalHead(line);
    const numbered = readTargetLine(line);
    if (this.#fields === undefined && fields === undefined && line.startsWith('#')) {
      throw new UnknownJournal(`the journal begins with ${line.slice(0, 100)}`);
    }
    if (fields !== undefined) this.#fields = fields;
    else if (numbered !== undefined) this.#targets.set(numbered.number, numbered.target);
    else this.brokenLines += 1;
  }

  #takeEntry(bytes: Buffer, start: number, end: number): Promise<void> | undefined {
    const fields = this.#fields;
    if (this.#continuesLast(bytes, start) && fields !== undefined) {
      if (!isWhole(bytes, start, end, fields)) {
        this.brokenLines += 1;
        return undefined;
      }
      this.lines += 1;
      return this.#lastFile?.add(bytes.subarray(start + this.#lastLineStart, end + 1));
    }
    const entry = fields === undefined ? undefined : readEntry(bytes, start, end, fields);
    const target = entry === undefined ? undefined : this.#targets.get(entry.number);
    if (fields === undefined || entry === undefined || target === undefined) {
      this.brokenLines += 1;
      return undefined;
    }
    this.lines += 1;
    const file = this.#fileFor(target, entry.number, entry.hour, fields);
    this.#lastStart = Buffer.from(bytes.subarray(start, entry.lineStart + hourBytes));
    this.#lastFile = file;
    this.#lastLineStart = entry.lineStart - start;
    return file?.add(bytes.subarray(entry.lineStart, end + 1));
  }

  #continuesLast(bytes: Buffer, start: number): boolean {
    const last = this.#lastStart;
    if (last.length === 0 || bytes.length - start < last.length) return false;
    for (let at = 0; at < last.length; at += 1) {
      if (bytes[start + at] !== last[at]) return false;
    }
    return true;
  }

  /** Undefined: made already, or left to the next pass. */
  #fileFor(target: LogTarget, number: number, hour: string, fields: FieldSet): LogFile | undefined {
    const place = `${number} ${hour}`;
    const known = this.#ids.get(place);
    const id = known ?? uniqueIdOf(this.#journal, target, hour);
    if (known === undefined) this.#ids.set(place, id);
    const making = this.#making.get(id);
    if (making !== undefined || this.#done.has(id)) return making;
    if (this.#making.size >= filesAtOnceMax) {
      this.leftSomeOut = true;
      return undefined;
    }
    const head = { bucket: target.bucket, key: objectKey(target, hour, id) };
    const file = new LogFile(this.#folder, readyStem(this.#journal, id), { fields, head });
    this.#making.set(id, file);
    return file;
  }
}
