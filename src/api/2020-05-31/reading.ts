/**
 * A request, read by the facts of its operation: labels, query, headers, then the body (API
 * 2020-05-31, section 1.5). All that is wrong with it is told at once.
 */
import type { XmlElement } from '../../base/xml.ts';
import { Refusal } from '../../model/refusal.ts';
import { camelCase } from '../../wire/camel-case.ts';
import { isPrimitive, type MemberFact, membersOf, type OperationFact } from '../../wire/facts.ts';
import type { Inputs, OperationName } from '../../wire/shapes.generated.ts';
import { type Structure, ValueReader } from '../../wire/value-reader.ts';
import { Violations } from '../../wire/violations.ts';

export type RequestParts = {
  label(name: string): string | undefined;
  readonly query: URLSearchParams;
  header(name: string): string | undefined;
  /** The root element; undefined where the operation has no body. */
  readonly root: XmlElement | undefined;
};

/** Throws `MalformedInput`, `MalformedXML`, `InconsistentQuantities` or `MissingBody`. */
export function readInput<Name extends OperationName>(
  name: Name,
  operation: OperationFact,
  parts: RequestParts,
): Inputs[Name] {
  const read = { operation: operation.name, input: new Reading(parts).input(operation) };
  if (isInputOf(name, read)) return read.input;
  throw new Error(`${operation.name} was read where ${name} was meant`);
}

/** The types are made of the same facts by which it was read, so its name tells its type. */
function isInputOf<Name extends OperationName>(
  name: Name,
  read: { readonly operation: string; readonly input: unknown },
): read is { readonly operation: Name; readonly input: Inputs[Name] } {
  return read.operation === name;
}

/** Does the operation take a body? */
export function takesBody({ input }: OperationFact): boolean {
  if (input === undefined) return false;
  return membersOf(input).some(({ place }) => place === 'payload' || place === 'body');
}

class Reading {
  readonly #parts: RequestParts;
  readonly #violations = new Violations();
  readonly #reader = new ValueReader(this.#violations, { judging: true });

  constructor(parts: RequestParts) {
    this.#parts = parts;
  }

  input({ input }: OperationFact): Structure {
    if (input === undefined) return {};
    const value: Structure = {};
    const members = membersOf(input);
    for (const member of members) {
      if (member.place === 'body') continue;
      const read = this.#outerMember(input, member);
      if (read !== undefined) value[member.name] = read;
    }
    const inner = members.filter(({ place }) => place === 'body');
    const { root } = this.#parts;
    if (inner.length > 0) {
      if (root !== undefined) this.#reader.members(input, inner, root, '', value);
      // Clients send no body where they have nothing to say in it.
      else if (inner.some(({ isRequired }) => isRequired)) {
        throw new Refusal('MissingBody', { form: 'an XML document' });
      }
    }
    const { worst } = this.#violations;
    if (worst !== undefined) throw new Refusal(worst.kind, { why: worst.told });
    return value;
  }

  #outerMember(shape: string, member: MemberFact): unknown {
    const { name, place, type, wire } = member;
    const path = camelCase(name);
    if (place === 'payload') {
      const { root } = this.#parts;
      if (root !== undefined) return this.#reader.value(shape, member, root, path);
      if (member.isRequired) throw new Refusal('MissingBody', { form: 'an XML document' });
      return undefined;
    }
    const text =
      place === 'label'
        ? this.#parts.label(name)
        : place === 'query'
          ? (this.#parts.query.get(wire) ?? undefined)
          : this.#parts.header(wire);
    // Whether a missing If-Match is refused, and how, is the operation's to say.
    if (text === undefined && place !== 'header' && member.isRequired) {
      this.#violations.missing(path);
    }
    if (text === undefined || !isPrimitive(type)) return undefined;
    return this.#reader.scalar(shape, member, type, text, path);
  }
}
