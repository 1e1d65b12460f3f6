/**
 * edge-token create, list, revoke: what lets an edge on another machine join, a token or a certificate
 * for a key that is made here and leaves this machine as little as that of a key pair.
 */
import { createPrivateKey, createPublicKey, generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { type ApiClient, ApiRefusal, connectToApi } from './api-client.ts';
import { type Arguments, command, type Report } from './command.ts';
import { CommandFailure, UsageFault } from './failure.ts';
import { textTable } from './text-table.ts';
import type { World } from './world.ts';

const path = '/_warmfront/edge-tokens';

export const createEdgeToken = command(
  {
    words: 'edge-token create',
    operands: ['NAME'],
    summary: 'Makes a token by which the edge location NAME joins from another machine.',
    notes:
      'The token is shown once, on standard output. Put it in a file that nobody but the user of the\nedge may read, and start the edge with --token-file. What holds it reads the configuration of all\ndistributions and the private keys of imported certificates, and changes nothing.\n\nWith --cert and --key it joins by a certificate, with the same rights: the key is made here, or read\nwhere KEY is there already, and the certificate is written to CERT, which must not be there yet. It\nis good for 397 days; the same command with the same key and another CERT gives the next one.',
    options: [
      {
        name: 'cert',
        kind: 'one',
        form: 'CERT',
        meaning: 'write a certificate there, for --join-cert of the edge, in place of a token',
      },
      {
        name: 'key',
        kind: 'one',
        form: 'KEY',
        meaning: 'its private key, for --join-key of the edge',
      },
    ],
    example: 'warmfront edge-token create paris1 > paris1.token',
  },
  async (given, world) => {
    const name = given.operand(0);
    const files = readFiles(given);
    const api = await connectToApi(world);
    if (files !== undefined) return certify(name, files, api, world);
    const made = await api.askJson('POST', path, { body: JSON.stringify({ name }) });
    const token = memberOf(made, 'token');
    // What goes to a file must be the token alone.
    if (!given.has('json')) world.err.write(`The token of ${name} is shown this once.\n`);
    return { text: `${token}\n`, json: { name, token } };
  },
);

type Files = { readonly cert: string; readonly key: string };

/** Undefined: a token is wanted. */
function readFiles(given: Arguments): Files | undefined {
  const [cert, key] = [given.one('cert'), given.one('key')];
  if (cert === undefined && key === undefined) return undefined;
  if (cert !== undefined && key !== undefined) return { cert, key };
  throw new UsageFault('--cert and --key belong together.');
}

/** The key is on disk before anything is sent, so that no edge is known whose key got lost. */
async function certify(name: string, files: Files, api: ApiClient, world: World): Promise<Report> {
  const { publicKey, takeBack } = await keyIn(files.key, world);
  const made = await api
    .askJson('POST', path, { body: JSON.stringify({ name, publicKey }) })
    .catch(async (error: unknown) => {
      // A no is a no; without an answer the edge may be known, and its key is needed.
      if (error instanceof ApiRefusal && error.status < 500) await takeBack();
      throw error;
    });
  const certificateEndsAt = memberOf(made, 'certificateEndsAt');
  await create(files.cert, memberOf(made, 'certificate'), world);
  return {
    text: `The certificate of ${name} is in ${files.cert} and good until ${certificateEndsAt}; its key is in ${files.key}.\n`,
    json: { name, certificateFile: files.cert, keyFile: files.key, certificateEndsAt },
  };
}

async function keyIn(
  file: string,
  world: World,
): Promise<{ readonly publicKey: string; readonly takeBack: () => Promise<void> }> {
  const kept = await world.readText(file).catch(() => undefined);
  if (kept !== undefined) return { publicKey: publicHalf(kept, file), takeBack: async () => {} };
  const { privateKey, publicKey } = await promisify(generateKeyPair)('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { publicKey, takeBack: await create(file, privateKey, world) };
}

function publicHalf(text: string, file: string): string {
  try {
    return String(createPublicKey(createPrivateKey(text)).export({ type: 'spki', format: 'pem' }));
  } catch {
    // The library's own words could hold a part of the key.
    throw new CommandFailure('NoPrivateKey', `${file} is there and holds no private key in PEM.`);
  }
}

function create(file: string, text: string, { createPrivateFile }: World) {
  return createPrivateFile(file, text).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandFailure(
      'FileNotCreated',
      `${file} cannot be created: ${why}.`,
      { file },
      error,
    );
  });
}

export const listEdgeTokens = command(
  {
    words: 'edge-token list',
    operands: [],
    summary: 'Lists the edge locations that have a token or a certificate, and since when.',
    options: [],
    example: 'warmfront edge-token list --json',
  },
  async (_, world) => {
    const tokens = await list(await connectToApi(world));
    const rows = tokens.map(({ certificateEndsAt, createdAt, name }) => [
      name,
      createdAt,
      certificateEndsAt === null ? 'a token' : `a certificate, until ${certificateEndsAt}`,
    ]);
    const none = 'There is no token yet: no edge joins from another machine.\n';
    return {
      text: tokens.length === 0 ? none : textTable(['NAME', 'CREATED', 'JOINS BY'], rows),
      json: tokens,
    };
  },
);

export const revokeEdgeToken = command(
  {
    words: 'edge-token revoke',
    operands: ['NAME'],
    summary:
      'Takes the token or certificate of an edge location back; what it follows ends at once.',
    notes:
      'The edge goes on to answer viewers with what it has until it is stopped, but is known no more:\nno status waits for it.',
    options: [],
    example: 'warmfront edge-token revoke paris1',
  },
  async (given, world) => {
    const name = given.operand(0);
    const api = await connectToApi(world);
    await api.ask('DELETE', `${path}/${encodeURIComponent(name)}`);
    return { text: `The token of ${name} is revoked\n`, json: { name, revoked: true } };
  },
);

async function list(api: ApiClient) {
  const document = await api.askJson('GET', path);
  const tokens = isRecord(document) ? document['edgeTokens'] : undefined;
  if (!Array.isArray(tokens)) throw unexpected();
  return tokens.map((one: unknown) => ({
    name: memberOf(one, 'name'),
    createdAt: memberOf(one, 'createdAt'),
    certificateEndsAt:
      isRecord(one) && one['certificateEndsAt'] !== null
        ? memberOf(one, 'certificateEndsAt')
        : null,
  }));
}

function memberOf(value: unknown, name: string): string {
  const member = isRecord(value) ? value[name] : undefined;
  if (typeof member !== 'string') throw unexpected();
  return member;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unexpected(): CommandFailure {
  return new CommandFailure('UnexpectedAnswer', 'The tokens are not in the form expected.');
}
