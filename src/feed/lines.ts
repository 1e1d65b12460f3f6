/**
 * The lines of the edge feed: JSON objects, each ended by a line feed, for as long as both sides
 * want. A stream may break anywhere: only whole lines count, and the last cursor says where to go
 * on. Types that this release does not know are passed over, so that a newer API serves older edges.
 */
import {
  type Change,
  type Cursor,
  type LogRecord,
  parseKey,
  parseLogId,
  parseWriteId,
  revision,
} from '../base/log-record.ts';
import type { TailEvent } from '../log/log.ts';

export const feedProtocol = 1;

export type FeedLine =
  /** The first of every stream. */
  | {
      readonly kind: 'hello';
      readonly protocol: number;
      /** No silence is longer; after three of them the other side is taken for dead. */
      readonly heartbeatMs: number;
      readonly leaseMs: number;
      /** Suffix of the names of distributions. */
      readonly domain: string;
    }
  | Exclude<TailEvent, { readonly kind: 'detached' }>
  | { readonly kind: 'heartbeat' }
  /** The API process lost the log; another one may have it. */
  | { readonly kind: 'detached'; readonly why: string }
  /** The API process ends the stream. */
  | { readonly kind: 'bye'; readonly why: string };

/** A record of 1 MiB, with every character of it escaped, and what stands around it. */
export const lineBytesMax = 4 * 1_048_576;

export class FeedFault extends Error {
  override readonly name = 'FeedFault';
}

export function writeLine(line: FeedLine): string {
  return `${JSON.stringify(formOf(line))}\n`;
}

function formOf(line: FeedLine): Readonly<Record<string, unknown>> {
  if (line.kind === 'record') {
    const { changes, revision: position, writeId } = line.record;
    return { type: 'record', revision: position, writeId, changes: changes.map(changeForm) };
  }
  if (line.kind === 'caughtUp') return { type: 'caughtUp', ...line.cursor };
  const { kind, ...members } = line;
  return { type: kind, ...members };
}

/** Documents are JSON, and so UTF-8. */
function changeForm({ key, value }: Change) {
  return { key, value: value === null ? null : Buffer.from(value).toString('utf8') };
}

/** Undefined: a type that is not known here. Throws a FeedFault. */
export function readLine(text: string): FeedLine | undefined {
  const form = readObject(text);
  switch (form['type']) {
    case 'hello': {
      const { domain, heartbeatMs, leaseMs, protocol } = form;
      if (protocol !== feedProtocol) {
        throw new FeedFault(`the API speaks protocol ${String(protocol)} of the feed`);
      }
      if (typeof domain !== 'string') throw new FeedFault('the API does not tell its domain');
      return {
        kind: 'hello',
        protocol,
        heartbeatMs: readDuration(heartbeatMs),
        leaseMs: readDuration(leaseMs),
        domain,
      };
    }
    case 'snapshot':
      return { kind: 'snapshot' };
    case 'record':
      return { kind: 'record', record: readRecord(form) };
    case 'caughtUp':
      return { kind: 'caughtUp', cursor: readCursor(form) };
    case 'heartbeat':
      return { kind: 'heartbeat' };
    case 'detached':
    case 'bye':
      return { kind: form['type'], why: String(form['why']).slice(0, whyCharactersMax) };
    default:
      return undefined;
  }
}

const whyCharactersMax = 500;
const durationMsMax = 3_600_000;

function readRecord({ changes, revision: position, writeId }: Form): LogRecord {
  if (!Array.isArray(changes)) throw new FeedFault('a record has no changes');
  return checked('record', () => ({
    revision: revision(Number(position)),
    writeId: parseWriteId(String(writeId)),
    changes: changes.map(readChange),
  }));
}

function readChange(form: unknown): Change {
  if (!isForm(form)) throw new FeedFault('a change is no object');
  const { key, value } = form;
  if (value !== null && typeof value !== 'string') throw new FeedFault('a change has no value');
  return {
    key: parseKey(String(key)),
    // Memory of its own: a copy of a part of a pool takes the pool along to other threads.
    value: value === null ? null : new TextEncoder().encode(value),
  };
}

/** Throws a FeedFault. */
export function readCursor({ logId, revision: position, writeId }: Form): Cursor {
  return checked('cursor', () => ({
    logId: parseLogId(String(logId)),
    revision: revision(Number(position)),
    writeId: parseWriteId(String(writeId)),
  }));
}

function readDuration(value: unknown): number {
  if (typeof value === 'number' && value > 0 && value <= durationMsMax) return value;
  throw new FeedFault('the API tells a time that is none');
}

function checked<Value>(what: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new FeedFault(`a ${what} cannot be read: ${why}`, { cause: error });
  }
}

export type Form = Readonly<Record<string, unknown>>;

/** Throws a FeedFault. */
export function readObject(text: string): Form {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new FeedFault('what came is not JSON');
  }
  if (isForm(value)) return value;
  throw new FeedFault('what came is JSON, but not an object');
}

export function isForm(value: unknown): value is Form {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Cuts what arrives into lines; what follows the last line feed waits for the rest of its line. */
export class LineSplitter {
  #pieces: Buffer[] = [];
  #bytes = 0;

  /** Throws a FeedFault for a line that is too long. */
  push(arrived: Buffer): readonly string[] {
    const lines: string[] = [];
    let rest = arrived;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      this.#keep(rest.subarray(0, end));
      lines.push(Buffer.concat(this.#pieces).toString('utf8'));
      this.#pieces = [];
      this.#bytes = 0;
      rest = rest.subarray(end + 1);
    }
    if (rest.length > 0) this.#keep(rest);
    return lines;
  }

  #keep(piece: Buffer): void {
    this.#bytes += piece.length;
    if (this.#bytes > lineBytesMax) {
      throw new FeedFault(`a line has more than ${lineBytesMax} bytes`);
    }
    this.#pieces.push(piece);
  }
}
