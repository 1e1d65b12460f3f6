/**
 * Values of the API, read by the facts of their shapes (API 2020-05-31, section 1.5). Elements are
 * known by their local names, in any order; unknown ones are passed over, since newer tools and
 * services send newer members. All that is wrong is told at once, to Violations.
 *
 * `judging`: a service holds what it is sent to bounds and to the words that there are. Whoever reads
 * an answer lets both pass, since a newer service may answer with newer words.
 */
import { charactersOf } from '../base/characters.ts';
import { instant } from '../base/clock.ts';
import type { XmlElement } from '../base/xml.ts';
import { camelCase } from './camel-case.ts';
import { facts, isPrimitive, type MemberFact, type Primitive } from './facts.ts';
import { type Constraint, constraints, countedLists, fractionalNumbers } from './overrides.ts';
import type { Violations } from './violations.ts';

export type Structure = Record<string, unknown>;

export class ValueReader {
  readonly #violations: Violations;
  readonly #judging: boolean;

  constructor(violations: Violations, { judging }: { readonly judging: boolean }) {
    this.#violations = violations;
    this.#judging = judging;
  }

  /** Undefined: counts as absent, or is wrong and was told. `shape`: whose member it is. */
  value(shape: string, member: MemberFact, element: XmlElement, path: string): unknown {
    const { type } = member;
    if (isPrimitive(type)) return this.scalar(shape, member, type, element.text, path);
    const described = facts().shapes.get(type);
    if (described === undefined) throw new Error(`${member.name} is of no known shape, ${type}`);
    if (described.kind === 'list') {
      return this.#list(shape, member, described, element, path);
    }
    const value: Structure = {};
    this.members(type, described.members, element, `${path}.`, value);
    this.#checkQuantity(type, value, path);
    return value;
  }

  /** The elements of a structure into its members. `prefix`: what their paths begin with. */
  members(
    shape: string,
    members: readonly MemberFact[],
    element: XmlElement,
    prefix: string,
    into: Structure,
  ): void {
    const children = new Map<string, XmlElement>();
    for (const child of element.children) {
      if (!children.has(child.name)) children.set(child.name, child);
    }
    for (const member of members) {
      const path = `${prefix}${camelCase(member.name)}`;
      const child = children.get(member.wire);
      const toldBefore = this.#violations.count;
      const value = child === undefined ? undefined : this.value(shape, member, child, path);
      if (value !== undefined) into[member.name] = value;
      // What is there and wrong was told already.
      else if (member.isRequired && this.#violations.count === toldBefore) {
        this.#violations.missing(path);
      }
    }
  }

  #list(
    shape: string,
    member: MemberFact,
    { tag, type }: { readonly tag: string; readonly type: string },
    element: XmlElement,
    path: string,
  ): unknown[] {
    const tagged = element.children.filter(({ name }) => name === tag);
    // Old tools call the items otherwise.
    const children = tagged.length > 0 ? tagged : element.children;
    const item: MemberFact = { ...member, type, isRequired: true };
    const items: unknown[] = [];
    for (const [index, child] of children.entries()) {
      const itemPath = `${path}.${index + 1}.member`;
      const value = this.value(`${shape}.${member.name}`, item, child, itemPath);
      if (value !== undefined) items.push(value);
    }
    const { itemsMax, itemsMin } = constraintOf(shape, member);
    if (itemsMin !== undefined && items.length < itemsMin) {
      this.#constraint(
        path,
        items.length,
        `Member must have length greater than or equal to ${itemsMin}`,
      );
    }
    if (itemsMax !== undefined && items.length > itemsMax) {
      this.#constraint(
        path,
        items.length,
        `Member must have length less than or equal to ${itemsMax}`,
      );
    }
    return items;
  }

  /** Undefined as with `value`. */
  scalar(shape: string, member: MemberFact, type: Primitive, text: string, path: string): unknown {
    const constraint = constraintOf(shape, member);
    switch (type) {
      case 'string':
        return this.#text(member, constraint, text, path);
      case 'boolean':
        return this.#boolean(text, path);
      case 'number':
        return this.#number(`${shape}.${member.name}`, constraint, text, path);
      case 'timestamp':
        return this.#timestamp(text, path);
      case 'blob':
        return this.#blob(constraint, text, path);
      default:
        return type satisfies never;
    }
  }

  #text(
    { enumeration }: MemberFact,
    constraint: Constraint,
    text: string,
    path: string,
  ): string | undefined {
    if (enumeration !== undefined) {
      // Terraform sends an empty element for what is not set.
      if (text === '') return undefined;
      const values = facts().enums.get(enumeration) ?? [];
      const value = values.find((one) => one === text) ?? looselyEqual(values, text);
      if (value !== undefined) return value;
      if (!this.#judging) return text;
      const set = `[${values.join(', ')}]`;
      this.#constraint(path, text, `Member must satisfy enum value set: ${set}`);
      return undefined;
    }
    this.#checkLength(constraint, text, charactersOf(text), path);
    if (constraint.pattern !== undefined && !constraint.pattern.test(text)) {
      const pattern = constraint.pattern.source.slice('^(?:'.length, -')$'.length);
      this.#constraint(path, text, `Member must satisfy regular expression pattern: ${pattern}`);
    }
    return text;
  }

  #boolean(text: string, path: string): boolean | undefined {
    const word = text.trim().toLowerCase();
    if (word === 'true' || word === 'false') return word === 'true';
    this.#violations.wrongType(path, text, 'true or false');
    return undefined;
  }

  #number(
    name: string,
    { valueMax, valueMin }: Constraint,
    text: string,
    path: string,
  ): number | undefined {
    const isFractional = fractionalNumbers.has(name);
    const form = isFractional ? /^[+-]?\d{1,15}(?:\.\d{1,15})?$/ : /^[+-]?\d{1,16}$/;
    const value = Number(text.trim());
    if (!form.test(text.trim()) || Math.abs(value) > Number.MAX_SAFE_INTEGER) {
      this.#violations.wrongType(path, text, isFractional ? 'a number' : 'a whole number');
      return undefined;
    }
    if (valueMin !== undefined && value < valueMin) {
      this.#constraint(path, value, `Member must have value greater than or equal to ${valueMin}`);
    }
    if (valueMax !== undefined && value > valueMax) {
      this.#constraint(path, value, `Member must have value less than or equal to ${valueMax}`);
    }
    return value;
  }

  #timestamp(text: string, path: string): unknown {
    const trimmed = text.trim();
    const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.test(trimmed)
      ? Date.parse(trimmed)
      : Number.NaN;
    if (!Number.isNaN(ms)) return instant(ms);
    this.#violations.wrongType(path, text, 'a time such as 2024-01-02T03:04:05.678Z');
    return undefined;
  }

  #blob(constraint: Constraint, text: string, path: string): Uint8Array | undefined {
    const compact = text.replaceAll(/\s+/g, '');
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(compact) || compact.length % 4 === 1) {
      this.#violations.wrongType(path, text, 'base64');
      return undefined;
    }
    const bytes = Buffer.from(compact, 'base64');
    this.#checkLength(constraint, `${bytes.length} bytes`, bytes.length, path);
    return bytes;
  }

  #checkLength(
    { lengthMax, lengthMin }: Constraint,
    value: string,
    length: number,
    path: string,
  ): void {
    if (lengthMin !== undefined && length < lengthMin) {
      this.#constraint(
        path,
        value,
        `Member must have length greater than or equal to ${lengthMin}`,
      );
    }
    if (lengthMax !== undefined && length > lengthMax) {
      this.#constraint(path, value, `Member must have length less than or equal to ${lengthMax}`);
    }
  }

  #checkQuantity(shape: string, value: Structure, path: string): void {
    const { Quantity: quantity } = value;
    if (typeof quantity !== 'number') return;
    const counted = [...countedLists.keys()].find((name) => name.startsWith(`${shape}.`));
    const items = value[counted?.slice(shape.length + 1) ?? 'Items'];
    const count = Array.isArray(items) ? items.length : 0;
    if (count === quantity || !this.#judging) return;
    this.#violations.quantity(`${path}.quantity`, quantity, count);
  }

  #constraint(path: string, value: string | number, constraint: string): void {
    if (this.#judging) this.#violations.constraint(path, value, constraint);
  }
}

const unbound: Constraint = {};

function constraintOf(shape: string, { name }: MemberFact): Constraint {
  return constraints.get(`${shape}.${name}`) ?? unbound;
}

/** `HTTP2` was written by services of old, and is read back by their tools. */
function looselyEqual(values: readonly string[], text: string): string | undefined {
  return values.find((value) => value.toLowerCase() === text.toLowerCase());
}
