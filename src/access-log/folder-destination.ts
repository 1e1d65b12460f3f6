/**
 * A folder that stands for a bucket takes a file as a whole or not at all: it is written beside its
 * place, brought to disk, and renamed.
 *
 * Whoever may configure a distribution chooses the prefix, and with it the path. Nothing is written
 * outside the folder: parts that climb are encoded as `%2E%2E`, and each folder on the way is made
 * and then looked at, so that no link leads out.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, realpath, rename, rm } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Delivered, DeliveryFailure, type Destination } from './destination.ts';

export class FolderDestination implements Destination {
  readonly #folder: string;

  /** `folder` is absolute, and is not made when it does not exist. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async put(file: Delivered, signal: AbortSignal): Promise<void> {
    const parts = pathParts(file.key);
    const name = parts.pop();
    if (name === undefined) throw new DeliveryFailure('the name of the file is empty');
    const place = await this.#open(parts);
    const made = join(place, `.${name.slice(-60)}.part`);
    try {
      await pipeline(file.read(), createWriteStream(made, { flush: true }), { signal });
      await rename(made, join(place, name));
    } catch (error) {
      await rm(made, { force: true });
      throw error;
    }
  }

  /** The folder at the end of `parts`, made where it does not exist. */
  async #open(parts: readonly string[]): Promise<string> {
    const root = await realpath(this.#folder);
    let place = root;
    for (const part of parts) {
      const next = join(place, part);
      await mkdir(next).catch(unlessItExists);
      place = await realpath(next);
      if (place !== root && !place.startsWith(root.endsWith(sep) ? root : root + sep)) {
        throw new DeliveryFailure(`${next} is a link that leads out of ${root}`);
      }
    }
    return place;
  }
}

/**
 * What stands between slashes, as names of files: empty parts go, and what has a meaning of its own
 * to a file system is encoded.
 */
export function pathParts(key: string): string[] {
  return key
    .split('/')
    .filter((part) => part !== '')
    .map((part) => (part === '.' || part === '..' ? part.replaceAll('.', '%2E') : part))
    .map((part) => part.replace(/[\0\\]/g, encoded));
}

function encoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

function unlessItExists(error: unknown): void {
  if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return;
  throw error;
}
