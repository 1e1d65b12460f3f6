/**
 * Where settings come from: flags, the environment, a file. Every name is checked, so that nothing
 * misspelt is passed over; of each setting the nearest source counts (flag, then environment, then
 * file), and a value keeps its source for the error that may follow.
 */
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { nearestName } from '../base/nearest-name.ts';
import { type Files, readTextOf, said, ValueFault } from './values.ts';

/** What sources need to know of a setting. */
export type Named = {
  readonly name: string;
  readonly kind: 'switch' | 'one' | 'list';
};

export type Source = {
  readonly kind: 'flag' | 'environment' | 'file' | 'default';
  /** For messages: `the environment variable WARMFRONT_API`. */
  readonly said: string;
  /** Where relative paths begin. */
  readonly folder: string;
};

export type GivenValue = { readonly texts: readonly string[]; readonly source: Source };
/** Setting → its value, for those that some source names. */
export type Given = ReadonlyMap<string, GivenValue>;

export type Environment = Readonly<Record<string, string | undefined>>;

export type Vocabulary = {
  readonly settings: readonly Named[];
};

/** A fault of the command line, the environment or the file; the message is for a person. */
export class SettingFault extends Error {
  override readonly name = 'SettingFault';
}

export const defaultSource: Source = { kind: 'default', said: 'the defaults', folder: '.' };

const fileCharactersMax = 1_048_576;
/** No file system here takes longer ones. */
const pathCharactersMax = 4_096;
const valuesPerListMax = 1_000;
/** Between values of a list in an environment variable, since addresses and paths hold commas. */
const listSeparator = ';';
const prefix = 'WARMFRONT_';

export function environmentName(setting: string): string {
  return `${prefix}${setting.toUpperCase().replaceAll('-', '_')}`;
}

export function gather(
  argv: readonly string[],
  environment: Environment,
  files: Files,
  vocabulary: Vocabulary,
): { readonly kind: 'help' } | { readonly kind: 'given'; readonly given: Given } {
  const flags = fromFlags(argv, vocabulary);
  if (flags === 'help') return { kind: 'help' };
  const near = new Map([...fromEnvironment(environment, vocabulary), ...flags]);
  const config = near.get('config');
  const far = config === undefined ? [] : fromFile(config, files, vocabulary);
  return { kind: 'given', given: new Map([...far, ...near]) };
}

function fromFlags(argv: readonly string[], vocabulary: Vocabulary): Given | 'help' {
  const source: Source = { kind: 'flag', said: 'the command line', folder: process.cwd() };
  const given = new Map<string, GivenValue>();
  const { tokens } = parseArgs({
    args: [...argv],
    strict: false,
    tokens: true,
    options: Object.fromEntries(
      vocabulary.settings.map((one) => [
        one.name,
        { type: one.kind === 'switch' ? 'boolean' : 'string' },
      ]),
    ),
  });
  if (tokens.some((token) => token.kind === 'option' && isHelp(token.rawName))) return 'help';
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') {
      throw new SettingFault(`serve takes settings only, not ${said(token.value)}.`);
    }
    const { name, rawName, value } = token;
    if (!rawName.startsWith('--')) throw unknown(rawName, source, undefined);
    const setting = known(name, rawName, source, vocabulary, '--');
    if (setting.kind === 'switch') {
      add(given, setting, value ?? 'true', source);
    } else if (value === undefined || (!token.inlineValue && /^--?[a-z]/.test(value))) {
      throw new SettingFault(`--${name} (from ${source.said}): its value is missing.`);
    } else {
      add(given, setting, value, source);
    }
  }
  return given;
}

function isHelp(rawName: string): boolean {
  return rawName === '--help' || rawName === '-h';
}

function add(
  given: Map<string, GivenValue>,
  { kind, name }: Named,
  text: string,
  source: Source,
): void {
  const texts = given.get(name)?.texts ?? [];
  if (texts.length > 0 && kind !== 'list') {
    throw new SettingFault(`--${name} (from ${source.said}): it is given twice.`);
  }
  if (texts.length >= valuesPerListMax) throw tooMany(name, source);
  given.set(name, { texts: [...texts, text], source });
}

/** A variable that is set but empty counts as not set, as in files for containers. */
function fromEnvironment(environment: Environment, vocabulary: Vocabulary): Given {
  const given = new Map<string, GivenValue>();
  const byVariable = new Map(vocabulary.settings.map((one) => [environmentName(one.name), one]));
  const tails = [...byVariable.keys()].map((variable) => variable.slice(prefix.length));
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith(prefix) || text === undefined || text === '') continue;
    const source: Source = {
      kind: 'environment',
      said: `the environment variable ${variable}`,
      folder: process.cwd(),
    };
    const setting = byVariable.get(variable);
    if (setting === undefined) {
      // Others may set variables that begin alike, as Kubernetes does for a service of this name,
      // so only what looks like a slip of ours is refused.
      const near = nearestName(variable.slice(prefix.length), tails);
      if (near !== undefined && !clientVariables.has(variable)) {
        throw new SettingFault(
          `There is no setting for the environment variable ${variable}; did you mean ${prefix}${near}?`,
        );
      }
      continue;
    }
    known(setting.name, variable, source, vocabulary, '--');
    const texts =
      setting.kind === 'list'
        ? text
            .split(listSeparator)
            .map((one) => one.trim())
            .filter((one) => one !== '')
        : [text];
    if (texts.length > valuesPerListMax) throw tooMany(setting.name, source);
    given.set(setting.name, { texts, source });
  }
  return given;
}

/** Read by commands other than `serve`. */
const clientVariables: ReadonlySet<string> = new Set(['WARMFRONT_ENDPOINT', 'WARMFRONT_CA']);

function fromFile(config: GivenValue, files: Files, vocabulary: Vocabulary): Given {
  const path = resolve(config.source.folder, config.texts[0] ?? '');
  const source: Source = { kind: 'file', said: path, folder: dirname(path) };
  const given = new Map<string, GivenValue>();
  for (const [name, value] of Object.entries(parseFile(path, config.source, files))) {
    const setting = known(name, name, source, vocabulary, '');
    if (name === 'config') {
      throw new SettingFault(`config (from ${path}): a file of settings cannot name another one.`);
    }
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (Array.isArray(value) && setting.kind !== 'list') {
      throw new SettingFault(`${name} (from ${path}): it takes one value, not a list.`);
    }
    if (values.length > valuesPerListMax) throw tooMany(name, source);
    const texts = values.map((one) => {
      if (typeof one === 'string') return one;
      if (typeof one === 'number' || typeof one === 'boolean') return String(one);
      throw new SettingFault(
        `${name} (from ${path}): its value must be text, a number or a boolean.`,
      );
    });
    given.set(name, { texts, source });
  }
  return given;
}

function parseFile(path: string, source: Source, files: Files): Readonly<Record<string, unknown>> {
  const fault = (why: string): SettingFault =>
    new SettingFault(`--config (from ${source.said}): ${why}.`);
  if (path.length > pathCharactersMax) throw fault(`${said(path)} is too long for a path`);
  let document: unknown;
  try {
    const text = readTextOf(path, files);
    if (text.length > fileCharactersMax) {
      throw fault(`${path} has more than ${fileCharactersMax} characters`);
    }
    document = JSON.parse(text);
  } catch (error) {
    if (error instanceof ValueFault) throw fault(error.message);
    if (error instanceof SyntaxError) throw fault(`${path} is not JSON: ${error.message}`);
    throw error;
  }
  if (!isRecord(document))
    throw fault(`${path} must hold one JSON object, setting names to values`);
  return document;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The setting of this name; throws where there is none. */
function known(
  name: string,
  written: string,
  source: Source,
  { settings }: Vocabulary,
  dashes: string,
): Named {
  const setting = settings.find((one) => one.name === name);
  if (setting !== undefined) return setting;
  const near = nearestName(name, [...settings.map((one) => one.name), 'help']);
  throw unknown(written, source, near === undefined ? undefined : `${dashes}${near}`);
}

function unknown(written: string, source: Source, near: string | undefined): SettingFault {
  const hint =
    near === undefined ? '`warmfront serve --help` lists them all.' : `did you mean ${near}?`;
  return new SettingFault(`There is no setting ${said(written)} (from ${source.said}); ${hint}`);
}

function tooMany(name: string, source: Source): SettingFault {
  return new SettingFault(
    `--${name} (from ${source.said}): it is given more than ${valuesPerListMax} times.`,
  );
}
