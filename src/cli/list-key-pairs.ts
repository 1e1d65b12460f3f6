/** key-pair list: the key pairs of the account, whose private halves sign URLs. */
import { connectToApi } from './api-client.ts';
import { command } from './command.ts';
import { KeyPairs } from './key-pairs.ts';
import { textTable } from './text-table.ts';

export const listKeyPairs = command(
  {
    words: 'key-pair list',
    operands: [],
    summary: 'Lists the key pairs of the account, oldest first. At most two are active.',
    options: [],
    example: 'warmfront key-pair list --json',
  },
  async (_, world) => {
    const pairs = await new KeyPairs(await connectToApi(world)).list();
    const table = textTable(
      ['ID', 'STATE', 'CREATED'],
      pairs.map(({ active, createdAt, id }) => [id, active ? 'active' : 'inactive', createdAt]),
    );
    return { text: pairs.length === 0 ? 'There is no key pair yet.\n' : table, json: pairs };
  },
);
