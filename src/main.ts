/**
 * The program: joins the commands to the process they run in. Nothing of the server is loaded
 * unless a command starts one, so that client commands answer at once.
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { isatty } from 'node:tty';
import { styleText } from 'node:util';
import { systemClock } from './base/clock.ts';
import { keepAlive } from './base/keep-alive.ts';
import { systemRandomness } from './base/randomness.ts';
import { runCommand, type ServerCommands } from './cli/commands.ts';
import type { LogMoves } from './cli/log-moves.ts';
import type { Paint, Screen, World } from './cli/world.ts';
import type { startServer as startServerOfModule } from './server.ts';

type StartServer = typeof startServerOfModule;

const startServer: StartServer = async (settings, ports) =>
  (await import('./server.ts')).startServer(settings, ports);

const logMoves: LogMoves = {
  exportLog: async (...asked) => (await import('./log-moves.ts')).exportLog(...asked),
  importLog: async (...asked) => (await import('./log-moves.ts')).importLog(...asked),
  renewLog: async (...asked) => (await import('./log-moves.ts')).renewLog(...asked),
};

const serverCommands: ServerCommands = {
  serve: async () => (await import('./cli/serve.ts')).serveCommand(startServer),
  demo: async () => (await import('./cli/demo.ts')).demoCommand(startServer),
  logExport: async () => (await import('./cli/log-moves.ts')).logExport(logMoves),
  logImport: async () => (await import('./cli/log-moves.ts')).logImport(logMoves),
  logRenew: async () => (await import('./cli/log-moves.ts')).logRenew(logMoves),
};

/** Sets the exit code of the process: 0 done, 1 refused or failed, 2 wrong usage. */
export async function main(argv: readonly string[]): Promise<void> {
  ignoreClosedPipes();
  const release = keepAlive();
  const interruption = new AbortController();
  const onInterrupt = (): void => interruption.abort(new Error('interrupted'));
  // `serve` has its own way to end, and takes over by listening itself.
  if (argv[0] !== 'serve') process.once('SIGINT', onInterrupt);
  try {
    process.exitCode = await runCommand(argv, createWorld(interruption.signal), serverCommands);
  } finally {
    process.off('SIGINT', onInterrupt);
    release();
  }
  // A server has stopped by now, or was given its time to; nothing may hold the process longer.
  if (argv[0] === 'serve') process.exit();
}

function createWorld(interrupted: AbortSignal): World {
  return {
    environment: process.env,
    out: createScreen(process.stdout),
    err: createScreen(process.stderr),
    clock: systemClock,
    randomness: systemRandomness,
    interrupted,
    readText: (path) => readFile(path, 'utf8'),
    createPrivateFile,
  };
}

async function createPrivateFile(path: string, text: string): Promise<() => Promise<void>> {
  await writeFile(path, text, { flag: 'wx', mode: 0o600 });
  return () => rm(path);
}

const styles = { good: 'green', bad: 'red', strong: 'bold', faint: 'dim' } as const;
const columnsOtherwise = 80;

function createScreen(stream: NodeJS.WriteStream & { readonly fd: number }): Screen {
  const isTerminal = isatty(stream.fd) && process.env['TERM'] !== 'dumb';
  // https://no-color.org: any text but an empty one turns colors off.
  const colors = isTerminal && (process.env['NO_COLOR'] ?? '') === '';
  return {
    write: (text) => void stream.write(text),
    isTerminal,
    colors,
    get columns() {
      // Some terminals say that they have none.
      return (isTerminal && stream.columns) || columnsOtherwise;
    },
    painted: (paint: Paint, text) =>
      colors ? styleText(styles[paint], text, { validateStream: false }) : text,
  };
}

/** A reader such as `head` may close the pipe before all is written; that is its right. */
function ignoreClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}

if (import.meta.main) await main(process.argv.slice(2));
