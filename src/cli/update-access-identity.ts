/** origin-access-identity update: another comment, which is all that can change. */
import { AccessIdentities } from './access-identities.ts';
import { connectToApi } from './api-client.ts';
import { checkLegal } from './legal-text.ts';
import { command } from './command.ts';
import { UsageFault } from './failure.ts';
import { reportOf } from './show-access-identity.ts';

export const updateAccessIdentity = command(
  {
    words: 'origin-access-identity update',
    operands: ['ID'],
    summary: 'Gives an origin access identity another comment.',
    options: [
      { name: 'comment', kind: 'one', form: 'TEXT', meaning: 'the comment; "" for none (needed)' },
    ],
    example: 'warmfront origin-access-identity update E1QXVPAEXAMPLE --comment "of the old shop"',
  },
  async (given, world) => {
    const comment = given.one('comment');
    if (comment === undefined) throw new UsageFault('--comment TEXT is missing.');
    checkLegal('--comment', comment);
    const identities = new AccessIdentities(await connectToApi(world));
    const now = await identities.find(given.operand(0));
    const { callerReference } = now;
    return reportOf(await identities.replace(now, { callerReference, comment }));
  },
);
