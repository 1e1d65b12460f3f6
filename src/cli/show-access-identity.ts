/** origin-access-identity show: one, with what a bucket has to grant access to. */
import { AccessIdentities, type IdentityView } from './access-identities.ts';
import { connectToApi } from './api-client.ts';
import { command, type Report } from './command.ts';
import { factLines } from './text-table.ts';

export const showAccessIdentity = command(
  {
    words: 'origin-access-identity show',
    operands: ['ID'],
    summary:
      'Shows one origin access identity, with the canonical user id that buckets know it by.',
    options: [],
    example: 'warmfront origin-access-identity show E1QXVPAEXAMPLE',
  },
  async (given, world) =>
    reportOf(await new AccessIdentities(await connectToApi(world)).find(given.operand(0))),
);

export function reportOf(view: IdentityView): Report {
  const text = factLines([
    ['id', view.id],
    ['canonical user', view.canonicalUserId],
    ['etag', view.etag],
    ['comment', view.comment],
    ['caller reference', view.callerReference],
  ]);
  return { text, json: view };
}
