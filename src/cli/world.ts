/** What commands see of the machine, passed in so that tests can stand in for it. */
import type { Clock } from '../base/clock.ts';
import type { Randomness } from '../base/randomness.ts';

/** `good` and `bad` judge, `strong` names, `faint` is beside the point. */
export type Paint = 'good' | 'bad' | 'strong' | 'faint';

export interface Screen {
  write(text: string): void;
  /** A person may be looking, and a line can be redrawn. */
  readonly isTerminal: boolean;
  readonly columns: number;
  readonly colors: boolean;
  /** The text in the colors of its meaning, or as it is where colors are not wanted. */
  painted(paint: Paint, text: string): string;
}

export type World = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Results. */
  readonly out: Screen;
  /** Progress and faults. */
  readonly err: Screen;
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** Aborted when the person interrupts. */
  readonly interrupted: AbortSignal;
  readonly readText: (path: string) => Promise<string>;
  /**
   * A new file that its owner alone may read; rejects where there is one already. What it resolves
   * to takes the file away again.
   */
  readonly createPrivateFile: (path: string, text: string) => Promise<() => Promise<void>>;
};

/** A command of the program: what follows its words comes in, its exit code comes out. */
export type Command = {
  run(argv: readonly string[], world: World): Promise<number>;
};
