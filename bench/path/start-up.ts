/**
 * From the start of the process to its ready line, and the memory it holds when nothing happens.
 * The figures of a bare Node and of npm with nothing to run are parts of the others: what is left
 * is ours.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  beginServerProcess,
  edgesOnFreePorts,
  freePorts,
} from '../../test/harness/server-process.ts';
import type { Benchmark } from '../harness/benchmark.ts';
import { type Figure, figure, type Target } from '../harness/figure.ts';
import { residentMb, untilQuiet } from '../harness/machine.ts';
import { withFolder } from '../harness/served.ts';

const startTarget: Target = { of: 'median', below: 700 };
const memoryTarget: Target = { of: 'max', below: 120 };
const idleMs = 10_000;
const readyMsMax = 30_000;
const project = join(import.meta.dirname, '../..');

/** As `serve` has it by default, but on free ports: one edge, over HTTP and HTTPS. */
const oneEdge = ['--edge', 'local1=127.0.0.1:0,127.0.0.1:0'] as const;

export const startUp: Benchmark = {
  name: 'start-up',
  measures: 'time to the ready line, and resident memory after ten idle seconds',
  async run({ quick, say }) {
    const runs = quick ? 3 : 11;
    const figures: Figure[] = [];
    const measure = async (
      what: string,
      once: (run: number) => Promise<number>,
      target?: Target,
    ): Promise<void> => {
      say(what);
      // The first run fills the caches of the disk and of compiled code.
      await once(-1);
      const samples: number[] = [];
      for (let run = 0; run < runs; run += 1) {
        await untilQuiet(5_000);
        samples.push(await once(run));
      }
      figures.push(figure(what, 'ms', samples, target === undefined ? {} : { target }));
    };
    await withFolder(async (folder) => {
      const again = ['--data', join(folder, 'again'), ...freePorts, ...oneEdge];
      await measure('npm start to ready, data of before', () => npmStart(again), startTarget);
      await measure('serve to ready, data of before', () => start(again));
      await measure('serve to ready, a new data folder', (run) =>
        start(['--data', join(folder, `new${run}`), ...freePorts, ...oneEdge]),
      );
      await measure('serve to ready, --memory', () =>
        start(['--memory', ...freePorts, ...oneEdge]),
      );
      await measure('serve to ready, --memory, 3 edges', () =>
        start(['--memory', ...freePorts, ...edgesOnFreePorts('a', 'b', 'c')]),
      );
      await measure('serve to ready, the first start of a checkout', (run) =>
        withCompileCache(join(folder, `compiled${run}`), () => start(again)),
      );
      await measure('part: bare Node', () => untilExit(process.execPath, ['--eval', '0']));
      await measure('part: warmfront --version', () =>
        untilExit(process.execPath, [join(project, 'bin/warmfront.js'), '--version']),
      );
      const scripts = { start: 'node --eval 0' };
      await writeFile(join(folder, 'package.json'), JSON.stringify({ scripts }));
      await measure('part: npm start of a bare Node', () =>
        untilExit('npm', ['start', '--silent', '--prefix', folder]),
      );
      const beside = { target: memoryTarget };
      say('idle memory, data of before');
      const kept = [await idleMemory(again), await idleMemory(again)];
      figures.push(figure('idle memory, one edge, data of before', 'MB', kept, beside));
      say('idle memory, a new data folder');
      const fresh = (index: number) => [
        '--data',
        join(folder, `idle${index}`),
        ...freePorts,
        ...oneEdge,
      ];
      const made = [await idleMemory(fresh(0)), await idleMemory(fresh(1))];
      figures.push(figure('idle memory, one edge, a new data folder', 'MB', made, beside));
      say('idle memory, the first start of a checkout');
      const first = await withCompileCache(join(folder, 'compiled'), () => idleMemory(fresh(2)));
      figures.push(
        figure('idle memory, one edge, the first start of a checkout', 'MB', [first], beside),
      );
    });
    const notes = [
      'With a new data folder the certificates are made, so the library for that is loaded, and stays.',
      'Of the first start of a checkout much is Node stripping the types of every file; it keeps what it made, so the next start does not. What is published is built, and has no types.',
    ];
    return { kind: 'figures', figures, notes };
  },
};

/** Milliseconds to the ready line; the server is stopped again. */
async function start(args: readonly string[]): Promise<number> {
  const server = await beginServerProcess(args).ready;
  await server.stop();
  return server.startMs;
}

/** For an empty folder: nothing was compiled before, and so the types are not stripped yet either. */
async function withCompileCache<T>(folder: string, act: () => Promise<T>): Promise<T> {
  const before = process.env['NODE_COMPILE_CACHE'];
  process.env['NODE_COMPILE_CACHE'] = folder;
  try {
    return await act();
  } finally {
    if (before === undefined) delete process.env['NODE_COMPILE_CACHE'];
    else process.env['NODE_COMPILE_CACHE'] = before;
  }
}

async function npmStart(args: readonly string[]): Promise<number> {
  const begun = performance.now();
  // A group of its own, so that the server is told to stop however npm runs it.
  const child = spawn('npm', ['start', '--silent', '--', '--json', ...args], {
    cwd: project,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // Not `exit`: npm may be gone before the server is, and the next one needs its data folder.
  const ended = once(child, 'close');
  const timer = setTimeout(() => endGroup(child.pid), readyMsMax);
  try {
    for await (const line of createInterface(child.stdout)) {
      if (line.includes('"event":"ready"')) return performance.now() - begun;
    }
    throw new Error('npm start ended before it was ready');
  } finally {
    clearTimeout(timer);
    endGroup(child.pid);
    child.stdout.resume();
    await ended;
  }
}

function endGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGTERM');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

async function untilExit(command: string, args: readonly string[]): Promise<number> {
  const begun = performance.now();
  const child = spawn(command, args, { cwd: project, stdio: 'ignore' });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}`);
  return performance.now() - begun;
}

async function idleMemory(args: readonly string[]): Promise<number> {
  const server = await beginServerProcess(args).ready;
  try {
    await new Promise((resolve) => {
      setTimeout(resolve, idleMs);
    });
    return residentMb(server.pid);
  } finally {
    await server.stop();
  }
}
