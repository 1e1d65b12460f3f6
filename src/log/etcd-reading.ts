/**
 * Reading the log from etcd. Each read stands on one point: a linearizable transaction gives the
 * head, the proof and etcd's own revision, and all pages that follow are read as of that revision.
 * `serializable` reads are never used, as a server that is cut off answers them.
 */
import {
  type Change,
  type Cursor,
  type LogRecord,
  type Revision,
  revision,
  type WriteId,
  parseWriteId,
} from '../base/log-record.ts';
import type { EtcdConnection } from './etcd-connection.ts';
import { after as keyAfter, decodeCursor, decodeDocument, type EtcdKeys } from './etcd-keys.ts';
import type { Range } from './etcd-keys.ts';
import { type Int64, type KeyValue, range, txn, type TxnResponse } from './etcd-schema.ts';
import type { Page, PageRequest } from './tail.ts';

/** At most 1 MiB each, so that a page fits what is received at once. */
const documentsPerPage = 100;
const pastPerPage = 10_000;
/** A page is large, and a server that works on it is not a dead one. */
const pageMsMax = 10_000;

/** There is etcd, but no log under the prefix: it was deleted, or another etcd answers. */
export class NoLogThere extends Error {
  override readonly name = 'NoLogThere';

  constructor({ prefix }: EtcdKeys) {
    super(`there is no log under /${prefix}/ in etcd any more`);
  }
}

export type Standing = {
  readonly head: Cursor;
  /** What history holds at the place that was asked for. */
  readonly past: { readonly writeId: WriteId; readonly modRevision: Int64 } | undefined;
  /** Etcd's revision at that moment. */
  readonly etcdRevision: Int64;
};

export type PointedPage = { readonly page: Page; readonly etcdRevision: Int64 };

export class EtcdReading {
  readonly #connection: EtcdConnection;
  readonly #keys: EtcdKeys;

  constructor(connection: EtcdConnection, keys: EtcdKeys) {
    this.#connection = connection;
    this.#keys = keys;
  }

  /** Where the log stands, and what is at `place`, at one moment. */
  async standing(place: Revision, signal: AbortSignal, msMax?: number): Promise<Standing> {
    const keys = [this.#keys.head, this.#keys.pastOf(place)];
    const request = {
      compare: [],
      success: keys.map((key) => ({ request_range: { key } })),
      failure: [],
    };
    return this.standingOf(await this.#connection.read(txn, request, signal, msMax));
  }

  /** Reads the answer to a transaction that begins with ranges over the head and one past place. */
  standingOf({ header, responses }: TxnResponse): Standing {
    const [head, past] = responses.map(({ response_range }) => response_range?.kvs[0]);
    if (head === undefined) throw new NoLogThere(this.#keys);
    return {
      head: decodeCursor(head.value),
      past:
        past === undefined
          ? undefined
          : { writeId: parseWriteId(past.value.toString()), modRevision: past.mod_revision },
      etcdRevision: header.revision,
    };
  }

  async page({ after, every, proof }: PageRequest, signal: AbortSignal): Promise<PointedPage> {
    const standing = await this.standing(proof?.revision ?? revision(0), signal);
    const { etcdRevision, head, past } = standing;
    if (proof !== undefined && !provedBy(proof, standing)) {
      return { page: { kind: 'unproven' }, etcdRevision };
    }
    const records = new Map<number, LogRecord & { changes: Change[] }>();
    const begin = (position: Revision, writeId: WriteId) => {
      const record = { revision: position, writeId, changes: [] };
      records.set(position, record);
      return record;
    };
    if (every && after < head.revision) {
      const places = {
        key: this.#keys.pastOf(after + 1),
        range_end: this.#keys.pastOf(head.revision + 1),
      };
      for await (const { key, value } of this.#all(places, etcdRevision, pastPerPage, signal)) {
        begin(this.#keys.positionOf(key), parseWriteId(value.toString()));
      }
    }
    // A document that changed after the proof was written after the proof's place in history was.
    const since = proof === undefined ? {} : { min_mod_revision: past?.modRevision ?? '0' };
    const changed = { ...this.#keys.documents, ...since };
    if (after < head.revision) {
      for await (const { key, value } of this.#all(
        changed,
        etcdRevision,
        documentsPerPage,
        signal,
      )) {
        const document = decodeDocument(value);
        if (document.revision <= after) continue;
        const record = records.get(document.revision) ?? begin(document.revision, document.writeId);
        record.changes.push({ key: this.#keys.keyOf(key), value: document.value });
      }
    }
    const ordered = [...records.values()].sort((a, b) => a.revision - b.revision);
    return { page: { kind: 'page', records: ordered, head, more: false }, etcdRevision };
  }

  /** Keys of the documents whose deletion is older than `floor`, with when each was written. */
  async *deletedBefore(floor: Revision, signal: AbortSignal): AsyncGenerator<KeyValue, void> {
    const { etcdRevision } = await this.standing(floor, signal);
    const all = this.#all(this.#keys.documents, etcdRevision, documentsPerPage, signal);
    for await (const one of all) {
      const { revision: position, value } = decodeDocument(one.value);
      if (value === null && position < floor) yield one;
    }
  }

  async *#all(
    asked: Range & { readonly min_mod_revision?: Int64 },
    etcdRevision: Int64,
    limit: number,
    signal: AbortSignal,
  ): AsyncGenerator<KeyValue, void> {
    let { key } = asked;
    for (let more = true; more; ) {
      const request = { ...asked, key, limit, revision: etcdRevision };
      const answer = await this.#connection.read(range, request, signal, pageMsMax);
      yield* answer.kvs;
      const last = answer.kvs.at(-1);
      more = answer.more && last !== undefined;
      if (last !== undefined) key = keyAfter(last.key);
    }
  }
}

/** Is `cursor` a point of the history that `standing` was asked about at its place? */
export function provedBy(cursor: Cursor, { head, past }: Standing): boolean {
  return cursor.logId === head.logId && past?.writeId === cursor.writeId;
}
