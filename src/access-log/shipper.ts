/**
 * The shipper brings what edges have spooled of access logs to their buckets: it parts closed journals
 * into files, gives each file to its bucket until the bucket has it, and keeps the whole spool within
 * its bound by dropping what is oldest. It runs on a thread of its own, away from viewers.
 *
 *   .closed ──split──► .ready ──lane of its bucket──► delivered, and gone from the spool
 *      └──────────────────┴── the oldest go where the spool is over its bound, with an error
 *
 * A file leaves the spool only once its bucket has it. Whatever is found at the start was left by an
 * earlier run and is delivered too; its name being the same at each try, it is not there twice.
 */
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Randomness } from '../base/randomness.ts';
import type { Recorder } from '../base/recorder.ts';
import type { Destination } from './destination.ts';
import { Lane, type LaneBounds } from './lane.ts';
import { readReadyFile, type ReadyFile } from './ready-file.ts';
import { nothingShipped, type ShippedCounts, sumOfCounts } from './shipped-counts.ts';
import { Slots } from './slots.ts';
import { splitJournal, UnknownJournal } from './split.ts';
import { closedEnding, journalIdOf, linesOfReady, openEnding, partEnding } from './spool.ts';
import { isMissing, namesIn, spoolFolders } from './spool-folders.ts';

export const shipperBounds = {
  retryMsMin: 250,
  retryMsMax: 60_000,
  /** Tries at buckets that are under way at one time. */
  triesMax: 16,
  /** Files that wait; beyond it the oldest go, as beyond the bytes. */
  filesMax: 100_000,
  /** After the spool could not be read or written. */
  lookAgainMs: 5_000,
} as const;

export type ShipperBounds = LaneBounds & {
  readonly [Name in keyof typeof shipperBounds]: number;
};

export type ShipperParts = {
  /** Holds a folder for each edge; may not exist yet. */
  readonly root: string;
  readonly destinationOf: (bucket: string) => Destination | undefined;
  readonly spoolBytesMax: number;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly recorder: Recorder;
  readonly onCounts?: (counts: ShippedCounts) => void;
  readonly bounds?: ShipperBounds;
};

type ClosedJournal = {
  readonly folder: string;
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
};

export class Shipper {
  readonly #parts: ShipperParts;
  readonly #bounds: ShipperBounds;
  readonly #slots: Slots;
  readonly #lanes = new Map<string, Lane>();
  /** Path → file, from when it is found until it is gone. */
  readonly #ready = new Map<string, ReadyFile>();
  /** Paths of files that are of no known form; they are left as they are. */
  readonly #strange = new Set<string>();
  readonly #abort = new AbortController();
  #readyBytes = 0;
  #looking: Promise<void> | undefined;
  #lookAgain = false;
  #cancelLook: () => void = () => undefined;
  #counts = nothingShipped;

  constructor(parts: ShipperParts) {
    this.#parts = parts;
    this.#bounds = parts.bounds ?? shipperBounds;
    this.#slots = new Slots(this.#bounds.triesMax);
  }

  get counts(): ShippedCounts {
    return this.#counts;
  }

  /** There may be something new in the spool. */
  look(): void {
    this.#lookAgain = true;
    this.#looking ??= this.#keepLooking();
  }

  /**
   * Takes in what is closed and tries each bucket once more, for `graceMs` at most. What is left
   * stays in the spool.
   */
  async stop(graceMs: number): Promise<void> {
    const timeIsUp = new Promise<void>((resolve) => {
      const { clock } = this.#parts;
      clock.after(graceMs, () => {
        this.#abort.abort(new Error('the server stops'));
        resolve();
      });
    });
    this.look();
    await Promise.race([this.#looking, timeIsUp]);
    this.#cancelLook();
    const lanes = [...this.#lanes.values()];
    await Promise.race([Promise.all(lanes.map((lane) => lane.finish())), timeIsUp]);
  }

  async #keepLooking(): Promise<void> {
    while (this.#lookAgain && !this.#abort.signal.aborted) {
      this.#lookAgain = false;
      this.#cancelLook();
      try {
        await this.#lookOnce();
      } catch (error) {
        const { clock, recorder } = this.#parts;
        recorder.error({ error }, 'the spool of access logs cannot be read or written');
        this.#cancelLook = clock.after(this.#bounds.lookAgainMs, () => this.look());
      }
    }
    this.#looking = undefined;
  }

  async #lookOnce(): Promise<void> {
    let openBytes = 0;
    const closed: ClosedJournal[] = [];
    for (const folder of await spoolFolders(this.#parts.root)) {
      for (const name of await namesIn(folder)) {
        const path = join(folder, name);
        if (name.endsWith(partEnding)) await rm(path, { force: true });
        else if (name.endsWith(openEnding)) openBytes += await bytesOf(path);
        else if (name.endsWith(closedEnding) && journalIdOf(name) !== undefined) {
          closed.push({ folder, name, path, bytes: await bytesOf(path) });
        } else await this.#takeReady(path, name);
      }
    }
    const known = closed.filter(({ path }) => !this.#strange.has(path));
    const kept = await this.#makeRoom(known.toSorted(byName), openBytes);
    for (const journal of kept) {
      if (this.#abort.signal.aborted) return;
      await this.#split(journal);
    }
    await this.#makeRoom([], openBytes);
  }

  async #takeReady(path: string, name: string): Promise<void> {
    const lines = linesOfReady(name);
    if (lines === undefined || this.#ready.has(path) || this.#strange.has(path)) return;
    const file = await readReadyFile(path, { lines, name }).catch(unlessItIsMissing);
    // Delivered since the folder was read.
    if (file === 'missing') return;
    if (file === undefined) {
      this.#strange.add(path);
      this.#parts.recorder.error({ path }, 'a file in the spool of access logs has no known form');
      return;
    }
    this.#ready.set(path, file);
    this.#readyBytes += file.bytes;
    this.#laneOf(file.bucket).add(file);
  }

  async #split({ folder, name, path }: ClosedJournal): Promise<void> {
    const { recorder } = this.#parts;
    try {
      const journal = name.slice(0, -closedEnding.length);
      const { brokenLines, files } = await splitJournal(path, { folder, journal });
      for (const file of files) await this.#takeReady(join(folder, file), file);
      await rm(path, { force: true });
      if (brokenLines === 0) return;
      recorder.warn({ path, brokenLines }, 'lines of an access log were spoilt by a crash');
      this.#count({ brokenLines });
    } catch (error) {
      if (!(error instanceof UnknownJournal)) throw error;
      this.#strange.add(path);
      recorder.error({ path, error }, 'a journal of access logs has no known form');
    }
  }

  /** Drops the oldest until the rest is within the bound; answers which journals are kept. */
  async #makeRoom(
    closed: readonly ClosedJournal[],
    openBytes: number,
  ): Promise<readonly ClosedJournal[]> {
    const { spoolBytesMax } = this.#parts;
    let bytes = openBytes + this.#readyBytes;
    for (const journal of closed) bytes += journal.bytes;
    const isOver = (): boolean => bytes > spoolBytesMax || this.#ready.size > this.#bounds.filesMax;
    if (!isOver()) return closed;

    const kept = new Set(closed);
    const dropped = { files: 0, lines: 0, bytes: 0 };
    for (const oldest of [...this.#ready.values(), ...closed].toSorted(byName)) {
      if (!isOver()) break;
      if ('lines' in oldest) {
        if (!this.#laneOf(oldest.bucket).remove(oldest)) continue;
        this.#forget(oldest);
        dropped.lines += oldest.lines;
      } else {
        kept.delete(oldest);
      }
      await rm(oldest.path, { force: true });
      bytes -= oldest.bytes;
      dropped.files += 1;
      dropped.bytes += oldest.bytes;
    }
    if (dropped.files > 0) {
      this.#count({ droppedFiles: dropped.files, droppedLines: dropped.lines });
      this.#parts.recorder.error(
        { ...dropped, spoolBytesMax },
        'the spool of access logs is full; the oldest of it was dropped undelivered',
      );
    }
    return [...kept];
  }

  #laneOf(bucket: string): Lane {
    const known = this.#lanes.get(bucket);
    if (known !== undefined) return known;
    const { clock, destinationOf, randomness, recorder } = this.#parts;
    const lane = new Lane({
      bucket,
      destination: destinationOf(bucket),
      bounds: this.#bounds,
      slots: this.#slots,
      clock,
      randomness,
      recorder,
      signal: this.#abort.signal,
      onDelivered: (file) => this.#delivered(file),
    });
    this.#lanes.set(bucket, lane);
    return lane;
  }

  async #delivered(file: ReadyFile): Promise<void> {
    const { recorder } = this.#parts;
    const { bucket, key, lines, path } = file;
    recorder.debug({ bucket, key, lines }, 'a file of an access log was delivered');
    this.#count({ deliveredFiles: 1, deliveredLines: lines });
    try {
      await rm(path, { force: true });
      this.#forget(file);
    } catch (error) {
      // It stays known, so that it is not delivered again and again.
      recorder.error({ path, error }, 'a delivered access log cannot be removed from the spool');
    }
  }

  #forget({ bytes, path }: ReadyFile): void {
    this.#ready.delete(path);
    this.#readyBytes -= bytes;
  }

  #count(more: Partial<ShippedCounts>): void {
    this.#counts = sumOfCounts(this.#counts, more);
    this.#parts.onCounts?.(this.#counts);
  }
}

async function bytesOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissing(error)) return 0;
    throw error;
  }
}

function unlessItIsMissing(error: unknown): 'missing' {
  if (isMissing(error)) return 'missing';
  throw error;
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  if (a.name === b.name) return 0;
  return a.name < b.name ? -1 : 1;
}
