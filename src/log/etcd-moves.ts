/**
 * Putting a whole log into etcd, and giving one there another name. An import is many transactions,
 * since etcd takes at most 128 operations in one: a mark says that one is under way, and the head,
 * by which there is a log at all, comes last. Where it did not end, the mark keeps every server from
 * beginning a log of its own beside the half that is there.
 */
import { type Cursor, type LogId, revision } from '../base/log-record.ts';
import type { EtcdConnection } from './etcd-connection.ts';
import { encodeCursor, encodeDocument, type EtcdKeys } from './etcd-keys.ts';
import { unsettle } from './etcd-presence.ts';
import { EtcdReading } from './etcd-reading.ts';
import { type Compare, type RequestOp, txn } from './etcd-schema.ts';
import type { LogDocument } from './log-file.ts';
import { recordBytesMax } from './log.ts';

const documentsTogether = 100;

export type EtcdMoveParts = {
  readonly connection: EtcdConnection;
  readonly keys: EtcdKeys;
  readonly leaseMs: number;
};

/** There is a log under the prefix, or a part of one. */
export class NotEmpty extends Error {
  override readonly name = 'NotEmpty';
}

export function importMark(keys: EtcdKeys): Buffer {
  return keys.under('log/importing');
}

function absent(key: Buffer): Compare {
  return { result: 'EQUAL', target: 'MOD', key, mod_revision: '0' };
}

function put(key: Buffer, value: Buffer): RequestOp {
  return { request_put: { key, value } };
}

export async function fillEtcd(
  parts: EtcdMoveParts,
  documents: AsyncIterable<LogDocument>,
  /** Asked for once the documents were read. */
  headAfter: () => Cursor,
  signal: AbortSignal,
): Promise<void> {
  const { connection, keys } = parts;
  const mark = importMark(keys);
  const commit = async (compare: readonly Compare[], success: readonly RequestOp[]) => {
    const answer = await connection.call(txn, { compare, success, failure: [] }, signal);
    if (!answer.succeeded) {
      throw new NotEmpty(`there is a log under /${keys.prefix}/ in etcd, or a part of one`);
    }
  };
  await commit([absent(keys.head), absent(mark)], [put(mark, Buffer.from('1'))]);
  let batch: RequestOp[] = [];
  let bytes = 0;
  for await (const document of documents) {
    const value = encodeDocument(document);
    if (batch.length >= documentsTogether || bytes + value.length > recordBytesMax) {
      await commit([absent(keys.head)], batch);
      batch = [];
      bytes = 0;
    }
    batch.push(put(keys.document(document.key), value));
    bytes += value.length;
  }
  if (batch.length > 0) await commit([absent(keys.head)], batch);
  const head = headAfter();
  await unsettle(parts, signal);
  await commit(
    [absent(keys.head)],
    [
      put(keys.head, encodeCursor(head)),
      put(keys.pastOf(head.revision), Buffer.from(head.writeId)),
      { request_delete_range: { key: mark } },
    ],
  );
}

/** Every cursor of before is a point of another log then: all readers begin with a snapshot. */
export async function renameInEtcd(
  parts: EtcdMoveParts,
  name: LogId,
  signal: AbortSignal,
): Promise<Cursor> {
  const { connection, keys } = parts;
  const reading = new EtcdReading(connection, keys);
  await unsettle(parts, signal);
  for (;;) {
    const { head } = await reading.standing(revision(0), signal);
    const renamed = { ...head, logId: name };
    const request = {
      compare: [
        {
          result: 'EQUAL',
          target: 'VALUE',
          key: keys.head,
          value: encodeCursor(head),
        } as const,
      ],
      success: [{ request_put: { key: keys.head, value: encodeCursor(renamed) } }],
      failure: [],
    };
    const { succeeded } = await connection.call(txn, request, signal);
    if (succeeded) return renamed;
  }
}
