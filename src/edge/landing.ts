/** Tells those who wait for an exchange's fetch what came of it; each fetch lands once. */
import type { Exchange } from './exchange.ts';
import type { Landing } from './in-flight.ts';
import { keyOf } from './routed.ts';

export function land(x: Exchange, landing: Landing): void {
  const { flight } = x;
  if (flight === undefined) return;
  x.flight = undefined;
  const { inFlights } = x.edge.notes;
  const key = x.flightKey ?? keyOf(x);
  flight.land(landing);
  if (landing.kind === 'shared') void landing.body.over.then(() => inFlights.end(key, flight));
  else inFlights.end(key, flight);
}

/** The next burst of requests for the key is not made to wait for one another (rule 42). */
export function keepUnshared(x: Exchange): void {
  const { bounds, notes } = x.edge;
  notes.unshared.set(keyOf(x), x.clock.monotonicMs() + bounds.unsharedMs);
}
