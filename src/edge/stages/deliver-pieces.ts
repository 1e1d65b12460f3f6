/**
 * deliverPieces: an object, or a range of it, of which parts are stored (edge contract 6.1, rules 7 to
 * 9). What is held is read part by part; what is missing is fetched when its turn comes, under the
 * validator of the rest, and kept. So an object of any size passes with constant memory, and the store
 * may let go of any part of it meanwhile.
 *
 * The first bytes are at hand before the head goes out. What fails after that cuts the answer.
 */
import assert from 'node:assert/strict';
import { ageMs } from '../../cache/freshness.ts';
import { ObjectLost } from '../../cache/stored-object.ts';
import { withHeader } from '../../http/header-list.ts';
import { contentRange } from '../../http/ranges.ts';
import { OriginFailure } from '../../origin/origin-failure.ts';
import { cutAnswer } from '../cut-answer.ts';
import type { Exchange } from '../exchange.ts';
import { ownHeaders } from '../own-headers.ts';
import { longestAt, nextStart } from '../part-index.ts';
import { partBody, type Pieces } from '../parts.ts';
import { fetchPart } from '../part-fetch.ts';
import { answeredHeaders } from '../response-headers.ts';
import { keyOf } from '../routed.ts';

export async function deliverPieces(x: Exchange): Promise<'fetch' | 'done'> {
  const { pieces } = x;
  assert(pieces, 'lookUp comes before deliverPieces');
  const bytes = bytesOf(x, pieces);
  let first: IteratorResult<Uint8Array>;
  try {
    first = await bytes.next();
  } catch (error) {
    if (x.answer.gone.aborted) return x.go('done', 'the viewer has gone');
    if (!(error instanceof OriginFailure)) throw error;
    // Whatever the origin has to say to this, it says to the request as the viewer made it.
    x.pieces = undefined;
    return x.go('fetch', 'the rest is of another object');
  }
  x.result = pieces.isWhole ? 'Hit' : 'Miss';
  x.answer.begin(headOf(x, pieces));
  try {
    for (; first.done !== true; first = await bytes.next()) {
      if (!x.answer.write(first.value)) await x.answer.drained();
    }
    x.answer.end();
    return x.go('done', 'delivered');
  } catch (error) {
    return cutAnswer(x, error);
  } finally {
    await bytes.return(undefined);
  }
}

function headOf(x: Exchange, { head, isRange, isWhole, of, wanted }: Pieces) {
  const { end, start } = wanted;
  const sized = withHeader(head.headers, 'Content-Length', String(end - start));
  const headers = isRange
    ? withHeader(sized, 'Content-Range', contentRange(start, end, of.total))
    : sized;
  const age = isWhole ? Math.floor(ageMs(head.aging, x.clock.now()) / 1_000) : undefined;
  const told = answeredHeaders(x, headers);
  return {
    status: isRange ? 206 : 200,
    headers: told,
    ownHeaders: ownHeaders(x, age),
    close: false,
  };
}

async function* bytesOf(
  x: Exchange,
  { of, wanted }: Pieces,
): AsyncGenerator<Uint8Array, undefined> {
  const key = keyOf(x);
  let at = wanted.start;
  while (at < wanted.end) {
    const known = x.edge.notes.parts.find(key);
    const part = known === undefined ? undefined : longestAt(known, at);
    if (part === undefined) {
      const next = known === undefined ? undefined : nextStart(known, at);
      const end = Math.min(next ?? wanted.end, wanted.end);
      for await (const piece of await fetchPart(x, { start: at, end }, of)) {
        at += piece.length;
        yield piece;
      }
      continue;
    }
    const body = await partBody(x, key, part);
    if (body === undefined) continue;
    const letGo = body.hold();
    try {
      const end = Math.min(part.end, wanted.end);
      for await (const piece of body.read(at - part.start, end - part.start)) {
        at += piece.length;
        yield piece;
      }
    } catch (error) {
      if (!(error instanceof ObjectLost)) throw error;
      // The rest of it is fetched.
      x.edge.notes.parts.remove(key, part);
    } finally {
      letGo();
    }
  }
}
