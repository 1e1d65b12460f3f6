/**
 * The words that the log shares with those who fold it: positions, keys, changes, records. They
 * stand below both, since the model folds records without knowing any home of the log.
 */
import { branded } from './brand.ts';

/** A position in the log: 0 is the empty log; each append takes the next one, without gaps. */
export type Revision = number & { readonly brand: 'Revision' };
/** 128 random bits in hexadecimal, minted once a command and kept over every retry of it. */
export type WriteId = string & { readonly brand: 'WriteId' };
/** Names one log for its whole life; new after a restore from a backup. */
export type LogId = string & { readonly brand: 'LogId' };
/** `account/kind/id`; each part is encoded to `[A-Za-z0-9_-]` plus `=XX`. */
export type Key = string & { readonly brand: 'Key' };

/**
 * A point of one log's history. Three facts, because a number alone also fits a log that was
 * restored and went another way.
 */
export type Cursor = {
  readonly logId: LogId;
  readonly revision: Revision;
  readonly writeId: WriteId;
};

/**
 * The value is one JSON document; `null` deletes. A delete is a record like any other, so that
 * every reader hears of it.
 */
export type Change = { readonly key: Key; readonly value: Uint8Array | null };

/**
 * While a reader catches up, `changes` holds those that are still the newest of their key; where
 * none is, the record may come without any, so that the numbers show that nothing was left out.
 * Readers share `value` and never write to it.
 */
export type LogRecord = {
  readonly revision: Revision;
  readonly writeId: WriteId;
  readonly changes: readonly Change[];
};

export function revision(position: number): Revision {
  if (!Number.isSafeInteger(position) || position < 0) {
    throw new RangeError(`not a position in a log: ${position}`);
  }
  return branded<Revision>(position);
}

export function writeId(bytes: Uint8Array): WriteId {
  return branded<WriteId>(Buffer.from(bytes).toString('hex'));
}

export function logId(bytes: Uint8Array): LogId {
  return branded<LogId>(Buffer.from(bytes).toString('hex'));
}

/** Reads back what `writeId` made. */
export function parseWriteId(text: string): WriteId {
  if (!/^[0-9a-f]{32}$/.test(text)) throw new Error(`not a write id: ${text}`);
  return branded<WriteId>(text);
}

/** Reads back what `logId` made. */
export function parseLogId(text: string): LogId {
  if (!/^[0-9a-f]{32}$/.test(text)) throw new Error(`not a log id: ${text}`);
  return branded<LogId>(text);
}

export function sameCursor(a: Cursor, b: Cursor): boolean {
  return a.logId === b.logId && a.revision === b.revision && a.writeId === b.writeId;
}

/** Longest part, in bytes, before encoding. */
export const keyPartBytesMax = 256;

export type KeyParts = { readonly account: string; readonly kind: string; readonly id: string };

export function encodeKey({ account, kind, id }: KeyParts): Key {
  return branded<Key>([account, kind, id].map(encodePart).join('/'));
}

/** Reads back what `encodeKey` made. */
export function parseKey(text: string): Key {
  const key = branded<Key>(text);
  decodeKey(key);
  return key;
}

export function decodeKey(key: Key): KeyParts {
  const [account, kind, id, ...rest] = key.split('/').map(decodePart);
  if (account === undefined || kind === undefined || id === undefined || rest.length > 0) {
    throw new Error(`not a key of three parts: ${key}`);
  }
  return { account, kind, id };
}

function encodePart(part: string): string {
  const bytes = Buffer.from(part, 'utf8');
  if (bytes.length === 0 || bytes.length > keyPartBytesMax) {
    throw new RangeError(`a part of a key has 1 to ${keyPartBytesMax} bytes, not ${bytes.length}`);
  }
  let encoded = '';
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    encoded += /[A-Za-z0-9_-]/.test(character)
      ? character
      : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

function decodePart(encoded: string): string {
  if (!/^(?:[A-Za-z0-9_-]|=[0-9A-F]{2})+$/.test(encoded)) {
    throw new Error(`not a part of a key: ${encoded}`);
  }
  const bytes = encoded.replace(/=([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  const part = Buffer.from(bytes, 'latin1').toString('utf8');
  // One part has one encoding, or two keys could name the same thing.
  if (encodePart(part) !== encoded) throw new Error(`not a part of a key: ${encoded}`);
  return part;
}
