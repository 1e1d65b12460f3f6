/**
 * Talks to a driver: a small script in a client's own language that does what it is told with the
 * real client library. One order a line, as JSON, and one answer a line: `{"ok": …}`, or
 * `{"refused": {"status", "code", …}}` where the service said no.
 */
import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export type Fields = Readonly<Record<string, unknown>>;

/** What an order gave: what the client shows, or the status and code of the refusal. */
export type Answer = { readonly ok: Fields } | { readonly refused: Fields };

const answerMsMax = 60_000;

export class Driver {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  #errors = '';

  constructor(command: string, args: readonly string[], environment: NodeJS.ProcessEnv) {
    this.#child = spawn(command, args, { env: { ...process.env, ...environment } });
    this.#child.stderr.setEncoding('utf8').on('data', (piece: string) => {
      this.#errors = (this.#errors + piece).slice(-20_000);
    });
    this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]();
  }

  /** What the client made of it, whichever way it went. */
  async order(order: string, details: Fields = {}): Promise<Answer> {
    this.#child.stdin.write(`${JSON.stringify({ order, ...details })}\n`);
    const { done, value } = await withinTime(this.#lines.next(), `${order} is answered`);
    if (done === true) throw new Error(`the driver ended: ${this.#errors}`);
    const answer: unknown = JSON.parse(value);
    assert(isFields(answer), value);
    const { ok, refused } = answer;
    if (isFields(ok)) return { ok };
    assert(isFields(refused), `the client itself failed: ${value}\n${this.#errors}`);
    return { refused };
  }

  /** What the client shows of a success. */
  async does(order: string, details: Fields = {}): Promise<Fields> {
    const answer = await this.order(order, details);
    assert('ok' in answer, `${order} is refused: ${JSON.stringify(answer)}`);
    return answer.ok;
  }

  /** The service says no with this status and code, and the client shows both. */
  async isRefused(order: string, details: Fields, status: number, code: string): Promise<Fields> {
    const answer = await this.order(order, details);
    assert('refused' in answer, `${order} is not refused: ${JSON.stringify(answer)}`);
    const { refused } = answer;
    assert.deepEqual({ status: refused['status'], code: refused['code'] }, { status, code });
    return refused;
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    if (this.#child.exitCode !== null) return;
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5_000);
    await ended;
    clearTimeout(timer);
  }
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A list of objects among the fields of an answer. */
export function listOf(value: unknown): readonly Fields[] {
  assert(Array.isArray(value), `a list is ${JSON.stringify(value)}`);
  return value.filter(isFields);
}

export function text(value: unknown): string {
  assert(typeof value === 'string', `a text is ${JSON.stringify(value)}`);
  return value;
}

async function withinTime<Value>(promise: Promise<Value>, what: string): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not in time: ${what}`)), answerMsMax);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
