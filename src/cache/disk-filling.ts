/** A body on its way to the disk. The store counts its bytes, and gets the writer when it is whole. */
import type { DiskBacklog } from './disk-backlog.ts';
import type { BodyWriter } from './disk-body.ts';
import type { Head } from './disk-entry.ts';
import type { Filling, StoredObject } from './stored-object.ts';

export type FillingWays = {
  readonly grow: (by: number) => boolean;
  readonly mayWrite: () => boolean;
  readonly hangs: () => void;
  readonly finish: (writer: BodyWriter, head: Head, bytes: number) => StoredObject | undefined;
  readonly abandon: (writer: BodyWriter, bytes: number) => void;
};

export class DiskFilling implements Filling {
  readonly #writer: BodyWriter;
  readonly #backlog: DiskBacklog;
  readonly #ways: FillingWays;
  #bytes = 0;
  #isOpen = true;

  constructor(writer: BodyWriter, backlog: DiskBacklog, ways: FillingWays) {
    this.#writer = writer;
    this.#backlog = backlog;
    this.#ways = ways;
  }

  add(piece: Uint8Array): boolean {
    if (!this.#isOpen) return false;
    if (!this.#ways.mayWrite() || !this.#ways.grow(piece.length)) {
      this.abandon();
      return false;
    }
    this.#bytes += piece.length;
    if (!this.#writer.add(piece)) this.abandon();
    return this.#isOpen;
  }

  room(): Promise<void> | undefined {
    if (!this.#isOpen) return undefined;
    return this.#backlog.room()?.then((isThere) => {
      if (isThere || !this.#isOpen) return;
      this.#ways.hangs();
      this.abandon();
    });
  }

  readSoFar(at: number): Promise<Uint8Array> {
    return this.#writer.readSoFar(at);
  }

  finish(object: Head): StoredObject | undefined {
    if (!this.#isOpen) return undefined;
    this.#isOpen = false;
    return this.#ways.finish(this.#writer, object, this.#bytes);
  }

  abandon(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#ways.abandon(this.#writer, this.#bytes);
  }
}
