/** How a command ends that did not do what it was asked: wrong usage, or a failure with facts. */

/** Exit code 2. The message is a sentence. */
export class UsageFault extends Error {
  override readonly name = 'UsageFault';
}

/** Facts of a failure beside its message, for `--json`. */
export type FailureFacts = Readonly<Record<string, unknown>>;

/** Exit code 1. The message is in sentences. */
export class CommandFailure extends Error {
  override readonly name: string = 'CommandFailure';
  readonly code: string;
  readonly facts: FailureFacts;

  constructor(code: string, message: string, facts: FailureFacts = {}, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.facts = facts;
  }

  /** The message with what else helps a person to find the cause. */
  get told(): string {
    return this.message;
  }

  /** What the person can do about it: a sentence, if there is one beside the message. */
  get nextStep(): string | undefined {
    return undefined;
  }
}
