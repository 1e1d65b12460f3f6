/** edge-token create, list, revoke: what lets an edge on another machine join. */
import { type ApiClient, connectToApi } from './api-client.ts';
import { command } from './command.ts';
import { CommandFailure } from './failure.ts';
import { textTable } from './text-table.ts';

const path = '/_warmfront/edge-tokens';

export const createEdgeToken = command(
  {
    words: 'edge-token create',
    operands: ['NAME'],
    summary: 'Makes a token by which the edge location NAME joins from another machine.',
    notes:
      'The token is shown once, on standard output. Put it in a file that nobody but the user of the\nedge may read, and start the edge with --token-file. What holds it reads the configuration of all\ndistributions and the private keys of imported certificates, and changes nothing.',
    options: [],
    example: 'warmfront edge-token create paris1 > paris1.token',
  },
  async (given, world) => {
    const api = await connectToApi(world);
    const body = JSON.stringify({ name: given.operand(0) });
    const made = await api.askJson('POST', path, { body });
    const token = memberOf(made, 'token');
    const name = memberOf(made, 'name');
    // What goes to a file must be the token alone.
    if (!given.has('json')) world.err.write(`The token of ${name} is shown this once.\n`);
    return { text: `${token}\n`, json: { name, token } };
  },
);

export const listEdgeTokens = command(
  {
    words: 'edge-token list',
    operands: [],
    summary: 'Lists the edge locations that have a token, and since when.',
    options: [],
    example: 'warmfront edge-token list --json',
  },
  async (_, world) => {
    const tokens = await list(await connectToApi(world));
    const rows = tokens.map(({ createdAt, name }) => [name, createdAt]);
    const none = 'There is no token yet: no edge joins from another machine.\n';
    return {
      text: tokens.length === 0 ? none : textTable(['NAME', 'CREATED'], rows),
      json: tokens,
    };
  },
);

export const revokeEdgeToken = command(
  {
    words: 'edge-token revoke',
    operands: ['NAME'],
    summary: 'Takes the token of an edge location back; what it follows ends at once.',
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
