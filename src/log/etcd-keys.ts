/**
 * Where things lie in etcd, and as what. All of one Warmfront stands under `/PREFIX/`:
 *
 *   log/doc/KEY        a line `[revision,"writeId",live]`, then the document; a deletion is not live
 *   log/head           the cursor at the end, `["logId",revision,"writeId"]`
 *   log/past/REVISION  the write id at this revision, in 14 hexadecimal digits, so that the order
 *                      of the keys is that of the revisions
 *   live/…             presence, each key on a lease (etcd-presence.ts)
 *
 * A watch from the first document to the head hears all of every append and nothing of history,
 * which sorts after it. Positions are our own: etcd's revision moves with presence and with other
 * users of the same etcd, and goes back at a restore.
 */
import {
  type Cursor,
  type Key,
  parseKey,
  parseLogId,
  parseWriteId,
  revision,
  type Revision,
  type WriteId,
} from '../base/log-record.ts';

const placeDigits = 14;

/** What stands in our keys is not what we write: damaged, or another program's. */
export class UnreadableKey extends Error {
  override readonly name = 'UnreadableKey';
}

export type Range = { readonly key: Buffer; readonly range_end: Buffer };

export class EtcdKeys {
  readonly prefix: string;
  readonly head: Buffer;
  readonly documents: Range;
  readonly documentsAndHead: Range;
  readonly past: Range;
  readonly #document: string;
  readonly #past: string;

  /** Without slashes around it. */
  constructor(prefix: string) {
    this.prefix = prefix;
    this.#document = `/${prefix}/log/doc/`;
    this.#past = `/${prefix}/log/past/`;
    this.head = Buffer.from(`/${prefix}/log/head`);
    this.documents = rangeUnder(this.#document);
    this.documentsAndHead = { key: this.documents.key, range_end: after(this.head) };
    this.past = rangeUnder(this.#past);
  }

  under(name: string): Buffer {
    return Buffer.from(`/${this.prefix}/${name}`);
  }

  rangeUnder(folder: string): Range {
    return rangeUnder(`/${this.prefix}/${folder}`);
  }

  document(key: Key): Buffer {
    return Buffer.from(this.#document + key);
  }

  /** Reads back what `document` made. */
  keyOf(name: Buffer): Key {
    return parseKey(name.toString().slice(this.#document.length));
  }

  pastOf(position: number): Buffer {
    return Buffer.from(this.#past + position.toString(16).padStart(placeDigits, '0'));
  }

  /** Reads back what `pastOf` made. */
  positionOf(name: Buffer): Revision {
    return revision(Number.parseInt(name.toString().slice(this.#past.length), 16));
  }
}

function rangeUnder(folder: string): Range {
  // The slash at the end of a folder is followed by `0`.
  return { key: Buffer.from(folder), range_end: Buffer.from(`${folder.slice(0, -1)}0`) };
}

/** The first key after this one. */
export function after(key: Buffer): Buffer {
  return Buffer.concat([key, Buffer.of(0)]);
}

/** One cursor has one form, as appends compare the bytes. */
export function encodeCursor({ logId, revision: position, writeId }: Cursor): Buffer {
  return Buffer.from(JSON.stringify([logId, position, writeId]));
}

export function decodeCursor(bytes: Buffer): Cursor {
  const [logId, position, writeId] = parseList(bytes.toString(), 'log/head');
  return {
    logId: parseLogId(String(logId)),
    revision: revision(Number(position)),
    writeId: parseWriteId(String(writeId)),
  };
}

export type StoredDocument = {
  readonly revision: Revision;
  readonly writeId: WriteId;
  /** `null`: deleted then. */
  readonly value: Uint8Array | null;
};

export function encodeDocument({ revision: position, value, writeId }: StoredDocument): Buffer {
  const line = Buffer.from(`${JSON.stringify([position, writeId, value !== null])}\n`);
  return value === null ? line : Buffer.concat([line, value]);
}

export function decodeDocument(bytes: Buffer): StoredDocument {
  const end = bytes.indexOf(0x0a);
  if (end < 0) throw new UnreadableKey('a document in the log has no first line');
  const [position, writeId, live] = parseList(bytes.toString('utf8', 0, end), 'a document');
  return {
    revision: revision(Number(position)),
    writeId: parseWriteId(String(writeId)),
    value: live === true ? bytes.subarray(end + 1) : null,
  };
}

function parseList(text: string, what: string): readonly unknown[] {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    list = undefined;
  }
  if (Array.isArray(list) && list.length === 3) return list;
  throw new UnreadableKey(`${what} in etcd is not what Warmfront writes: ${text.slice(0, 100)}`);
}
