/**
 * log export, log import, log renew: a whole log to a file and back, and a new name for one that
 * was put back from a backup of its etcd. They open the log themselves, so they need no server.
 */
import { command, type Report } from './command.ts';
import { CommandFailure, UsageFault } from './failure.ts';
import { logOptions } from './log-options.ts';
import type { Command, World } from './world.ts';

type Moved = {
  readonly cursor: { readonly logId: string; readonly revision: number };
  readonly documents: number;
};

type Ports = Pick<World, 'clock' | 'environment' | 'randomness'> & {
  /** Flags of `serve` that say where the log is. */
  readonly flags: readonly string[];
};

/** What is done to logs, given by whoever knows them. Faults have a name: see `failureOf`. */
export type LogMoves = {
  readonly exportLog: (file: string, ports: Ports) => Promise<Moved>;
  readonly importLog: (file: string, ports: Ports) => Promise<Moved>;
  readonly renewLog: (ports: Ports) => Promise<Moved['cursor']>;
};

const options = [
  {
    name: 'data',
    kind: 'one',
    form: 'DIR',
    meaning: 'the log in this data directory (./.warmfront)',
  } as const,
  ...logOptions,
];
const where =
  'The log is that of --data, or with --log the one in etcd. That of a data directory must not be in use by a server.';

export function logExport(moves: LogMoves): Command {
  return command(
    {
      words: 'log export',
      operands: ['FILE'],
      summary: 'Writes a whole log to a new file.',
      notes: `${where} Private keys are in it as they are in the log, sealed; only its owner may read the file.`,
      options,
      example: 'warmfront log export backup.ndjson --log etcd://127.0.0.1:2379',
    },
    async (given, world) => {
      const file = given.operand(0);
      const moved = await done(moves.exportLog(file, ports(given, world)));
      return reportOf(moved, `written to ${file}`);
    },
  );
}

export function logImport(moves: LogMoves): Command {
  return command(
    {
      words: 'log import',
      operands: ['FILE'],
      summary: 'Fills an empty log from a file of `log export`.',
      notes: `${where} Positions and ETags stay as they were; every edge begins with a snapshot.`,
      options,
      example: 'warmfront log import backup.ndjson --log etcd://127.0.0.1:2379',
    },
    async (given, world) => {
      const file = given.operand(0);
      const moved = await done(moves.importLog(file, ports(given, world)));
      return reportOf(moved, `read from ${file}`);
    },
  );
}

export function logRenew(moves: LogMoves): Command {
  return command(
    {
      words: 'log renew',
      operands: [],
      summary: 'Gives a log that was put back from a backup a new name.',
      notes: `${where} Until it is done, an edge may take a point of the history that was lost for one of this log. Do it before servers and edges start.`,
      options,
      example: 'warmfront log renew --log etcd://127.0.0.1:2379',
    },
    async (given, world) => {
      const cursor = await done(moves.renewLog(ports(given, world)));
      return {
        text: `The log is ${cursor.logId} now, at position ${cursor.revision}.\n`,
        json: { log: cursor.logId, position: cursor.revision },
      };
    },
  );
}

function ports(
  given: { list(name: string): readonly string[] },
  { clock, environment, randomness }: World,
): Ports {
  const flags = options.flatMap(({ name }) =>
    given.list(name).map((value) => `--${name}=${value}`),
  );
  return { flags, environment, clock, randomness };
}

function reportOf({ cursor, documents }: Moved, what: string): Report {
  return {
    text: `${documents} documents, up to position ${cursor.revision}, ${what}.\n`,
    json: { documents, position: cursor.revision, log: cursor.logId },
  };
}

async function done<Done>(move: Promise<Done>): Promise<Done> {
  try {
    return await move;
  } catch (thrown) {
    if (!(thrown instanceof Error)) throw thrown;
    if (thrown.name === 'MoveFault' && 'isUsage' in thrown && thrown.isUsage === true) {
      throw new UsageFault(thrown.message);
    }
    if ('code' in thrown || faults.has(thrown.name)) {
      throw new CommandFailure(thrown.name, thrown.message, {}, thrown);
    }
    throw thrown;
  }
}

/** Whatever else is thrown is a bug. */
const faults: ReadonlySet<string> = new Set(['MoveFault', 'NotEmpty', 'UnfitLogFile']);
