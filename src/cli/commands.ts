/**
 * The commands of the program. Each is loaded when it is asked for, so that a client command starts
 * without the server's code.
 */
import { nearestName } from '../base/nearest-name.ts';
import { downloads, type Kind, streamings } from './kind.ts';
import type { Command, World } from './world.ts';

type Entry = {
  readonly words: string;
  /** As help lists it, operands included; empty where another line stands for it. */
  readonly listed: string;
  readonly summary: string;
  readonly load: () => Promise<Command>;
};

function entriesOf(kind: Kind): readonly Entry[] {
  const { said, word } = kind;
  const entry = (verb: string, summary: string, load: () => Promise<Command>): Entry => ({
    words: `${word} ${verb}`,
    listed: `${word} ${verb}${verb === 'list' || verb === 'create' ? '' : ' ID'}`,
    summary,
    load,
  });
  return [
    entry('list', `every ${said} of the account`, async () =>
      (await import('./list-distributions.ts')).listDistributions(kind),
    ),
    entry('show', 'one, with its configuration', async () =>
      (await import('./show-distribution.ts')).showDistribution(kind),
    ),
    entry('create', 'a new one, from options', async () =>
      (await import('./create-distribution.ts')).createDistribution(kind),
    ),
    entry('enable', 'viewers are answered', async () =>
      (await import('./switch-distribution.ts')).switchDistribution(kind, 'enable'),
    ),
    entry('disable', 'viewers are refused', async () =>
      (await import('./switch-distribution.ts')).switchDistribution(kind, 'disable'),
    ),
    entry('delete', 'disable, wait and delete, in one step that can be repeated', async () =>
      (await import('./delete-distribution.ts')).deleteDistribution(kind),
    ),
  ];
}

const contentEntries: readonly Entry[] = [
  {
    words: 'invalidate',
    listed: 'invalidate ID PATH…',
    summary: 'objects are not served any more as they were',
    load: async () => (await import('./invalidate.ts')).invalidate('invalidate'),
  },
  {
    words: 'invalidation create',
    listed: 'invalidation create ID PATH…',
    summary: 'the same',
    load: async () => (await import('./invalidate.ts')).invalidate('invalidation create'),
  },
  {
    words: 'invalidation list',
    listed: 'invalidation list ID',
    summary: 'those of a distribution, newest first',
    load: async () => (await import('./list-invalidations.ts')).listInvalidations,
  },
  {
    words: 'invalidation show',
    listed: 'invalidation show ID INVALIDATION',
    summary: 'one, with its status and its paths',
    load: async () => (await import('./show-invalidation.ts')).showInvalidation,
  },
];

const identityEntries: readonly Entry[] = [
  {
    words: 'origin-access-identity list',
    listed: 'origin-access-identity list',
    summary: 'every identity that distributions may ask private buckets as',
    load: async () => (await import('./list-access-identities.ts')).listAccessIdentities,
  },
  {
    words: 'origin-access-identity show',
    listed: 'origin-access-identity show ID',
    summary: 'one, with its canonical user id',
    load: async () => (await import('./show-access-identity.ts')).showAccessIdentity,
  },
  {
    words: 'origin-access-identity create',
    listed: 'origin-access-identity create',
    summary: 'a new one',
    load: async () => (await import('./create-access-identity.ts')).createAccessIdentity,
  },
  {
    words: 'origin-access-identity update',
    listed: 'origin-access-identity update ID',
    summary: 'another comment',
    load: async () => (await import('./update-access-identity.ts')).updateAccessIdentity,
  },
  {
    words: 'origin-access-identity delete',
    listed: 'origin-access-identity delete ID',
    summary: 'once no distribution names it',
    load: async () => (await import('./delete-access-identity.ts')).deleteAccessIdentity,
  },
];

const signingEntries: readonly Entry[] = [
  {
    words: 'key-pair list',
    listed: 'key-pair list',
    summary: 'the key pairs that sign URLs',
    load: async () => (await import('./list-key-pairs.ts')).listKeyPairs,
  },
  {
    words: 'key-pair create',
    listed: 'key-pair create',
    summary: 'makes one here and sends its public key',
    load: async () => (await import('./create-key-pair.ts')).createKeyPair,
  },
  {
    words: 'key-pair import',
    listed: 'key-pair import FILE',
    summary: 'the public key of one that was made elsewhere',
    load: async () => (await import('./import-key-pair.ts')).importKeyPair,
  },
  {
    words: 'key-pair activate',
    listed: 'key-pair activate ID',
    summary: 'what it signed opens objects',
    load: async () => (await import('./switch-key-pair.ts')).switchKeyPair('activate'),
  },
  {
    words: 'key-pair deactivate',
    listed: 'key-pair deactivate ID',
    summary: 'what it signed opens nothing',
    load: async () => (await import('./switch-key-pair.ts')).switchKeyPair('deactivate'),
  },
  {
    words: 'key-pair delete',
    listed: 'key-pair delete ID',
    summary: 'an inactive one, for good',
    load: async () => (await import('./switch-key-pair.ts')).deleteKeyPair,
  },
  {
    words: 'sign',
    listed: 'sign URL',
    summary: 'a URL of a private distribution that opens an object for a while',
    load: async () => (await import('./sign.ts')).sign,
  },
];

const certificateEntries: readonly Entry[] = [
  {
    words: 'certificate list',
    listed: 'certificate list',
    summary: 'the certificates of your own, and what they are used for',
    load: async () => (await import('./list-certificates.ts')).listCertificates,
  },
  {
    words: 'certificate import',
    listed: 'certificate import',
    summary: 'a certificate and its private key, for aliases',
    load: async () => (await import('./import-certificate.ts')).importCertificate,
  },
  {
    words: 'certificate delete',
    listed: 'certificate delete ID',
    summary: 'its names go back to what they had without it',
    load: async () => (await import('./delete-certificate.ts')).deleteCertificate,
  },
];

const edgeTokenEntries: readonly Entry[] = [
  {
    words: 'edge-token list',
    listed: 'edge-token list',
    summary: 'the edges that may join from other machines',
    load: async () => (await import('./edge-tokens.ts')).listEdgeTokens,
  },
  {
    words: 'edge-token create',
    listed: 'edge-token create NAME',
    summary: 'lets an edge join; the token is shown once',
    load: async () => (await import('./edge-tokens.ts')).createEdgeToken,
  },
  {
    words: 'edge-token revoke',
    listed: 'edge-token revoke NAME',
    summary: 'takes that back at once',
    load: async () => (await import('./edge-tokens.ts')).revokeEdgeToken,
  },
];

/** Given by who knows the server and the homes of its log. */
export type ServerCommands = {
  readonly serve: () => Promise<Command>;
  readonly demo: () => Promise<Command>;
  readonly logExport: () => Promise<Command>;
  readonly logImport: () => Promise<Command>;
  readonly logRenew: () => Promise<Command>;
};

function entriesWith({ demo, serve, ...logs }: ServerCommands): readonly Entry[] {
  return [
    {
      words: 'serve',
      listed: 'serve',
      summary: 'run the API and the edges; `serve --help` lists its settings',
      load: serve,
    },
    {
      words: 'demo',
      listed: 'demo',
      summary: 'the life of a distribution, played on three edges and checked',
      load: demo,
    },
    {
      words: 'log export',
      listed: 'log export FILE',
      summary: 'a whole log to a file: a backup, or on its way to another home',
      load: logs.logExport,
    },
    {
      words: 'log import',
      listed: 'log import FILE',
      summary: 'an empty log filled from such a file',
      load: logs.logImport,
    },
    {
      words: 'log renew',
      listed: 'log renew',
      summary: 'a new name for a log that was put back from a backup of etcd',
      load: logs.logRenew,
    },
    ...entriesOf(downloads),
    ...entriesOf(streamings),
    ...contentEntries,
    ...identityEntries,
    ...signingEntries,
    ...certificateEntries,
    {
      words: 'wait',
      listed: 'wait ID',
      summary: 'until every live edge has the last change of a distribution',
      load: async () => (await import('./wait.ts')).waitCommand,
    },
    {
      words: 'edges',
      listed: 'edges',
      summary: 'which edge serves which position of the log',
      load: async () => (await import('./edges.ts')).edgesCommand,
    },
    {
      words: 'edges hold',
      listed: 'edges hold NAME',
      summary: 'keep an edge from taking what comes next',
      load: async () => (await import('./hold-edge.ts')).holdEdge('hold'),
    },
    {
      words: 'edges release',
      listed: 'edges release NAME',
      summary: 'let it go on',
      load: async () => (await import('./hold-edge.ts')).holdEdge('release'),
    },
    ...edgeTokenEntries,
    {
      words: 'version',
      listed: 'version',
      summary: 'which Warmfront this is',
      load: async () => (await import('./version.ts')).versionCommand,
    },
  ];
}

const later: Readonly<Record<string, string>> = {
  explain: 'Explaining an answer',
  log: 'Moving and restoring the log',
};

/** Runs what the command line asks for; the answer is the exit code. */
export async function runCommand(
  argv: readonly string[],
  world: World,
  serverCommands: ServerCommands,
): Promise<number> {
  const entries = entriesWith(serverCommands);
  const [first, ...rest] = argv;
  if (first === undefined) {
    world.err.write(helpOf(entries));
    return 2;
  }
  if (first === '--version' || first === '-V')
    return runCommand(['version', ...rest], world, serverCommands);
  if (first === 'help' || first === '--help' || first === '-h') {
    if (rest.length === 0) {
      world.out.write(helpOf(entries));
      return 0;
    }
    return runCommand([...rest, '--help'], world, serverCommands);
  }
  const entry = find(entries, argv);
  if (entry !== undefined) {
    const command = await entry.load();
    return command.run(argv.slice(entry.words.split(' ').length), world);
  }
  const group = entries.filter(({ words }) => words.startsWith(`${first} `));
  if (group.length > 0) return runGroup(first, rest[0], group, world);
  world.err.write(`${unknown(first, entries)}\n`);
  return 2;
}

/** The entry with the most words that the command line begins with. */
function find(entries: readonly Entry[], argv: readonly string[]): Entry | undefined {
  return entries
    .filter(({ words }) => words.split(' ').every((word, index) => argv[index] === word))
    .sort((a, b) => b.words.length - a.words.length)[0];
}

function runGroup(
  word: string,
  verb: string | undefined,
  group: readonly Entry[],
  { err, out }: World,
): number {
  const text = `Usage: warmfront ${word} COMMAND [options]\n\n${listOf(group)}\n`;
  if (verb === '--help' || verb === '-h') {
    out.write(text);
    return 0;
  }
  if (verb === undefined) {
    err.write(text);
    return 2;
  }
  const verbs = group.map(({ words }) => words.slice(word.length + 1));
  const near = nearestName(verb, verbs);
  const hint = near === undefined ? `There are: ${verbs.join(', ')}.` : `Did you mean ${near}?`;
  err.write(`There is no command warmfront ${word} ${verb.slice(0, 64)}. ${hint}\n`);
  return 2;
}

function unknown(word: string, entries: readonly Entry[]): string {
  const comes = Object.hasOwn(later, word) ? later[word] : undefined;
  if (comes !== undefined) return `${comes} comes in a later release of Warmfront.`;
  const firstWords = new Set(entries.map(({ words }) => words.split(' ')[0] ?? ''));
  const near = nearestName(word, [...firstWords, 'help']);
  const hint = near === undefined ? '`warmfront help` lists them all.' : `Did you mean ${near}?`;
  return `There is no command warmfront ${word.slice(0, 64)}. ${hint}`;
}

function helpOf(entries: readonly Entry[]): string {
  return `Warmfront: a content delivery network you run yourself, spoken to through CloudFront's API.

Usage: warmfront COMMAND [options]

${listOf(entries)}
  help [COMMAND]

Commands that ask a server read WARMFRONT_ENDPOINT (http://127.0.0.1:4400), AWS_ACCESS_KEY_ID and
AWS_SECRET_ACCESS_KEY (the default key), and for https WARMFRONT_CA, a file of certificates to trust.
All take --json and --help. Exit codes: 0 done, 1 refused or failed, 2 wrong usage.

Examples:
  warmfront serve --memory --bucket pictures=./site
  warmfront distribution create --s3-origin pictures --root-object index.html --wait
  warmfront distribution delete E1QXVPAEXAMPLE
`;
}

function listOf(entries: readonly Entry[]): string {
  const width = Math.max(...entries.map(({ listed }) => listed.length));
  return entries.map(({ listed, summary }) => `  ${listed.padEnd(width)}  ${summary}`).join('\n');
}
