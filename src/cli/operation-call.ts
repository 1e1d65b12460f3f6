/**
 * A call of API 2020-05-31 from the side of its clients: what is sent is written by the facts of the
 * operation, what is answered is read by them. An answer may hold more than this program knows, and
 * newer words; what it must hold and does not is told.
 */
import { parentElement, writeXml, type XmlElement } from '../base/xml.ts';
import { facts, isPrimitive, membersOf, type OperationFact } from '../wire/facts.ts';
import type { Inputs, OperationName, Outputs } from '../wire/shapes.generated.ts';
import { type Structure, ValueReader } from '../wire/value-reader.ts';
import { namespace, textOf, writeValue } from '../wire/value-writer.ts';
import { Violations } from '../wire/violations.ts';
import { CommandFailure } from './failure.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

export type CallRequest = {
  readonly method: Method;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
};

/** Throws a RangeError for text that XML cannot carry. */
export function requestOf<Name extends OperationName>(
  name: Name,
  input: Inputs[Name],
): CallRequest {
  const fact = factOf(name);
  const values = new Map<string, unknown>(Object.entries(input));
  return written(fact, values, rootOf(fact, values));
}

/** The same with a document as it is, in place of the one that the input would make. */
export function requestWith<Name extends OperationName>(
  name: Name,
  outer: Partial<Inputs[Name]>,
  document: XmlElement,
): CallRequest {
  return written(factOf(name), new Map<string, unknown>(Object.entries(outer)), document);
}

function written(
  fact: OperationFact,
  values: ReadonlyMap<string, unknown>,
  root: XmlElement | undefined,
): CallRequest {
  let { path } = fact;
  const query = fact.query === undefined ? [] : [fact.query];
  const headers: Record<string, string> = {};
  for (const { isRequired, name, place, type, wire } of membersOf(fact.input)) {
    const value = values.get(name);
    if (value === undefined) {
      if (isRequired && place === 'label') throw new Error(`${fact.name} lacks ${name}`);
      continue;
    }
    if (place === 'label') {
      path = path.replace(`{${name}}`, () => encodeURIComponent(textOf(type, value)));
    } else if (place === 'query') query.push(`${wire}=${encodeURIComponent(textOf(type, value))}`);
    else if (place === 'header') headers[wire.toLowerCase()] = textOf(type, value);
  }
  return {
    method: methodOf(fact),
    path: query.length === 0 ? path : `${path}?${query.join('&')}`,
    headers,
    body: root === undefined ? undefined : writeXml(root, namespace),
  };
}

/** Where nothing is to be said in a body, there is none. */
function rootOf(
  { input }: OperationFact,
  values: ReadonlyMap<string, unknown>,
): XmlElement | undefined {
  const children: XmlElement[] = [];
  for (const { name, place, type, wire } of membersOf(input)) {
    const value = values.get(name);
    if (value === undefined) continue;
    if (place === 'payload') return writeValue(wire, type, value);
    if (place === 'body') children.push(writeValue(wire, type, value));
  }
  return input === undefined || children.length === 0 ? undefined : parentElement(input, children);
}

export type CallAnswer = {
  /** By its name in lower case. */
  readonly header: (name: string) => string | undefined;
  readonly bytes: Uint8Array;
  /** Of the body, where it is XML; asked for only where the operation answers with some. */
  readonly root: () => XmlElement;
};

/** Throws a CommandFailure for an answer of another form. */
export function readAnswer<Name extends OperationName>(
  name: Name,
  answer: CallAnswer,
): Outputs[Name] {
  const read = { operation: name, output: outputOf(factOf(name), answer) };
  if (isOutputOf(name, read)) return read.output;
  throw new Error(`${name} was not read`);
}

/** The types are made of the same facts by which it was read, so its name tells its type. */
function isOutputOf<Name extends OperationName>(
  name: Name,
  read: { readonly operation: string; readonly output: unknown },
): read is { readonly operation: Name; readonly output: Outputs[Name] } {
  return read.operation === name;
}

function outputOf({ name: operation, output }: OperationFact, answer: CallAnswer): Structure {
  const violations = new Violations();
  const reader = new ValueReader(violations, { judging: false });
  const value: Structure = {};
  if (output === undefined) return value;
  const members = membersOf(output);
  for (const member of members) {
    const { name, place, type, wire } = member;
    if (place === 'header') {
      const text = answer.header(wire.toLowerCase());
      if (text === undefined || !isPrimitive(type)) continue;
      value[name] = reader.scalar(output, member, type, text, name);
    } else if (place === 'payload') {
      value[name] =
        type === 'blob' ? answer.bytes : reader.value(output, member, answer.root(), name);
    }
  }
  const inner = members.filter(({ place }) => place === 'body');
  if (inner.length > 0) reader.members(output, inner, answer.root(), '', value);
  const { worst } = violations;
  if (worst === undefined) return value;
  const [first = '', ...more] = worst.told;
  throw new CommandFailure(
    'UnexpectedAnswer',
    `The answer to ${operation} is not in the form expected: ${first}${more.join('; ')}.`,
  );
}

/** What the model leaves open and every answer has, such as the ETag that a change must name. */
export function present<Value>(what: string, value: Value | undefined): Value {
  if (value !== undefined) return value;
  throw new CommandFailure('UnexpectedAnswer', `The answer of the API carries no ${what}.`);
}

function factOf(name: OperationName): OperationFact {
  const fact = facts().operations.get(name);
  if (fact === undefined) throw new Error(`there is no operation ${name}`);
  return fact;
}

function methodOf({ method, name }: OperationFact): Method {
  if (method === 'GET' || method === 'POST' || method === 'PUT' || method === 'DELETE') {
    return method;
  }
  throw new Error(`${name} has the method ${method}`);
}
