/**
 * deliverStored: answers from a stored object, fresh or confirmed: 304 where the viewer holds it
 * already, 206 for one range or several, else the whole (edge contract 5.6, 6.1 and 6.2).
 */
import assert from 'node:assert/strict';
import { ageMs } from '../../cache/freshness.ts';
import { ObjectLost, type StoredBody, type StoredObject } from '../../cache/stored-object.ts';
import { isNotModified, rangeStillApplies, validatorsOf } from '../../http/conditionals.ts';
import { headerValue, withHeader } from '../../http/header-list.ts';
import {
  contentRange,
  type Part,
  resolveRanges,
  unsatisfiedContentRange,
} from '../../http/ranges.ts';
import { OriginFailure } from '../../origin/origin-failure.ts';
import { errorPageFor } from '../error-page.ts';
import type { Exchange } from '../exchange.ts';
import { notModifiedHeaders } from '../not-modified.ts';
import { ownHeaders } from '../own-headers.ts';
import { fetchPart } from '../part-fetch.ts';
import { joiningValidator } from '../parts.ts';
import { answeredHeaders } from '../response-headers.ts';
import { detailOfFailure } from '../result-types.ts';
import { type AnswerHead, ViewerGone } from '../viewer.ts';

type Exit = 'done' | 'errorPage' | 'refuse' | 'lookUp';

/** A body up to this size is given at once, so that it leaves together with the head. */
const wholeBytesMax = 65_536;

export function deliverStored(x: Exchange): Exit | Promise<Exit> {
  const { stored } = x;
  assert(stored, 'lookUp comes before deliverStored');
  const { body, status } = stored;
  if (errorPageFor(x, status) !== undefined) return x.go('errorPage', 'an error that has a page');
  const own = ownHeaders(x, Math.floor(ageMs(stored.aging, x.clock.now()) / 1_000));
  if (status === 200 && holdsAlready(x, stored)) {
    const kept = answeredHeaders(x, notModifiedHeaders(stored.headers));
    x.answer.whole({ status: 304, headers: kept, ownHeaders: own, close: false }, undefined);
    return x.go('done', 'not modified');
  }
  const headers = answeredHeaders(x, stored.headers);
  const head = { status, headers, ownHeaders: own, close: false };
  if (body === undefined || x.request.method === 'HEAD') {
    x.answer.whole(head, undefined);
    return x.go('done', 'the head alone');
  }
  const ranges =
    status === 200 && rangeStillApplies(x.request.headers, validatorsOf(stored.headers))
      ? resolveRanges(headerValue(x.request.headers, 'range'), body.length)
      : undefined;
  if (ranges?.kind === 'unsatisfiable') {
    const told = ['Content-Range', unsatisfiedContentRange(body.length)];
    return x.refuse({ name: 'rangeNotSatisfiable', headers: told }, 'no such range');
  }
  if (ranges?.kind !== 'parts') return give(x, head, body, 0, body.length);
  const [part, ...more] = ranges.parts;
  assert(part, 'parts are at least one');
  if (more.length > 0) return giveParts(x, head, body, ranges.parts);
  const { end, start } = part;
  const sized = withHeader(headers, 'Content-Length', String(end - start));
  const told = withHeader(sized, 'Content-Range', contentRange(start, end, body.length));
  return give(x, { ...head, status: 206, headers: told }, body, start, end);
}

/** RFC 9110 §14.6. The boundary is random, so that it stands in no body by chance. */
function giveParts(
  x: Exchange,
  head: AnswerHead,
  body: StoredBody,
  parts: readonly Part[],
): Promise<Exit> {
  const boundary = x.id.replace(/[^0-9A-Za-z]/g, '');
  const type = headerValue(head.headers, 'content-type');
  const heads = parts.map(({ end, start }) => {
    const typeLine = type === undefined ? '' : `Content-Type: ${type}\r\n`;
    const range = contentRange(start, end, body.length);
    return `\r\n--${boundary}\r\n${typeLine}Content-Range: ${range}\r\n\r\n`;
  });
  const last = `\r\n--${boundary}--\r\n`;
  let length = last.length;
  for (const text of heads) length += text.length;
  for (const { end, start } of parts) length += end - start;

  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (const [index, part] of parts.entries()) {
      const bytes = continued(x, body.read(part.start, part.end), part, index > 0);
      // Before its head: what is not to be had of the first part makes another answer.
      const first = await bytes.next();
      yield Buffer.from(heads[index] ?? '', 'latin1');
      if (first.done !== true) yield first.value;
      yield* bytes;
    }
    yield Buffer.from(last, 'latin1');
  }

  const sized = withHeader(head.headers, 'Content-Length', String(length));
  const headers = withHeader(sized, 'Content-Type', `multipart/byteranges; boundary=${boundary}`);
  return stream(x, { ...head, status: 206, headers }, body, pieces());
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
  const stored = body.read(start, end);
  const pieces = Symbol.iterator in stored ? stored : continued(x, stored, { start, end }, false);
  if (end - start <= wholeBytesMax && Symbol.iterator in pieces) {
    const all = [...pieces];
    x.answer.whole(head, all.length > 1 ? Buffer.concat(all) : all[0]);
    return x.go('done', 'delivered');
  }
  return stream(x, head, body, pieces);
}

/**
 * Where the rest cannot be read any more, it is fetched, as long as it is of the same object. Where
 * nothing was read and nothing `isGiven` yet, the request rather begins anew.
 */
async function* continued(
  x: Exchange,
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  { end, start }: Part,
  isGiven: boolean,
): AsyncGenerator<Uint8Array, undefined> {
  let at = start;
  try {
    for await (const piece of pieces) {
      at += piece.length;
      yield piece;
    }
  } catch (error) {
    const { body, headers, status } = x.stored ?? {};
    const validator = joiningValidator(headers ?? []);
    const mayBeFetched = status === 200 && validator !== undefined && body !== undefined;
    const isBegun = isGiven || at > start;
    if (!(error instanceof ObjectLost) || !isBegun || !mayBeFetched) throw error;
    yield* await fetchPart(x, { start: at, end }, { validator, total: body.length });
  }
}

/** A head is not given before the first bytes are there, so that damage on a disk makes a miss. */
async function stream(
  x: Exchange,
  head: AnswerHead,
  body: StoredBody,
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<Exit> {
  const letGo = body.hold();
  const { answer } = x;
  try {
    for await (const piece of pieces) {
      if (!answer.begun) answer.begin(head);
      if (!answer.write(piece)) await answer.drained();
    }
    if (!answer.begun) answer.begin(head);
    answer.end();
    return x.go('done', 'delivered');
  } catch (error) {
    if (error instanceof ViewerGone) return x.go('done', 'the viewer has gone');
    if (error instanceof OriginFailure) x.edge.failures.tell(x, error, 1);
    else if (!(error instanceof ObjectLost)) throw error;
    if (!answer.begun) {
      x.result = 'Miss';
      return x.go('lookUp', 'what was stored is damaged or gone');
    }
    x.cutBecause = error instanceof OriginFailure ? detailOfFailure(error) : 'InternalError';
    answer.cut();
    return x.go('done', 'cut', error.message);
  } finally {
    letGo();
  }
}
