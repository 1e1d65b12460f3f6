/**
 * Follows the log in etcd for all readers of this process. There is one way in, for a start, a
 * reconnect, a compaction and a restore alike: prove the place one stands at, read what changed
 * since, watch from there. Each record that is watched must be the next one by our own numbers; any
 * gap, repetition or other log ends the watch, and the way in is taken anew.
 *
 * A watch that is cut off may simply stay silent. So the head is asked for each second beside it:
 * no answer means that contact is lost, and a head that stays ahead means that the watch is stuck.
 */
import { pause, type Clock } from '../base/clock.ts';
import { type Change, type LogRecord, sameCursor } from '../base/log-record.ts';
import type { Recorder } from '../base/recorder.ts';
import type { EtcdConnection } from './etcd-connection.ts';
import { decodeCursor, decodeDocument, type EtcdKeys } from './etcd-keys.ts';
import type { EtcdReading } from './etcd-reading.ts';
import { type Int64, watch, type WatchResponse } from './etcd-schema.ts';
import { errorOf } from './log-closed.ts';
import type { Tails } from './tail.ts';

const headEveryMs = 1_000;
const headMsMax = 2_000;
/** One server that has not said the head by then is asked no longer, but another. */
const answerMsMax = 900;
const stuckMsMax = 4_000;
const retryMsMin = 50;
const retryMsMax = 1_000;

export type EtcdFollowerParts = {
  readonly connection: EtcdConnection;
  readonly keys: EtcdKeys;
  readonly reading: EtcdReading;
  readonly tails: Tails;
  readonly clock: Clock;
  readonly recorder: Recorder;
};

/** What was watched does not follow what was told. */
class WatchBroken extends Error {
  override readonly name = 'WatchBroken';
}

export class EtcdFollower {
  readonly #parts: EtcdFollowerParts;
  readonly #waiting = new Set<() => void>();
  #isLost = false;
  /** The server that the watch is at. */
  #watched: string | undefined;

  constructor(parts: EtcdFollowerParts) {
    this.#parts = parts;
  }

  /** Resolves when `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    let failures = 0;
    while (!signal.aborted) {
      const attempt = new AbortController();
      const both = AbortSignal.any([signal, attempt.signal]);
      try {
        const from = await this.#attach(both);
        const watching = this.#watch(from, both, () => {
          failures = 0;
        });
        await Promise.race([watching, this.#compareHeads(both)]);
      } catch (thrown) {
        if (signal.aborted) break;
        this.#lose(errorOf(thrown));
      } finally {
        attempt.abort(new WatchBroken('this watch is over'));
      }
      const delayMs = Math.min(retryMsMin * 2 ** failures, retryMsMax);
      failures += 1;
      await pause(clock, delayMs, signal).catch(() => undefined);
    }
  }

  /** Resolves at the next thing that is heard, or lost, or after `delayMs`. */
  change(delayMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        cancel();
        resolve();
      };
      const cancel = this.#parts.clock.after(delayMs, wake);
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }

  /** Tells what was missed; the answer is etcd's revision up to which all is told. */
  async #attach(signal: AbortSignal): Promise<Int64> {
    const { reading, recorder, tails } = this.#parts;
    const stood = tails.head;
    const asked = { after: stood.revision, proof: stood, every: true };
    const { page, etcdRevision } = await reading.page(asked, signal);
    if (page.kind === 'unproven') {
      const { head } = await reading.standing(stood.revision, signal);
      const facts = { stood: stood.revision, head: head.revision, log: head.logId };
      recorder.warn(
        facts,
        'the log in etcd does not know the point that was reached: it was restored, or history was forgotten; all is read anew',
      );
      // Proven by the next attempt, which finds it at once.
      tails.restart(head);
      throw new WatchBroken('the log is not the one that was followed');
    }
    // Nothing may be awaited between these: only after the last record is the fold a true one.
    tails.regain();
    for (const record of page.records) tails.push(record);
    if (this.#isLost) {
      recorder.info({ head: page.head.revision }, 'the log in etcd is in reach again');
    }
    this.#isLost = false;
    this.#wake();
    return etcdRevision;
  }

  async #watch(from: Int64, signal: AbortSignal, hears: () => void): Promise<never> {
    const { connection, keys } = this.#parts;
    this.#watched = connection.server;
    const create_request = {
      ...keys.documentsAndHead,
      start_revision: String(BigInt(from) + 1n),
      fragment: true,
    };
    let events: WatchResponse['events'] = [];
    for await (const answer of connection.stream(watch, [{ create_request }], signal)) {
      if (answer.canceled) {
        const compacted = answer.compact_revision !== '0';
        const why = compacted ? 'compacted beyond the place of the watch' : answer.cancel_reason;
        throw new WatchBroken(`etcd ended the watch: ${why}`);
      }
      hears();
      events = [...events, ...answer.events];
      if (answer.fragment) continue;
      this.#hear(events);
      events = [];
    }
    throw new WatchBroken('the watch ended');
  }

  /** All events of one of etcd's revisions are one record; those without a head are housekeeping. */
  #hear(events: WatchResponse['events']): void {
    const { keys, tails } = this.#parts;
    const byRevision = Map.groupBy(events, ({ kv }) => kv.mod_revision);
    for (const group of byRevision.values()) {
      const head = group.find(({ kv }) => kv.key.equals(keys.head));
      if (head === undefined) continue;
      if (head.type === 'DELETE') throw new WatchBroken('the log was deleted');
      const { logId, revision, writeId } = decodeCursor(head.kv.value);
      const stood = tails.head;
      if (logId !== stood.logId || revision !== stood.revision + 1) {
        throw new WatchBroken(`after ${stood.revision} came ${revision} of log ${logId}`);
      }
      const changes = group
        .filter((event) => event !== head)
        .map(({ kv }): Change => {
          return { key: keys.keyOf(kv.key), value: decodeDocument(kv.value).value };
        });
      const record: LogRecord = { revision, writeId, changes };
      tails.push(record);
    }
    this.#wake();
  }

  async #compareHeads(signal: AbortSignal): Promise<never> {
    const { clock, connection, reading, tails } = this.#parts;
    /** A head that the watch has not told yet, and since when. */
    let ahead: { readonly revision: number; readonly sinceMs: number } | undefined;
    for (;;) {
      await pause(clock, headEveryMs, signal);
      const late = new AbortController();
      const cancel = clock.after(headMsMax, () =>
        late.abort(new Error(`etcd has not said the head within ${headMsMax} ms`)),
      );
      const { head } = await reading
        .standing(tails.head.revision, AbortSignal.any([signal, late.signal]), answerMsMax)
        .finally(cancel);
      const told = tails.head;
      if (head.logId !== told.logId) throw new WatchBroken('the log is another one');
      if (head.revision === told.revision && !sameCursor(head, told)) {
        throw new WatchBroken('the log went back and on another way');
      }
      // A server that no longer answers may leave its watch silent as well.
      if (connection.server !== this.#watched) throw new WatchBroken('another server answers now');
      const nowMs = clock.monotonicMs();
      // A watch may be a moment ahead of an answer that was on its way, or behind it.
      if (head.revision < told.revision) ahead ??= { revision: told.revision, sinceMs: nowMs };
      else if (told.revision >= (ahead?.revision ?? 0)) ahead = undefined;
      if (head.revision > told.revision) ahead ??= { revision: head.revision, sinceMs: nowMs };
      if (ahead === undefined || nowMs - ahead.sinceMs < stuckMsMax) continue;
      connection.moveOn();
      throw new WatchBroken('what the watch tells and the head are apart');
    }
  }

  #lose(cause: Error): void {
    const { recorder, tails } = this.#parts;
    if (!this.#isLost) {
      this.#isLost = true;
      recorder.warn({ error: cause }, 'the log in etcd is out of reach');
    }
    tails.lose(cause);
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }
}
