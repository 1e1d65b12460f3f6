/** A world for commands in a test: screens that keep what is written, and a command line to run. */
import type { Clock } from '../../src/base/clock.ts';
import { systemClock } from '../../src/base/clock.ts';
import { keepAlive } from '../../src/base/keep-alive.ts';
import { systemRandomness } from '../../src/base/randomness.ts';
import { runCommand, type ServerCommands } from '../../src/cli/commands.ts';
import type { Screen, World } from '../../src/cli/world.ts';

export type KeptScreen = Screen & { readonly text: () => string };

/** `terminal`: as a person would sit before it. */
export function keptScreen(terminal = false): KeptScreen {
  let text = '';
  return {
    write(more) {
      text += more;
    },
    isTerminal: terminal,
    columns: 80,
    colors: false,
    painted: (_, plain) => plain,
    text: () => text,
  };
}

export type Ran = { readonly code: number; readonly out: string; readonly err: string };

const noServer: ServerCommands = {
  serve: () => Promise.reject(new Error('no server here')),
  demo: () => Promise.reject(new Error('no demo here')),
  logExport: () => Promise.reject(new Error('no logs here')),
  logImport: () => Promise.reject(new Error('no logs here')),
  logRenew: () => Promise.reject(new Error('no logs here')),
};

export type RunOptions = {
  readonly environment?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  readonly interrupted?: AbortSignal;
  readonly terminal?: boolean;
  readonly onErr?: (text: string) => void;
  /** Path → text; what the command creates comes in. */
  readonly files?: Map<string, string>;
};

/** Runs a command line of the program in this process, against the API at `endpoint`. */
export async function runLine(
  endpoint: string,
  argv: readonly string[],
  { clock, environment, files = new Map(), interrupted, onErr, terminal }: RunOptions = {},
): Promise<Ran> {
  const out = keptScreen(terminal);
  const kept = keptScreen(terminal);
  const err: Screen = {
    ...kept,
    write(text) {
      kept.write(text);
      onErr?.(text);
    },
  };
  const world: World = {
    environment: { WARMFRONT_ENDPOINT: endpoint, ...environment },
    out,
    err,
    clock: clock ?? systemClock,
    randomness: systemRandomness,
    interrupted: interrupted ?? new AbortController().signal,
    async readText(path) {
      const text = files.get(path);
      if (text === undefined) throw new Error(`no such file: ${path}`);
      return text;
    },
    async createPrivateFile(path, text) {
      if (files.has(path)) throw new Error(`file already exists: ${path}`);
      files.set(path, text);
      return async () => void files.delete(path);
    },
  };
  const release = keepAlive();
  try {
    const code = await runCommand(argv, world, noServer);
    return { code, out: out.text(), err: kept.text() };
  } finally {
    release();
  }
}
