/** wrk, the load generator: as many requests as connections can carry, one after another on each. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { program } from '../../test/harness/programs.ts';

const runFile = promisify(execFile);

export type LoadAsked = {
  readonly url: string;
  /** The Host header. */
  readonly host: string;
  readonly connections: number;
  readonly seconds: number;
  /** The core it stands on. */
  readonly core: number;
  /** Each request comes on a connection of its own. */
  readonly fresh?: boolean;
};

export type LoadDone = {
  readonly requests: number;
  /** A second. */
  readonly rate: number;
  /** Answers other than 2xx and 3xx, and connections that failed or timed out. */
  readonly errors: number;
  /** CPU time of wrk itself. */
  readonly cpuMs: number;
};

/** The shell's own `times`, the second line of it: what its children took. */
const childTimes = /(\d+)m([\d.]+)s (\d+)m([\d.]+)s\s*$/;

export async function load({
  connections,
  core,
  fresh = false,
  host,
  seconds,
  url,
}: LoadAsked): Promise<LoadDone> {
  const command = [
    program('taskset'),
    '--cpu-list',
    String(core),
    program('wrk'),
    '--threads=1',
    `--connections=${connections}`,
    `--duration=${seconds}s`,
    `--header=Host: ${host}`,
    ...(fresh ? ['--header=Connection: close'] : []),
    url,
  ];
  const { stdout } = await runFile('sh', ['-c', '"$@"; times', 'sh', ...command], {
    timeout: (seconds + 20) * 1_000,
  });
  const number = (pattern: RegExp): number => Number(pattern.exec(stdout)?.[1] ?? 0);
  const requests = number(/(\d+) requests in/);
  if (requests === 0) throw new Error(`wrk had no answer from ${url}:\n${stdout}`);
  const [, ...broken] =
    /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(stdout) ?? [];
  const [, ...times] = childTimes.exec(stdout)?.map(Number) ?? [];
  const [userMin = 0, userS = 0, kernelMin = 0, kernelS = 0] = times;
  return {
    requests,
    rate: number(/Requests\/sec:\s+([\d.]+)/),
    errors: broken.reduce((sum, count) => sum + Number(count), number(/Non-2xx[^:]*: (\d+)/)),
    cpuMs: ((userMin + kernelMin) * 60 + userS + kernelS) * 1_000,
  };
}
