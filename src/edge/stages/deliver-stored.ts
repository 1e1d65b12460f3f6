/**
 * deliverStored: answers from a stored object, fresh or confirmed: 304 where the viewer holds it
 * already, 206 for one range, else the whole (edge contract 5.6, 6.1 and 6.2).
 */
import assert from 'node:assert/strict';
import { ageMs } from '../../cache/freshness.ts';
import type { StoredBody, StoredObject } from '../../cache/stored-object.ts';
import { isNotModified, rangeStillApplies, validatorsOf } from '../../http/conditionals.ts';
import { headerValue, selectHeaders, withHeader } from '../../http/header-list.ts';
import { contentRange, resolveRange, unsatisfiedContentRange } from '../../http/ranges.ts';
import type { Exchange } from '../exchange.ts';
import { ownHeaders } from '../own-headers.ts';
import { type AnswerHead, ViewerGone } from '../viewer.ts';

type Exit = 'done' | 'refuse';

/** A body up to this size is given at once, so that it leaves together with the head. */
const wholeBytesMax = 65_536;

/** What a 304 carries (rule 27); the rest the viewer has. */
const notModifiedFields = new Set([
  'cache-control',
  'content-location',
  'date',
  'etag',
  'expires',
  'server',
  'vary',
]);

export function deliverStored(x: Exchange): Exit | Promise<Exit> {
  const { stored } = x;
  assert(stored, 'lookUp comes before deliverStored');
  const { body, headers, status } = stored;
  const own = ownHeaders(x, Math.floor(ageMs(stored.aging, x.clock.now()) / 1_000));
  if (status === 200 && holdsAlready(x, stored)) {
    const kept = selectHeaders(headers, (name) => notModifiedFields.has(name));
    x.answer.whole({ status: 304, headers: kept, ownHeaders: own, close: false }, undefined);
    return x.go('done', 'not modified');
  }
  const head = { status, headers, ownHeaders: own, close: false };
  if (body === undefined || x.request.method === 'HEAD') {
    x.answer.whole(head, undefined);
    return x.go('done', 'the head alone');
  }
  const range =
    status === 200 && rangeStillApplies(x.request.headers, validatorsOf(headers))
      ? resolveRange(headerValue(x.request.headers, 'range'), body.length)
      : undefined;
  if (range?.kind === 'unsatisfiable') {
    const told = ['Content-Range', unsatisfiedContentRange(body.length)];
    return x.refuse({ name: 'rangeNotSatisfiable', headers: told }, 'no such range');
  }
  if (range?.kind === 'part') {
    const { end, start } = range;
    const sized = withHeader(headers, 'Content-Length', String(end - start));
    const part = withHeader(sized, 'Content-Range', contentRange(start, end, body.length));
    return give(x, { ...head, status: 206, headers: part }, body, start, end);
  }
  return give(x, head, body, 0, body.length);
}

function holdsAlready(x: Exchange, { headers }: StoredObject): boolean {
  const held = { ...validatorsOf(headers), date: headerValue(headers, 'date') };
  return isNotModified(x.request.headers, held, x.clock.now());
}

function give(
  x: Exchange,
  head: AnswerHead,
  body: StoredBody,
  start: number,
  end: number,
): Exit | Promise<Exit> {
  const pieces = body.read(start, end);
  if (end - start <= wholeBytesMax && Symbol.iterator in pieces) {
    const all = [...pieces];
    x.answer.whole(head, all.length > 1 ? Buffer.concat(all) : all[0]);
    return x.go('done', 'delivered');
  }
  return stream(x, head, body, pieces);
}

async function stream(
  x: Exchange,
  head: AnswerHead,
  body: StoredBody,
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<Exit> {
  const letGo = body.hold();
  try {
    x.answer.begin(head);
    for await (const piece of pieces) {
      if (!x.answer.write(piece)) await x.answer.drained();
    }
    x.answer.end();
    return x.go('done', 'delivered');
  } catch (error) {
    if (error instanceof ViewerGone) return x.go('done', 'the viewer has gone');
    throw error;
  } finally {
    letGo();
  }
}
