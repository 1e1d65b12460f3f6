/**
 * Fetches a part of an object that is missing between parts that are stored, and keeps it (edge
 * contract 6.1, rules 8 and 9). It has to be of the same object, told by validator and length.
 */
import { partKey } from '../cache/cache-key.ts';
import { decideStoring } from '../cache/storable.ts';
import type { Part } from '../http/ranges.ts';
import type { OriginBody } from '../origin/origin-answer.ts';
import { OriginFailure } from '../origin/origin-failure.ts';
import { askOrigin, type Asked } from './ask-origin.ts';
import type { Exchange } from './exchange.ts';
import { beginFetch, isOvertaken } from './invalidated.ts';
import { headersForOrigin } from './origin-request.ts';
import type { PartsOf } from './part-index.ts';
import { describePart } from './parts.ts';
import { headersForViewers, rangeFault } from './passing.ts';
import { PieceFilling } from './piece-filling.ts';
import { behaviorOf, keyOf } from './routed.ts';

const noValidators = { etag: undefined, lastModified: undefined };

/** Rejects with an `OriginFailure`, also where the origin has another object by now. */
export async function fetchPart(
  x: Exchange,
  { end, start }: Part,
  of: Pick<PartsOf, 'validator' | 'total'>,
): Promise<AsyncIterable<Uint8Array>> {
  beginFetch(x);
  const asked = [
    ...headersForOrigin(x, noValidators),
    'Range',
    `bytes=${start}-${end - 1}`,
    'If-Range',
    of.validator,
  ];
  const outcome = await askOrigin(x, asked);
  if (outcome.kind !== 'answered') throw other();
  const { answer } = outcome;
  const told = answer.status === 206 ? describePart(answer.headers) : undefined;
  const isSame = told?.of.validator === of.validator && told.of.total === of.total;
  // Another object by now, or an origin that gives no parts.
  if (!isSame && (answer.status < 400 || answer.status === 416)) x.edge.notes.parts.drop(keyOf(x));
  const covers =
    told !== undefined &&
    told.part.start <= start &&
    told.part.end >= end &&
    rangeFault(outcome, asked) === undefined;
  if (!isSame || !covers || answer.body === undefined || isOvertaken(x)) {
    answer.body?.discard();
    throw other();
  }
  const filling = fillingFor(x, outcome, { end, start }, of);
  return kept(answer.body, { skip: start - told.part.start, length: end - start }, filling);
}

function other(): OriginFailure {
  return new OriginFailure('body', 'invalid', { retryable: false });
}

function fillingFor(
  x: Exchange,
  { answer, askedAt, receivedAt }: Asked,
  part: Part,
  of: Pick<PartsOf, 'validator' | 'total'>,
): PieceFilling | undefined {
  const { ttl } = behaviorOf(x);
  const decision = decideStoring({
    method: 'GET',
    status: 200,
    headers: headersForViewers(x, answer.headers, receivedAt),
    originHeaders: answer.headers,
    askedAt,
    receivedAt,
    ttl,
    standards: x.edge.standards ? { request: x.request.headers } : undefined,
  });
  if (decision.kind === 'pass' || x.servedAt === undefined) return undefined;
  const { aging, headers } = decision;
  const key = keyOf(x);
  const stored = { key: partKey(key, part.start, part.end), status: 206, headers, aging, ttl };
  const object = { ...stored, fetchedAt: x.servedAt };
  return new PieceFilling(x.edge.store, x.edge.notes, object, { key, of, start: part.start });
}

async function* kept(
  body: OriginBody,
  { length, skip }: { readonly skip: number; readonly length: number },
  filling: PieceFilling | undefined,
): AsyncGenerator<Uint8Array, undefined> {
  let toSkip = skip;
  let passed = 0;
  try {
    for await (const piece of body) {
      const rest = piece.subarray(toSkip);
      toSkip -= piece.length - rest.length;
      const taken = rest.subarray(0, length - passed);
      passed += taken.length;
      filling?.add(taken);
      await filling?.room();
      if (taken.length > 0) yield taken;
      if (passed === length) break;
    }
    if (passed < length) throw new OriginFailure('body', 'closed', { retryable: false });
    filling?.finish();
  } finally {
    filling?.abandon();
    body.discard();
  }
}
