/**
 * A folder that answers as a bucket's REST endpoint would, for work without S3. A key is a path below
 * the folder; whatever is no plain file there does not exist.
 *
 * Nothing outside the folder is ever given out: a key has no part that climbs, links are followed
 * only to places inside, and what was opened is compared with what stands inside at that moment, so
 * that a name swapped in between gives nothing away.
 *
 * What differs from S3 on purpose: keys cannot hold `//`, `.` or `..` as parts; an ETag is made of
 * size and time of change; access control is the folder's own.
 *
 * A private folder gives nothing to anyone but the origin access identities it names, not even the
 * word that a key does not exist; to those it answers as any other folder does.
 */
import { constants, type BigIntStats } from 'node:fs';
import { type FileHandle, lstat, open, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { type Clock, instant } from '../base/clock.ts';
import { xmlDocument } from './s3-error.ts';
import { judgeAtOrigin, rangeStillApplies } from '../http/conditionals.ts';
import { formatHttpDate } from '../http/dates.ts';
import { type HeaderList, headerValue } from '../http/header-list.ts';
import { contentRange, type RangeOutcome, resolveRange } from '../http/ranges.ts';
import { contentTypeOf } from './content-types.ts';
import { FileBody } from './file-body.ts';
import type { OriginAnswer, OriginRequest } from './origin-answer.ts';

type Opened = { readonly file: FileHandle; readonly stats: BigIntStats };

export class BucketFolder {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #readers: ReadonlySet<string> | undefined;

  /**
   * `folder` is absolute; it need not exist yet. `readers` are the identities that alone may read
   * it; undefined: everybody may.
   */
  constructor(folder: string, clock: Clock, readers?: readonly string[]) {
    this.#folder = folder;
    this.#clock = clock;
    this.#readers = readers === undefined ? undefined : new Set(readers);
  }

  /** `identity`: in whose name is asked; undefined: in nobody's. */
  async ask(request: OriginRequest, identity?: string): Promise<OriginAnswer> {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return this.#refuse(request, 'MethodNotAllowed');
    }
    if (!this.#isOpenTo(identity)) return this.#refuse(request, 'AccessDenied');
    const key = decodeKey(request.path.split('?', 1)[0] ?? '');
    if (key === undefined) return this.#refuse(request, 'InvalidURI');
    if (key === '') return this.#refuse(request, 'AccessDenied');
    if (Buffer.byteLength(key) > keyBytesMax) return this.#refuse(request, 'KeyTooLongError');
    if (!namesAFile(key)) return this.#refuse(request, 'NoSuchKey');
    const opened = await this.#open(key);
    if (opened === undefined) return this.#refuse(request, 'NoSuchKey');
    if (opened === 'withheld') return this.#refuse(request, 'AccessDenied');
    let handedOn = false;
    try {
      const answer = this.#answer(request, key, opened);
      handedOn = answer.body instanceof FileBody;
      return answer;
    } finally {
      if (!handedOn) await opened.file.close();
    }
  }

  #isOpenTo(identity: string | undefined): boolean {
    if (this.#readers === undefined) return true;
    return identity !== undefined && this.#readers.has(identity);
  }

  #answer(request: OriginRequest, key: string, { file, stats }: Opened): OriginAnswer {
    const now = this.#clock.now();
    const length = Number(stats.size);
    const held = {
      etag: etagOf(stats),
      lastModified: formatHttpDate(instant(Number(stats.mtimeMs))),
    };
    const common = [
      ...this.#common(),
      'Last-Modified',
      held.lastModified,
      'ETag',
      held.etag,
      'Accept-Ranges',
      'bytes',
    ];
    const verdict = judgeAtOrigin(request.headers, held, now);
    if (verdict === 'failed') return this.#refuse(request, 'PreconditionFailed');
    if (verdict === 'not-modified') return { status: 304, headers: common, body: undefined };

    const range: RangeOutcome =
      request.method === 'GET' && rangeStillApplies(request.headers, held)
        ? resolveRange(headerValue(request.headers, 'range'), length)
        : { kind: 'whole' };
    if (range.kind === 'unsatisfiable') return this.#refuse(request, 'InvalidRange', length);
    const { start, end } = range.kind === 'part' ? range : { start: 0, end: length };
    const described = [
      ...common,
      'Content-Type',
      contentTypeOf(key),
      'Content-Length',
      String(end - start),
      ...(range.kind === 'part' ? ['Content-Range', contentRange(start, end, length)] : []),
    ];
    return {
      status: range.kind === 'part' ? 206 : 200,
      headers: described,
      body: request.method === 'HEAD' ? undefined : new FileBody({ file, stats, start, end }),
    };
  }

  /** Undefined: there is no such file. */
  async #open(key: string): Promise<Opened | 'withheld' | undefined> {
    let file: FileHandle | undefined;
    try {
      const root = await realpath(this.#folder);
      const place = await realpath(join(root, ...key.split('/')));
      if (!place.startsWith(root.endsWith(sep) ? root : root + sep)) return undefined;
      const before = await lstat(place, { bigint: true });
      if (!before.isFile()) return undefined;
      // No link is followed any more, and a pipe that took the file's place does not block.
      file = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      const stats = await file.stat({ bigint: true });
      const stands = await realpath(place);
      if (
        stats.isFile() &&
        stands === place &&
        stats.ino === before.ino &&
        stats.dev === before.dev
      ) {
        const opened = { file, stats };
        file = undefined;
        return opened;
      }
      return undefined;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'EACCES' || code === 'EPERM') return 'withheld';
      if (typeof code === 'string' && missingCodes.has(code)) return undefined;
      throw error;
    } finally {
      await file?.close();
    }
  }

  #common(): string[] {
    return ['Server', 'AmazonS3', 'Date', formatHttpDate(this.#clock.now())];
  }

  #refuse(request: OriginRequest, code: RefusalCode, length?: number): OriginAnswer {
    const { message, status } = refusals[code];
    const document = Buffer.from(xmlDocument(code, message), 'utf8');
    const headers: HeaderList = [
      ...this.#common(),
      'Content-Type',
      'application/xml',
      'Content-Length',
      String(document.length),
      ...(length === undefined ? [] : ['Content-Range', `bytes */${length}`]),
    ];
    return { status, headers, body: request.method === 'HEAD' ? undefined : inMemory(document) };
  }
}

/** S3's bound. */
const keyBytesMax = 1_024;

const missingCodes = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'EINVAL', 'ENXIO']);

const refusals = {
  AccessDenied: { status: 403, message: 'Access Denied' },
  InvalidRange: { status: 416, message: 'The requested range is not satisfiable' },
  InvalidURI: { status: 400, message: 'The path cannot be decoded.' },
  KeyTooLongError: { status: 400, message: 'The key is too long.' },
  MethodNotAllowed: { status: 405, message: 'The folder is only read.' },
  NoSuchKey: { status: 404, message: 'The specified key does not exist.' },
  PreconditionFailed: { status: 412, message: 'A condition of the request does not hold.' },
} as const;

type RefusalCode = keyof typeof refusals;

/** The key a path names, UTF-8; `''` for the bucket itself; undefined when it cannot be decoded. */
function decodeKey(path: string): string | undefined {
  let key: string;
  try {
    // Bytes that stand unescaped in the path are part of the UTF-8 too.
    key = decodeURIComponent(path.slice(1).replace(/[\x80-\xff]/g, (byte) => escaped(byte)));
  } catch {
    return undefined;
  }
  return key;
}

/** What stands between slashes must be a plain name on every kind of file system. */
function namesAFile(key: string): boolean {
  return (
    !/[\0\\]/.test(key) &&
    key.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
  );
}

function escaped(byte: string): string {
  return `%${byte.charCodeAt(0).toString(16)}`;
}

/** 32 hexadecimal digits, as S3's are: the time of change in nanoseconds, and the size. */
function etagOf({ mtimeNs, size }: BigIntStats): string {
  return `"${hex16(mtimeNs)}${hex16(size)}"`;
}

function hex16(number: bigint): string {
  return BigInt.asUintN(64, number).toString(16).padStart(16, '0');
}

function inMemory(document: Uint8Array) {
  return {
    async *[Symbol.asyncIterator]() {
      yield document;
    },
    discard: () => undefined,
  };
}
