/**
 * The head of a request, read where it lies: no strings and no objects are made of it. It takes less
 * than `http/request-head.ts` does, and what it takes it reads in the same way; everything else, an
 * unfinished head included, it does not take, and then the whole head is read there.
 *
 *   ("GET" | "HEAD") SP "/"… SP "HTTP/1.1" CRLF  *( name ":" OWS value OWS CRLF )  CRLF
 */
import type { HeadBounds } from '../../http/request-head.ts';
import { nameHash, usesByHash } from './lane-fields.ts';

/** Where a value stands in the bytes; `start` is -1 where there is none. */
export class Span {
  start = -1;
  end = -1;

  get isThere(): boolean {
    return this.start >= 0;
  }
}

const carriageReturn = 13;
const lineFeed = 10;
const blank = 32;
const tabulator = 9;
const colon = 58;
const slash = 47;
const versionAndEnd = Buffer.from(' HTTP/1.1\r\n', 'latin1');
const get = Buffer.from('GET ', 'latin1');
const head = Buffer.from('HEAD ', 'latin1');
const keepAlive = 'keep-alive';

/** A character of a name in lower case, and 0 for what stands in none. */
const nameCharacters = tableOf("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz");
for (let upper = 65; upper <= 90; upper += 1) nameCharacters[upper] = upper + 32;
/** Without a fragment's `#`, and without bytes above 0x7e, which few viewers send. */
const targetCharacters = new Uint8Array(256).fill(1, 0x21, 0x7f);
targetCharacters[35] = 0;
const valueCharacters = new Uint8Array(256).fill(1, 0x20, 0x7f);
valueCharacters[tabulator] = 1;

export class LaneHead {
  readonly #bounds: HeadBounds;
  /** Where the head ends that was read last. */
  end = 0;
  isHead = false;
  /** Of target, host and accepted encodings. */
  hash = 0;
  readonly target = new Span();
  readonly host = new Span();
  readonly encoding = new Span();
  readonly ifNoneMatch = new Span();
  readonly ifModifiedSince = new Span();
  readonly referer = new Span();
  readonly userAgent = new Span();
  readonly forwardedFor = new Span();
  readonly cookie = new Span();

  constructor(bounds: HeadBounds) {
    this.#bounds = bounds;
  }

  /** Whether a head that the lane takes begins at `start`, all of it. */
  read(bytes: Uint8Array, start: number): boolean {
    let at = this.#readRequestLine(bytes, start);
    if (at < 0) return false;
    this.#forget();
    for (let fields = 0; bytes[at] !== carriageReturn; fields += 1) {
      if (fields >= this.#bounds.fieldsMax) return false;
      at = this.#readField(bytes, at);
      if (at < 0) return false;
    }
    if (bytes[at + 1] !== lineFeed || !this.host.isThere) return false;
    this.end = at + 2;
    this.hash = hashOf(bytes, this.encoding, hashOf(bytes, this.host, this.hash));
    return this.end - start <= this.#bounds.headBytesMax;
  }

  /** Where the first field begins; -1: the lane does not take it. */
  #readRequestLine(bytes: Uint8Array, start: number): number {
    this.isHead = !beginsWith(bytes, start, get);
    if (this.isHead && !beginsWith(bytes, start, head)) return -1;
    let at = start + (this.isHead ? head.length : get.length);
    if (bytes[at] !== slash) return -1;
    this.target.start = at;
    while (targetCharacters[bytes[at] ?? 0] === 1) at += 1;
    this.target.end = at;
    if (at - this.target.start > this.#bounds.urlBytesMax) return -1;
    this.hash = hashOf(bytes, this.target, hashBasis);
    return beginsWith(bytes, at, versionAndEnd) ? at + versionAndEnd.length : -1;
  }

  /** Where the next field begins; -1: the lane does not take it. */
  #readField(bytes: Uint8Array, start: number): number {
    let at = start;
    let hash = 0;
    for (;;) {
      const character = nameCharacters[bytes[at] ?? 0] ?? 0;
      if (character === 0) break;
      hash = nameHash(hash, character);
      at += 1;
    }
    const nameEnd = at;
    if (nameEnd === start || bytes[at] !== colon) return -1;
    if (nameEnd - start > this.#bounds.fieldNameBytesMax) return -1;
    at += 1;
    while (isBlank(bytes[at])) at += 1;
    const valueStart = at;
    while (valueCharacters[bytes[at] ?? 0] === 1) at += 1;
    if (bytes[at] !== carriageReturn || bytes[at + 1] !== lineFeed) return -1;
    let valueEnd = at;
    while (valueEnd > valueStart && isBlank(bytes[valueEnd - 1])) valueEnd -= 1;
    const known = usesByHash.get(hash);
    const isTaken =
      known === undefined ||
      !isName(bytes, start, nameEnd, known.name) ||
      this.#keep(known.use, bytes, valueStart, valueEnd);
    return isTaken ? at + 2 : -1;
  }

  #keep(
    use: NonNullable<ReturnType<typeof usesByHash.get>>['use'],
    bytes: Uint8Array,
    start: number,
    end: number,
  ): boolean {
    if (use === 'leave') return false;
    if (use === 'connection') return isName(bytes, start, end, keepAlive);
    const span = this[use];
    if (span.isThere) return use === 'referer' || use === 'userAgent';
    span.start = start;
    span.end = end;
    return true;
  }

  #forget(): void {
    this.host.start = -1;
    this.encoding.start = -1;
    this.ifNoneMatch.start = -1;
    this.ifModifiedSince.start = -1;
    this.referer.start = -1;
    this.userAgent.start = -1;
    this.forwardedFor.start = -1;
    this.cookie.start = -1;
  }
}

const hashBasis = 0x811c9dc5 | 0;
const hashPrime = 0x01000193;
/** Between the parts, so that a character cannot pass from one to the next. */
const partEnd = 0xff;

function hashOf(bytes: Uint8Array, { end, start }: Span, before: number): number {
  let hash = before;
  if (start >= 0) {
    for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ (bytes[at] ?? 0), hashPrime);
  }
  return Math.imul(hash ^ partEnd, hashPrime);
}

/** The same of parts that were read elsewhere. */
export function hashOfParts(parts: readonly string[]): number {
  let hash = hashBasis;
  for (const part of parts) {
    for (let index = 0; index < part.length; index += 1) {
      hash = Math.imul(hash ^ part.charCodeAt(index), hashPrime);
    }
    hash = Math.imul(hash ^ partEnd, hashPrime);
  }
  return hash;
}

/** Whether exactly the text stands there; what is not there is as good as empty. */
export function isText(bytes: Uint8Array, { end, start }: Span, text: string): boolean {
  if (start < 0) return text === '';
  if (end - start !== text.length) return false;
  for (let index = 0; index < text.length; index += 1) {
    if (bytes[start + index] !== text.charCodeAt(index)) return false;
  }
  return true;
}

/** `name` is in lower case; the bytes need not be. */
function isName(bytes: Uint8Array, start: number, end: number, name: string): boolean {
  if (end - start !== name.length) return false;
  for (let index = 0; index < name.length; index += 1) {
    if (nameCharacters[bytes[start + index] ?? 0] !== name.charCodeAt(index)) return false;
  }
  return true;
}

function beginsWith(bytes: Uint8Array, start: number, wanted: Uint8Array): boolean {
  for (let index = 0; index < wanted.length; index += 1) {
    if (bytes[start + index] !== wanted[index]) return false;
  }
  return true;
}

function isBlank(byte: number | undefined): boolean {
  return byte === blank || byte === tabulator;
}

function tableOf(characters: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const character of characters) table[character.charCodeAt(0)] = character.charCodeAt(0);
  return table;
}
