/**
 * A log as a file: what `log export` writes and `log import` reads. One JSON object a line: what
 * the file is, then each document that is not deleted with the revision at which it was written,
 * then the end, with the cursor that all of it together is the state at. A file without its end, or
 * with another number of documents than the end says, is not whole and is refused.
 *
 * History is not in it. After an import the log has another name, so no cursor of before can be
 * proven in any case, and every reader begins with a snapshot.
 */
import {
  type Cursor,
  type Key,
  parseKey,
  parseLogId,
  parseWriteId,
  type Revision,
  revision,
  type WriteId,
} from '../base/log-record.ts';
import { recordBytesMax } from './log.ts';

const formatVersion = 1;
/** A document as JSON text within JSON may take several times its size. */
export const lineCharactersMax = recordBytesMax * 7;

export type LogDocument = {
  readonly key: Key;
  readonly revision: Revision;
  readonly writeId: WriteId;
  readonly value: Uint8Array;
};

/** A sentence on what is wrong with a file. */
export class UnfitLogFile extends Error {
  override readonly name = 'UnfitLogFile';
}

export function firstLine(): string {
  return line({ type: 'warmfront-log', format: formatVersion });
}

export function documentLine({ key, revision: position, value, writeId }: LogDocument): string {
  // Documents are JSON, so UTF-8; as text they can be read by a person and by `jq`.
  return line({ type: 'document', key, revision: position, writeId, value: text(value) });
}

export function lastLine(cursor: Cursor, documents: number): string {
  const { logId, revision: position, writeId } = cursor;
  return line({ type: 'end', logId, revision: position, writeId, documents });
}

/** Reads lines one after another; `end` is there once the last one was read. */
export class LogFileReader {
  #lines = 0;
  #documents = 0;
  #end: Cursor | undefined;

  /** The document of this line, if it has one. */
  read(text: string): LogDocument | undefined {
    this.#lines += 1;
    const fields = this.#parse(text);
    const { documents, format, type } = fields;
    if (this.#lines === 1) {
      if (type !== 'warmfront-log') throw new UnfitLogFile('It is no log of Warmfront.');
      if (format !== formatVersion) {
        throw new UnfitLogFile(
          `It is of format ${String(format)}, and this version of Warmfront knows ${formatVersion}.`,
        );
      }
      return undefined;
    }
    if (this.#end !== undefined) return this.#fail('goes on after its end');
    try {
      if (type === 'end') {
        this.#end = cursorOf(fields);
        if (documents !== this.#documents) return this.#fail('is not whole: documents are missing');
        return undefined;
      }
      if (type !== 'document') return this.#fail('has a line that is no document');
      this.#documents += 1;
      return documentOf(fields);
    } catch (thrown) {
      if (thrown instanceof UnfitLogFile) throw thrown;
      return this.#fail(thrown instanceof Error ? thrown.message : String(thrown));
    }
  }

  /** The cursor that all documents together are the state at. */
  finish(): Cursor {
    if (this.#end === undefined) throw new UnfitLogFile('It is not whole: its end is missing.');
    return this.#end;
  }

  #parse(text: string): Readonly<Record<string, unknown>> {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return this.#lines === 1
        ? this.#never('It is no log of Warmfront.')
        : this.#fail('is not whole, or damaged');
    }
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
    return this.#fail('has a line that is no object');
  }

  #fail(what: string): never {
    return this.#never(`It ${what} (line ${this.#lines}).`);
  }

  #never(what: string): never {
    throw new UnfitLogFile(what);
  }
}

function cursorOf(fields: Readonly<Record<string, unknown>>): Cursor {
  return {
    logId: parseLogId(String(fields['logId'])),
    revision: positionOf(fields),
    writeId: parseWriteId(String(fields['writeId'])),
  };
}

function documentOf(fields: Readonly<Record<string, unknown>>): LogDocument {
  const { key, value, writeId } = fields;
  if (typeof key !== 'string' || typeof value !== 'string') throw new Error('has no key or value');
  return {
    key: parseKey(key),
    revision: positionOf(fields),
    writeId: parseWriteId(String(writeId)),
    value: Buffer.from(value),
  };
}

function positionOf({ revision: position }: Readonly<Record<string, unknown>>): Revision {
  if (typeof position !== 'number') throw new Error('has no revision');
  return revision(position);
}

function text(value: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value);
}

function line(fields: object): string {
  return `${JSON.stringify(fields)}\n`;
}
