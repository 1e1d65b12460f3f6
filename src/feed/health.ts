/**
 * What an edge machine tells of itself, beside what it serves: its health (may viewers be sent here?)
 * for load balancers, and its metrics for Prometheus; both without credentials, which it has none of.
 */
import type { RequestListener } from 'node:http';
import {
  gauge,
  type Metric,
  metricsContentType,
  processMetrics,
  writeMetrics,
} from '../base/metrics.ts';

export type EdgeHealth = {
  readonly edge: string;
  /** `detached`: no API counts this edge now; it serves its last state. `draining`: it will stop. */
  readonly status: 'ok' | 'detached' | 'draining';
  readonly position: number | undefined;
  /** Whether viewers had better be sent elsewhere. */
  readonly draining: boolean;
  /** Since 1970; undefined: it joins by a token. */
  readonly certificateEndsAtMs: number | undefined;
};

type Told = { readonly status: number; readonly type: string; readonly text: string };

const tellers: Readonly<
  Record<string, (health: EdgeHealth, viewers: () => readonly Metric[]) => Told>
> = {
  '/_warmfront/health': ({ draining, edge, position, status }) =>
    json(draining ? 503 : 200, { edge, status, position: position ?? null }),
  '/_warmfront/metrics': (health, viewers) => ({
    status: 200,
    type: metricsContentType,
    text: metricsOf(health, viewers()),
  }),
};

export function healthListener(
  look: () => EdgeHealth,
  viewers: () => readonly Metric[],
): RequestListener {
  return (request, response) => {
    const asked = (request.url ?? '').replace(/\?.*$/s, '');
    const tell = Object.hasOwn(tellers, asked) ? tellers[asked] : undefined;
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const { status, text, type } = tell === undefined ? unknown() : tell(look(), viewers);
    response.writeHead(tell !== undefined && !isRead ? 405 : status, {
      'content-type': type,
      'content-length': Buffer.byteLength(text),
      'cache-control': 'no-store',
    });
    response.end(text);
  };
}

function unknown(): Told {
  const message = `An edge machine answers ${Object.keys(tellers).join(' and ')} alone.`;
  return json(404, { code: 'NoSuchEndpoint', message });
}

function json(status: number, form: object): Told {
  return { status, type: 'application/json', text: `${JSON.stringify(form)}\n` };
}

function metricsOf(
  { certificateEndsAtMs, draining, position, status }: EdgeHealth,
  viewers: readonly Metric[],
): string {
  const endsAtS = certificateEndsAtMs === undefined ? undefined : certificateEndsAtMs / 1_000;
  return writeMetrics([
    gauge('warmfront_edge_in_contact', 'Whether an API counts this edge.', Number(status === 'ok')),
    gauge(
      'warmfront_edge_draining',
      'Whether viewers had better be sent elsewhere.',
      Number(draining),
    ),
    gauge('warmfront_edge_position', 'The position of the log that its copy has.', position),
    gauge(
      'warmfront_edge_certificate_end_time_seconds',
      'When the certificate that it joins by ends.',
      endsAtS,
    ),
    ...viewers,
    ...processMetrics(),
  ]);
}
