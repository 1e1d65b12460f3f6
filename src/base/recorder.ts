/**
 * The record of what happens: one JSON object a line on standard error, or a readable line on a
 * terminal. Every part that has something to tell is given a recorder; nothing else prints.
 */
import { createRequire } from 'node:module';
import { pino } from 'pino';

export type Facts = Readonly<Record<string, unknown>>;

export interface Recorder {
  debug(facts: Facts, message: string): void;
  info(facts: Facts, message: string): void;
  warn(facts: Facts, message: string): void;
  error(facts: Facts, message: string): void;
  /** A recorder that adds `facts` to each line. */
  child(facts: Facts): Recorder;
}

export type RecorderOptions = {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  readonly readable: boolean;
  readonly colors: boolean;
};

const standardError = 2;

/** Writes at once, so that the last lines before a crash are there. */
export function createRecorder({ level, readable, colors }: RecorderOptions): Recorder {
  const options = {
    level,
    base: null,
    serializers: { error: pino.stdSerializers.err },
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  if (!readable) return pino(options, pino.destination({ dest: standardError, sync: true }));
  // Only here: its thirty modules would be loaded by every thread that never prints to a terminal.
  const pretty: typeof import('pino-pretty') = createRequire(import.meta.url)('pino-pretty');
  return pino(
    options,
    pretty({ destination: standardError, sync: true, colorize: colors, translateTime: 'HH:MM:ss' }),
  );
}

export const silentRecorder: Recorder = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentRecorder,
};
