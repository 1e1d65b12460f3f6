/**
 * Holds a data directory for this process alone where no log lies in it: the log in a directory does
 * that by itself. SQLite's lock is the system's own, so it ends with the process however that ends.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { explainFailure } from './embedded-failure.ts';
import { LogUnavailable } from './log-unavailable.ts';

/** Rejects with LogUnavailable where another process holds it; the answer lets go of it. */
export function holdDirectory(directory: string): () => void {
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    database = new DatabaseSync(join(directory, 'held.sqlite'));
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (thrown) {
    database?.close();
    const { code, message } = explainFailure(thrown, directory);
    if (code !== 'in-use') throw new LogUnavailable({ code, message });
    throw new LogUnavailable({
      code,
      message: `The data directory ${directory} is in use by another process. Stop that one first, or give this one a data directory of its own.`,
    });
  }
  const held = database;
  return () => held.close();
}
