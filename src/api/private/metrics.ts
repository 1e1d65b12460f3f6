/** Metrics of the control plane, for Prometheus: the log, and which edge has taken what of it. */
import {
  gauge,
  type Metric,
  metricsContentType,
  processMetrics,
  writeMetrics,
} from '../../base/metrics.ts';
import type { Control, EdgeView } from '../../control/control.ts';
import { operation } from '../operation.ts';

export const metrics = operation({
  name: 'Metrics',
  method: 'GET',
  path: '/_warmfront/metrics',
  async answer(_, { control, isDraining, viewerMetrics }) {
    const { position, ready, room } = control.health();
    const text = writeMetrics([
      gauge('warmfront_log_ready', 'Whether changes are taken.', Number(ready)),
      gauge('warmfront_log_position', 'The last position of the log that is known.', position),
      gauge('warmfront_log_used_bytes', 'What the log takes of its room.', room?.usedBytes),
      gauge('warmfront_log_quota_bytes', 'The room of the log.', room?.quotaBytes),
      gauge('warmfront_draining', 'Whether it will stop.', Number(isDraining())),
      ...(await edgeMetrics(control)),
      ...viewerMetrics(),
      ...processMetrics(),
    ]);
    return { status: 200, body: { type: metricsContentType, text } };
  },
});

/** Without presence only that. */
async function edgeMetrics(control: Control): Promise<readonly Metric[]> {
  const presence = 'warmfront_presence_ready';
  const help = 'Whether it is known which edges are live.';
  try {
    const { edges } = await control.edges();
    return [gauge(presence, help, 1), ...metricsOf(edges)];
  } catch {
    return [gauge(presence, help, 0)];
  }
}

function metricsOf(edges: readonly EdgeView[]): readonly Metric[] {
  return [
    {
      name: 'warmfront_edge_state',
      help: 'The state that each edge is in: serving, joining, draining or gone.',
      type: 'gauge',
      samples: edges.map(({ name, state }) => ({ labels: { edge: name, state }, value: 1 })),
    },
    {
      name: 'warmfront_edge_behind_records',
      help: 'Records of the log that an edge has not taken yet.',
      type: 'gauge',
      samples: edges.flatMap(({ behind, name }) =>
        behind === undefined ? [] : [{ labels: { edge: name }, value: behind }],
      ),
    },
  ];
}
