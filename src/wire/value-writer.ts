/**
 * Values of the API, written by the facts of their shapes (API 2020-05-31, section 1.6). What is
 * undefined is left out; an empty text is an empty element. Throws an Error for a value that is not
 * of its shape: the types say what is, so that is a bug.
 */
import { parentElement, textElement, type XmlElement } from '../base/xml.ts';
import { facts, isPrimitive, type MemberFact } from './facts.ts';

export const namespace = 'http://cloudfront.amazonaws.com/doc/2020-05-31/';

export function writeValue(name: string, type: string, value: unknown): XmlElement {
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
  return parentElement(name, writeMembers(shape.members, value));
}

function writeMembers(members: readonly MemberFact[], values: object): XmlElement[] {
  const written: XmlElement[] = [];
  for (const { isRequired, name, type, wire } of members) {
    const value: unknown = Reflect.get(values, name);
    if (value !== undefined) written.push(writeValue(wire, type, value));
    // A client that reads by the model would meet a nil.
    else if (isRequired) throw new Error(`an answer lacks ${name}`);
  }
  return written;
}

export function textOf(type: string, value: unknown): string {
  if (type === 'timestamp' && typeof value === 'number') return new Date(value).toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error(`a ${type} that has no text`);
}
