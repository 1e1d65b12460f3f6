/**
 * Values of any shape of API 2020-05-31, made of its facts: complete ones, with every member, or, by
 * chance, any that the model allows. Texts hold what XML and SDKs trip over. All fits the constraints.
 */
import { facts, isPrimitive, type MemberFact } from '../../src/wire/facts.ts';
import { type Constraint, constraints, fractionalNumbers } from '../../src/wire/overrides.ts';
import type { SeededRandomness } from '../harness/seeded-randomness.ts';

export type Built = { readonly [name: string]: unknown };

/** Fits the patterns of the constraints, by the member that has one. */
const fitting: ReadonlyMap<string, string> = new Map([
  ['OriginShieldRegion', 'eu-west-1'],
  ['Region', 'eu-west-1'],
  ['FunctionARN', 'arn:aws:cloudfront::123456789012:function/one'],
  [
    'KeyValueStoreARN',
    'arn:aws:cloudfront::123456789012:key-value-store/01234567-89ab-cdef-0123-456789abcdef',
  ],
  ['Resource', 'arn:aws:cloudfront::123456789012:distribution/E1 &+é'],
  ['Key', 'team:ä /=+-@'],
]);

const marks = ['&', '<', '>', ']]>', '"', "'", '&amp;', '<!--', '-->', '<?x', '%20', '+', '\\'];
const others = ['\r', '\n', '\r\n', '\t', ' ', '\u{85}', '\u{2028}', '\u{fffd}', '\u{1f600}', 'é'];
const pieces = [...marks, ...others];

export class Synthesis {
  readonly #chance: SeededRandomness | undefined;
  #count = 0;

  /** Without `chance`: every member, each another value. */
  constructor(chance?: SeededRandomness) {
    this.#chance = chance;
  }

  structure(shape: string): Built {
    const described = facts().shapes.get(shape);
    if (described === undefined || described.kind === 'list')
      throw new Error(`${shape} has no members`);
    const { kind, members } = described;
    const value: Record<string, unknown> = {};
    // Of a union, one member is set.
    const set = kind === 'union' ? [this.#oneOf(members)] : members;
    // Bytes that are the whole body have a type.
    const hasBytes = members.some(isWholeBody);
    for (const member of set) {
      const isThere = kind === 'union' || member.isRequired || hasBytes;
      if (isThere || this.#chance?.chance(0.5) !== false) {
        value[member.name] = this.#member(shape, member);
      }
    }
    const items = value['Items'] ?? value['IpamCidrConfigs'];
    if ('Quantity' in value) value['Quantity'] = Array.isArray(items) ? items.length : 0;
    return value;
  }

  #oneOf<Item>(items: readonly Item[]): Item {
    const [first] = items;
    const one = this.#chance === undefined ? first : this.#chance.pick(items);
    if (one === undefined) throw new Error('there is none to choose');
    return one;
  }

  #member(shape: string, member: MemberFact): unknown {
    const { type } = member;
    const constraint = constraints.get(`${shape}.${member.name}`) ?? {};
    if (isPrimitive(type)) return this.#scalar(shape, member, constraint);
    const described = facts().shapes.get(type);
    if (described?.kind !== 'list') return this.structure(type);
    const item = { ...member, type: described.type };
    const { itemsMax = 3, itemsMin = 0 } = constraint;
    const length =
      itemsMin + (this.#chance?.below(Math.min(itemsMax, itemsMin + 3) - itemsMin + 1) ?? 0);
    return Array.from({ length: this.#chance === undefined ? 2 : length }, () =>
      this.#member(`${shape}[]`, item),
    );
  }

  #scalar(
    shape: string,
    { enumeration, name, place, type }: MemberFact,
    constraint: Constraint,
  ): unknown {
    this.#count += 1;
    const count = this.#count;
    if (enumeration !== undefined) {
      const values = facts().enums.get(enumeration) ?? [];
      return this.#chance === undefined ? values[count % values.length] : this.#oneOf(values);
    }
    switch (type) {
      case 'boolean':
        return this.#chance?.chance(0.5) ?? count % 2 === 0;
      case 'number':
        return this.#number(fractionalNumbers.has(`${shape}.${name}`), constraint, count);
      case 'timestamp':
        return new Date(this.#chance?.below(4_000_000_000_000) ?? 1_700_000_000_000 + count);
      case 'blob':
        return this.#chance === undefined
          ? new Uint8Array(Buffer.from(`bytes ${count} \u0000\u00ff<&>`, 'latin1'))
          : this.#chance.bytes((constraint.lengthMin ?? 1) + this.#chance.below(40));
      default:
        return this.#text(name, place, constraint, count);
    }
  }

  #number(isFractional: boolean, { valueMax, valueMin = 0 }: Constraint, count: number): number {
    if (this.#chance === undefined) return count % 90;
    const value = valueMin + this.#chance.below((valueMax ?? 2_147_483_647) - valueMin + 1);
    return isFractional && value !== valueMax ? value + this.#chance.below(1_000) / 1_000 : value;
  }

  #text(name: string, place: MemberFact['place'], constraint: Constraint, count: number): string {
    if (constraint.pattern !== undefined) return fitting.get(name) ?? `name-${count}`;
    if (place === 'header') return `E${count}`;
    if (place === 'label') return `id-${count}:/ é%2F`;
    if (place === 'query') return `q ${count}+&=/é`;
    const text =
      this.#chance === undefined
        ? ` <${name}> & "${count}" 'é' \u{1f600}\r\n\ttext `
        : this.#someText(constraint.lengthMin ?? 0);
    return Array.from(text).slice(0, constraint.lengthMax).join('');
  }

  #someText(lengthMin: number): string {
    const length = lengthMin + (this.#chance?.below(5) ?? 0);
    const text = Array.from({ length }, () => this.#oneOf(pieces)).join('');
    // The SDK reads lines of blanks as no text.
    return text.trim() === '' && text.includes('\n') ? `${text}.` : text;
  }
}

function isWholeBody({ place, type }: MemberFact): boolean {
  return place === 'payload' && type === 'blob';
}
