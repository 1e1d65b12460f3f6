/** origin-access-identity delete: once no distribution names it and every edge has heard so. */
import { AccessIdentities } from './access-identities.ts';
import { connectToApi } from './api-client.ts';
import { command } from './command.ts';

export const deleteAccessIdentity = command(
  {
    words: 'origin-access-identity delete',
    operands: ['ID'],
    summary: 'Deletes an origin access identity that no distribution names any more.',
    notes: 'It is in use until the change that let go of it is Deployed; `warmfront wait` waits.',
    options: [],
    example: 'warmfront origin-access-identity delete E1QXVPAEXAMPLE',
  },
  async (given, world) => {
    const identities = new AccessIdentities(await connectToApi(world));
    const identity = await identities.find(given.operand(0));
    await identities.delete(identity);
    return { text: `${identity.id} is deleted\n`, json: { id: identity.id, deleted: true } };
  },
);
