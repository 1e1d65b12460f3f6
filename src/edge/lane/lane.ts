/**
 * The lane: a short way for requests that are answered out of memory, in front of the pipeline and
 * never in place of it (docs/decisions/0023). It answers what the pipeline has answered before, as
 * long as nothing that the answer came from has changed; all other requests it leaves where they are,
 * byte for byte, and the connection reads them as if there were no lane.
 *
 *   bytes ─► read head ─► find record ─► still so? ─► condition ─► write ─┐
 *     ▲          │             │             │            │               │ next request
 *     └──────────┼─────────────┼─────────────┼────────────┼───────────────┘
 *                └─────────────┴──────┬──────┴────────────┘
 *                                     ▼
 *                       the pipeline, which may teach the lane
 *
 * All requests that came together are answered by one write.
 */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Instant } from '../../base/clock.ts';
import { ageMs, freshness } from '../../cache/freshness.ts';
import type { StoredObject } from '../../cache/stored-object.ts';
import { mintRequestId } from '../../http/via.ts';
import type { EdgeParts, Exchange } from '../exchange.ts';
import type { ViewerWhence } from '../whence.ts';
import { isText, LaneHead } from './lane-head.ts';
import { type LaneAnswered, laneLine } from './lane-line.ts';
import { afterAge, afterId, learnFrom, type LaneRecord } from './lane-record.ts';
import { LaneTable } from './lane-table.ts';

/** Answers are put together here; more than this goes by several writes. */
const scratchBytes = 65_536;
/** Room that the id, the age and what stands around them take at most. */
const tailBytesMax = 128;
/** Of the memory for objects, beside it. */
const tableShare = 1 / 8;

export class Lane {
  readonly #edge: EdgeParts;
  readonly #table: LaneTable<LaneRecord>;
  readonly #head: LaneHead;
  #scratch = Buffer.allocUnsafeSlow(scratchBytes);
  #length = 0;

  constructor(edge: EdgeParts, cacheBytesMax: number) {
    this.#edge = edge;
    this.#table = new LaneTable(cacheBytesMax * tableShare);
    this.#head = new LaneHead(edge.bounds);
  }

  /** The exchange was answered by the pipeline, without waiting for anything. */
  learn(x: Exchange): void {
    if (x.result !== 'Hit' || x.stored === undefined) return;
    const record = learnFrom(x, this.#edge.routing.changes);
    if (record !== undefined) this.#table.learn(record);
  }

  clear(): void {
    this.#table.clear();
  }

  /**
   * Answers the requests that `bytes` begin with, and says how many bytes these were. The caller sees
   * to it that the connection waits for a request and that the socket has room.
   */
  answer(bytes: Buffer, socket: Socket, whence: ViewerWhence): number {
    let at = 0;
    try {
      while (at < bytes.length && this.#head.read(bytes, at)) {
        if (!this.#answerOne(bytes, at, socket, whence)) break;
        at = this.#head.end;
      }
      this.#flush(socket);
      return at;
    } catch (bug) {
      this.#edge.recorder.error({ error: bug }, 'a bug ended a connection in the lane');
      this.#length = 0;
      socket.destroy();
      return bytes.length;
    }
  }

  /** Whose head was just read; false: it is left to the pipeline. */
  #answerOne(bytes: Buffer, at: number, socket: Socket, whence: ViewerWhence): boolean {
    const { clock, randomness } = this.#edge;
    const now = clock.now();
    const record = this.#recordFor(bytes, whence);
    if (record === undefined) return false;
    const object = this.#objectOf(record, whence, now);
    if (object === undefined) return false;
    const status = this.#judgeCondition(record, bytes);
    if (status === undefined || !this.#makeRoom(record, socket)) return false;
    const requestId = mintRequestId(randomness);
    const begin = this.#length;
    this.#put(record, object, status, requestId, now);
    record.wasUsed = true;
    this.#edge.counts.answered('Hit', status, this.#length - begin);
    this.#log(record, whence, bytes, {
      status,
      requestId,
      sentBytes: this.#length - begin,
      receivedBytes: this.#head.end - at,
      endedAt: now,
    });
    return true;
  }

  #recordFor(bytes: Buffer, { scheme }: ViewerWhence): LaneRecord | undefined {
    const { encoding, hash, host, target } = this.#head;
    const record = this.#table.at(hash);
    return record !== undefined &&
      record.hash === hash &&
      record.scheme === scheme &&
      isText(bytes, target, record.target) &&
      isText(bytes, host, record.hostText) &&
      isText(bytes, encoding, record.acceptEncoding)
      ? record
      : undefined;
  }

  /** The record's object, if the pipeline would give it out, unasked, at this moment. */
  #objectOf(record: LaneRecord, { tls }: ViewerWhence, now: Instant): StoredObject | undefined {
    // Which host a connection over TLS was made for is the pipeline's to judge.
    if (tls !== undefined && tls.serverName !== record.hostName) return undefined;
    const object = this.#edge.store.findAtHand(record.key);
    if (
      object === undefined ||
      object.headers !== record.headers ||
      object.body?.bytes?.length !== record.bodyBytes ||
      !this.#stands(record, object)
    ) {
      this.#table.forget(record);
      return undefined;
    }
    return freshness(object.aging, now) === 'fresh' ? object : undefined;
  }

  /** Whether its distribution is the same, and the object is not invalidated; asked after changes. */
  #stands(record: LaneRecord, { fetchedAt }: StoredObject): boolean {
    const { routing } = this.#edge;
    if (record.routingState === routing.changes && record.fetchedAt === fetchedAt) return true;
    const { entry, invalidatedKey } = record;
    if (routing.find(record.hostName) !== entry) return false;
    const { defaultRootObject, invalidatedBy } = entry;
    const { invalidations } = routing;
    if (invalidations.cover(invalidatedBy, invalidatedKey, defaultRootObject, fetchedAt)) {
      return false;
    }
    record.routingState = routing.changes;
    record.fetchedAt = fetchedAt;
    return true;
  }

  /** Undefined: what the viewer holds is for the pipeline to compare. */
  #judgeCondition(record: LaneRecord, bytes: Buffer): 200 | 304 | undefined {
    const { ifModifiedSince, ifNoneMatch } = this.#head;
    if (ifNoneMatch.start >= 0) {
      return record.etag !== undefined && isText(bytes, ifNoneMatch, record.etag) ? 304 : undefined;
    }
    if (ifModifiedSince.start < 0) return 200;
    const { lastModified } = record;
    return lastModified !== undefined && isText(bytes, ifModifiedSince, lastModified)
      ? 304
      : undefined;
  }

  /** False: the socket takes no more for now. */
  #makeRoom(record: LaneRecord, socket: Socket): boolean {
    const needed = Math.max(record.head.length, record.notModifiedHead.length) + tailBytesMax;
    return this.#length + needed + record.bodyBytes <= scratchBytes || this.#flush(socket);
  }

  #put(
    record: LaneRecord,
    object: StoredObject,
    status: 200 | 304,
    id: string,
    now: Instant,
  ): void {
    const scratch = this.#scratch;
    const ageS = Math.floor(ageMs(object.aging, now) / 1_000);
    let at = this.#length;
    at += scratch.write(status === 200 ? record.head : record.notModifiedHead, at, 'latin1');
    at += scratch.write(`${id}${afterId}${ageS}${afterAge}`, at, 'latin1');
    const body = object.body?.bytes;
    if (status === 200 && !this.#head.isHead && body !== undefined) {
      scratch.set(body, at);
      at += body.length;
    }
    this.#length = at;
  }

  #log(
    record: LaneRecord,
    whence: ViewerWhence,
    bytes: Buffer,
    answered: Omit<LaneAnswered, 'edgeLocation'>,
  ): void {
    const { accessLog, pop } = this.#edge;
    const { logging } = record.entry;
    if (accessLog === undefined || logging === undefined) return;
    accessLog.write(
      logging,
      laneLine(record, whence, this.#head, bytes, { ...answered, edgeLocation: pop }),
    );
  }

  /** False: the socket takes no more for now. */
  #flush(socket: Socket): boolean {
    if (this.#length === 0) return true;
    const bytes = this.#scratch.subarray(0, this.#length);
    this.#length = 0;
    if (socket instanceof TLSSocket) {
      // It never takes bytes at once, so they have to be its own.
      socket.write(Buffer.from(bytes));
    } else {
      socket.write(bytes);
      // The kernel has not taken all yet: what is written next must not stand in these bytes.
      if (socket.writableLength !== 0) this.#scratch = Buffer.allocUnsafeSlow(scratchBytes);
    }
    return !socket.writableNeedDrain;
  }
}
