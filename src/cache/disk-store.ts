/**
 * Objects on disk: a bounded number of bytes, of which S3-FIFO chooses the objects. An index in memory
 * says what there is; heads and bodies are read when they are asked for, and every byte is checked
 * against a checksum before anybody is given it.
 *
 *   fill ─► body file, as it comes ─► finish ─► found at once ─► body written ─► head written
 *
 * What is written is never synced: a crash loses objects, and what it tears is found out. A disk that
 * fails makes misses, one line in the record, and a pause; it never makes an error for a viewer whose
 * answer has not begun.
 */
import type { Clock } from '../base/clock.ts';
import type { Cursor } from '../base/log-record.ts';
import type { Recorder } from '../base/recorder.ts';
import { batchesKeptMs } from '../model/decide-invalidation.ts';
import { isErrorKey } from './cache-key.ts';
import { DiskBacklog } from './disk-backlog.ts';
import { BodyWriter, diskBytesOf, readBody } from './disk-body.ts';
import type { DiskFiles } from './disk-files.ts';
import { createEntry, type Entry, type Head } from './disk-entry.ts';
import { DiskFilling } from './disk-filling.ts';
import { DiskFolder, type Standing } from './disk-folder.ts';
import type { RecordPlace } from './disk-heads.ts';
import { decodeRecord, encodeRecord, recordBytesMax, summaryOf } from './disk-record.ts';
import { DiskTrouble } from './disk-trouble.ts';
import { S3Fifo } from './s3-fifo.ts';
import { type Filling, ObjectLost, type StoredBody, type StoredObject } from './stored-object.ts';

export type DiskStoreParts = {
  readonly files: DiskFiles;
  /** Of this store alone. */
  readonly folder: string;
  readonly bytesMax: number;
  readonly clock: Clock;
  readonly recorder: Recorder;
  /** Whether the log has this point in its history. */
  readonly isProven: (cursor: Cursor) => Promise<boolean>;
  /** Whether objects of an earlier run may be served. */
  readonly outlivesRuns: boolean;
  /** Hears of the parts of objects that an earlier run has left. */
  readonly takePart: (head: Head) => void;
};

/** So much of the room one body may take, and all that are arriving together. */
const fillingShareMax = 0.5;
export const fillingsMax = 256;
/** Waits in memory for the disk. */
const backlogBytesMax = 33_554_432;
/** The index has so much memory; an entry takes some 350 bytes beside its key. */
const indexBytesMax = 268_435_456;
const indexEntryBytes = 350;
/** Another try at a folder that cannot be used. */
const retryMs = 30_000;
/** A margin, since clocks of edges and of the control plane differ. */
const marginMs = 2 * 24 * 3_600_000;

export class DiskStore {
  readonly #parts: DiskStoreParts;
  readonly #objects: S3Fifo<Entry>;
  readonly #backlog: DiskBacklog;
  readonly #trouble: DiskTrouble;
  readonly #bodies = new WeakMap<StoredBody, Entry>();
  readonly #removing: string[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #folder: DiskFolder | undefined;
  #position: Cursor | undefined;
  #cancelRetry: (() => void) | undefined;
  #removal: Promise<void> | undefined;
  #isClosed = false;
  #generation = 0;
  #bodyBytes = 0;
  #fillingBytes = 0;
  #fillings = 0;
  #indexBytes = 0;

  constructor(parts: DiskStoreParts) {
    this.#parts = parts;
    this.#objects = new S3Fifo(parts.bytesMax);
    this.#backlog = new DiskBacklog(backlogBytesMax, parts.clock);
    this.#trouble = new DiskTrouble(parts);
  }

  /** What the disk holds for it at this moment, as far as it is known. */
  get bytes(): number {
    return this.#bodyBytes + this.#fillingBytes + (this.#folder?.heads.bytes ?? 0);
  }

  get size(): number {
    return this.#objects.size;
  }

  /** Never rejects: where the folder cannot be used, there is no object, and it is tried again. */
  async open(position: Cursor): Promise<void> {
    this.#position = position;
    const { bytesMax, clock, folder, isProven, outlivesRuns, recorder, takePart } = this.#parts;
    const oldest = clock.now() - (batchesKeptMs - marginMs);
    const isKept = ({ receivedAt }: Standing): boolean => outlivesRuns && receivedAt >= oldest;
    const begunMs = clock.monotonicMs();
    try {
      const parts = { files: this.#parts.files, folder, isProven, isKept };
      const opened = await DiskFolder.open(parts, position, (found) => {
        const entry = createEntry(found.key, found.id, found.length);
        entry.place = found.place;
        this.#index(entry);
        if (found.part !== undefined) takePart(found.part);
      });
      if (this.#isClosed) return await opened.close();
      opened.stand(this.#position);
      this.#folder = opened;
      this.#makeRoom();
      const tookMs = Math.round(clock.monotonicMs() - begunMs);
      const { bytes, size } = this;
      recorder.info({ folder, objects: size, bytes, bytesMax, tookMs }, 'the disk cache is open');
    } catch (error) {
      for (const key of this.#objects.keys()) this.#objects.delete(key);
      this.#bodyBytes = 0;
      this.#indexBytes = 0;
      this.#trouble.tell(error);
      if (this.#isClosed) return;
      this.#cancelRetry = clock.after(retryMs, () => void this.open(this.#position ?? position));
    }
  }

  /** What is fetched from now on belongs to this point of the log. */
  stand(position: Cursor): void {
    this.#position = position;
    this.#folder?.stand(position);
  }

  find(key: string): Promise<StoredObject | undefined> | undefined {
    const entry = this.#objects.use(key);
    return entry === undefined ? undefined : this.#read(entry);
  }

  /** `length` is what is declared; undefined where the disk takes nothing now, or not so much. */
  fill(key: string, length: number | undefined): Filling | undefined {
    const folder = this.#folder;
    if (folder === undefined || isErrorKey(key) || this.#fillings >= fillingsMax) return undefined;
    if (length !== undefined && diskBytesOf(length) > this.#fillingBytesMax) return undefined;
    if (!this.#trouble.mayWrite()) return undefined;
    const id = folder.nextId();
    const place = { files: this.#parts.files, path: folder.pathOf(id), id };
    const generation = this.#generation;
    this.#fillings += 1;
    return new DiskFilling(new BodyWriter(place, this.#backlog, length), this.#backlog, {
      grow: (by) => this.#grow(by),
      mayWrite: () => this.#trouble.mayWrite(),
      hangs: () => this.#trouble.tell(new Error('the disk has made no room for seconds')),
      finish: (writer, head, bytes) => {
        this.#endFilling(bytes);
        if (generation === this.#generation && this.#folder === folder) {
          return this.#add(folder, writer, head, id, bytes);
        }
        this.#track(this.#abandon(writer, place.path));
        return undefined;
      },
      abandon: (writer, bytes) => {
        this.#endFilling(bytes);
        this.#track(this.#abandon(writer, place.path));
      },
    });
  }

  /** Another head for a body that is held here. False: it is none of ours any more. */
  renew(object: StoredObject, body: StoredBody): boolean {
    const entry = this.#bodies.get(body);
    const folder = this.#folder;
    if (folder === undefined || entry === undefined || entry.isDropped) return false;
    if (this.#objects.peek(object.key) !== entry) return false;
    entry.head = object;
    entry.fetchedAt = object.fetchedAt;
    // Before its body stands there the first head does not either, and the newest is written then.
    if (entry.writing === undefined) this.#track(this.#writeHead(folder, entry));
    return true;
  }

  /** Whether that body is held here under that key. */
  holds(key: string, body: StoredBody): boolean {
    return this.#objects.peek(key) === this.#bodies.get(body) && this.#bodies.has(body);
  }

  drop(key: string): void {
    const entry = this.#objects.peek(key);
    if (entry !== undefined) this.#drop(entry);
  }

  clear(): void {
    this.#generation += 1;
    for (const key of this.#objects.keys()) this.drop(key);
    const cleared = this.#folder?.heads.clear();
    if (cleared !== undefined) this.#track(cleared.catch((error) => this.#trouble.tell(error)));
  }

  /** What is stored stays; what is being filled does not. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#generation += 1;
    this.#cancelRetry?.();
    await this.settled();
    const folder = this.#folder;
    this.#folder = undefined;
    await folder?.close().catch((error: unknown) => this.#trouble.tell(error));
  }

  /** Resolves once all that was given is on disk, or is not going to be. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  get #fillingBytesMax(): number {
    return this.#parts.bytesMax * fillingShareMax;
  }

  async #read(entry: Entry): Promise<StoredObject | undefined> {
    const body = this.#bodyOf(entry);
    if (entry.head !== undefined) return { ...entry.head, body };
    const { place } = entry;
    const folder = this.#folder;
    if (place === undefined || folder === undefined) return undefined;
    try {
      const { segment } = place;
      const record = await folder.heads.read(place);
      if (record === undefined) {
        // Its file may have been swept meanwhile.
        if (place.segment !== segment && !entry.isDropped) return await this.#read(entry);
        throw new ObjectLost('a head is not what was written');
      }
      const { bodyId, object } = decodeRecord(record);
      if (bodyId !== entry.id || object.key !== entry.key) {
        throw new ObjectLost('a head is not the one that was written there');
      }
      return entry.isDropped ? undefined : { ...object, body };
    } catch (error) {
      this.#lose(entry, error);
      return undefined;
    }
  }

  #bodyOf(entry: Entry): StoredBody {
    const body: StoredBody = {
      length: entry.length,
      read: (start, end) => this.#readBody(entry, start, end),
      hold: () => this.#hold(entry),
    };
    this.#bodies.set(body, entry);
    return body;
  }

  async *#readBody(entry: Entry, start: number, end: number): AsyncGenerator<Uint8Array> {
    const { files } = this.#parts;
    const path = this.#folder?.pathOf(entry.id);
    if (path === undefined) throw new ObjectLost('the disk cache is closed');
    const letGo = this.#hold(entry);
    try {
      await entry.writing;
      yield* readBody({ files, path, id: entry.id }, entry.length, start, end);
    } catch (error) {
      this.#lose(entry, error);
      throw error instanceof ObjectLost
        ? error
        : new ObjectLost('a body cannot be read', { cause: error });
    } finally {
      letGo();
    }
  }

  #hold(entry: Entry): () => void {
    entry.holders += 1;
    let isHeld = true;
    return () => {
      if (isHeld) entry.holders -= 1;
      isHeld = false;
      this.#removeIfUnused(entry);
    };
  }

  /** Found from now on, though it is still on its way to the disk. */
  #add(
    folder: DiskFolder,
    writer: BodyWriter,
    head: Head,
    id: number,
    length: number,
  ): StoredObject | undefined {
    const entry = createEntry(head.key, id, length, () =>
      writer.cancel(new ObjectLost('the object was dropped before it was written')),
    );
    const before = this.#objects.peek(head.key);
    // A fetch that began earlier may end later; it does not bring the older object back.
    if (before !== undefined && before.fetchedAt > head.fetchedAt) {
      this.#track(this.#abandon(writer, folder.pathOf(id)));
      return undefined;
    }
    entry.head = head;
    entry.fetchedAt = head.fetchedAt;
    entry.writing = this.#write(folder, writer, entry);
    this.#track(entry.writing);
    this.#index(entry);
    this.#makeRoom();
    return { ...head, body: this.#bodyOf(entry) };
  }

  async #write(folder: DiskFolder, writer: BodyWriter, entry: Entry): Promise<void> {
    try {
      await writer.finish();
      if (!entry.isDropped) await this.#writeHead(folder, entry);
    } catch (error) {
      this.#lose(entry, error);
    } finally {
      entry.writing = undefined;
      this.#removeIfUnused(entry);
    }
  }

  async #writeHead(folder: DiskFolder, entry: Entry): Promise<void> {
    const { head } = entry;
    if (head === undefined) return;
    try {
      const object = head;
      const record = encodeRecord({ object, bodyId: entry.id, bodyLength: entry.length });
      if (record.length > recordBytesMax) throw new Error('a head is too large to be kept on disk');
      const { place, written } = folder.heads.append(record);
      await written;
      if (entry.isDropped) return;
      if (entry.place !== undefined) folder.heads.release(entry.place);
      entry.place = place;
      folder.heads.claim(place);
      this.#trouble.isOver();
      // One that came meanwhile is written next.
      if (entry.head === head) entry.head = undefined;
      else await this.#writeHead(folder, entry);
    } catch (error) {
      this.#lose(entry, error);
      return;
    }
    const swept = folder.heads.sweep((one, at) => this.#placeOf(one, at));
    await swept.catch((error: unknown) => this.#trouble.tell(error));
  }

  #placeOf(record: Buffer, at: RecordPlace): RecordPlace | undefined {
    const entry = this.#objects.peek(summaryOf(record).key);
    // Where a newer head is on its way, this one must not come behind it.
    const place = entry?.head === undefined ? entry?.place : undefined;
    return place?.segment === at.segment && place.offset === at.offset ? place : undefined;
  }

  #index(entry: Entry): void {
    const before = this.#objects.peek(entry.key);
    if (before !== undefined) this.#drop(before);
    const bytes = diskBytesOf(entry.length);
    this.#objects.set(entry.key, entry, bytes);
    this.#bodyBytes += bytes;
    entry.isCounted = true;
    this.#indexBytes += entry.key.length + indexEntryBytes;
  }

  #makeRoom(): void {
    while (this.bytes > this.#parts.bytesMax || this.#indexBytes > indexBytesMax) {
      const evicted = this.#objects.evict();
      if (evicted === undefined) return;
      this.#leave(evicted.value);
    }
  }

  #drop(entry: Entry): void {
    if (this.#objects.peek(entry.key) === entry) this.#objects.delete(entry.key);
    this.#leave(entry);
  }

  /** It is found no more. */
  #leave(entry: Entry): void {
    if (entry.isDropped) return;
    entry.isDropped = true;
    this.#indexBytes -= entry.key.length + indexEntryBytes;
    if (entry.place !== undefined) this.#folder?.heads.release(entry.place);
    this.#removeIfUnused(entry);
  }

  #lose(entry: Entry, error: unknown): void {
    // What was dropped already is not to be had, and that is no trouble.
    if (!this.#isClosed && !entry.isDropped) this.#trouble.tell(error);
    this.#drop(entry);
  }

  /** As long as somebody reads it, it takes room. */
  #removeIfUnused(entry: Entry): void {
    if (!entry.isDropped || entry.holders > 0) return;
    if (entry.isCounted) this.#bodyBytes -= diskBytesOf(entry.length);
    entry.isCounted = false;
    if (entry.writing !== undefined) return entry.cancelWriting?.();
    const path = this.#folder?.pathOf(entry.id);
    if (path !== undefined && !entry.isRemoved) this.#remove(path);
    entry.isRemoved = true;
  }

  /** One file at a time, so that an eviction does not fill the queue of the disk. */
  #remove(path: string): void {
    this.#removing.push(path);
    if (this.#removal !== undefined) return;
    this.#removal = this.#removeAll().finally(() => {
      this.#removal = undefined;
    });
    this.#track(this.#removal);
  }

  async #removeAll(): Promise<void> {
    for (let path = this.#removing.pop(); path !== undefined; path = this.#removing.pop()) {
      await this.#parts.files.remove(path).catch((error: unknown) => this.#trouble.tell(error));
    }
  }

  #grow(by: number): boolean {
    if (this.#fillingBytes + by > this.#fillingBytesMax) return false;
    this.#fillingBytes += by;
    this.#makeRoom();
    if (this.bytes <= this.#parts.bytesMax) return true;
    // What viewers still read cannot be removed; then there is no room for more.
    this.#fillingBytes -= by;
    return false;
  }

  #endFilling(bytes: number): void {
    this.#fillings -= 1;
    this.#fillingBytes -= bytes;
  }

  async #abandon(writer: BodyWriter, path: string): Promise<void> {
    const { failure } = writer;
    if (failure !== undefined) this.#trouble.tell(failure);
    await writer.abandon(new ObjectLost('the body was not finished'));
    this.#remove(path);
  }

  #track(work: Promise<void>): void {
    this.#underWay.add(work);
    void work.finally(() => this.#underWay.delete(work));
  }
}
