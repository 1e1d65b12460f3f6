/**
 * Presence in etcd: each edge's last report is a key on a lease of etcd's own, so that every API
 * process sees the same edges, at one moment with the head. A lease is renewed only by a report; its
 * id stands with the report, so that the next one may come through any API process. A new leader
 * gives every lease its full time again, so an election kills no edge.
 *
 * Reports that come together are handled together: what is known of all of them is read in one
 * transaction, and what they change is written in one, on condition that nobody else changed it
 * since. An edge becomes live only at a head that is still the head when its report is written.
 */
import { type Clock, pause } from '../base/clock.ts';
import type { Cursor } from '../base/log-record.ts';
import { type EtcdConnection, EtcdFailure } from './etcd-connection.ts';
import { decodeCursor, encodeCursor, type EtcdKeys } from './etcd-keys.ts';
import { NoLogThere } from './etcd-reading.ts';
import { decodeReport, encodeReport, type HeldReport } from './etcd-report.ts';
import {
  type Compare,
  type Int64,
  leaseGrant,
  leaseKeepAlive,
  leaseRevoke,
  type RequestOp,
  txn,
  type TxnRequest,
  watch,
} from './etcd-schema.ts';
import { LogClosed, errorOf } from './log-closed.ts';
import type { Liveness, Presence, Report, ReportAnswer } from './presence.ts';
import { answerIfKnown, carriesOn, checkReport, isFurther } from './report-rules.ts';

/** A transaction of etcd holds 128 operations; a report takes two of them when it is read. */
const reportsTogether = 60;
/** Reports that may wait; more are refused at once. */
const waitingMax = 10_000;
const triesMax = 8;
const listenAgainMs = 1_000;
const liveEdges = 'live/edge/';
const unsettledName = 'live/unsettled';
const reachedName = 'live/reached';
/** Etcd gives no shorter lease than this by itself. */
export const leaseSecondsMin = 2;

export type EtcdPresenceOptions = {
  readonly connection: EtcdConnection;
  readonly keys: EtcdKeys;
  readonly leaseMs: number;
  /** The names of all edges that have a document in the log. */
  readonly registered: () => ReadonlySet<string>;
  /** Hears of each report that is news, whichever process took it. */
  readonly onReport?: (report: Report) => void;
  readonly clock: Clock;
};

type Waiting = {
  readonly report: Report;
  readonly signal: AbortSignal;
  readonly resolve: (answer: ReportAnswer) => void;
  readonly reject: (cause: Error) => void;
  tries: number;
};

/** What a report becomes, if nobody changes what it was judged by. */
type Verdict =
  | { readonly kind: 'answer'; readonly answer: ReportAnswer }
  | {
      readonly kind: 'take';
      readonly report: Report;
      readonly answer: ReportAnswer;
      readonly known: HeldReport | undefined;
      /** It becomes live by this report, so the head must still be the one it serves. */
      readonly atHead: boolean;
      /** It says what is known already, so that its lease is all there is to renew. */
      readonly isNews: boolean;
    };

export class EtcdPresence implements Presence {
  readonly #options: EtcdPresenceOptions;
  readonly #leaseSeconds: number;
  readonly #never = new AbortController().signal;
  #waiting: Waiting[] = [];
  #working = false;

  constructor(options: EtcdPresenceOptions) {
    this.#options = options;
    this.#leaseSeconds = leaseSecondsOf(options.leaseMs);
    if (options.onReport !== undefined) void this.#listen(options.onReport);
  }

  report(report: Report, signal: AbortSignal): Promise<ReportAnswer> {
    checkReport(report);
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(errorOf(signal.reason));
      if (this.#waiting.length >= waitingMax) {
        return reject(new Error(`${waitingMax} reports of edges wait for etcd already`));
      }
      this.#waiting.push({ report, signal, resolve, reject, tries: 0 });
      void this.#work();
    });
  }

  async live(signal: AbortSignal): Promise<Liveness> {
    const { connection, keys, registered } = this.#options;
    const request = {
      compare: [],
      success: [
        { request_range: { key: keys.head } },
        { request_range: { key: keys.under(unsettledName) } },
        { request_range: { key: keys.under(reachedName) } },
        { request_range: keys.rangeUnder(liveEdges) },
      ],
      failure: [],
    };
    const { responses } = await connection.read(txn, request, signal);
    const [heads, unsettled, latched, edges] = responses.map(
      ({ response_range }) => response_range?.kvs,
    );
    const head = heads?.[0];
    if (head === undefined) throw new NoLogThere(keys);
    const reports = (edges ?? []).map(({ value }) => decodeReport(value).report);
    const heard = new Set(reports.map(({ edge }) => edge));
    const allAreHeard = [...registered()].every((name) => heard.has(name));
    const settled = unsettled?.length === 0 || allAreHeard;
    const reached = latched?.[0] && decodeCursor(latched[0].value);
    return { head: decodeCursor(head.value), reports, settled, reached };
  }

  async latch(reached: Cursor, signal: AbortSignal): Promise<void> {
    const { connection, keys } = this.#options;
    const key = keys.under(reachedName);
    for (let tries = 0; tries < triesMax; tries += 1) {
      const request = { compare: [], success: [{ request_range: { key } }], failure: [] };
      const { responses } = await connection.read(txn, request, signal);
      const before = responses[0]?.response_range?.kvs[0];
      if (before !== undefined && !isFurther(reached, decodeCursor(before.value))) return;
      const mod_revision = before?.mod_revision ?? '0';
      const put: TxnRequest = {
        compare: [{ result: 'EQUAL', target: 'MOD', key, mod_revision }],
        success: [{ request_put: { key, value: encodeCursor(reached) } }],
        failure: [],
      };
      if ((await connection.call(txn, put, signal)).succeeded) return;
    }
    throw new Error('others said at each try how far all edges are');
  }

  /** Until the connection is closed. What is said while it is away is not told later. */
  async #listen(onReport: (report: Report) => void): Promise<void> {
    const { clock, connection, keys } = this.#options;
    const fromNow = { start_revision: '0', fragment: true };
    const create_request = { ...keys.rangeUnder(liveEdges), ...fromNow };
    for (;;) {
      try {
        const answers = connection.stream(watch, [{ create_request }], this.#never);
        for await (const { events } of answers) {
          for (const { kv, type } of events) {
            if (type === 'PUT') onReport(decodeReport(kv.value).report);
          }
        }
      } catch (thrown) {
        if (thrown instanceof LogClosed) return;
      }
      await pause(clock, listenAgainMs);
    }
  }

  /** One batch is under way at a time; what comes meanwhile is in the next one. */
  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    while (this.#waiting.length > 0) {
      const batch = this.#nextBatch();
      try {
        await this.#handle(batch);
      } catch (thrown) {
        for (const { reject } of batch) reject(errorOf(thrown));
      }
    }
    this.#working = false;
  }

  /** Of one edge at most one report, as each is judged by the one before. */
  #nextBatch(): readonly Waiting[] {
    const batch = new Map<string, Waiting>();
    const later: Waiting[] = [];
    for (const waiting of this.#waiting) {
      const { edge } = waiting.report;
      if (waiting.signal.aborted) waiting.reject(errorOf(waiting.signal.reason));
      else if (batch.has(edge) || batch.size >= reportsTogether) later.push(waiting);
      else batch.set(edge, waiting);
    }
    this.#waiting = later;
    return [...batch.values()];
  }

  async #handle(batch: readonly Waiting[]): Promise<void> {
    if (batch.length === 0) return;
    const { head, judged } = await this.#judge(batch);
    const taken: { readonly waiting: Waiting; readonly verdict: Verdict & { kind: 'take' } }[] = [];
    for (const { verdict, waiting } of judged) {
      if (verdict.kind === 'answer') waiting.resolve(verdict.answer);
      else taken.push({ waiting, verdict });
    }
    const leases = await Promise.all(
      taken.map(async ({ verdict }) => verdict.known?.lease ?? (await this.#newLease())),
    );
    const compare: Compare[] = [];
    const success: RequestOp[] = [];
    const { keys } = this.#options;
    for (const [index, { verdict }] of taken.entries()) {
      const { isNews, known, report } = verdict;
      const lease = leases[index];
      if (!isNews || lease === undefined) continue;
      const key = this.#keyOf(report.edge);
      const mod_revision = known?.modRevision ?? '0';
      compare.push({ result: 'EQUAL', target: 'MOD', key, mod_revision });
      success.push({ request_put: { key, value: encodeReport(report, lease), lease } });
    }
    if (taken.some(({ verdict }) => verdict.atHead)) {
      compare.push({ result: 'EQUAL', target: 'VALUE', key: keys.head, value: encodeCursor(head) });
    }
    const renewed = leases.filter((_, index) => taken[index]?.verdict.known !== undefined);
    const [standing, wasWritten] = await Promise.all([
      this.#renew(renewed),
      this.#write({ compare, success, failure: [] }),
    ]);
    for (const [index, { verdict, waiting }] of taken.entries()) {
      const lease = leases[index];
      const stands = verdict.known === undefined || (lease !== undefined && standing.has(lease));
      if (stands && (wasWritten || !verdict.isNews)) {
        waiting.resolve(verdict.answer);
        continue;
      }
      if (verdict.known === undefined && lease !== undefined) this.#giveBack(lease);
      this.#again(waiting);
    }
  }

  /** Judged anew by what stands then; alone, so that no other one's change is in its way. */
  #again(waiting: Waiting): void {
    waiting.tries += 1;
    if (waiting.tries >= triesMax) {
      waiting.reject(new Error('others changed what this report was judged by, each time'));
    } else this.#waiting.unshift(waiting);
  }

  async #judge(batch: readonly Waiting[]): Promise<{
    readonly head: Cursor;
    readonly judged: readonly { readonly waiting: Waiting; readonly verdict: Verdict }[];
  }> {
    const { connection, keys } = this.#options;
    const success: RequestOp[] = [{ request_range: { key: keys.head } }];
    for (const { report } of batch) {
      success.push({ request_range: { key: this.#keyOf(report.edge) } });
      success.push({ request_range: { key: keys.pastOf(report.serving?.revision ?? 0) } });
    }
    const request = { compare: [], success, failure: [] };
    const { responses } = await connection.read(txn, request, this.#never);
    const found = responses.map(({ response_range }) => response_range?.kvs[0]);
    const headPair = found[0];
    if (headPair === undefined) throw new NoLogThere(keys);
    const head = decodeCursor(headPair.value);
    const judged = batch.map((waiting, index) => {
      const knownPair = found[1 + index * 2];
      const known = knownPair && {
        ...decodeReport(knownPair.value),
        modRevision: knownPair.mod_revision,
      };
      const past = found[2 + index * 2]?.value.toString();
      return { waiting, verdict: verdictOn(waiting, { head, known, past }) };
    });
    return { head, judged };
  }

  async #newLease(): Promise<Int64> {
    const request = { TTL: this.#leaseSeconds };
    return (await this.#options.connection.call(leaseGrant, request, this.#never)).ID;
  }

  /** A lease that nothing hangs on would lapse by itself as well. */
  #giveBack(ID: Int64): void {
    this.#options.connection.call(leaseRevoke, { ID }, this.#never).catch(() => undefined);
  }

  /** Those of `leases` that stand, for their full time from now on. */
  async #renew(leases: readonly Int64[]): Promise<ReadonlySet<Int64>> {
    const standing = new Set<Int64>();
    if (leases.length === 0) return standing;
    const asked = leases.map((ID) => ({ ID }));
    let left = leases.length;
    const answers = this.#options.connection.stream(leaseKeepAlive, asked, this.#never);
    for await (const { ID, TTL } of answers) {
      if (BigInt(TTL) > 0n) standing.add(ID);
      left -= 1;
      if (left === 0) break;
    }
    return standing;
  }

  async #write(request: {
    readonly compare: readonly Compare[];
    readonly success: readonly RequestOp[];
    readonly failure: readonly RequestOp[];
  }): Promise<boolean> {
    if (request.success.length === 0) return true;
    try {
      return (await this.#options.connection.call(txn, request, this.#never)).succeeded;
    } catch (thrown) {
      // One of the leases has ended meanwhile: judged anew, its edge is not live.
      if (thrown instanceof EtcdFailure && thrown.isLeaseGone) return false;
      throw thrown;
    }
  }

  #keyOf(edge: string): Buffer {
    return this.#options.keys.under(liveEdges + encodeURIComponent(edge));
  }
}

type Seen = {
  readonly head: Cursor;
  readonly known: HeldReport | undefined;
  /** What history holds at the place that the edge serves. */
  readonly past: string | undefined;
};

function verdictOn({ report, tries }: Waiting, { head, known, past }: Seen): Verdict {
  // A try of before may have been written without an answer: the same report stands then.
  const answered = answerIfKnown(report, known?.report);
  if (answered !== undefined) return { kind: 'answer', answer: answered };
  const { serving, state } = report;
  if (serving !== undefined && (serving.logId !== head.logId || serving.writeId !== past)) {
    return { kind: 'answer', answer: 'snapshot' };
  }
  const isNews = !(known !== undefined && saysTheSame(report, known.report));
  const take = { kind: 'take', report, answer: 'held', known, atHead: false, isNews } as const;
  if (state !== 'serving' || serving === undefined || carriesOn(report, known?.report)) return take;
  // Where the head runs on faster than it can be caught, the edge goes on joining for now.
  if (serving.revision < head.revision || tries > triesMax / 2) {
    return { ...take, report: { ...report, state: 'joining' }, answer: 'behind', isNews: true };
  }
  return { ...take, atHead: true };
}

function saysTheSame(report: Report, known: Report): boolean {
  return (
    report.session === known.session &&
    report.state === known.state &&
    report.serving?.revision === known.serving?.revision &&
    report.serving?.writeId === known.serving?.writeId &&
    report.serving?.logId === known.serving?.logId
  );
}

export function leaseSecondsOf(leaseMs: number): number {
  return Math.max(leaseSecondsMin, Math.ceil(leaseMs / 1_000));
}

/**
 * For one lease nothing new may be called `Deployed`: edges that run may not have reported to this
 * log yet. Said when a log is put into etcd that was elsewhere before.
 */
export async function unsettle(
  { connection, keys, leaseMs }: Pick<EtcdPresenceOptions, 'connection' | 'keys' | 'leaseMs'>,
  signal: AbortSignal,
): Promise<void> {
  const { ID } = await connection.call(leaseGrant, { TTL: leaseSecondsOf(leaseMs) }, signal);
  const put = { key: keys.under(unsettledName), value: Buffer.from('1'), lease: ID };
  const request = { compare: [], success: [{ request_put: put }], failure: [] };
  await connection.call(txn, request, signal);
}
