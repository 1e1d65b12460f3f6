/**
 * A renewal: an exchange without a viewer, begun beside one that is given a stale object (edge
 * contract 5.6, rule 29). It takes the same stages, so what it brings is judged and stored like any
 * other answer; what it would answer goes nowhere.
 */
import { selectHeaders } from '../http/header-list.ts';
import { Exchange } from './exchange.ts';
import { isInvalidated } from './invalidated.ts';
import { keyOf } from './routed.ts';
import type { AnswerAccount, ViewerAnswer } from './viewer.ts';

/** What is the viewer's own business. */
const ownFields = new Set([
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'range',
]);

/** Undefined: the object is being renewed already. */
export function renewalOf(x: Exchange): Exchange | undefined {
  const flight = x.edge.notes.inFlights.find(keyOf(x));
  if (flight !== undefined && !isInvalidated(x, flight.fetchedAt)) return undefined;
  const headers = selectHeaders(x.request.headers, (name) => !ownFields.has(name));
  const request = { ...x.request, method: 'GET', headers };
  const renewal = new Exchange(x.edge, { request, fault: undefined }, new NoAnswer());
  renewal.entry = x.entry;
  renewal.behavior = x.behavior;
  renewal.servedAt = x.servedAt;
  renewal.path = x.path;
  renewal.query = x.query;
  renewal.cookies = x.cookies;
  renewal.encoding = x.encoding;
  renewal.key = x.key;
  renewal.primaryKey = x.primaryKey;
  renewal.stored = x.stored;
  return renewal;
}

class NoAnswer implements ViewerAnswer {
  readonly gone = new AbortController().signal;
  readonly begun = false;

  whole(): void {}

  begin(): void {}

  write(): boolean {
    return true;
  }

  drained(): Promise<void> {
    return Promise.resolve();
  }

  end(): void {}

  cut(): void {}

  account(): AnswerAccount {
    return {
      head: undefined,
      outcome: 'left',
      sentBytes: 0,
      firstByteMs: undefined,
      takenMs: 0,
    };
  }
}
