/** certificate list: the certificates of the account's own. */
import { connectToApi } from './api-client.ts';
import { Certificates, keySaid } from './certificates.ts';
import { command } from './command.ts';
import { textTable } from './text-table.ts';

const namesShownMax = 3;

export const listCertificates = command(
  {
    words: 'certificate list',
    operands: [],
    summary: 'Lists the certificates of the account, oldest first, and what they are used for.',
    options: [],
    example: 'warmfront certificate list --json',
  },
  async (_, world) => {
    const certificates = await new Certificates(await connectToApi(world)).list();
    const now = new Date(world.clock.now()).toISOString();
    const rows = certificates.map((one) => [
      one.id,
      one.status,
      shortened(one.names),
      String(one.servedNames.length),
      keySaid(one),
      one.notAfter > now ? one.notAfter : `${one.notAfter}, so it is not used`,
    ]);
    const table = textTable(['ID', 'STATUS', 'NAMES', 'USED FOR', 'KEY', 'EXPIRES'], rows);
    const none = 'There is no certificate yet: aliases have those of the local authority.\n';
    return { text: certificates.length === 0 ? none : table, json: certificates };
  },
);

function shortened(names: readonly string[]): string {
  const shown = names.slice(0, namesShownMax).join(', ');
  const left = names.length - namesShownMax;
  return left > 0 ? `${shown} and ${left} more` : shown;
}
