/**
 * A command is declared by its texts and options, from which its help, its parsing and its errors
 * are made, and an act. What the act gives back is printed in one place: as text for a person, or
 * with `--json` as one JSON document, failures too.
 */
import { parseArgs } from 'node:util';
import { parseDuration } from '../base/duration.ts';
import { nearestName } from '../base/nearest-name.ts';
import { CommandFailure, UsageFault } from './failure.ts';
import { oneLine } from './text-table.ts';
import type { Command, World } from './world.ts';

export type Option = {
  readonly name: string;
  readonly kind: 'switch' | 'one' | 'list';
  /** What stands for the value in help; empty for a switch. */
  readonly form: string;
  readonly meaning: string;
};

export type Declared = {
  /** The words of the command: `distribution delete`. */
  readonly words: string;
  /** What stands for the operands, all of them needed. The last may be `PATH…`: one or more. */
  readonly operands: readonly string[];
  /** A sentence. */
  readonly summary: string;
  /** More sentences for help, if any. */
  readonly notes?: string;
  readonly options: readonly Option[];
  /** A whole command line. */
  readonly example: string;
  /** What to say when the person interrupts it. */
  readonly onInterrupt?: string;
};

/** What the command line said; every option is one that the command declared. */
export class Arguments {
  readonly #operands: readonly string[];
  readonly #options: ReadonlyMap<string, readonly string[]>;

  constructor(operands: readonly string[], options: ReadonlyMap<string, readonly string[]>) {
    this.#operands = operands;
    this.#options = options;
  }

  operand(index: number): string {
    return this.#operands[index] ?? '';
  }

  /** That one and all that follow. */
  operandsFrom(index: number): readonly string[] {
    return this.#operands.slice(index);
  }

  has(name: string): boolean {
    return this.#options.has(name);
  }

  one(name: string): string | undefined {
    return this.list(name)[0];
  }

  list(name: string): readonly string[] {
    return this.#options.get(name) ?? [];
  }

  /** Milliseconds. */
  duration(name: string, normally: number): number {
    const text = this.one(name);
    if (text === undefined) return normally;
    const ms = parseDuration(text);
    if (ms !== undefined) return ms;
    throw new UsageFault(
      `--${name}: ${JSON.stringify(text)} is no duration; write it as 500ms, 30s, 15m or 1h.`,
    );
  }
}

/** What a command has to say when it is done. */
export type Report = {
  /** For a person, with a newline at the end; may be empty. */
  readonly text: string;
  readonly json: unknown;
  /** 0 unless told otherwise. */
  readonly exitCode?: number;
};

const jsonOption: Option = {
  name: 'json',
  kind: 'switch',
  form: '',
  meaning: 'answer with one JSON document',
};
const helpOption: Option = { name: 'help', kind: 'switch', form: '', meaning: 'this text' };

const interruptedCode = 130;
const valuesPerOptionMax = 100;

export function command(
  declared: Declared,
  act: (given: Arguments, world: World) => Promise<Report>,
): Command {
  const options = [...declared.options, jsonOption, helpOption];
  return {
    async run(argv, world) {
      let asJson = argv.includes('--json');
      try {
        const given = parse(declared, options, argv);
        if (given.has('help')) {
          world.out.write(helpOf(declared, options));
          return 0;
        }
        asJson = given.has('json');
        const { exitCode = 0, json, text } = await act(given, world);
        world.out.write(asJson ? `${JSON.stringify(json, undefined, 2)}\n` : text);
        return exitCode;
      } catch (error) {
        return fail(error, asJson, declared, world);
      }
    },
  };
}

function fail(
  error: unknown,
  asJson: boolean,
  declared: Declared,
  { err, interrupted, out }: World,
) {
  if (error instanceof UsageFault) {
    err.write(`${error.message}\nUsage: ${usageOf(declared)}\n`);
    return 2;
  }
  if (interrupted.aborted) {
    err.write(
      `Interrupted.${declared.onInterrupt === undefined ? '' : ` ${declared.onInterrupt}`}\n`,
    );
    return interruptedCode;
  }
  if (!(error instanceof CommandFailure)) throw error;
  const { code, facts, message, nextStep, told } = error;
  if (asJson) {
    out.write(`${JSON.stringify({ error: { code, message, ...facts } }, undefined, 2)}\n`);
  } else {
    err.write(`${err.painted('bad', 'Failed:')} ${oneLine(told)}\n`);
    if (nextStep !== undefined) err.write(`${err.painted('strong', 'Next:')} ${nextStep}\n`);
  }
  return 1;
}

function parse(
  { operands: wanted, words }: Declared,
  options: readonly Option[],
  argv: readonly string[],
): Arguments {
  const operands: string[] = [];
  const found = new Map<string, readonly string[]>();
  const { tokens } = parseArgs({
    args: [...argv],
    strict: false,
    tokens: true,
    options: Object.fromEntries(
      options.map(({ kind, name }) => [name, { type: kind === 'switch' ? 'boolean' : 'string' }]),
    ),
  });
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value);
    if (token.kind !== 'option') continue;
    const { inlineValue, rawName, value } = token;
    const name = rawName === '-h' ? 'help' : token.name;
    const option = options.find((one) => one.name === name);
    if (option === undefined || !(rawName.startsWith('--') || rawName === '-h')) {
      throw new UsageFault(unknownOption(rawName, words, options));
    }
    const earlier = found.get(name) ?? [];
    if (option.kind === 'switch') {
      if (value !== undefined) throw new UsageFault(`--${name} takes no value.`);
    } else if (value === undefined || (!inlineValue && /^--?[a-z]/.test(value))) {
      throw new UsageFault(`--${name} needs a value: --${name} ${option.form}.`);
    }
    if (earlier.length > 0 && option.kind === 'one') {
      throw new UsageFault(`--${name} is given twice.`);
    }
    if (earlier.length >= valuesPerOptionMax) {
      throw new UsageFault(`--${name} is given more than ${valuesPerOptionMax} times.`);
    }
    found.set(name, [...earlier, value ?? '']);
  }
  const extra = wanted.at(-1)?.endsWith('…') ? undefined : operands[wanted.length];
  if (!found.has('help')) {
    if (extra !== undefined) throw new UsageFault(`${JSON.stringify(extra)} is one too many.`);
    const missing = wanted[operands.length];
    if (missing !== undefined) throw new UsageFault(`${missing.replace('…', '')} is missing.`);
    if (operands.includes('')) throw new UsageFault('An operand is empty.');
  }
  return new Arguments(operands, found);
}

function unknownOption(rawName: string, words: string, options: readonly Option[]): string {
  const near = nearestName(
    rawName.replace(/^-+/, ''),
    options.map(({ name }) => name),
  );
  const hint = near === undefined ? '' : ` Did you mean --${near}?`;
  return `warmfront ${words} has no option ${rawName.slice(0, 64)}.${hint}`;
}

function usageOf({ operands, words }: Declared): string {
  return `${['warmfront', words, ...operands].join(' ')} [options]`;
}

function helpOf(declared: Declared, options: readonly Option[]): string {
  const rows = options.map(({ form, kind, meaning, name }) => ({
    left: `  --${name}${form === '' ? '' : ` ${form}`}`,
    right: kind === 'list' ? `${meaning} (repeatable)` : meaning,
  }));
  const width = Math.max(...rows.map(({ left }) => left.length));
  return `Usage: ${usageOf(declared)}

${[declared.summary, declared.notes].filter((one) => one !== undefined).join('\n\n')}

${rows.map(({ left, right }) => `${left.padEnd(width)}  ${right}`).join('\n')}

Example: ${declared.example}
`;
}
