/**
 * An exchange: one viewer request and all that is done to answer it. Stages read and fill it; each
 * leaves by `go`, which keeps the reason for the record.
 */
import type { AccessLog } from '../access-log/journal.ts';
import type { Clock } from '../base/clock.ts';
import type { Revision } from '../base/log-record.ts';
import type { Randomness } from '../base/randomness.ts';
import type { Recorder } from '../base/recorder.ts';
import type { ObjectStore, StoredObject } from '../cache/stored-object.ts';
import type { NormalisedEncoding } from '../http/accept-encoding.ts';
import { mintRequestId } from '../http/via.ts';
import type { Origins } from '../origin/origins.ts';
import type { BehaviorEntry } from './behavior-entry.ts';
import type { EdgeBounds } from './bounds.ts';
import type { CacheNotes } from './cache-notes.ts';
import type { Certificates } from './certificates.ts';
import type { Compressions } from './compressed-body.ts';
import type { InFlight } from './in-flight.ts';
import type { RefusalPage } from './pages.ts';
import type { Pieces } from './parts.ts';
import type { Passing } from './passing.ts';
import type { Places } from './places.ts';
import type { Reason } from './reasons.ts';
import type { FailureRecord } from './recording.ts';
import type { ViewerCounts } from './viewer-counts.ts';
import type { Devices } from './viewer-device.ts';
import type { DetailedResult } from './result-types.ts';
import type { RoutingEntry, RoutingTable } from './routing-table.ts';
import type { Shield, ShieldNote } from './shield/shield.ts';
import type { SignatureChecks } from './signed-access/signature-checks.ts';
import type { Tally } from './tally.ts';
import type { TunnelAccount } from './tunnel.ts';
import type { Arrival, ViewerAnswer, ViewerFault, ViewerRequest } from './viewer.ts';

/** What all exchanges of a worker share. */
export type EdgeParts = {
  readonly bounds: EdgeBounds;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly recorder: Recorder;
  /** Undefined where nobody keeps access logs. */
  readonly accessLog?: AccessLog | undefined;
  readonly counts: ViewerCounts;
  readonly failures: FailureRecord;
  readonly routing: RoutingTable;
  readonly store: ObjectStore;
  readonly notes: CacheNotes;
  readonly origins: Pick<Origins, 'ask' | 'askEdge' | 'close'>;
  readonly compressions: Compressions;
  /** Those under way. */
  readonly exchanges: Tally;
  /** What bodies hold that viewers did not take yet. */
  readonly bodyMemory: Tally;
  readonly signatures: SignatureChecks;
  /** Undefined where no region has a shield. */
  readonly shield?: Shield | undefined;
  readonly places: Pick<Places, 'find' | 'tellUnknown'>;
  /** Undefined where nothing is served over TLS. */
  readonly certificates?: Pick<Certificates, 'covers'> | undefined;
  readonly originAttemptsMax: number;
  /** What RFC 9111 asks and CloudFront does not do. */
  readonly standards: boolean;
  /** Whether viewers may ask how an answer came about. */
  readonly explain: boolean;
  /** Where those are sent who have to come over HTTPS. */
  readonly viewersAt: { readonly httpsPort: number };
  /** The code of the edge location, for `X-Amz-Cf-Pop`. */
  readonly pop: string;
  /** What `Via` names this edge. */
  readonly viaName: string;
};

/** What a viewer is told of how its answer was come by (edge contract 8.2). */
export type CacheResult = 'Hit' | 'RefreshHit' | 'Miss' | 'Redirect' | 'Error';

export type Step = {
  readonly exit: string;
  readonly why: Reason;
  /** What of it differs from case to case. */
  readonly detail?: string | number | undefined;
};

export class Exchange {
  readonly edge: EdgeParts;
  readonly request: ViewerRequest;
  readonly answer: ViewerAnswer;
  /** What kept the head from being read; `request` is then a stand-in. */
  readonly fault: ViewerFault | undefined;
  readonly id: string;
  /** The way it took, in order: exits and their reasons. */
  readonly steps: Step[] = [];

  entry: RoutingEntry | undefined;
  /** The one of its path. */
  behavior: BehaviorEntry | undefined;
  /** The path the cache and the origin go by: the viewer's, or the default root object's. */
  path: string;
  /** What of the viewer's query goes to the origin. */
  query: string | undefined;
  /** What of it is part of the key. */
  keyedQuery: string | undefined;
  cookies: string | undefined;
  key: string | undefined;
  /** The key before it was known which fields the answers vary by; under `--standards`. */
  primaryKey: string | undefined;
  /** What the viewer accepts, as far as the behavior tells it apart. */
  encoding: NormalisedEncoding = 'identity';
  /** The position of the log that was served when its last fetch began, or when it was routed. */
  servedAt: Revision | undefined;
  /** Of the cache, when its last fetch began (`CacheNotes`). */
  era = 0;
  /** How often the origin was asked. */
  fetches = 0;
  /** From the request that was answered to the head of that answer, in milliseconds. */
  upstreamMs: number | undefined;
  /** How often the cache was looked into. */
  lookUps = 0;
  /** Its own fetch, while others may wait for it. */
  flight: InFlight | undefined;
  /** The key that others find the fetch by. */
  flightKey: string | undefined;
  /** Of an answer that is read along with another exchange, in seconds. */
  ageS: number | undefined;
  stored: StoredObject | undefined;
  /** It fetches the page that stands for an error of another exchange. */
  isForError = false;
  /** Its viewer is another edge, whose origin shield this one is. */
  isForShield = false;
  /** Of its viewer, where another edge has told them. */
  facts: Readonly<Record<string, string>> | undefined;
  /** What its viewer is, once a behavior has asked for it. */
  devices: Devices | undefined;
  /** Of the request of another edge: what that says of its viewer. */
  shieldNote: ShieldNote | undefined;
  /** How the shield had come by what it gave. */
  shieldResult: 'hit' | 'miss' | undefined;
  passing: Passing | undefined;
  /** What is asked for, while parts of it are stored. */
  pieces: Pieces | undefined;
  page: RefusalPage | undefined;
  result: CacheResult = 'Miss';
  /** Why an answer that had begun was not ended. */
  cutBecause: DetailedResult | undefined;
  /** Set when a WebSocket is over: what passed through it. */
  tunnelled: TunnelAccount | undefined;

  /** `id`: where it is another's, too. */
  constructor(edge: EdgeParts, { fault, request }: Arrival, answer: ViewerAnswer, id?: string) {
    this.edge = edge;
    this.request = request;
    this.fault = fault;
    this.answer = answer;
    this.path = request.path;
    this.id = id ?? mintRequestId(edge.randomness);
  }

  get clock(): Clock {
    return this.edge.clock;
  }

  /** Leaves a stage: `exit` names the next one. */
  go<Exit extends string>(exit: Exit, why: Reason, detail?: string | number): Exit {
    this.steps.push({ exit, why, detail });
    return exit;
  }

  /** Leaves a stage for an answer of the edge's own. */
  refuse(page: RefusalPage, why: Reason, detail?: string | number): 'refuse' {
    this.page = page;
    return this.go('refuse', why, detail);
  }
}
