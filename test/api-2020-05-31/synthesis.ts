/**
 * Values of any shape of API 2020-05-31, made of its facts: complete ones, with every member. Texts
 * hold what XML and SDKs trip over. Numbers fit the constraints.
 */
import { facts, isPrimitive, type MemberFact } from '../../src/wire/facts.ts';
import { type Constraint, constraints } from '../../src/wire/overrides.ts';

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

export class Synthesis {
  #count = 0;

  structure(shape: string): Built {
    const described = facts().shapes.get(shape);
    if (described === undefined || described.kind === 'list')
      throw new Error(`${shape} has no members`);
    // Of a union, one member is set.
    const members = described.kind === 'union' ? described.members.slice(0, 1) : described.members;
    const value: Record<string, unknown> = {};
    for (const member of members) value[member.name] = this.#member(shape, member);
    const items = value['Items'] ?? value['IpamCidrConfigs'];
    if ('Quantity' in value) value['Quantity'] = Array.isArray(items) ? items.length : 0;
    return value;
  }

  #member(shape: string, member: MemberFact): unknown {
    const { type } = member;
    const constraint = constraints.get(`${shape}.${member.name}`) ?? {};
    if (isPrimitive(type)) return this.#scalar(member, constraint);
    const described = facts().shapes.get(type);
    if (described?.kind !== 'list') return this.structure(type);
    const item = { ...member, type: described.type };
    return [this.#member(`${shape}[]`, item), this.#member(`${shape}[]`, item)];
  }

  #scalar({ enumeration, name, place, type }: MemberFact, constraint: Constraint): unknown {
    this.#count += 1;
    const count = this.#count;
    if (enumeration !== undefined) {
      const values = facts().enums.get(enumeration) ?? [];
      return values[count % values.length];
    }
    switch (type) {
      case 'boolean':
        return count % 2 === 0;
      case 'number':
        return count % 90;
      case 'timestamp':
        return new Date(1_700_000_000_000 + count);
      case 'blob':
        return new Uint8Array(Buffer.from(`bytes ${count} \u0000\u00ff<&>`, 'latin1'));
      default:
        return this.#text(name, place, constraint, count);
    }
  }

  #text(
    name: string,
    place: MemberFact['place'],
    { lengthMax, pattern }: Constraint,
    count: number,
  ): string {
    if (pattern !== undefined) return fitting.get(name) ?? `name-${count}`;
    if (place === 'header') return `E${count}`;
    if (place === 'label') return `id-${count}:/ é%2F`;
    if (place === 'query') return `q ${count}+&=/é`;
    return ` <${name}> & "${count}" 'é' \u{1f600}\r\n\ttext `.slice(0, lengthMax);
  }
}
