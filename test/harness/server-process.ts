/**
 * The real program as a process of its own: `warmfront serve --json` on free ports. It is ready once
 * it has said so on its standard output; what it says on standard error is kept for messages.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export type EdgeAddress = {
  readonly name: string;
  /** URLs without a slash at the end. */
  readonly http: string;
  readonly https: string | undefined;
};

export type Addresses = {
  readonly api: string;
  readonly apiTls: string | undefined;
  readonly edges: readonly EdgeAddress[];
  /** The certificate of the local authority; undefined with `--memory`. */
  readonly caFile: string | undefined;
};

/** `code` or `signal`, whichever ended the process. */
export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

export type ServerProcess = {
  readonly pid: number;
  /** The ready line, parsed. */
  readonly ready: Readonly<Record<string, unknown>>;
  readonly addresses: Addresses;
  /** From the start of the process to its ready line. */
  readonly startMs: number;
  /** SIGTERM, and how the process ended. */
  stop(): Promise<Exit>;
  /** SIGKILL. */
  kill(): Promise<Exit>;
  readonly exited: Promise<Exit>;
  /** What it said on standard error, the last of it. */
  output(): string;
};

/** A process that ended, or said nothing in time, before it was ready. */
export class NotReady extends Error {
  override readonly name = 'NotReady';
  readonly exit: Exit | undefined;
  readonly output: string;

  constructor(why: string, exit: Exit | undefined, output: string) {
    super(`the server is not ready: ${why}\n${output}`);
    this.exit = exit;
    this.output = output;
  }
}

const program = join(import.meta.dirname, '../../bin/warmfront.js');
const readyMsMax = 30_000;
const stopMsMax = 20_000;
const outputCharactersMax = 262_144;

/** Every listener on a port of the system's choice. Flags of a test come after, and count too. */
export const freePorts = ['--api', '127.0.0.1:0', '--api-tls', '127.0.0.1:0'] as const;

/** `name=127.0.0.1:0` for each name, with the flag. */
export function edgesOnFreePorts(...names: readonly string[]): readonly string[] {
  return names.flatMap((name) => ['--edge', `${name}=127.0.0.1:0`]);
}

/** `args`: what follows `serve --json`. Rejects with NotReady. */
export async function startServerProcess(args: readonly string[]): Promise<ServerProcess> {
  const starting = beginServerProcess(args);
  try {
    return await starting.ready;
  } catch (error) {
    await starting.kill();
    throw error;
  }
}

/** A process that may not be ready yet, so that a test can end it at any moment. */
export type StartingServer = {
  readonly ready: Promise<ServerProcess>;
  kill(): Promise<Exit>;
};

export function beginServerProcess(args: readonly string[]): StartingServer {
  const begun = performance.now();
  const child = spawn(process.execPath, [program, 'serve', '--json', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: cleanEnvironment(),
  });
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    output = (output + piece).slice(-outputCharactersMax);
  });
  const exited = exitOf(child);
  const end = (signal: NodeJS.Signals): Promise<Exit> => {
    child.kill(signal);
    return exited;
  };
  const ready = readyLine(child, exited, () => output).then(
    (line): ServerProcess => ({
      pid: child.pid ?? 0,
      ready: line,
      addresses: readAddresses(line),
      startMs: performance.now() - begun,
      exited,
      output: () => output,
      kill: () => end('SIGKILL'),
      stop: () => endInTime(child, exited, () => output),
    }),
  );
  // Whoever only kills it does not wait for it to be ready.
  ready.catch(() => {});
  return { ready, kill: () => end('SIGKILL') };
}

/** Settings of whoever runs the tests must not reach the server. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('WARMFRONT_') && !name.startsWith('NODE_TEST'),
  );
  return Object.fromEntries(kept);
}

async function exitOf(child: ChildProcess): Promise<Exit> {
  if (child.pid === undefined) {
    const [error] = await once(child, 'error');
    throw error;
  }
  await once(child, 'close');
  return { code: child.exitCode, signal: child.signalCode };
}

async function endInTime(
  child: ChildProcess,
  exited: Promise<Exit>,
  output: () => string,
): Promise<Exit> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), stopMsMax);
  const exit = await exited;
  clearTimeout(timer);
  if (exit.signal === 'SIGKILL') {
    throw new Error(`the server did not stop within ${stopMsMax} ms of SIGTERM\n${output()}`);
  }
  return exit;
}

async function readyLine(
  child: ChildProcess,
  exited: Promise<Exit>,
  output: () => string,
): Promise<Readonly<Record<string, unknown>>> {
  const line = new Promise<Readonly<Record<string, unknown>>>((resolve) => {
    if (child.stdout === null) return;
    createInterface(child.stdout).on('line', (text) => {
      const read = readObject(text);
      if (read['event'] === 'ready') resolve(read);
    });
  });
  const ended = exited.then((exit) => {
    throw new NotReady(`it ended with ${exit.code ?? exit.signal}`, exit, output());
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new NotReady(`no ready line within ${readyMsMax} ms`, undefined, output()));
    }, readyMsMax);
  });
  try {
    return await Promise.race([line, ended, late]);
  } finally {
    clearTimeout(timer);
  }
}

function readObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readAddresses(line: Readonly<Record<string, unknown>>): Addresses {
  const { api, apiTls, caFile, edges } = line;
  if (typeof api !== 'string' || !Array.isArray(edges)) {
    throw new Error(`the ready line has no addresses: ${JSON.stringify(line)}`);
  }
  return {
    api,
    apiTls: textOf(apiTls),
    caFile: textOf(caFile),
    edges: edges.filter(isRecord).map(({ http, https, name }) => ({
      name: String(name),
      http: String(http),
      https: textOf(https),
    })),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
