/**
 * What is done with a whole log while no server runs on it: `log export`, `log import` and
 * `log renew`, of whichever home the settings name. A log is opened by itself, as a server opens it,
 * and never half: the file of an export is there only once it is whole, and an import takes all of a
 * file or nothing.
 */
import { createReadStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Clock } from './base/clock.ts';
import {
  type Change,
  type Cursor,
  type LogId,
  type LogRecord,
  logId,
  revision,
  writeId,
} from './base/log-record.ts';
import type { Randomness } from './base/randomness.ts';
import { readSettings } from './config.ts';
import { explainFailure } from './log/embedded-failure.ts';
import { bytesMaxDefault } from './log/embedded.ts';
import { EmbeddedStore } from './log/embedded-store.ts';
import {
  documentLine,
  firstLine,
  lastLine,
  lineCharactersMax,
  type LogDocument,
  LogFileReader,
  UnfitLogFile,
} from './log/log-file.ts';
import { historyRecordsMax } from './log/log.ts';
import { LogUnavailable } from './log/log-unavailable.ts';

/** Why nothing was done, in sentences for whoever asked. */
export class MoveFault extends Error {
  override readonly name = 'MoveFault';
  readonly isUsage: boolean;

  constructor(message: string, isUsage = false) {
    super(message);
    this.isUsage = isUsage;
  }
}

export type Moved = { readonly cursor: Cursor; readonly documents: number };

export type MovePorts = {
  /** Flags of `serve` that say where the log is. */
  readonly flags: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly randomness: Randomness;
};

/** A log that nobody else writes to meanwhile. */
type WholeLog = {
  readonly head: Cursor;
  readonly documents: AsyncIterable<LogDocument> | Iterable<LogDocument>;
};

interface Home {
  /** Rejects where there is no log. */
  read(): Promise<WholeLog>;
  /** Rejects where there is one already. */
  fill(documents: AsyncIterable<LogDocument>, headAfter: () => Cursor): Promise<void>;
  rename(name: LogId): Promise<Cursor>;
  close(): Promise<void>;
}

export async function exportLog(file: string, ports: MovePorts): Promise<Moved> {
  return await withHome(ports, async (home) => {
    if (await isThere(file)) throw new MoveFault(`${file} is there already; it is left as it is.`);
    const { documents, head } = await home.read();
    const part = `${file}.part`;
    const handle = await open(part, 'w', 0o600);
    let count = 0;
    try {
      await handle.appendFile(firstLine());
      for await (const document of documents) {
        count += 1;
        await handle.appendFile(documentLine(document));
      }
      await handle.appendFile(lastLine(head, count));
      await handle.sync();
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    } finally {
      await handle.close();
    }
    await rename(part, file);
    return { cursor: head, documents: count };
  });
}

/** The log keeps its positions and goes by a new name. */
export async function importLog(file: string, ports: MovePorts): Promise<Moved> {
  // Read once for its end alone, so that a file that is not whole changes nothing.
  const { cursor, documents } = await checkFile(file);
  const head = { ...cursor, logId: logId(ports.randomness.bytes(16)) };
  return await withHome(ports, async (home) => {
    const reader = new LogFileReader();
    await home.fill(documentsOf(file, reader), () => ({ ...reader.finish(), logId: head.logId }));
    return { cursor: head, documents };
  });
}

export async function renewLog(ports: MovePorts): Promise<Cursor> {
  return await withHome(ports, (home) => home.rename(logId(ports.randomness.bytes(16))));
}

async function checkFile(file: string): Promise<Moved> {
  const reader = new LogFileReader();
  let documents = 0;
  for await (const _ of documentsOf(file, reader)) documents += 1;
  return { cursor: reader.finish(), documents };
}

async function* documentsOf(
  file: string,
  reader: LogFileReader,
): AsyncGenerator<LogDocument, void> {
  const input = createReadStream(file, 'utf8');
  try {
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      if (line.length > lineCharactersMax)
        throw new UnfitLogFile('It has a line that is too long.');
      const document = reader.read(line);
      if (document !== undefined) yield document;
    }
  } finally {
    input.destroy();
  }
}

async function withHome<Done>(ports: MovePorts, act: (home: Home) => Promise<Done>): Promise<Done> {
  const outcome = readSettings(ports.flags, ports.environment);
  if (outcome.kind !== 'settings') {
    throw new MoveFault(outcome.kind === 'wrong' ? outcome.message : outcome.text, true);
  }
  const { data, edgeLeaseMs, etcd } = outcome.settings;
  let home: Home;
  if (etcd !== undefined) {
    const { openEtcdToMove } = await import('./log/etcd-moving.ts');
    home = openEtcdToMove(etcd, { clock: ports.clock, leaseMs: edgeLeaseMs });
  } else if (data !== undefined) home = openEmbedded(data, ports.randomness);
  else throw new MoveFault('With --memory there is no log to be moved.', true);
  try {
    return await act(home);
  } finally {
    await home.close();
  }
}

function openEmbedded(directory: string, randomness: Randomness): Home {
  const explained = <Done>(act: () => Done): Done => {
    try {
      return act();
    } catch (thrown) {
      if (thrown instanceof MoveFault) throw thrown;
      throw new LogUnavailable(explainFailure(thrown, directory));
    }
  };
  const store = explained(
    () =>
      new EmbeddedStore({
        of: 'log',
        directory,
        logId: logId(randomness.bytes(16)),
        writeId: writeId(randomness.bytes(16)),
        historyRecordsMax,
        bytesMax: bytesMaxDefault,
      }),
  );
  function* documents(): Generator<LogDocument, void> {
    for (let after = revision(0), more = true; more; ) {
      const page = store.readPage({ after, proof: undefined, every: false });
      if (page.kind === 'unproven') return;
      ({ more } = page);
      for (const { changes, revision: position, writeId: by } of page.records) {
        after = position;
        for (const { key, value } of changes) {
          if (value !== null) yield { key, revision: position, writeId: by, value };
        }
      }
    }
  }
  return {
    read: async () => explained(() => ({ head: store.head(), documents: documents() })),
    async fill(given, headAfter) {
      if (!store.isEmpty()) throw new MoveFault(`The log in ${directory} is not empty.`);
      const all: { readonly record: LogRecord; readonly change: Change }[] = [];
      for await (const { key, revision: position, value, writeId: by } of given) {
        const record = { revision: position, writeId: by, changes: [] };
        all.push({ record, change: { key, value } });
      }
      explained(() => store.replaceAll(all, headAfter()));
    },
    rename: async (name) =>
      explained(() => {
        store.rename(name);
        return store.head();
      }),
    close: async () => store.close(),
  };
}

async function isThere(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch {
    return false;
  }
}
