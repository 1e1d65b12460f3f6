/** wrk, the load generator of HTTP/1.1: as many requests as connections can carry, one after another on each. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { program } from '../../test/harness/programs.ts';
import { generate, type LoadAsked, type LoadDone } from './load.ts';

const missScript = join(import.meta.dirname, 'another-path.lua');

export type WrkAsked = LoadAsked & {
  /** Each request comes on a connection of its own. */
  readonly fresh?: boolean;
  /** Of each request, beside Host. */
  readonly fields?: readonly string[];
  /** Each request is for another path below that of the URL. */
  readonly misses?: boolean;
};

export async function load({
  connections,
  core,
  fields = [],
  fresh = false,
  host,
  misses = false,
  seconds,
  url,
}: WrkAsked): Promise<LoadDone> {
  const command = [
    program('wrk'),
    '--threads=1',
    `--connections=${connections}`,
    `--duration=${seconds}s`,
    `--header=Host: ${host}`,
    ...(fresh ? ['--header=Connection: close'] : []),
    ...fields.map((field) => `--header=${field}`),
    ...(misses ? [`--script=${missScript}`] : []),
    url,
    ...(misses ? ['--', randomUUID()] : []),
  ];
  const { cpuMs, said } = await generate(command, { core, seconds });
  const number = (pattern: RegExp): number => Number(pattern.exec(said)?.[1] ?? 0);
  const requests = number(/(\d+) requests in/);
  if (requests === 0) throw new Error(`wrk had no answer from ${url}:\n${said}`);
  const [, ...broken] =
    /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(said) ?? [];
  return {
    requests,
    rate: number(/Requests\/sec:\s+([\d.]+)/),
    errors: broken.reduce((sum, count) => sum + Number(count), number(/Non-2xx[^:]*: (\d+)/)),
    cpuMs,
  };
}
