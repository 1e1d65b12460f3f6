/** invalidation show: one batch, with its status. */
import { connectToApi } from './api-client.ts';
import { command, type Report } from './command.ts';
import { Invalidations, type InvalidationView } from './invalidations.ts';
import { factLines } from './text-table.ts';

export const showInvalidation = command(
  {
    words: 'invalidation show',
    operands: ['ID', 'INVALIDATION'],
    summary: 'Shows one invalidation of a distribution: its status and its paths.',
    options: [],
    example: 'warmfront invalidation show E1QXVPAEXAMPLE I1QXVPAEXAMPLE',
  },
  async (given, world) => {
    const invalidations = new Invalidations(await connectToApi(world), given.operand(0));
    return reportOf(await invalidations.find(given.operand(1)));
  },
);

export function reportOf(view: InvalidationView): Report {
  const text = factLines([
    ['id', view.id],
    ['status', view.status],
    ['created', view.createdAt],
    ['caller reference', view.callerReference],
    ...view.paths.map((path): [string, string] => ['path', path]),
  ]);
  return { text, json: view };
}
