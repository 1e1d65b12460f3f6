/**
 * An answer, written by the facts of its operation (API 2020-05-31, section 1.6): a payload is the
 * root element itself, other outputs stand below an element of the shape's name. What is undefined
 * is left out; an empty text is an empty element.
 */
import { parentElement, textElement, writeXml, type XmlElement } from '../../base/xml.ts';
import { facts, isPrimitive, type MemberFact, type OperationFact } from './facts.ts';
import type { OperationName, Outputs } from './shapes.generated.ts';

export const namespace = 'http://cloudfront.amazonaws.com/doc/2020-05-31/';

export type Written = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined: the answer has no body. */
  readonly body: { readonly type: string; readonly bytes: Uint8Array } | undefined;
};

export function writeOutput<Name extends OperationName>(
  operation: OperationFact & { readonly name: Name },
  output: Outputs[Name],
): Written {
  const headers: Record<string, string> = {};
  const values = new Map<string, unknown>(Object.entries(output));
  const members = membersOf(operation.output);
  let body: Written['body'];
  const children: XmlElement[] = [];
  for (const member of members) {
    const value = values.get(member.name);
    if (value === undefined) continue;
    if (member.place === 'header') headers[member.wire] = textOf(member.type, value);
    else if (member.place === 'body') children.push(writeValue(member.wire, member.type, value));
    else if (value instanceof Uint8Array) body = { type: 'application/octet-stream', bytes: value };
    else body = xml(writeValue(member.wire, member.type, value));
  }
  // The type of raw bytes is a member of its own.
  const { 'Content-Type': type, ...others } = headers;
  if (body !== undefined && type !== undefined) body = { ...body, type };
  const hasBodyMembers = members.some(({ place }) => place === 'body');
  if (hasBodyMembers && operation.output !== undefined) {
    body = xml(parentElement(operation.output, children));
  }
  return { status: operation.status, headers: others, body };
}

function xml(root: XmlElement): Written['body'] {
  return { type: 'text/xml', bytes: Buffer.from(writeXml(root, namespace)) };
}

function writeValue(name: string, type: string, value: unknown): XmlElement {
  if (isPrimitive(type)) return textElement(name, textOf(type, value));
  const shape = facts().shapes.get(type);
  if (shape === undefined) throw new Error(`${name} is of no known shape, ${type}`);
  if (shape.kind === 'list') {
    if (!Array.isArray(value)) throw new Error(`${name} is not a list`);
    return parentElement(
      name,
      value.map((item: unknown) => writeValue(shape.tag, shape.type, item)),
    );
  }
  if (typeof value !== 'object' || value === null) throw new Error(`${name} is not a structure`);
  return parentElement(name, writeMembers(shape.members, new Map(Object.entries(value))));
}

function writeMembers(
  members: readonly MemberFact[],
  values: ReadonlyMap<string, unknown>,
): XmlElement[] {
  const written: XmlElement[] = [];
  for (const { isRequired, name, type, wire } of members) {
    const value = values.get(name);
    if (value !== undefined) written.push(writeValue(wire, type, value));
    // A client that reads by the model would meet a nil.
    else if (isRequired) throw new Error(`an answer lacks ${name}`);
  }
  return written;
}

function textOf(type: string, value: unknown): string {
  if (type === 'timestamp' && typeof value === 'number') return new Date(value).toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error(`a ${type} that has no text`);
}

function membersOf(shape: string | undefined): readonly MemberFact[] {
  const described = shape === undefined ? undefined : facts().shapes.get(shape);
  return described === undefined || described.kind === 'list' ? [] : described.members;
}
