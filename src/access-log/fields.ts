/**
 * The lines of an access log: which fields stand in one, in which order, and how each is written
 * (edge contract 13.1; API 2010-11-01, section 4.11). A line is put into bytes that its caller owns,
 * character by character and without a string in between, as this runs once for every request.
 */
import type { Instant } from '../base/clock.ts';

/** `2010`: the twelve fields that logs of API 2010-11-01 had; `modern`: those and all since. */
export type FieldSet = 'modern' | '2010';

/** The names of the twelve, which are also the first of the modern ones. */
const names2010 = [
  'date',
  'time',
  'x-edge-location',
  'sc-bytes',
  'c-ip',
  'cs-method',
  'cs(Host)',
  'cs-uri-stem',
  'sc-status',
  'cs(Referer)',
  'cs(User-Agent)',
  'cs-uri-query',
] as const;

const namesSince = [
  'cs(Cookie)',
  'x-edge-result-type',
  'x-edge-request-id',
  'x-host-header',
  'cs-protocol',
  'cs-bytes',
  'time-taken',
  'x-forwarded-for',
  'ssl-protocol',
  'ssl-cipher',
  'x-edge-response-result-type',
  'cs-protocol-version',
  'fle-status',
  'fle-encrypted-fields',
  'c-port',
  'time-to-first-byte',
  'x-edge-detailed-result-type',
  'sc-content-type',
  'sc-content-len',
  'sc-range-start',
  'sc-range-end',
] as const;

export const fieldNames: Readonly<Record<FieldSet, readonly string[]>> = {
  2010: names2010,
  modern: [...names2010, ...namesSince],
};

/** What a file begins with: two lines, the second of which names the fields. */
export function fileHead(fields: FieldSet): string {
  return `#Version: 1.0\n#Fields: ${fieldNames[fields].join(' ')}\n`;
}

/** `fle-status` and `fle-encrypted-fields` are always `-`: nothing encrypts single fields here. */
export type LineFacts = {
  /** When the last byte of the answer was given. */
  readonly endedAt: Instant;
  /** The code of the edge location. */
  readonly edgeLocation: string;
  /** Head, framing and body of the answer. */
  readonly sentBytes: number;
  readonly viewerAddress: string;
  readonly viewerPort: number;
  readonly method: string;
  /** The distribution's own, whatever name the viewer used. */
  readonly domainName: string;
  /** As the viewer sent it, without the query. */
  readonly path: string;
  /** Without its `?`. */
  readonly query: string | undefined;
  /** 0: the viewer left before it was answered. */
  readonly status: number;
  readonly referer: string | undefined;
  readonly userAgent: string | undefined;
  /** Undefined where cookies are not to be logged, too. */
  readonly cookie: string | undefined;
  /** How it ended, and how it was judged before the first byte of the answer. */
  readonly resultType: string;
  readonly responseResultType: string;
  readonly detailedResultType: string;
  readonly requestId: string;
  /** The viewer's Host header. */
  readonly hostText: string;
  readonly protocol: string;
  /** Such as `HTTP/1.1`. */
  readonly protocolVersion: string;
  /** Head and body of the request. */
  readonly receivedBytes: number;
  readonly forwardedFor: string | undefined;
  readonly tlsProtocol: string | undefined;
  readonly tlsCipher: string | undefined;
  /** From the request's arrival to the last byte of the answer. */
  readonly takenMs: number;
  /** To its first byte; undefined when there was none. */
  readonly firstByteMs: number | undefined;
  readonly contentType: string | undefined;
  readonly contentLength: string | undefined;
  /** Of `Content-Range`. */
  readonly rangeStart: string | undefined;
  readonly rangeEnd: string | undefined;
};

/** Values of an origin's own are cut here; those of a request are bounded with its head. */
export const originValueCharactersMax = 1_024;

/** More than all numbers, words of our own, names, tabs and the line's end can need. */
const fixedBytesMax = 4_096;

/** No line of these facts is longer: each character of theirs may need three bytes. */
export function lineBytesMax(facts: LineFacts): number {
  const characters =
    facts.path.length +
    facts.hostText.length +
    facts.method.length +
    (facts.query?.length ?? 0) +
    (facts.referer?.length ?? 0) +
    (facts.userAgent?.length ?? 0) +
    (facts.cookie?.length ?? 0) +
    (facts.forwardedFor?.length ?? 0);
  return fixedBytesMax + 3 * (characters + 4 * originValueCharactersMax);
}

/** The same for any facts of a request whose head has so many bytes. */
export function longestLineBytes(headBytesMax: number): number {
  return fixedBytesMax + 3 * (headBytesMax + 4 * originValueCharactersMax);
}

const tab = 0x09;
const lineFeed = 0x0a;
const hyphen = 0x2d;
const dot = 0x2e;
const zero = 0x30;
const percent = 0x25;

/** Each byte as it is written, and 0 for those that are written as `%XX`. */
const plain = Uint8Array.from({ length: 256 }, (_, byte) => byte);
plain.fill(0, 0, 33);
plain.fill(0, 127);
for (const character of '<>"#%{}|\\^~[]\'`') plain[character.charCodeAt(0)] = 0;
const hexDigits = Buffer.from('0123456789ABCDEF', 'latin1');

/** Writes lines of one field set. It remembers the second it wrote last, as it rarely changes. */
export class LineWriter {
  readonly #fields: FieldSet;
  /** `2026-11-25`, a tab, `02:51:14`, a tab. */
  #dateAndTime: Uint8Array = new Uint8Array(0);
  #second = Number.NaN;

  constructor(fields: FieldSet) {
    this.#fields = fields;
  }

  /**
   * Puts a line, its line feed included, at `start` and answers where it ends. There must be room for
   * `lineBytesMax(facts)`.
   */
  write(bytes: Uint8Array, start: number, facts: LineFacts): number {
    const dateAndTime = this.#dateAndTimeOf(facts.endedAt);
    bytes.set(dateAndTime, start);
    let at = start + dateAndTime.length;
    at = putText(bytes, at, facts.edgeLocation);
    at = putNumber(bytes, at, facts.sentBytes);
    at = putText(bytes, at, facts.viewerAddress);
    at = putText(bytes, at, facts.method);
    at = putText(bytes, at, facts.domainName);
    at = putText(bytes, at, facts.path);
    at = putStatus(bytes, at, facts.status);
    at = putText(bytes, at, facts.referer);
    at = putText(bytes, at, facts.userAgent);
    at = putText(bytes, at, facts.query);
    if (this.#fields === 'modern') at = putFieldsSince(bytes, at, facts);
    // In the place of the last field's tab.
    bytes[at - 1] = lineFeed;
    return at;
  }

  #dateAndTimeOf(at: Instant): Uint8Array {
    const second = Math.floor(at / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      const text = new Date(second * 1_000).toISOString();
      this.#dateAndTime = Buffer.from(`${text.slice(0, 10)}\t${text.slice(11, 19)}\t`, 'latin1');
    }
    return this.#dateAndTime;
  }
}

function putFieldsSince(bytes: Uint8Array, start: number, facts: LineFacts): number {
  let at = putText(bytes, start, facts.cookie);
  at = putText(bytes, at, facts.resultType);
  at = putText(bytes, at, facts.requestId);
  at = putText(bytes, at, facts.hostText);
  at = putText(bytes, at, facts.protocol);
  at = putNumber(bytes, at, facts.receivedBytes);
  at = putSeconds(bytes, at, facts.takenMs);
  at = putText(bytes, at, facts.forwardedFor);
  at = putText(bytes, at, facts.tlsProtocol);
  at = putText(bytes, at, facts.tlsCipher);
  at = putText(bytes, at, facts.responseResultType);
  at = putText(bytes, at, facts.protocolVersion);
  at = putText(bytes, at, undefined);
  at = putText(bytes, at, undefined);
  at = putNumber(bytes, at, facts.viewerPort);
  at =
    facts.firstByteMs === undefined
      ? putText(bytes, at, undefined)
      : putSeconds(bytes, at, facts.firstByteMs);
  at = putText(bytes, at, facts.detailedResultType);
  at = putOrigins(bytes, at, facts.contentType);
  at = putOrigins(bytes, at, facts.contentLength);
  at = putOrigins(bytes, at, facts.rangeStart);
  return putOrigins(bytes, at, facts.rangeEnd);
}

function putOrigins(bytes: Uint8Array, at: number, text: string | undefined): number {
  return text !== undefined && text.length > originValueCharactersMax
    ? putText(bytes, at, text.slice(0, originValueCharactersMax))
    : putText(bytes, at, text);
}

/** The text and a tab; `-` where there is none. Each character stands for one byte of the wire. */
function putText(bytes: Uint8Array, start: number, text: string | undefined): number {
  let at = start;
  if (text === undefined || text === '') {
    bytes[at++] = hyphen;
  } else {
    const { length } = text;
    let index = 0;
    // Four at a time, as most texts have nothing to be escaped: it takes a third less time.
    for (; index + 4 <= length; index += 4) {
      const first = plain[text.charCodeAt(index) & 0xff] ?? 0;
      const second = plain[text.charCodeAt(index + 1) & 0xff] ?? 0;
      const third = plain[text.charCodeAt(index + 2) & 0xff] ?? 0;
      const fourth = plain[text.charCodeAt(index + 3) & 0xff] ?? 0;
      if (first === 0 || second === 0 || third === 0 || fourth === 0) break;
      bytes[at] = first;
      bytes[at + 1] = second;
      bytes[at + 2] = third;
      bytes[at + 3] = fourth;
      at += 4;
    }
    for (; index < length; index += 1) {
      const byte = text.charCodeAt(index) & 0xff;
      if (plain[byte] !== 0) {
        bytes[at++] = byte;
      } else {
        bytes[at] = percent;
        bytes[at + 1] = hexDigits[byte >> 4] ?? zero;
        bytes[at + 2] = hexDigits[byte & 0x0f] ?? zero;
        at += 3;
      }
    }
  }
  bytes[at++] = tab;
  return at;
}

/** A whole number from 0 on, in decimal, and a tab. */
function putNumber(bytes: Uint8Array, start: number, number: number): number {
  const at = putDigits(bytes, start, number, 1);
  bytes[at] = tab;
  return at + 1;
}

function putStatus(bytes: Uint8Array, start: number, status: number): number {
  const at = putDigits(bytes, start, status, 3);
  bytes[at] = tab;
  return at + 1;
}

/** Seconds with three decimals, and a tab. */
function putSeconds(bytes: Uint8Array, start: number, ms: number): number {
  const whole = Math.max(0, Math.round(ms));
  const seconds = Math.floor(whole / 1_000);
  let at = putDigits(bytes, start, seconds, 1);
  bytes[at] = dot;
  at = putDigits(bytes, at + 1, whole - seconds * 1_000, 3);
  bytes[at] = tab;
  return at + 1;
}

function putDigits(bytes: Uint8Array, start: number, number: number, digitsMin: number): number {
  let digits = digitsMin;
  for (let above = 10 ** digitsMin; number >= above; above *= 10) digits += 1;
  let rest = number;
  for (let at = start + digits - 1; at >= start; at -= 1) {
    const tenth = Math.floor(rest / 10);
    bytes[at] = zero + (rest - tenth * 10);
    rest = tenth;
  }
  return start + digits;
}
