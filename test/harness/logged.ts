/** Scenarios whose exchanges leave lines, as they are written and as another program reads them. */
import assert from 'node:assert/strict';
import { type LineFacts, lineBytesMax, LineWriter } from '../../src/access-log/fields.ts';
import type { AccessLog } from '../../src/access-log/journal.ts';
import type { LogTarget } from '../../src/access-log/spool.ts';
import { plainLogging } from '../../src/model/plain-config.ts';
import { type ParsedLine, parseLog } from './access-log-lines.ts';
import { scenario, type Setting, type Stage } from './scenario.ts';
import { until } from './until.ts';

export const logging = {
  ...plainLogging,
  bucket: 'logs.s3.amazonaws.com',
  prefix: 'site/',
};

export class Lines implements AccessLog {
  readonly targets: LogTarget[] = [];
  readonly facts: LineFacts[] = [];
  readonly #writer = new LineWriter('modern');
  readonly #parsed: ParsedLine[] = [];

  write(target: LogTarget, facts: LineFacts): void {
    this.targets.push(target);
    this.facts.push(facts);
    const bytes = Buffer.alloc(lineBytesMax(facts));
    const [parsed] = parseLog(bytes.toString('latin1', 0, this.#writer.write(bytes, 0, facts)));
    if (parsed !== undefined) this.#parsed.push(parsed);
  }

  get count(): number {
    return this.#parsed.length;
  }

  /** Waits for it: a viewer may have its answer a moment before the line is written. */
  nth(number: number): Promise<ParsedLine> {
    return until(`line ${number} is written`, () => this.#parsed[number - 1]);
  }

  async last(count: number): Promise<ParsedLine> {
    const line = await this.nth(count);
    assert.equal(this.count, count, 'one line for each exchange');
    return line;
  }
}

type Play = (stage: Stage, lines: Lines) => Promise<void>;

export function logged(title: string, play: Play): void;
export function logged(title: string, setting: Setting, play: Play): void;
export function logged(title: string, given: Setting | Play, given2?: Play): void {
  const [setting, play] = typeof given === 'function' ? [{}, given] : [given, given2];
  const lines = new Lines();
  scenario(
    title,
    { ...setting, config: { logging, ...setting.config }, accessLog: lines },
    (stage) => play?.(stage, lines) ?? Promise.resolve(),
  );
}

export function assertHas(line: ParsedLine, expected: ParsedLine): void {
  const seen = Object.fromEntries(Object.keys(expected).map((name) => [name, line[name] ?? '']));
  assert.deepEqual(seen, expected);
}
