/** invalidation list: those of one distribution, newest first. */
import { connectToApi } from './api-client.ts';
import { command } from './command.ts';
import { Invalidations } from './invalidations.ts';
import { textTable } from './text-table.ts';

export const listInvalidations = command(
  {
    words: 'invalidation list',
    operands: ['ID'],
    summary: 'Lists the invalidations of a distribution, newest first.',
    notes: 'They are kept for two months after they were completed.',
    options: [],
    example: 'warmfront invalidation list E1QXVPAEXAMPLE --json',
  },
  async (given, world) => {
    const items = await new Invalidations(await connectToApi(world), given.operand(0)).list();
    const table = textTable(
      ['ID', 'STATUS'],
      items.map(({ id, status }) => [id, status]),
    );
    return { text: items.length === 0 ? 'There is no invalidation.\n' : table, json: items };
  },
);
