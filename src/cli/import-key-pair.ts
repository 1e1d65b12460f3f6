/** key-pair import: the public key of a pair that was made elsewhere. */
import { connectToApi } from './api-client.ts';
import { command } from './command.ts';
import { CommandFailure } from './failure.ts';
import { keyPairFacts, KeyPairs } from './key-pairs.ts';
import type { World } from './world.ts';

/** Far more than the largest key takes. */
const charactersMax = 8_192;

export const importKeyPair = command(
  {
    words: 'key-pair import',
    operands: ['FILE'],
    summary: 'Makes a public key known, so that URLs signed with its private key open objects.',
    notes:
      'FILE holds an RSA public key of 1024 to 4096 bits in PEM. The private key stays where it is.',
    options: [],
    example: 'warmfront key-pair import signing-public.pem',
  },
  async (given, world) => {
    const publicKey = await readKeyFile(given.operand(0), world);
    const pair = await new KeyPairs(await connectToApi(world)).import(publicKey);
    return { text: keyPairFacts(pair), json: pair };
  },
);

/** What the file holds is judged by the API, but that a private key leaves this machine is not risked. */
async function readKeyFile(path: string, { readText }: World): Promise<string> {
  const text = await readText(path).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandFailure('FileNotRead', `${path} cannot be read: ${why}.`, {}, error);
  });
  if (/PRIVATE KEY/i.test(text)) {
    throw new CommandFailure(
      'PrivateKey',
      `${path} holds a private key, which stays here; nothing was sent. \`openssl pkey -in ${path} -pubout\` prints its public key.`,
    );
  }
  if (text.length > charactersMax) {
    throw new CommandFailure(
      'NotAKey',
      `${path} has ${text.length} characters, too many for one public key.`,
    );
  }
  return text;
}
