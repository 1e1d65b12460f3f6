/**
 * serve: runs the API and the edges until SIGTERM or SIGINT. The first signal ends it in order, a
 * second one at once. What keeps it from starting is told in a sentence, without a stack.
 */
import { AssertionError } from 'node:assert';
import { pause } from '../base/clock.ts';
import type { RecorderOptions } from '../base/recorder.ts';
import { readSettings, type ServerSettings } from '../config.ts';
import type { startServer } from '../server.ts';
import { banner, readyLine } from './banner.ts';
import type { Command, World } from './world.ts';

type StartServer = typeof startServer;

const stopMsMax = 10_000;

export function serveCommand(start: StartServer): Command {
  return {
    async run(argv, world) {
      const outcome = readSettings(argv, world.environment);
      if (outcome.kind === 'help') {
        world.out.write(outcome.text);
        return 0;
      }
      if (outcome.kind === 'wrong') {
        world.err.write(`${outcome.message}\n`);
        return 2;
      }
      return serve(outcome.settings, world, start);
    },
  };
}

async function serve(settings: ServerSettings, world: World, start: StartServer): Promise<number> {
  const stop = listenForStop();
  const recorderOptions: RecorderOptions = {
    level: settings.logLevel,
    readable: world.err.isTerminal,
    colors: world.err.colors,
  };
  const { createRecorder } = await import('../base/recorder.ts');
  const recorder = createRecorder(recorderOptions);
  let running: Awaited<ReturnType<StartServer>>;
  try {
    running = await start(settings, { recorder, recorderOptions });
  } catch (error) {
    world.err.write(`${reasonOf(error)}\n`);
    return 1;
  }
  const { addresses } = running;
  world.out.write(settings.json ? readyLine(addresses) : banner(settings, addresses, world.out));
  const signal = await stop.asked();
  const { drainMs } = settings;
  if (drainMs > 0) recorder.info({ signal, drainMs }, 'Warmfront drains');
  await running.drain();
  recorder.info({ signal }, 'Warmfront stops');
  const inTime = await Promise.race([
    running.stop().then(() => true),
    pause(world.clock, stopMsMax).then(() => false),
  ]);
  if (!inTime) recorder.warn({ stopMsMax }, 'not all that was under way was finished in time');
  return 0;
}

type Signal = 'SIGTERM' | 'SIGINT';
type Act = (signal: Signal) => void;

const endWell: Act = () => process.exit(0);
/** As a shell tells a process that a signal ended: 128 and the signal's number. */
const endAtOnce: Act = (signal) => process.exit(signal === 'SIGINT' ? 130 : 143);

/**
 * `asked` resolves at the first signal from then on, and the next one ends the process at once. So
 * does a signal before `asked`: nothing was promised to anybody by then, and a start that hangs must
 * not hold the process.
 */
function listenForStop(): { readonly asked: () => Promise<Signal> } {
  let act = endWell;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => act(signal));
  return {
    asked: () =>
      new Promise((resolve) => {
        act = (signal) => {
          act = endAtOnce;
          resolve(signal);
        };
      }),
  };
}

/** A broken invariant is ours to find, so it comes with its stack; all else is told in its words. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isBug =
    error instanceof AssertionError ||
    error instanceof TypeError ||
    error instanceof ReferenceError ||
    error instanceof RangeError;
  return isBug ? (error.stack ?? error.message) : error.message;
}
