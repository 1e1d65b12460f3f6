/**
 * What the lane learns from an exchange that the pipeline has answered out of the cache: which
 * requests are answered alike, and the heads of their answers, written out but for what differs each
 * time. A record holds no body, so it keeps nothing that the store has let go.
 */
import type { Revision } from '../../base/log-record.ts';
import { ageMs } from '../../cache/freshness.ts';
import type { StoredObject } from '../../cache/stored-object.ts';
import { isNotModified, validatorsOf } from '../../http/conditionals.ts';
import { type HeaderList, headerValue, headerValues, joinedValue } from '../../http/header-list.ts';
import { parseHost } from '../../http/host.ts';
import type { BehaviorEntry } from '../behavior-entry.ts';
import type { Exchange } from '../exchange.ts';
import { headText } from '../h1-head.ts';
import { notModifiedHeaders } from '../not-modified.ts';
import type { InvalidatedKey } from '../invalidation-facts.ts';
import { ownHeaders } from '../own-headers.ts';
import type { Reason } from '../reasons.ts';
import { behaviorOf } from '../routed.ts';
import type { RoutingEntry } from '../routing-table.ts';
import { useOfField } from './lane-fields.ts';
import { hashOfParts } from './lane-head.ts';

export type LaneRecord = {
  readonly hash: number;
  /** What a request has to say to be one of its own. */
  readonly scheme: 'http' | 'https';
  readonly target: string;
  readonly hostText: string;
  /** As the viewer wrote it; empty where there was none. */
  readonly acceptEncoding: string;
  /** What has to stand still for the answer to hold. */
  readonly hostName: string;
  readonly entry: RoutingEntry;
  readonly key: string;
  readonly invalidatedKey: InvalidatedKey;
  readonly headers: HeaderList;
  readonly bodyBytes: number;
  /** The answers up to the request's id. */
  readonly head: string;
  readonly notModifiedHead: string;
  /** What a viewer that holds the object says, to the letter; undefined where there is no such thing. */
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
  /** For the log. */
  readonly requestPath: string;
  readonly query: string | undefined;
  /** About, in memory. */
  readonly bytes: number;
  /** The state of the routing table that it was last compared with, and the fetch that it was. */
  routingState: number;
  fetchedAt: Revision;
  wasUsed: boolean;
};

/** A longer body goes by the pipeline, where it is not copied. */
export const laneBodyBytesMax = 16_384;

/** A record beside its texts. */
const overheadBytes = 400;
/** Of one record; a longer head or target is rare. */
const recordBytesMax = 16_384;

/** The one way through the pipeline that the lane cuts short, stage by stage, and why each was left. */
const way: readonly { readonly exit: string; readonly whys: readonly Reason[] }[] = [
  { exit: 'route', whys: ['well formed'] },
  { exit: 'checkLoop', whys: ['known host'] },
  { exit: 'rootObject', whys: ['no loop'] },
  { exit: 'matchBehavior', whys: ['the path as sent', 'the default root object'] },
  {
    exit: 'protocolPolicy',
    whys: ['the only behavior', 'the default behavior', 'the behavior of a pattern'],
  },
  { exit: 'method', whys: ['the protocol is allowed'] },
  { exit: 'country', whys: ['the method is allowed'] },
  { exit: 'signedAccess', whys: ['open to all countries'] },
  { exit: 'deriveKey', whys: ['public'] },
  { exit: 'lookUp', whys: ['keyed under the encoding'] },
  { exit: 'deliverStored', whys: ['fresh'] },
  { exit: 'done', whys: ['delivered', 'not modified', 'the head alone'] },
];

/** Undefined: the exchange is none that the lane could have answered. */
export function learnFrom(x: Exchange, routingState: number): LaneRecord | undefined {
  const { entry, key, request, stored } = x;
  if (entry === undefined || key === undefined || stored === undefined) return undefined;
  if (!wentTheWay(x) || !isPlain(x) || !dependsOnLittle(behaviorOf(x))) return undefined;
  const bodyBytes = bodyBytesOf(stored);
  if (bodyBytes === undefined) return undefined;
  const host = parseHost(request.hostText);
  const head = headBeforeId(x, stored, stored.headers, 200);
  const notModifiedHead = headBeforeId(x, stored, notModifiedHeaders(stored.headers), 304);
  if (host.kind !== 'name' || head === undefined || notModifiedHead === undefined) return undefined;
  const target = request.query === undefined ? request.path : `${request.path}?${request.query}`;
  const acceptEncoding = headerValue(request.headers, 'accept-encoding') ?? '';
  const bytes = overheadBytes + 2 * target.length + head.length + notModifiedHead.length;
  if (bytes > recordBytesMax) return undefined;
  const { etag, lastModified } = validatorsOf(stored.headers);
  return {
    hash: hashOfParts([target, request.hostText, acceptEncoding]),
    scheme: request.scheme,
    target,
    hostText: request.hostText,
    acceptEncoding,
    hostName: host.name,
    entry,
    key,
    invalidatedKey: { path: x.path, query: x.keyedQuery },
    headers: stored.headers,
    bodyBytes,
    head,
    notModifiedHead,
    etag: isHeldBy(x, stored, 'if-none-match', etag) ? etag : undefined,
    lastModified: isHeldBy(x, stored, 'if-modified-since', lastModified) ? lastModified : undefined,
    requestPath: request.path,
    query: request.query,
    bytes,
    routingState,
    fetchedAt: stored.fetchedAt,
    wasUsed: false,
  };
}

function wentTheWay({ steps }: Exchange): boolean {
  return (
    steps.length === way.length &&
    way.every(({ exit, whys }, index) => {
      const step = steps[index];
      return step !== undefined && step.exit === exit && whys.includes(step.why);
    })
  );
}

/** Only fields that the lane reads, or that nobody does. */
function isPlain({ request: { headers, httpVersion } }: Exchange): boolean {
  if (httpVersion !== '1.1' || headerValues(headers, 'accept-encoding').length > 1) return false;
  for (let index = 0; index < headers.length; index += 2) {
    if (useOfField(headers[index]?.toLowerCase() ?? '') === 'leave') return false;
  }
  const connection = joinedValue(headers, 'connection');
  return connection === undefined || connection.toLowerCase() === 'keep-alive';
}

/** The key is made of nothing but target, host and accepted encodings, and the answer of the object. */
function dependsOnLittle({ responseHeaders, rules }: BehaviorEntry): boolean {
  return (
    responseHeaders === undefined &&
    rules.keyedHeaders.length === 0 &&
    rules.keyedCookies.kind === 'none'
  );
}

/** Undefined: it is not in memory in one piece, or its length is not told. */
function bodyBytesOf({ body, headers, status }: StoredObject): number | undefined {
  const bytes = body?.bytes;
  if (status !== 200 || bytes === undefined || bytes.length > laneBodyBytesMax) return undefined;
  return headerValue(headers, 'content-length') === String(bytes.length) ? bytes.length : undefined;
}

/** Undefined where what follows the id is not what the lane writes there. */
function headBeforeId(
  x: Exchange,
  { aging }: StoredObject,
  headers: HeaderList,
  status: number,
): string | undefined {
  const ageS = Math.floor(ageMs(aging, x.clock.now()) / 1_000);
  const text = headText(
    { status, headers, ownHeaders: ownHeaders(x, ageS) },
    { isChunked: false, keepsAlive: true },
  );
  const after = `${x.id}${afterId}${ageS}${afterAge}`;
  return text.endsWith(after) ? text.slice(0, -after.length) : undefined;
}

export const afterId = '\r\nAge: ';
export const afterAge = '\r\n\r\n';

function isHeldBy(
  x: Exchange,
  { headers }: StoredObject,
  condition: string,
  validator: string | undefined,
): boolean {
  if (validator === undefined) return false;
  const held = { ...validatorsOf(headers), date: headerValue(headers, 'date') };
  return isNotModified([condition, validator], held, x.clock.now());
}
