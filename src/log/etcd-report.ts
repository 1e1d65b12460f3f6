/** A report of an edge as it stands in etcd: one JSON object, with the lease that it is on. */
import { parseLogId, parseWriteId, revision } from '../base/log-record.ts';
import { UnreadableKey } from './etcd-keys.ts';
import type { Int64 } from './etcd-schema.ts';
import type { EdgeState, Report } from './presence.ts';

export type StoredReport = { readonly report: Report; readonly lease: Int64 };
/** With etcd's revision at which it was written. */
export type HeldReport = StoredReport & { readonly modRevision: Int64 };

export function encodeReport(report: Report, lease: Int64): Buffer {
  return Buffer.from(JSON.stringify({ ...report, lease }));
}

export function decodeReport(bytes: Buffer): StoredReport {
  const fail = (): never => {
    throw new UnreadableKey(`a report in etcd is not what Warmfront writes: ${bytes.toString()}`);
  };
  let read: unknown;
  try {
    read = JSON.parse(bytes.toString());
  } catch {
    return fail();
  }
  if (!isObject(read)) return fail();
  const { beat, edge, lease, serving, session, state } = read;
  if (typeof edge !== 'string' || typeof lease !== 'string' || !isState(state)) return fail();
  return {
    lease,
    report: {
      edge,
      session: Number(session),
      beat: Number(beat),
      state,
      serving: isObject(serving)
        ? {
            logId: parseLogId(String(serving['logId'])),
            revision: revision(Number(serving['revision'])),
            writeId: parseWriteId(String(serving['writeId'])),
          }
        : undefined,
    },
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isState(value: unknown): value is EdgeState {
  return value === 'joining' || value === 'serving' || value === 'draining';
}
