/** list: every distribution of the account, page by page until the end. */
import { connectToApi } from './api-client.ts';
import { command } from './command.ts';
import { distributionTable } from './distribution-text.ts';
import { Distributions } from './distributions.ts';
import type { Kind } from './kind.ts';
import type { Command } from './world.ts';

export function listDistributions(kind: Kind): Command {
  return command(
    {
      words: `${kind.word} list`,
      operands: [],
      summary: `Lists every ${kind.said} of the account, oldest first.`,
      options: [],
      example: `warmfront ${kind.word} list --json`,
    },
    async (_, world) => {
      const items = await new Distributions(await connectToApi(world), kind).list();
      const none = `There is no ${kind.said} yet.\n`;
      return { text: items.length === 0 ? none : distributionTable(items), json: items };
    },
  );
}
