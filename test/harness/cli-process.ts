/** The program as a process of its own, for what only a process shows: signals, exit codes, pipes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { until } from './until.ts';

const program = join(import.meta.dirname, '../../bin/warmfront.js');

export type CliProcess = {
  /** What it has written so far. */
  out(): string;
  err(): string;
  signal(signal: NodeJS.Signals): void;
  /** Resolves once it has written what matches to either stream; rejects where it ends before. */
  says(pattern: RegExp): Promise<void>;
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
};

/** `environment` replaces every variable that begins with WARMFRONT_ or AWS_. */
export function beginCli(
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): CliProcess {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(?:WARMFRONT_|AWS_|NODE_TEST)/.test(name),
  );
  const child = spawn(process.execPath, [program, ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...Object.fromEntries(kept), ...environment },
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    out += piece;
  });
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    err += piece;
  });
  let end: number | NodeJS.Signals | undefined;
  const ended = endOf(child).then((how) => {
    end = how;
    return how;
  });
  return {
    out: () => out,
    err: () => err,
    signal: (signal) => void child.kill(signal),
    says: (pattern) =>
      until(
        `the program says ${pattern}`,
        () => {
          if (pattern.test(out) || pattern.test(err)) return true;
          if (end !== undefined) throw new Error(`it ended with ${end}\n${out}${err}`);
          return undefined;
        },
        { msMax: 30_000, seen: () => `${out}${err}` },
      ).then(() => undefined),
    ended,
  };
}

async function endOf(child: ChildProcess): Promise<number | NodeJS.Signals> {
  await once(child, 'close');
  return child.exitCode ?? child.signalCode ?? -1;
}

/** Runs it to its end. */
export async function runCli(
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number | NodeJS.Signals; readonly out: string; readonly err: string }> {
  const running = beginCli(argv, environment);
  const code = await running.ended;
  return { code, out: running.out(), err: running.err() };
}
