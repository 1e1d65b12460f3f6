/**
 * The facts of API 2020-05-31 as lines of text, read from the SDK's own model: operations, shapes,
 * errors and enumerations. Shapes stand in the SDK as arrays; which enumeration a member has and
 * which errors an operation knows stand only in its type declarations, so these are read too. The
 * form of the lines is told in src/wire/facts.ts, which reads them.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
const packageName = '@aws-sdk/client-cloudfront';

/** What the first number of a schema array says it is. */
const kinds = { list: 1, structure: 3, error: -3, union: 4, operation: 9 } as const;
const primitives: ReadonlyMap<number, string> = new Map([
  [0, 'string'],
  [1, 'number'],
  [2, 'boolean'],
  [4, 'timestamp'],
  [5, 'timestamp'],
  [21, 'blob'],
  [42, 'blob'],
]);
const listOf = 64;
/** Bits of traits that are written as a number. */
const traitBits = { httpLabel: 1, httpPayload: 16 } as const;

type Traits = ReadonlyMap<string, unknown>;
type Member = { readonly type: unknown; readonly traits: Traits };

export type Described = { readonly version: string; readonly text: string };

/** Undefined where the SDK is not installed. */
export function describeModel(): Described | undefined {
  const home = packageHome();
  if (home === undefined) return undefined;
  const exported: unknown = require(packageName);
  if (typeof exported !== 'object' || exported === null) throw new Error('the SDK exports nothing');
  const declarations = readDeclarations(home);
  return { version: versionOf(home), text: new Describing(exported, declarations).lines() };
}

function packageHome(): string | undefined {
  try {
    return dirname(require.resolve(`${packageName}/package.json`));
  } catch {
    return undefined;
  }
}

function versionOf(home: string): string {
  return /"version": "([^"]+)"/.exec(readFileSync(join(home, 'package.json'), 'utf8'))?.[1] ?? '';
}

type Declarations = {
  /** `Shape.Member` → the enumeration it is of. */
  readonly enumOf: ReadonlyMap<string, string>;
  /** Operation → names of its errors. */
  readonly errorsOf: ReadonlyMap<string, readonly string[]>;
};

function readDeclarations(home: string): Declarations {
  const models = join(home, 'dist-types', 'models');
  const enums = new Set(
    [...read(models, 'enums.d.ts').matchAll(/export type (\w+) =/g)].map(([, name]) => name ?? ''),
  );
  const enumOf = new Map<string, string>();
  const files = readdirSync(models).filter((name) => /^models_\d+\.d\.ts$/.test(name));
  for (const file of files) {
    for (const [, shape, body] of read(models, file).matchAll(
      /export interface (\w+)(?: extends \w+)? \{\n(.*?)\n\}/gs,
    )) {
      for (const [, member, type] of (body ?? '').matchAll(/^ {4}(\w+)\??: (\w+)(?:\[\])?\b/gm)) {
        if (enums.has(type ?? '')) enumOf.set(`${shape}.${member}`, type ?? '');
      }
    }
  }
  const errorsOf = new Map<string, readonly string[]>();
  const commands = join(home, 'dist-types', 'commands');
  for (const file of readdirSync(commands)) {
    const operation = /^(\w+)Command\.d\.ts$/.exec(file)?.[1];
    if (operation === undefined) continue;
    const thrown = read(commands, file).matchAll(
      /@throws \{@link (\w+)\} \((?:client|server) fault/g,
    );
    errorsOf.set(operation, [...thrown].map(([, name]) => name ?? '').toSorted());
  }
  return { enumOf, errorsOf };
}

function read(...path: string[]): string {
  return readFileSync(join(...path), 'utf8');
}

class Describing {
  readonly #exported: object;
  readonly #declared: Declarations;
  /** Name → its lines, of all shapes that operations reach. */
  readonly #shapes = new Map<string, string[]>();
  readonly #enums = new Set<string>();

  constructor(exported: object, declared: Declarations) {
    this.#exported = exported;
    this.#declared = declared;
  }

  lines(): string {
    const schemas = Object.values(this.#exported).filter(isSchema);
    const operations = schemas.filter(([kind]) => kind === kinds.operation);
    const lines = operations.map((schema) => this.#operation(schema)).toSorted();
    for (const schema of schemas) {
      if (schema[0] === kinds.error) lines.push(`error ${String(schema[2])} ${statusOf(schema)}`);
    }
    const shapes = [...this.#shapes].toSorted(([a], [b]) => (a < b ? -1 : 1));
    for (const [, shape] of shapes) lines.push(...shape);
    for (const name of [...this.#enums].toSorted()) {
      lines.push(`enum ${name} ${this.#valuesOf(name).join(' ')}`);
    }
    return `${lines.join('\n')}\n`;
  }

  #operation([, , name, traits, input, output]: readonly unknown[]): string {
    const http = traitsOf(traits).get('http');
    if (!Array.isArray(http)) throw new Error(`${String(name)} has no path`);
    const errors = this.#declared.errorsOf.get(String(name)) ?? [];
    const words = [name, ...http, this.#typeOf(input), this.#typeOf(output), ...errors];
    return `operation ${words.join(' ')}`;
  }

  #typeOf(given: unknown): string {
    const type = typeof given === 'function' ? call(given) : given;
    if (type === 'unit') return '-';
    if (typeof type === 'number') {
      const primitive = primitives.get(type);
      if (primitive !== undefined) return primitive;
      return this.#typeOf([
        kinds.list,
        '',
        `ListOf${this.#typeOf(type - listOf)}`,
        0,
        type - listOf,
      ]);
    }
    if (!isSchema(type)) throw new Error(`a type of an unknown form: ${JSON.stringify(type)}`);
    // A simple shape is a primitive with a name.
    if (type[0] === 0) return this.#typeOf(type[4]);
    const name = String(type[2]);
    if (!this.#shapes.has(name)) this.#describe(name, type);
    return name;
  }

  #describe(name: string, schema: readonly unknown[]): void {
    const lines: string[] = [];
    this.#shapes.set(name, lines);
    if (schema[0] === kinds.list) {
      const { traits, type } = memberOf(schema[4]);
      lines.push(`list ${name} ${textOf(traits, 'xmlName') ?? 'member'} ${this.#typeOf(type)}`);
      return;
    }
    const [kind, , , , names, refs, requiredCount] = schema;
    if (!Array.isArray(names) || !Array.isArray(refs)) throw new Error(`${name} has no members`);
    lines.push(`${kind === kinds.union ? 'union' : 'structure'} ${name}`);
    for (const [index, member] of names.entries()) {
      const isRequired = typeof requiredCount === 'number' && index < requiredCount;
      lines.push(this.#member(name, String(member), memberOf(refs[index]), isRequired));
    }
  }

  #member(shape: string, name: string, { traits, type }: Member, isRequired: boolean): string {
    const words = [`  ${name}${isRequired ? '!' : ''}`, this.#typeOf(type)];
    if (traits.has('httpLabel')) words.push('label');
    for (const [word, trait] of [
      ['query', 'httpQuery'],
      ['header', 'httpHeader'],
    ] as const) {
      const value = textOf(traits, trait);
      if (value !== undefined) words.push(`${word}=${value}`);
    }
    if (traits.has('httpPayload')) words.push('payload');
    const wire = textOf(traits, 'xmlName');
    if (wire !== undefined && wire !== name) words.push(`wire=${wire}`);
    const enumeration = this.#declared.enumOf.get(`${shape}.${name}`);
    if (enumeration !== undefined) {
      this.#enums.add(enumeration);
      words.push(`enum=${enumeration}`);
    }
    return words.join(' ');
  }

  #valuesOf(name: string): string[] {
    const values: unknown = Reflect.get(this.#exported, name);
    if (typeof values !== 'object' || values === null) throw new Error(`no enumeration ${name}`);
    return Object.values(values).map(String);
  }
}

/** A member is a type, or a pair of one and its traits, which may be nested. */
function memberOf(ref: unknown): Member {
  const traits = new Map<string, unknown>();
  let type = ref;
  while (Array.isArray(type) && type.length === 2) {
    for (const [name, value] of traitsOf(type[1])) traits.set(name, value);
    type = type[0];
  }
  return { type, traits };
}

function traitsOf(given: unknown): Traits {
  if (typeof given === 'object' && given !== null) return new Map(Object.entries(given));
  const bits = typeof given === 'number' ? given : 0;
  return new Map(
    Object.entries(traitBits)
      .filter(([, bit]) => (bits & bit) !== 0)
      .map(([name]) => [name, 1]),
  );
}

function statusOf([, , , traits]: readonly unknown[]): number {
  const status = traitsOf(traits).get('httpError');
  return typeof status === 'number' ? status : 400;
}

function textOf(traits: Traits, name: string): string | undefined {
  const value = traits.get(name);
  return typeof value === 'string' ? value : undefined;
}

function isSchema(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && typeof value[0] === 'number' && typeof value[2] === 'string';
}

function call(thunk: Function): unknown {
  const called: unknown = thunk();
  return called;
}
