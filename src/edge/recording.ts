/**
 * What is written down of an exchange: the way it took and why, for those who look for a cause, and
 * the line of the access log.
 */
import { logAccess } from './access-line.ts';
import type { Exchange } from './exchange.ts';

export function recordExchange(x: Exchange): void {
  x.edge.recorder.debug(
    {
      requestId: x.id,
      distribution: x.entry?.distributionId,
      method: x.request.method,
      path: x.request.path,
      result: x.result,
      steps: x.steps,
    },
    'exchange',
  );
  logAccess(x);
}

export function recordBug(x: Exchange, error: unknown): void {
  x.edge.recorder.error({ requestId: x.id, steps: x.steps, error }, 'a bug ended an exchange');
}
