/**
 * One file of an access log while it is made: lines go in, gzip comes to lie on disk, under a name
 * that counts for nothing until the whole of it is there for good.
 */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { fileHead, type FieldSet } from './fields.ts';
import { partEnding, type ReadyHead, readyHead, readyName } from './spool.ts';
import { spoolFileMode } from './spool-files.ts';

/** Compressed at one time. */
const batchBytes = 65_536;

export class LogFile {
  readonly #folder: string;
  readonly #stem: string;
  readonly #gzip = createGzip();
  readonly #written: Promise<void>;
  #batch = Buffer.allocUnsafe(batchBytes);
  #length = 0;
  #lines = 0;

  /** `stem` as `readyStem` makes it. */
  constructor(
    folder: string,
    stem: string,
    { fields, head }: { readonly fields: FieldSet; readonly head: ReadyHead },
  ) {
    this.#folder = folder;
    this.#stem = stem;
    const file = createWriteStream(this.#partPath, { mode: spoolFileMode, flush: true });
    file.write(readyHead(head));
    this.#written = pipeline(this.#gzip, file);
    // Whoever adds or finishes hears of it; a file that is given up has no one to tell.
    this.#written.catch(() => undefined);
    this.#length = this.#batch.write(fileHead(fields), 'latin1');
  }

  get #partPath(): string {
    return join(this.#folder, `${this.#stem}${partEnding}`);
  }

  /** A whole line, its line feed included; copied. Wait for what it answers before the next one. */
  add(line: Uint8Array): Promise<void> | undefined {
    if (this.#length + line.length <= this.#batch.length) {
      this.#put(line);
      return undefined;
    }
    return this.#compress(line.length).then(() => this.#put(line));
  }

  /** Resolves with the name of the file, once it is on disk. */
  async finish(): Promise<string> {
    await this.#compress(0);
    this.#gzip.end();
    await this.#written;
    const name = readyName(this.#stem, this.#lines);
    await rename(this.#partPath, join(this.#folder, name));
    return name;
  }

  /** Of no use any more. Its `.part` is left to whoever tidies the folder. */
  giveUp(): void {
    this.#gzip.destroy();
  }

  #put(line: Uint8Array): void {
    this.#batch.set(line, this.#length);
    this.#length += line.length;
    this.#lines += 1;
  }

  /** What was gathered goes on to gzip, which keeps the bytes, so that others take their place. */
  async #compress(nextBytes: number): Promise<void> {
    const batch = this.#batch.subarray(0, this.#length);
    this.#batch = Buffer.allocUnsafe(Math.max(batchBytes, nextBytes));
    this.#length = 0;
    if (this.#gzip.write(batch)) return;
    await Promise.race([once(this.#gzip, 'drain'), this.#written]);
  }
}
