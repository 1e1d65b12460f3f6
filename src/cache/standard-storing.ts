/**
 * Storing where an operator asks for the RFC instead of CloudFront's rules (`--standards`): every
 * final status may be kept (RFC 9111 §3), lifetimes may be guessed from Last-Modified (§4.2.2),
 * answers to requests with credentials are kept only where the origin allows it (§3.5), and
 * CDN-Cache-Control or Surrogate-Control stands in for Cache-Control. The bounds of the behavior
 * hold on.
 */
import type { Instant } from '../base/clock.ts';
import { parseHttpDate } from '../http/dates.ts';
import { type HeaderList, headerValue } from '../http/header-list.ts';
import { targetedControl } from '../http/targeted-control.ts';
import { expiresAfter, type Lifetime, type Ttl } from './freshness.ts';

/** RFC 9110 §15.1. */
const heuristicStatuses = new Set([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501]);
/** The share of the time since the last change that is taken for a lifetime, and its bound. */
const heuristicShare = 0.1;
const heuristicSMax = 86_400;

/** Statuses whose meaning for a cache is known here; for `must-understand` (RFC 9111 §5.2.2.3). */
const understood = new Set([
  200, 203, 204, 300, 301, 302, 303, 307, 308, 400, 401, 403, 404, 405, 406, 408, 409, 410, 411,
  412, 413, 414, 415, 417, 421, 422, 426, 429, 451, 500, 501, 502, 503, 504, 505,
]);

export function hindranceByStandards(
  status: number,
  headers: HeaderList,
  request: HeaderList,
): string | undefined {
  if (status < 200) return `status ${status}`;
  if (status === 206) return 'a part of an object';
  if (status === 304) return 'an answer to a condition';
  const { said } = targetedControl(headers);
  if (said.mustUnderstand && !understood.has(status)) return `status ${status} is not understood`;
  const isAuthorized = headerValue(request, 'authorization') !== undefined;
  const isForAll = said.public || said.mustRevalidate || said.sMaxage !== undefined;
  return isAuthorized && !isForAll ? 'an answer to credentials' : undefined;
}

export function lifetimeByStandards(
  status: number,
  headers: HeaderList,
  ttl: Ttl,
  receivedAt: Instant,
): Lifetime | { readonly kind: 'forbidden'; readonly why: string } {
  const { isTargeted, said } = targetedControl(headers);
  const forbids = said.noStore && !(said.mustUnderstand && understood.has(status));
  if (forbids || said.private || said.noCache) {
    if (ttl.minS > 0) return { kind: 'kept', seconds: ttl.minS };
    if (forbids) return { kind: 'forbidden', why: 'no-store' };
    if (said.private) return { kind: 'forbidden', why: 'private' };
    return { kind: 'kept', seconds: 0 };
  }
  const told =
    said.sMaxage ?? said.maxAge ?? (isTargeted ? undefined : expiresAfter(headers, receivedAt));
  if (told !== undefined) {
    return { kind: 'kept', seconds: Math.min(Math.max(told, ttl.minS), ttl.maxS) };
  }
  const mayGuess = heuristicStatuses.has(status) || said.public;
  if (!mayGuess) return { kind: 'forbidden', why: `status ${status} without a lifetime` };
  const guessed = Math.max(ttl.defaultS, heuristicS(headers, receivedAt));
  return { kind: 'kept', seconds: Math.min(Math.max(guessed, ttl.minS), ttl.maxS) };
}

function heuristicS(headers: HeaderList, receivedAt: Instant): number {
  const changedAt = parseHttpDate(headerValue(headers, 'last-modified') ?? '', receivedAt);
  if (changedAt === undefined) return 0;
  const date = parseHttpDate(headerValue(headers, 'date') ?? '', receivedAt) ?? receivedAt;
  const share = Math.floor(((date - changedAt) / 1_000) * heuristicShare);
  return Math.min(Math.max(0, share), heuristicSMax);
}
