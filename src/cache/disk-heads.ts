/**
 * The heads of all objects on disk, in a few files that are only ever added to, so that a start reads
 * heads alone and in one go. A record counts as long as the body it names is there; the last one of
 * a key counts. What has become worthless is swept by writing what is still worth something of one
 * file to the end of the newest, and removing that file: bounded work at a time.
 */
import { join } from 'node:path';
import type { DiskFiles } from './disk-files.ts';
import { intactRecordLength, recordBytesMax } from './disk-record.ts';

export type RecordPlace = { segment: number; offset: number; readonly length: number };

type Segment = { readonly file: number; length: number; liveBytes: number };

export const segmentBytesMax = 4_194_304;
/** So much may be worthless without being swept. */
const slackBytes = 2 * segmentBytesMax;
/** Records that wait to be written. */
const queueMax = 1_000;

type Waiting = {
  readonly record: Buffer;
  readonly place: RecordPlace;
  readonly resolve: () => void;
  readonly reject: (why: unknown) => void;
};

export class DiskHeads {
  readonly #files: DiskFiles;
  readonly #folder: string;
  readonly #prepare: () => Promise<void>;
  readonly #segments = new Map<number, Segment>();
  #next = 1;
  #newest: number | undefined;
  #queue: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #sweeping = false;

  /** `prepare` is done before records are written. */
  constructor(files: DiskFiles, folder: string, prepare: () => Promise<void>) {
    this.#files = files;
    this.#folder = folder;
    this.#prepare = prepare;
  }

  get bytes(): number {
    let bytes = 0;
    for (const { length } of this.#segments.values()) bytes += length;
    return bytes;
  }

  get #liveBytes(): number {
    let bytes = 0;
    for (const { liveBytes } of this.#segments.values()) bytes += liveBytes;
    return bytes;
  }

  /**
   * Gives every intact record in the order they were written. The answer is how many files had an end
   * that is none; after a crash the newest may.
   */
  async scan(take: (record: Buffer, place: RecordPlace) => void): Promise<number> {
    const names = await this.#files.list(this.#folder);
    const numbers = names.map(numberOf).filter((number) => number !== undefined);
    let torn = 0;
    for (const number of numbers.sort((a, b) => a - b)) {
      this.#next = number + 1;
      const file = await this.#files.open(this.#pathOf(number), 'read');
      const segment = { file, length: 0, liveBytes: 0 };
      this.#segments.set(number, segment);
      const { bytes, filled } = await this.#readSegment(file);
      segment.length = filled;
      const content = bytes.subarray(0, filled);
      for (let offset = 0; offset < filled; ) {
        const length = intactRecordLength(content, offset);
        if (length === undefined) {
          torn += 1;
          break;
        }
        take(content.subarray(offset, offset + length), { segment: number, offset, length });
        offset += length;
      }
    }
    return torn;
  }

  /** Resolves once it is written; where it is then stands in `place`. */
  append(record: Buffer): { readonly place: RecordPlace; readonly written: Promise<void> } {
    const place = { segment: 0, offset: 0, length: record.length };
    const written = new Promise<void>((resolve, reject) => {
      if (this.#queue.length >= queueMax) {
        reject(new Error('the disk does not keep up with what is to be stored'));
        return;
      }
      this.#queue.push({ record, place, resolve, reject });
    });
    this.#writing ??= this.#writeQueue().finally(() => {
      this.#writing = undefined;
    });
    return { place, written };
  }

  /** The record of an object, as long as it is the one that counts. */
  claim({ length, segment }: RecordPlace): void {
    const found = this.#segments.get(segment);
    if (found !== undefined) found.liveBytes += length;
  }

  release({ length, segment }: RecordPlace): void {
    const found = this.#segments.get(segment);
    if (found !== undefined) found.liveBytes -= length;
  }

  /** Undefined: what is there is not what was written. */
  async read({ length, offset, segment }: RecordPlace): Promise<Buffer | undefined> {
    const found = this.#segments.get(segment);
    if (found === undefined) return undefined;
    const record = Buffer.allocUnsafe(length);
    const filled = await this.#files.read(found.file, record, offset);
    return filled === length && intactRecordLength(record, 0) === length ? record : undefined;
  }

  /** `current`: where the record that counts is, if the given one of that place does. */
  async sweep(
    current: (record: Buffer, at: RecordPlace) => RecordPlace | undefined,
  ): Promise<void> {
    const isWorthIt = this.bytes > 2 * this.#liveBytes + slackBytes;
    const least = [...this.#segments]
      .filter(([number]) => number !== this.#newest)
      .sort(([, a], [, b]) => a.liveBytes - b.liveBytes)[0];
    if (!isWorthIt || least === undefined || this.#sweeping) return;
    this.#sweeping = true;
    try {
      await this.#moveFrom(...least, current);
    } finally {
      this.#sweeping = false;
    }
  }

  async #moveFrom(
    number: number,
    segment: Segment,
    current: (record: Buffer, at: RecordPlace) => RecordPlace | undefined,
  ): Promise<void> {
    const { bytes, filled } = await this.#readSegment(segment.file);
    const content = bytes.subarray(0, filled);
    const moved: Promise<void>[] = [];
    for (let offset = 0, length: number | undefined; offset < filled; offset += length) {
      length = intactRecordLength(content, offset);
      if (length === undefined) break;
      const record = content.subarray(offset, offset + length);
      const own = current(record, { segment: number, offset, length });
      if (own === undefined) continue;
      const { place, written } = this.append(record);
      moved.push(
        written.then(() => {
          // It may have been replaced or dropped meanwhile; then this place is nobody's.
          if (current(record, { segment: number, offset, length: place.length }) !== own) return;
          this.release(own);
          own.segment = place.segment;
          own.offset = place.offset;
          this.claim(own);
        }),
      );
      if (moved.length >= moveAtOnce) await Promise.all(moved.splice(0));
    }
    await Promise.all(moved);
    this.#segments.delete(number);
    await this.#files.remove(this.#pathOf(number));
    await this.#files.close(segment.file);
  }

  /** All records that were written are worth nothing. */
  async clear(): Promise<void> {
    const segments = [...this.#segments];
    this.#segments.clear();
    this.#newest = undefined;
    await this.#writing;
    for (const [number, { file }] of segments) {
      await this.#files.remove(this.#pathOf(number));
      await this.#files.close(file);
    }
  }

  async close(): Promise<void> {
    await this.#writing;
    for (const { file } of this.#segments.values()) await this.#files.close(file);
    this.#segments.clear();
    this.#newest = undefined;
  }

  async #writeQueue(): Promise<void> {
    // Records that come in the same turn are written together.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const waiting = this.#take();
      try {
        await this.#prepare();
        const segment = await this.#segmentFor(waiting);
        let offset = segment.length;
        for (const { place } of waiting) {
          place.segment = this.#newest ?? 0;
          place.offset = offset;
          offset += place.length;
        }
        const from = segment.length;
        await this.#files.write(segment.file, Buffer.concat(waiting.map(recordOf)), from);
        segment.length = offset;
        for (const { resolve } of waiting) resolve();
      } catch (error) {
        // What follows a torn record would not be read again, so nothing follows it.
        this.#newest = undefined;
        for (const { reject } of waiting) reject(error);
      }
    }
  }

  #take(): Waiting[] {
    let bytes = 0;
    const taken = this.#queue.findIndex(({ record }) => {
      bytes += record.length;
      return bytes > segmentBytesMax / 4;
    });
    return this.#queue.splice(0, taken < 0 ? this.#queue.length : Math.max(taken, 1));
  }

  async #segmentFor(waiting: readonly Waiting[]): Promise<Segment> {
    const bytes = waiting.reduce((sum, { record }) => sum + record.length, 0);
    const newest = this.#newest === undefined ? undefined : this.#segments.get(this.#newest);
    if (newest !== undefined && newest.length + bytes <= segmentBytesMax) return newest;
    const number = this.#next;
    this.#next += 1;
    const file = await this.#files.open(this.#pathOf(number), 'create');
    const segment = { file, length: 0, liveBytes: 0 };
    this.#segments.set(number, segment);
    this.#newest = number;
    return segment;
  }

  async #readSegment(file: number): Promise<{ bytes: Buffer; filled: number }> {
    const bytes = Buffer.allocUnsafe(segmentBytesMax + recordBytesMax);
    return { bytes, filled: await this.#files.read(file, bytes, 0) };
  }

  #pathOf(number: number): string {
    return join(this.#folder, `heads-${String(number).padStart(10, '0')}`);
  }
}

const moveAtOnce = 100;

function recordOf({ record }: Waiting): Buffer {
  return record;
}

function numberOf(name: string): number | undefined {
  const match = /^heads-(\d{10})$/.exec(name);
  return match === null ? undefined : Number(match[1]);
}
