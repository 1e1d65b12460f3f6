/** origin-access-identity create: a user of buckets, for distributions to sign their requests as. */
import { AccessIdentities } from './access-identities.ts';
import { connectToApi } from './api-client.ts';
import { checkLegal } from './legal-text.ts';
import { command } from './command.ts';
import { reportOf } from './show-access-identity.ts';

export const createAccessIdentity = command(
  {
    words: 'origin-access-identity create',
    operands: [],
    summary: 'Creates an origin access identity, as which a distribution asks a private bucket.',
    options: [
      { name: 'comment', kind: 'one', form: 'TEXT', meaning: 'a comment' },
      {
        name: 'caller-reference',
        kind: 'one',
        form: 'TEXT',
        meaning: 'makes it repeatable (a new one each time)',
      },
    ],
    example: 'warmfront origin-access-identity create --comment "the shop reads pictures"',
  },
  async (given, world) => {
    const comment = given.one('comment') ?? '';
    const callerReference = given.one('caller-reference') ?? `warmfront-${world.randomness.uuid()}`;
    checkLegal('--comment', comment);
    checkLegal('--caller-reference', callerReference);
    const identities = new AccessIdentities(await connectToApi(world));
    return reportOf(await identities.create({ callerReference, comment }));
  },
);
