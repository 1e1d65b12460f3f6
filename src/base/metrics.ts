/** Metrics in Prometheus's text form, version 0.0.4: what a process tells of itself when it is asked. */

export type Metric = {
  /** Lower-case words joined by `_`, with the unit at the end. */
  readonly name: string;
  /** One line. */
  readonly help: string;
  readonly type: 'gauge' | 'counter';
  readonly samples: readonly Sample[];
};

export type Sample = {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
};

export const metricsContentType = 'text/plain; version=0.0.4; charset=utf-8';

/** Metrics without samples are left out. */
export function writeMetrics(metrics: readonly Metric[]): string {
  return metrics
    .filter(({ samples }) => samples.length > 0)
    .map(({ help, name, samples, type }) => {
      const lines = samples.map(({ labels = {}, value }) => `${name}${said(labels)} ${value}\n`);
      return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
    })
    .join('');
}

export function gauge(name: string, help: string, value: number | undefined): Metric {
  return { name, help, type: 'gauge', samples: value === undefined ? [] : [{ value }] };
}

/** Of this process, by the names that Prometheus's own clients have. */
export function processMetrics(): readonly Metric[] {
  const { system, user } = process.cpuUsage();
  const cpu = 'process_cpu_seconds_total';
  return [
    gauge('process_resident_memory_bytes', 'Resident memory.', process.memoryUsage.rss()),
    {
      name: cpu,
      help: 'CPU time of all threads.',
      type: 'counter',
      samples: [{ value: (system + user) / 1e6 }],
    },
  ];
}

function said(labels: Readonly<Record<string, string>>): string {
  const all = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return all.length === 0 ? '' : `{${all.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
