/** What a play is shown on: each step with what was asked, what was answered, and what was held to. */
import type { Screen } from './world.ts';

export type Check = {
  readonly what: string;
  readonly expected: string;
  readonly seen: string;
  readonly held: boolean;
};

export type Step = {
  readonly title: string;
  readonly exchanges: { readonly asked: string; readonly answered: string }[];
  readonly checks: Check[];
};

/** The play is over: something was not as it must be. */
export class NotHeld extends Error {
  override readonly name = 'NotHeld';
}

export class Stage {
  readonly steps: Step[] = [];
  readonly #screen: Screen | undefined;

  /** Without a screen it only keeps what happened. */
  constructor(screen: Screen | undefined) {
    this.#screen = screen;
  }

  begin(title: string): void {
    this.steps.push({ title, exchanges: [], checks: [] });
    const { length } = this.steps;
    this.#screen?.write(`\n${this.#screen.painted('strong', `${length}. ${title}`)}\n`);
  }

  exchange(asked: string, answered: string): void {
    this.#step().exchanges.push({ asked, answered });
    this.#screen?.write(`   > ${asked}\n   < ${answered}\n`);
  }

  /** Throws NotHeld where the two differ. */
  check(what: string, expected: string | number, seen: string | number): void {
    const held = String(expected) === String(seen);
    this.#step().checks.push({ what, expected: String(expected), seen: String(seen), held });
    if (held) {
      this.#screen?.write(`   ${this.#screen.painted('good', 'ok')} ${what}: ${seen}\n`);
      return;
    }
    this.#screen?.write(
      `   ${this.#screen.painted('bad', 'NOT HELD')} ${what}: expected ${expected}, seen ${seen}\n`,
    );
    throw new NotHeld(`${what}: expected ${expected}, seen ${seen}`);
  }

  #step(): Step {
    const step = this.steps.at(-1);
    if (step === undefined) throw new Error('a play begins with a step');
    return step;
  }
}
