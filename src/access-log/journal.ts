/**
 * The journal of one edge worker: takes a line of the access log for every exchange and has it on
 * disk soon after, without ever waiting for the disk and without ever throwing.
 *
 *   write ──► chunk (256 KiB) ──full, or 250 ms old──► .open file ──5 min or 50 MB──► .closed ──► notice
 *
 * What a crash of the process loses is what was not handed to the system yet: the lines of the last
 * `flushMs`, and while the disk does not take what is given, up to `memoryBytesMax` of lines. Beyond
 * that bound lines are dropped and counted, as viewers come before their records.
 */
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Recorder } from '../base/recorder.ts';
import { type FieldSet, type LineFacts, lineBytesMax, LineWriter } from './fields.ts';
import {
  closedEnding,
  entryStart,
  journalHead,
  journalName,
  type LogTarget,
  openEnding,
  targetLine,
} from './spool.ts';
import { type SpoolFile, type SpoolFiles, spoolFiles } from './spool-files.ts';

/** Where the edge gives the lines of its exchanges. */
export interface AccessLog {
  /** Never waits and never throws. */
  write(target: LogTarget, facts: LineFacts): void;
}

export const journalBounds = {
  /** A line waits so long in memory at most before it is given to the system. */
  flushMs: 250,
  chunkBytes: 262_144,
  /** Of all chunks of a worker; what the disk does not take beyond it is dropped. */
  memoryBytesMax: 4_194_304,
  /** Between two tries at a disk that refuses. */
  retryMs: 1_000,
} as const;

export type JournalBounds = { readonly [Name in keyof typeof journalBounds]: number };

export type JournalOptions = {
  /** Made when the first line comes. */
  readonly folder: string;
  /** 20 hexadecimal digits, never used before. */
  readonly id: string;
  readonly fields: FieldSet;
  /** From the first line of a file to its closing. */
  readonly intervalMs: number;
  /** Looked at when a chunk is full, so a file may be longer by one. */
  readonly fileBytesMax: number;
  readonly clock: Clock;
  readonly recorder: Recorder;
  /** Called when a file was closed. */
  readonly onClosed: () => void;
  readonly bounds?: JournalBounds;
  readonly files?: SpoolFiles;
};

/** One file of the journal, from its first line to its closing. */
type Segment = {
  /** Path without an ending. */
  readonly path: string;
  readonly starts: Map<LogTarget, Uint8Array>;
  file: SpoolFile | undefined;
  /** Bytes that were put into chunks, and those the system has. */
  putBytes: number;
  writtenBytes: number;
};

type Chunk = { readonly bytes: Uint8Array; length: number };

type Step =
  | { readonly kind: 'write'; readonly segment: Segment; readonly chunk: Chunk }
  | { readonly kind: 'close'; readonly segment: Segment };

/** Chunks beyond so many go when they are not needed. */
const idleChunksMax = 2;

export class Journal implements AccessLog {
  readonly #options: JournalOptions;
  readonly #bounds: JournalBounds;
  readonly #files: SpoolFiles;
  readonly #lines: LineWriter;
  readonly #chunksMax: number;
  readonly #idle: Chunk[] = [];
  #chunks = 0;
  #count = 0;
  #segment: Segment | undefined;
  #chunk: Chunk | undefined;
  #steps: Step[] = [];
  #working: Promise<void> | undefined;
  #closing = false;
  #lostLines = 0;
  #lostTold = 0;
  #isInTrouble = false;
  #cancelFlush: () => void = nothing;
  #cancelEnd: () => void = nothing;
  #endWait: () => void = nothing;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#bounds = options.bounds ?? journalBounds;
    this.#files = options.files ?? spoolFiles;
    this.#lines = new LineWriter(options.fields);
    this.#chunksMax = Math.max(
      1,
      Math.floor(this.#bounds.memoryBytesMax / this.#bounds.chunkBytes),
    );
  }

  /** Lines that were dropped because the disk did not take them. */
  get lostLines(): number {
    return this.#lostLines;
  }

  write(target: LogTarget, facts: LineFacts): void {
    const lineBytes = lineBytesMax(facts);
    const segment = this.#segment;
    const chunk = this.#chunk;
    const start = segment?.starts.get(target);
    if (
      segment !== undefined &&
      start !== undefined &&
      chunk !== undefined &&
      chunk.bytes.length - chunk.length >= start.length + lineBytes
    ) {
      this.#put(segment, chunk, start, facts);
    } else {
      this.#writeIntoNew(target, facts, lineBytes);
    }
  }

  /** Everything that was written is on disk and closed, or could not be; resolves in any case. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#endFile();
    this.#endWait();
    await this.#working;
    if (this.#lostLines > this.#lostTold) this.#tellLost();
  }

  /** The line does not fit into the chunk at hand, or there is none, or its target is new. */
  #writeIntoNew(target: LogTarget, facts: LineFacts, lineBytes: number): void {
    if (this.#closing) {
      this.#lostLines += 1;
      return;
    }
    if (this.#segment !== undefined && this.#segment.putBytes >= this.#options.fileBytesMax) {
      this.#endFile();
    }
    const segment = this.#segment ?? this.#begin();
    const known = segment.starts.get(target);
    const number = segment.starts.size + 1;
    const start = known ?? Buffer.from(entryStart(number), 'latin1');
    const announced = Buffer.from(
      (segment.putBytes === 0 ? journalHead(this.#options.fields) : '') +
        (known === undefined ? targetLine(number, target) : ''),
      'utf8',
    );
    const chunk = this.#roomFor(announced.length + start.length + lineBytes);
    if (chunk === undefined) {
      this.#lostLines += 1;
      return;
    }
    segment.starts.set(target, start);
    chunk.bytes.set(announced, chunk.length);
    chunk.length += announced.length;
    segment.putBytes += announced.length;
    this.#put(segment, chunk, start, facts);
  }

  #put(segment: Segment, chunk: Chunk, start: Uint8Array, facts: LineFacts): void {
    chunk.bytes.set(start, chunk.length);
    const end = this.#lines.write(chunk.bytes, chunk.length + start.length, facts);
    segment.putBytes += end - chunk.length;
    chunk.length = end;
  }

  #begin(): Segment {
    const { clock, folder, id, intervalMs } = this.#options;
    this.#count += 1;
    const segment: Segment = {
      path: join(folder, journalName(clock.now(), id, this.#count)),
      starts: new Map(),
      file: undefined,
      putBytes: 0,
      writtenBytes: 0,
    };
    this.#segment = segment;
    this.#cancelEnd = clock.after(intervalMs, () => this.#endFile());
    return segment;
  }

  /** The chunk at hand if so much fits into it, else another one; undefined: memory is full. */
  #roomFor(bytes: number): Chunk | undefined {
    if (this.#chunk !== undefined) {
      if (this.#chunk.bytes.length - this.#chunk.length >= bytes) return this.#chunk;
      this.#flush();
    }
    const { chunkBytes, flushMs } = this.#bounds;
    let chunk = this.#idle.pop();
    if (chunk === undefined) {
      if (this.#chunks >= this.#chunksMax) return undefined;
      chunk = { bytes: Buffer.allocUnsafeSlow(chunkBytes), length: 0 };
      this.#chunks += 1;
    }
    if (bytes > chunk.bytes.length) {
      this.#giveBack(chunk);
      return undefined;
    }
    this.#chunk = chunk;
    this.#cancelFlush = this.#options.clock.after(flushMs, () => this.#flush());
    return chunk;
  }

  #giveBack(chunk: Chunk): void {
    chunk.length = 0;
    if (this.#idle.length < idleChunksMax) this.#idle.push(chunk);
    else this.#chunks -= 1;
  }

  #flush(): void {
    this.#cancelFlush();
    const chunk = this.#chunk;
    const segment = this.#segment;
    if (chunk === undefined || segment === undefined) return;
    this.#chunk = undefined;
    this.#todo({ kind: 'write', segment, chunk });
  }

  #endFile(): void {
    this.#cancelEnd();
    const segment = this.#segment;
    if (segment === undefined) return;
    this.#flush();
    this.#segment = undefined;
    if (segment.putBytes > 0) this.#todo({ kind: 'close', segment });
  }

  #todo(step: Step): void {
    this.#steps.push(step);
    this.#working ??= this.#work();
  }

  /** What is to be done, in order and until it is done; the disk is this loop's alone to wait for. */
  async #work(): Promise<void> {
    for (let step = this.#steps[0]; step !== undefined; step = this.#steps[0]) {
      try {
        const done = step.kind === 'write' ? await this.#append(step.segment) : 1;
        if (step.kind === 'close') await this.#close(step);
        this.#steps.splice(0, done);
        this.#isFine();
      } catch (error) {
        this.#isNotFine(error);
        if (this.#closing) this.#abandon();
        else await this.#wait();
      }
    }
    // At once with the loop's end, or a step that comes in between would wait for the next one.
    this.#working = undefined;
  }

  /** All chunks of the file that wait, in one call; answers how many. */
  async #append(segment: Segment): Promise<number> {
    const other = this.#steps.findIndex(
      (step) => step.kind === 'close' || step.segment !== segment,
    );
    const chunks = this.#steps
      .slice(0, other < 0 ? undefined : other)
      .flatMap((step) => (step.kind === 'write' ? [step.chunk] : []));
    segment.file ??= await this.#files.create(`${segment.path}${openEnding}`);
    // At its own place, so that a try after half a write puts the bytes over that half.
    await segment.file.write(
      chunks.map(({ bytes, length }) => bytes.subarray(0, length)),
      segment.writtenBytes,
    );
    for (const chunk of chunks) {
      segment.writtenBytes += chunk.length;
      this.#giveBack(chunk);
    }
    return chunks.length;
  }

  async #close({ segment }: Step & { kind: 'close' }): Promise<void> {
    if (segment.file === undefined) return;
    await segment.file.close();
    segment.file = undefined;
    await this.#files.rename(`${segment.path}${openEnding}`, `${segment.path}${closedEnding}`);
    this.#options.onClosed();
  }

  #isFine(): void {
    if (!this.#isInTrouble) return;
    this.#isInTrouble = false;
    if (this.#lostLines > this.#lostTold) this.#tellLost();
    else this.#options.recorder.info({}, 'access logs are written again');
  }

  #isNotFine(error: unknown): void {
    if (this.#isInTrouble) return;
    this.#isInTrouble = true;
    const { folder, recorder } = this.#options;
    recorder.error({ folder, error }, 'access logs cannot be written; lines wait in memory');
  }

  #tellLost(): void {
    const lines = this.#lostLines - this.#lostTold;
    this.#lostTold = this.#lostLines;
    this.#options.recorder.error({ lines }, 'lines of access logs were lost');
  }

  /** The process ends and the disk still refuses: what it did not take is lost. */
  #abandon(): void {
    let bytes = 0;
    for (const step of this.#steps) if (step.kind === 'write') bytes += step.chunk.length;
    this.#steps = [];
    this.#options.recorder.error({ bytes }, 'what was left of access logs could not be written');
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(this.#bounds.retryMs, resolve);
      this.#endWait = () => {
        cancel();
        resolve();
      };
    });
  }
}

function nothing(): void {
  // There is nothing to cancel yet.
}
