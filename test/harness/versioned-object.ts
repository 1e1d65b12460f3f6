/**
 * An object of an origin that comes in versions. Each byte is told by its version and its place, so
 * no byte of another version or place passes for it, and an object of any size takes no memory.
 */
import type { Socket } from 'node:net';
import type { Clock } from '../../src/base/clock.ts';
import { formatHttpDate } from '../../src/http/dates.ts';
import { headerValue } from '../../src/http/header-list.ts';
import type { OriginAsked } from './origin.ts';

/** How the origin answers a range: as asked for, as long as it is one, or never. */
export type RangeHabit = 'all' | 'one' | 'none' | 'none, in chunks';
export type ValidatorKind = 'strong' | 'weak' | 'date' | 'none';

export type Slice = { readonly start: number; readonly end: number };

export type VersionedObjectParts = {
  readonly clock: Clock;
  readonly lifetimeS: number;
  readonly habit: RangeHabit;
  readonly validator: ValidatorKind;
  /** Of the first version. */
  readonly length: number;
};

const atOnceBytesMax = 1_048_576;
const pieceBytes = 65_536;

type Version = { readonly length: number; replacedAt: number };

export class VersionedObject {
  /** How often the origin has answered with the whole. */
  wholesGiven = 0;
  readonly #parts: VersionedObjectParts;
  readonly #versions: Version[];
  #invalidatedAt = -1;

  constructor(parts: VersionedObjectParts) {
    this.#parts = parts;
    this.#versions = [{ length: parts.length, replacedAt: Number.POSITIVE_INFINITY }];
  }

  get current(): number {
    return this.#versions.length - 1;
  }

  changes(length: number): void {
    const last = this.#versions.at(-1);
    if (last !== undefined) last.replacedAt = this.#parts.clock.monotonicMs();
    this.#versions.push({ length, replacedAt: Number.POSITIVE_INFINITY });
  }

  /** From now on nothing but the current version may be served. */
  isInvalidated(): void {
    this.#invalidatedAt = this.current;
  }

  lengthOf(version: number): number {
    return this.#versions[version]?.length ?? 0;
  }

  /** Those that a cache may still give out: what was replaced longer ago than it is fresh is not. */
  allowed(): readonly number[] {
    const now = this.#parts.clock.monotonicMs();
    return this.#versions.flatMap(({ replacedAt }, version) =>
      version >= this.#invalidatedAt && replacedAt + this.#parts.lifetimeS * 1_000 > now
        ? [version]
        : [],
    );
  }

  bytes(version: number, { end, start }: Slice): Buffer {
    const slice = Buffer.alloc(end - start);
    let value = (version * 89 + start + Math.floor(start / 251) * 31) % 256;
    let toRowEnd = 251 - (start % 251);
    for (let index = 0; index < slice.length; index += 1) {
      slice[index] = value;
      toRowEnd -= 1;
      value = (value + (toRowEnd === 0 ? 32 : 1)) % 256;
      if (toRowEnd === 0) toRowEnd = 251;
    }
    return slice;
  }

  /** What `If-Range` names this version by; undefined where nothing strong does. */
  strongValidator(version: number): string | undefined {
    if (this.#parts.validator === 'strong') return `"v${version}"`;
    return this.#parts.validator === 'date' ? this.#date(version) : undefined;
  }

  answer(socket: Socket, { headers, method }: OriginAsked): void {
    const { habit } = this.#parts;
    const version = this.current;
    const length = this.lengthOf(version);
    const fields = this.#fields(version);
    const send = (status: number, more: readonly string[], body: Buffer | undefined): void => {
      const lines = [...fields, ...more].map((line) => `${line}\r\n`).join('');
      const head = Buffer.from(`HTTP/1.1 ${status} Said\r\n${lines}\r\n`);
      socket.write(body === undefined || method === 'HEAD' ? head : Buffer.concat([head, body]));
    };
    if (this.#isHeld(version, (name) => headerValue(headers, name))) {
      send(304, [], undefined);
      return;
    }
    const ifRange = headerValue(headers, 'if-range');
    const applies = ifRange === undefined || ifRange === this.strongValidator(version);
    const range = method === 'GET' && applies ? headerValue(headers, 'range') : undefined;
    const wanted = range === undefined ? 'whole' : wantedOf(range, length);
    const isWhole = wanted === 'whole' || (habit === 'one' && wanted.length > 1);
    if (isWhole || habit === 'none' || habit === 'none, in chunks') {
      this.wholesGiven += 1;
      if (length > atOnceBytesMax) {
        send(200, [`Content-Length: ${length}`], undefined);
        if (method !== 'HEAD') this.#stream(socket, version);
        return;
      }
      const body = this.bytes(version, { start: 0, end: length });
      if (habit === 'none, in chunks') send(200, ['Transfer-Encoding: chunked'], inChunks(body));
      else send(200, [`Content-Length: ${length}`], body);
      return;
    }
    const [first, ...others] = wanted;
    if (first === undefined) {
      send(416, [`Content-Range: bytes */${length}`, 'Content-Length: 0'], undefined);
    } else if (others.length === 0) {
      const told = `Content-Range: bytes ${first.start}-${first.end - 1}/${length}`;
      const body = this.bytes(version, first);
      send(206, [told, `Content-Length: ${body.length}`], body);
    } else {
      const pieces = wanted.flatMap(({ end, start }) => [
        Buffer.from(`\r\n--part\r\nContent-Range: bytes ${start}-${end - 1}/${length}\r\n\r\n`),
        this.bytes(version, { start, end }),
      ]);
      const body = Buffer.concat([...pieces, Buffer.from('\r\n--part--\r\n')]);
      const type = 'Content-Type: multipart/byteranges; boundary=part';
      send(206, [type, `Content-Length: ${body.length}`], body);
    }
  }

  /** As fast as it is taken, until it is not any more. */
  #stream(socket: Socket, version: number): void {
    let at = 0;
    const length = this.lengthOf(version);
    const send = (): void => {
      while (at < length && !socket.destroyed) {
        const end = Math.min(at + pieceBytes, length);
        const hasRoom = socket.write(this.bytes(version, { start: at, end }));
        at = end;
        if (!hasRoom) {
          socket.once('drain', send);
          return;
        }
      }
    };
    send();
  }

  #fields(version: number): readonly string[] {
    const { clock, habit, lifetimeS, validator } = this.#parts;
    const own = [
      `Date: ${formatHttpDate(clock.now())}`,
      `Cache-Control: max-age=${lifetimeS}`,
      `X-Version: ${version}`,
    ];
    if (habit === 'all' || habit === 'one') own.push('Accept-Ranges: bytes');
    if (validator === 'strong') own.push(`ETag: "v${version}"`);
    if (validator === 'weak') own.push(`ETag: W/"v${version}"`);
    if (validator === 'date') own.push(`Last-Modified: ${this.#date(version)}`);
    return own;
  }

  #isHeld(version: number, field: (name: string) => string | undefined): boolean {
    switch (this.#parts.validator) {
      case 'strong':
        return field('if-none-match') === `"v${version}"`;
      case 'weak':
        return field('if-none-match') === `W/"v${version}"`;
      case 'date':
        return field('if-modified-since') === this.#date(version);
      default:
        return false;
    }
  }

  #date(version: number): string {
    return new Date(Date.UTC(2025, 0, 1 + version)).toUTCString();
  }
}

/**
 * What a `Range` asks of so many bytes (RFC 9110 §14.2; edge contract 6.1), written as plainly as
 * possible: slices as `subarray` cuts them, none of them empty. No slices: it cannot be satisfied.
 */
export function wantedOf(range: string, length: number): 'whole' | readonly Slice[] {
  const slices: Slice[] = [];
  let before = 0;
  for (const member of range.slice('bytes='.length).split(',')) {
    const [first, last, ...rest] = member.split('-');
    if (first === undefined || last === undefined || rest.length > 0) return 'whole';
    if (first === '' && last === '') return 'whole';
    if (!/^\d*$/.test(first) || !/^\d*$/.test(last)) return 'whole';
    const start = first === '' ? Math.max(0, length - Number(last)) : Number(first);
    const end =
      first === '' ? length : last === '' ? Math.max(start + 1, length) : Number(last) + 1;
    if (end < start || (first !== '' && end === start)) return 'whole';
    if (start < before) return 'whole';
    before = end;
    if (start < Math.min(end, length)) slices.push({ start, end: Math.min(end, length) });
  }
  return slices;
}

/** In pieces of no even size. */
function inChunks(body: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at < body.length; at += 97) {
    const piece = body.subarray(at, at + 97);
    pieces.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'));
  }
  return Buffer.concat([...pieces, Buffer.from('0\r\n\r\n')]);
}
