/**
 * key-pair create: a key pair made on this machine. The public key alone is sent; the private key
 * goes to a file of its own or is shown once, and is kept nowhere else. It is written before
 * anything is sent, so that no pair can be active whose private key got lost.
 */
import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { ApiRefusal, connectToApi } from './api-client.ts';
import { command } from './command.ts';
import { CommandFailure } from './failure.ts';
import { keyPairFacts, KeyPairs, type KeyPairView } from './key-pairs.ts';
import type { World } from './world.ts';

const modulusLength = 2_048;

type Keys = { readonly publicKey: string; readonly privateKey: string };

export const createKeyPair = command(
  {
    words: 'key-pair create',
    operands: [],
    summary: 'Makes a key pair for signed URLs here, and sends its public key.',
    notes:
      'The private key (RSA, 2048 bits, PEM) is shown once on standard output, or written to FILE,\nwhich only its owner may read and which must not be there yet.',
    options: [{ name: 'out', kind: 'one', form: 'FILE', meaning: 'write the private key there' }],
    example: 'warmfront key-pair create --out signing.pem',
  },
  async (given, world) => {
    const out = given.one('out');
    const pairs = new KeyPairs(await connectToApi(world));
    const keys = await makeKeys();
    if (out === undefined) {
      const pair = await pairs.import(keys.publicKey);
      // What goes to a file or a program must be the key alone.
      world.err.write(`${keyPairFacts(pair)}The private key follows; it is shown this once.\n`);
      return { text: keys.privateKey, json: { ...pair, privateKey: keys.privateKey } };
    }
    const pair = await writeAndImport(out, keys, pairs, world);
    return {
      text: `${keyPairFacts(pair)}The private key is in ${out}.\n`,
      json: { ...pair, privateKeyFile: out },
    };
  },
);

/** PKCS #1, which the tools of the time read as well as those of today. */
async function makeKeys(): Promise<Keys> {
  return await promisify(generateKeyPair)('rsa', {
    modulusLength,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
}

async function writeAndImport(
  out: string,
  { privateKey, publicKey }: Keys,
  pairs: KeyPairs,
  { createPrivateFile }: World,
): Promise<KeyPairView> {
  const takeBack = await createPrivateFile(out, privateKey).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    const message = `${out} cannot be created: ${why}. Nothing was sent.`;
    throw new CommandFailure('FileNotCreated', message, { file: out }, error);
  });
  try {
    return await pairs.import(publicKey);
  } catch (error) {
    // A no is a no; without an answer the pair may be there, and its private key is needed.
    if (error instanceof ApiRefusal && error.status < 500) await takeBack();
    throw error;
  }
}
