/**
 * A small disk of its own for what a server keeps, so that it can be filled without harm to others: a
 * file system in memory, where the system lets us mount one.
 */
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const pieceBytes = 1_048_576;

export class SmallDisk {
  readonly #folder: string;
  #isFull = false;
  /** How often it was filled. */
  filled = 0;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Over the folder; undefined where that is not allowed. */
  static mount(folder: string, bytes: number): SmallDisk | undefined {
    const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder]);
    return status === 0 ? new SmallDisk(folder) : undefined;
  }

  fillOrEmpty(): void {
    const filler = join(this.#folder, 'filler');
    if (this.#isFull) rmSync(filler, { force: true });
    else {
      this.filled += 1;
      try {
        for (;;) writeFileSync(filler, new Uint8Array(pieceBytes), { flag: 'a' });
      } catch {
        // It is full, as was wanted.
      }
    }
    this.#isFull = !this.#isFull;
  }

  unmount(): void {
    spawnSync('umount', [this.#folder]);
  }
}
