/**
 * What keeps etcd from filling up with us: history of ours that is too old is forgotten, etcd's own
 * history is compacted, and the room that is left is watched. Every API process does it; each step
 * may be done twice. Defragmenting, and disarming an alarm once there is room, is the operator's.
 */
import { pause, type Clock } from '../base/clock.ts';
import type { Recorder } from '../base/recorder.ts';
import { EtcdFailure, type EtcdConnection } from './etcd-connection.ts';
import { compact, type Int64, status } from './etcd-schema.ts';
import { errorOf } from './log-closed.ts';

const roomEveryMs = 10_000;
/** Etcd forgets what is older than one to two of these. */
export const compactEveryMs = 300_000;
const forgetEveryMs = 3_600_000;
const warnAtShare = 0.8;

/** What the servers say of their room. */
export type EtcdRoom = {
  /** Puts and leases are refused: there is an alarm. */
  isFull: boolean;
  usedBytes: number;
};

export type TidyingParts = {
  readonly connection: EtcdConnection;
  readonly clock: Clock;
  readonly recorder: Recorder;
  /** Kept up to date. */
  readonly room: EtcdRoom;
  readonly quotaBytes: number;
  readonly forgetOld: () => Promise<void>;
};

/** Resolves when `signal` is aborted. */
export async function keepEtcdTidy(parts: TidyingParts, signal: AbortSignal): Promise<void> {
  const { clock, recorder } = parts;
  let seen: Int64 | undefined;
  let compactAtMs = 0;
  let forgetAtMs = clock.monotonicMs() + compactEveryMs;
  while (!signal.aborted) {
    try {
      const nowRevision = await lookAtRoom(parts, signal);
      const nowMs = clock.monotonicMs();
      if (nowMs >= compactAtMs && nowRevision !== undefined) {
        if (seen !== undefined) await compactTo(seen, parts, signal);
        seen = nowRevision;
        compactAtMs = nowMs + compactEveryMs;
      }
      if (nowMs >= forgetAtMs) {
        await parts.forgetOld();
        forgetAtMs = nowMs + forgetEveryMs;
      }
    } catch (thrown) {
      if (!signal.aborted) recorder.debug({ error: errorOf(thrown) }, 'etcd was not tidied');
    }
    await pause(clock, roomEveryMs, signal).catch(() => undefined);
  }
}

/** The answer is etcd's revision now; undefined where no server says it. */
async function lookAtRoom(
  { connection, quotaBytes, recorder, room }: TidyingParts,
  signal: AbortSignal,
): Promise<Int64 | undefined> {
  const answers = await connection.each(status, {}, signal);
  const said = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  if (said.length === 0) return undefined;
  const wasFull = room.isFull;
  const wasNear = room.usedBytes > quotaBytes * warnAtShare;
  room.isFull = said.some(({ errors }) => errors.some((error) => error.includes('NOSPACE')));
  room.usedBytes = Math.max(...said.map(({ dbSizeInUse }) => Number(dbSizeInUse)));
  const sizeBytes = Math.max(...said.map(({ dbSize }) => Number(dbSize)));
  const facts = { usedBytes: room.usedBytes, sizeBytes, quotaBytes };
  if (room.isFull && !wasFull) {
    recorder.error(
      facts,
      'etcd is full, so no change can be made: compact and defragment it, then run `etcdctl alarm disarm`',
    );
  } else if (wasFull && !room.isFull) {
    recorder.info(facts, 'etcd takes changes again');
  }
  const isNear = room.usedBytes > quotaBytes * warnAtShare;
  if (isNear && !wasNear) {
    recorder.warn(facts, 'etcd is nearly full: give it a larger quota, or make room in it');
  }
  return said
    .map(({ header }) => header.revision)
    .reduce((a, b) => (BigInt(a) < BigInt(b) ? a : b));
}

async function compactTo(
  revision: Int64,
  { connection }: TidyingParts,
  signal: AbortSignal,
): Promise<void> {
  try {
    await connection.read(compact, { revision }, signal);
  } catch (thrown) {
    // Another process was here first.
    if (!(thrown instanceof EtcdFailure && thrown.isCompacted)) throw thrown;
  }
}
