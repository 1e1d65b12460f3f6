/** What a load generator is asked and tells, whichever it is; and a run of one on a core, with its CPU time. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { program } from '../../test/harness/programs.ts';

const runFile = promisify(execFile);
/** So much longer than it was asked to take may a run last. */
const lateMsMax = 20_000;

export type LoadAsked = {
  readonly url: string;
  /** The distribution's name, which viewers ask for. */
  readonly host: string;
  readonly connections: number;
  readonly seconds: number;
  /** The core it stands on. */
  readonly core: number;
};

export type LoadDone = {
  readonly requests: number;
  /** A second. */
  readonly rate: number;
  /** Answers other than 2xx and 3xx, and connections that failed or timed out. */
  readonly errors: number;
  /** CPU time of the load generator itself. */
  readonly cpuMs: number;
};

export type Load = (asked: LoadAsked) => Promise<LoadDone>;

/** The shell's own `times`, the second line of it: what its children took. */
const childTimes = /(\d+)m([\d.]+)s (\d+)m([\d.]+)s\s*$/;

export async function generate(
  command: readonly string[],
  { core, seconds }: Pick<LoadAsked, 'core' | 'seconds'>,
): Promise<{ readonly said: string; readonly cpuMs: number }> {
  const pinned = [program('taskset'), '--cpu-list', String(core), ...command];
  const { stdout } = await runFile('sh', ['-c', '"$@"; times', 'sh', ...pinned], {
    timeout: seconds * 1_000 + lateMsMax,
  });
  const [, ...times] = childTimes.exec(stdout)?.map(Number) ?? [];
  const [userMin = 0, userS = 0, kernelMin = 0, kernelS = 0] = times;
  return { said: stdout, cpuMs: ((userMin + kernelMin) * 60 + userS + kernelS) * 1_000 };
}
