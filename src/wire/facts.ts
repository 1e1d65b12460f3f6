/**
 * What API 2020-05-31 consists of: 167 operations and the shapes of what they take and answer. The
 * facts stand as lines of text in facts.generated.ts, written by `npm run facts` from the SDK's
 * model, and are read at first use:
 *
 *   operation NAME METHOD PATH[?QUERY] STATUS INPUT OUTPUT ERROR…      INPUT and OUTPUT: shape or -
 *   error NAME STATUS
 *   structure NAME                                                     union NAME likewise
 *     MEMBER[!] TYPE [label] [query=NAME] [header=NAME] [payload] [wire=NAME] [enum=NAME]
 *   list NAME TAG TYPE
 *   enum NAME VALUE…
 *
 * `!`: required. TYPE: string, number, boolean, timestamp, blob, or a shape. Corrections by hand stand
 * in overrides.ts, never in the generated lines.
 */
import { factsText } from './facts.generated.ts';

export type Primitive = 'string' | 'number' | 'boolean' | 'timestamp' | 'blob';

export type MemberFact = {
  readonly name: string;
  /** A primitive, or the name of a shape. */
  readonly type: string;
  readonly isRequired: boolean;
  /** Where it stands; a `payload` is the body itself, a `body` member one element of it. */
  readonly place: 'label' | 'query' | 'header' | 'payload' | 'body';
  /** The name on the wire: of the element, the header or the part of the query. */
  readonly wire: string;
  /** The values it may have, or the items of its list. */
  readonly enumeration: string | undefined;
};

export type Shape =
  | { readonly kind: 'structure' | 'union'; readonly members: readonly MemberFact[] }
  | { readonly kind: 'list'; readonly tag: string; readonly type: string };

export type OperationFact = {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  /** `WithTags`, or `Operation=Tag`; of four operations only. */
  readonly query: string | undefined;
  readonly status: number;
  readonly input: string | undefined;
  readonly output: string | undefined;
  readonly errors: ReadonlySet<string>;
};

export type Facts = {
  readonly operations: ReadonlyMap<string, OperationFact>;
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly enums: ReadonlyMap<string, readonly string[]>;
  readonly errorStatus: ReadonlyMap<string, number>;
};

let known: Facts | undefined;

export function facts(): Facts {
  known ??= readFacts(factsText);
  return known;
}

const primitives: ReadonlySet<string> = new Set<Primitive>([
  'string',
  'number',
  'boolean',
  'timestamp',
  'blob',
]);

export function isPrimitive(type: string): type is Primitive {
  return primitives.has(type);
}

/** None for what is no structure. */
export function membersOf(shape: string | undefined): readonly MemberFact[] {
  const described = shape === undefined ? undefined : facts().shapes.get(shape);
  return described === undefined || described.kind === 'list' ? [] : described.members;
}

/** Throws for a line of another form: the text is ours, so that is a bug. */
export function readFacts(text: string): Facts {
  const operations = new Map<string, OperationFact>();
  const shapes = new Map<string, Shape>();
  const enums = new Map<string, readonly string[]>();
  const errorStatus = new Map<string, number>();
  let members: MemberFact[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    if (line.startsWith('  ')) {
      members.push(readMember(line.trim()));
      continue;
    }
    const [kind, name = '', ...words] = line.split(' ');
    if (kind === 'operation') operations.set(name, readOperation(name, words));
    else if (kind === 'error') errorStatus.set(name, Number(words[0]));
    else if (kind === 'enum') enums.set(name, words);
    else if (kind === 'list') {
      shapes.set(name, { kind, tag: words[0] ?? '', type: words[1] ?? '' });
    } else if (kind === 'structure' || kind === 'union') {
      members = [];
      shapes.set(name, { kind, members });
    } else throw new Error(`a line of another form: ${line}`);
  }
  return { operations, shapes, enums, errorStatus };
}

function readOperation(name: string, words: readonly string[]): OperationFact {
  const [method = '', target = '', status, input, output, ...errors] = words;
  const [path = '', query] = target.split('?');
  return {
    name,
    method,
    path,
    query,
    status: Number(status),
    input: input === '-' ? undefined : input,
    output: output === '-' ? undefined : output,
    errors: new Set(errors),
  };
}

function readMember(line: string): MemberFact {
  const [marked = '', type = '', ...words] = line.split(' ');
  const isRequired = marked.endsWith('!');
  const name = isRequired ? marked.slice(0, -1) : marked;
  let place: MemberFact['place'] = 'body';
  let wire = name;
  let enumeration: string | undefined;
  for (const word of words) {
    const [what, value = ''] = word.split('=');
    if (what === 'label' || what === 'payload') place = what;
    else if (what === 'query' || what === 'header') [place, wire] = [what, value];
    else if (what === 'wire') wire = value;
    else if (what === 'enum') enumeration = value;
    else throw new Error(`a member of another form: ${line}`);
  }
  return { name, type, isRequired, place, wire, enumeration };
}
