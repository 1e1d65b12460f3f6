/** origin-access-identity list: every one of the account. */
import { AccessIdentities } from './access-identities.ts';
import { connectToApi } from './api-client.ts';
import { command } from './command.ts';
import { textTable } from './text-table.ts';

export const listAccessIdentities = command(
  {
    words: 'origin-access-identity list',
    operands: [],
    summary: 'Lists every origin access identity of the account, oldest first.',
    options: [],
    example: 'warmfront origin-access-identity list --json',
  },
  async (_, world) => {
    const items = await new AccessIdentities(await connectToApi(world)).list();
    const table = textTable(
      ['ID', 'COMMENT', 'CANONICAL USER'],
      items.map(({ canonicalUserId, comment, id }) => [id, comment, canonicalUserId]),
    );
    const none = 'There is no origin access identity yet.\n';
    return { text: items.length === 0 ? none : table, json: items };
  },
);
