/**
 * store: is the origin's answer kept, and for how long (edge contract 5.1 to 5.4, 5.8, 6.1)? Nothing
 * is in the cache yet: a body is kept as it passes, and counts once it is complete (5.10). Whoever
 * waits for this answer learns here whether it is for all.
 */
import assert from 'node:assert/strict';
import { errorKey, partKey, variantKey } from '../../cache/cache-key.ts';
import { decideStoring } from '../../cache/storable.ts';
import type { StoredObject } from '../../cache/stored-object.ts';
import { headerValue } from '../../http/header-list.ts';
import type { Part } from '../../http/ranges.ts';
import { varyNames } from '../../http/vary.ts';
import { isCachedMethod } from '../../model/behavior-rules.ts';
import type { Exchange } from '../exchange.ts';
import { errorTtlS } from '../failing-origin.ts';
import { keepUnshared, land } from '../landing.ts';
import { describePart, joiningValidator } from '../parts.ts';
import { PieceFilling } from '../piece-filling.ts';
import type { Passing } from '../passing.ts';
import type { Reason } from '../reasons.ts';
import { behaviorOf, keyOf } from '../routed.ts';
import { prefixBytesMax, SharedBody } from '../shared-body.ts';
import { SizedFilling } from '../sized-filling.ts';
import { isWrittenSince, noteWrite } from '../written.ts';

export function store(x: Exchange): 'deliver' {
  const { passing } = x;
  assert(passing, 'fetch or revalidate comes before store');
  const { detail, why } = keep(x, passing);
  // Whoever could be told to read along was told in `keep`.
  land(x, { kind: 'alone' });
  return x.go('deliver', why, detail);
}

type Kept = { readonly why: Reason; readonly detail?: string };

function notStored(detail: string): Kept {
  return { why: 'not stored', detail };
}

function keep(x: Exchange, passing: Passing): Kept {
  const { method } = x.request;
  const { rules, ttl } = behaviorOf(x);
  if (!isCachedMethod(rules, method)) {
    if (x.edge.standards && method !== 'OPTIONS' && passing.status < 400) noteWrite(x);
    return notStored('method');
  }
  const part = passing.status === 206 ? describePart(passing.originHeaders) : undefined;
  const decision = decideStoring({
    ...passing,
    // A part is kept as long as its object would be.
    status: part === undefined ? passing.status : 200,
    method,
    cachesMethod: true,
    ttl,
    errorTtlS: errorTtlS(x, passing.status),
    standards: x.edge.standards ? { request: x.request.headers } : undefined,
  });
  if (x.stored !== undefined && replaces(passing.status)) x.edge.store.drop(x.stored.key);
  if (decision.kind === 'pass') {
    if (decision.why === 'private' || decision.why === 'no-store') keepUnshared(x);
    return notStored(decision.why);
  }
  const { aging, headers } = decision;
  if (aging.lifetimeS === 0) keepUnshared(x);
  if (isWrittenSince(x, passing.askedAt)) return notStored('written to meanwhile');
  const key = storedUnder(x, passing, part?.part);
  assert(x.servedAt !== undefined, 'beginFetch comes before store');
  const object = { key, status: passing.status, headers, aging, ttl, fetchedAt: x.servedAt };
  if (method === 'HEAD') {
    x.edge.store.put({ ...object, body: undefined });
    return { why: 'stored, the head alone' };
  }
  const isShared = aging.lifetimeS > 0 && (part === undefined || isSmall(part.part));
  const kept = keepBody(x, passing, object, isShared);
  if (part === undefined && passing.status < 400) {
    x.edge.notes.parts.drop(keyOf(x));
    x.edge.store.drop(errorKey(keyOf(x)));
  }
  return kept;
}

function keepBody(
  x: Exchange,
  passing: Passing,
  object: Omit<StoredObject, 'body'>,
  isShared: boolean,
): Kept {
  const length = headerValue(passing.headers, 'content-length');
  const declared = length === undefined ? undefined : Number(length);
  // Parts always, so that they count once they are whole, and meet on one grid.
  const plain = passing.status === 206 ? undefined : x.edge.store.fill(object.key, declared);
  const pieces = plain === undefined ? inPieces(x, passing, object, declared) : undefined;
  const whole = passing.isCompressed && plain !== undefined ? new SizedFilling(plain) : plain;
  const filling = whole ?? pieces;
  if (filling === undefined) return notStored('too large');
  const keeping = { filling, object, inPieces: pieces !== undefined };
  if (passing.body === undefined) {
    filling.finish(object);
    land(x, { kind: 'look-again' });
    return { why: 'stored' };
  }
  const shared = new SharedBody(passing.body, { keeping, declared, memory: x.edge.bodyMemory });
  passing.body = shared.join();
  passing.keeping = keeping;
  if (isShared) land(x, { kind: 'shared', passing, body: shared });
  return { why: pieces === undefined ? 'stored when complete' : 'stored in pieces' };
}

/** Of a larger part, which is read back by nobody, the slowest reader would set the pace. */
function isSmall({ end, start }: Part): boolean {
  return end - start <= prefixBytesMax;
}

/** Where it can be told what they are pieces of. */
function inPieces(
  x: Exchange,
  { originHeaders, status }: Passing,
  object: Omit<StoredObject, 'body'>,
  declared: number | undefined,
): PieceFilling | undefined {
  const key = keyOf(x);
  const { notes, store: objects } = x.edge;
  if (status === 206) {
    const told = describePart(originHeaders);
    if (told === undefined) return undefined;
    return new PieceFilling(objects, notes, object, {
      key,
      of: told.of,
      start: told.part.start,
    });
  }
  const validator = joiningValidator(originHeaders);
  // What the store lets go of again is fetched by ranges, so the origin has to know them.
  const takesRanges = headerValue(originHeaders, 'accept-ranges')?.toLowerCase() === 'bytes';
  if (status !== 200 || !takesRanges || declared === undefined || validator === undefined) {
    return undefined;
  }
  const of = { validator, total: declared };
  return new PieceFilling(objects, notes, object, { key, of, start: 0 });
}

function storedUnder(
  x: Exchange,
  { originHeaders, status }: Passing,
  part: { readonly start: number; readonly end: number } | undefined,
): string {
  let key = keyOf(x);
  const names = x.edge.standards ? varyNames(originHeaders) : [];
  const primary = x.primaryKey ?? key;
  if (names.length > 0) {
    x.edge.notes.variants.set(primary, names);
    key = variantKey(primary, names, x.request.headers);
    x.key = key;
  }
  if (part !== undefined) return partKey(key, part.start, part.end);
  return status >= 400 ? errorKey(key) : key;
}

/** A stale object stays beside an error, but not beside a newer answer or the word that it is gone. */
function replaces(status: number): boolean {
  return (status < 400 && status !== 304 && status !== 206) || status === 404 || status === 410;
}
