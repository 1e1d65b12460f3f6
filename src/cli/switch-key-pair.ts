/** key-pair activate, deactivate and delete: whether what a key signed opens objects. */
import { connectToApi } from './api-client.ts';
import { command } from './command.ts';
import { keyPairFacts, KeyPairs } from './key-pairs.ts';
import type { Command } from './world.ts';

export function switchKeyPair(verb: 'activate' | 'deactivate'): Command {
  return command(
    {
      words: `key-pair ${verb}`,
      operands: ['ID'],
      summary:
        verb === 'activate'
          ? 'Lets what a key pair signed open objects again.'
          : 'Makes every URL that a key pair signed worthless, until it is activated again.',
      options: [],
      example: `warmfront key-pair ${verb} APKAEXAMPLEEXAMPLE00`,
    },
    async (given, world) => {
      const pairs = new KeyPairs(await connectToApi(world));
      const pair = await pairs.switch(given.operand(0), verb);
      return { text: keyPairFacts(pair), json: pair };
    },
  );
}

export const deleteKeyPair = command(
  {
    words: 'key-pair delete',
    operands: ['ID'],
    summary: 'Deletes an inactive key pair. Its key, imported again, is another pair.',
    options: [],
    example: 'warmfront key-pair delete APKAEXAMPLEEXAMPLE00',
  },
  async (given, world) => {
    const id = given.operand(0);
    await new KeyPairs(await connectToApi(world)).delete(id);
    return { text: `${id} is deleted\n`, json: { id, deleted: true } };
  },
);
