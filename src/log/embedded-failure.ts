/**
 * What keeps the embedded log from being used, as a sentence that says what is wrong and what to
 * do. Plain data, since it crosses from the thread of the store.
 */

export type FailureCode = 'in-use' | 'unreadable' | 'full' | 'newer-format';
export type Failure = { readonly code: FailureCode; readonly message: string };

/** Thrown by the store for what SQLite has no code for. */
export class UnfitFile extends Error {
  override readonly name = 'UnfitFile';
  readonly reason: 'damaged' | 'foreign' | 'newer';

  constructor(reason: 'damaged' | 'foreign' | 'newer', detail: string) {
    super(detail);
    this.reason = reason;
  }
}

type Cause = keyof typeof sayings;

const startAnew =
  'Put the data directory of a backup in its place, or move the log.sqlite files away to begin with an empty log.';

const sayings = {
  'in-use': {
    code: 'in-use',
    say: (directory: string) =>
      `The log in ${directory} is in use by another process. Stop that one first, or give this one a data directory of its own.`,
  },
  full: {
    code: 'full',
    say: (directory: string, detail: string) =>
      `There is no room left for the log in ${directory} (${detail}). Free some space on its disk, then start again.`,
  },
  damaged: {
    code: 'unreadable',
    say: (directory: string, detail: string) =>
      `The log in ${directory} is damaged (${detail}). ${startAnew}`,
  },
  foreign: {
    code: 'unreadable',
    say: (directory: string, detail: string) =>
      `The file log.sqlite in ${directory} is no log of Warmfront (${detail}). ${startAnew}`,
  },
  newer: {
    code: 'newer-format',
    say: (directory: string, detail: string) =>
      `The log in ${directory} was written by a newer Warmfront (${detail}). Start that version, or give this one a data directory of its own.`,
  },
  denied: {
    code: 'unreadable',
    say: (directory: string, detail: string) =>
      `The log in ${directory} cannot be opened for writing (${detail}). Let the user of this process write that directory and the files in it.`,
  },
  inTheWay: {
    code: 'unreadable',
    say: (directory: string, detail: string) =>
      `The log cannot be kept in ${directory}, as there is a file in the way (${detail}). Move that file, or choose another data directory.`,
  },
  unknown: {
    code: 'unreadable',
    say: (directory: string, detail: string) =>
      `The log in ${directory} cannot be used (${detail}). Check the disk that holds it, then start again.`,
  },
} as const satisfies Record<
  string,
  { code: FailureCode; say: (directory: string, detail: string) => string }
>;

/** Primary result codes of SQLite (sqlite.org/rescode.html). */
const causeOfSqlite: Readonly<Record<number, Cause>> = {
  3: 'denied', // SQLITE_PERM
  5: 'in-use', // SQLITE_BUSY
  6: 'in-use', // SQLITE_LOCKED
  8: 'denied', // SQLITE_READONLY
  11: 'damaged', // SQLITE_CORRUPT
  13: 'full', // SQLITE_FULL
  14: 'denied', // SQLITE_CANTOPEN
  15: 'in-use', // SQLITE_PROTOCOL
  26: 'foreign', // SQLITE_NOTADB
};

const causeOfSystem: Readonly<Record<string, Cause>> = {
  EACCES: 'denied',
  EPERM: 'denied',
  EROFS: 'denied',
  ENOSPC: 'full',
  EDQUOT: 'full',
  EEXIST: 'inTheWay',
  ENOTDIR: 'inTheWay',
};

export function explainFailure(thrown: unknown, directory: string): Failure {
  const cause = causeOf(thrown);
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  const { code, say } = sayings[cause];
  return { code, message: say(directory, detail) };
}

/** Whether the disk, or the room that the log was given, is used up. */
export function isFull(thrown: unknown): boolean {
  return causeOf(thrown) === 'full';
}

function causeOf(thrown: unknown): Cause {
  if (thrown instanceof UnfitFile) return thrown.reason;
  if (!(thrown instanceof Error)) return 'unknown';
  // An extended result code holds the primary one in its lowest byte.
  if ('errcode' in thrown && typeof thrown.errcode === 'number') {
    return causeOfSqlite[thrown.errcode & 0xff] ?? 'unknown';
  }
  if ('code' in thrown && typeof thrown.code === 'string') {
    return causeOfSystem[thrown.code] ?? 'unknown';
  }
  return 'unknown';
}
