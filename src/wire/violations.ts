/**
 * What is wrong with a request as its model goes, all of it told together, in the words of the
 * original (API 2020-05-31, section 2.5). The worst kind gives a refusal its code.
 */

type Kind = 'MalformedInput' | 'MalformedXML' | 'InconsistentQuantities';

/** Worst first. */
const order: readonly Kind[] = ['MalformedInput', 'MalformedXML', 'InconsistentQuantities'];
/** More are counted, not told. */
const toldMax = 20;
const valueCharactersMax = 100;

export class Violations {
  readonly #found: { readonly kind: Kind; readonly text: string }[] = [];

  get count(): number {
    return this.#found.length;
  }

  /** The text has another type: `three` where a number is meant. */
  wrongType(path: string, text: string, meant: string): void {
    this.#add('MalformedInput', path, text, `Member must be ${meant}`);
  }

  missing(path: string): void {
    this.#found.push({
      kind: 'MalformedXML',
      text: `Value null at '${path}' failed to satisfy constraint: Member must not be null`,
    });
  }

  constraint(path: string, value: string | number, constraint: string): void {
    this.#add('MalformedXML', path, String(value), constraint);
  }

  quantity(path: string, quantity: number, items: number): void {
    this.#add(
      'InconsistentQuantities',
      path,
      String(quantity),
      `Member must be the number of items, which is ${items}`,
    );
  }

  /** Undefined where nothing was found. `told`: what precedes all, then one text for each. */
  get worst(): { readonly kind: Kind; readonly told: readonly string[] } | undefined {
    const kind = order.find((one) => this.#found.some((found) => found.kind === one));
    if (kind === undefined) return undefined;
    const count = this.#found.length;
    const told = this.#found.slice(0, toldMax).map(({ text }) => text);
    if (count > toldMax) told.push(`and ${count - toldMax} more`);
    return {
      kind,
      told: [`${count} validation error${count === 1 ? '' : 's'} detected: `, ...told],
    };
  }

  #add(kind: Kind, path: string, value: string, constraint: string): void {
    const shown = value.slice(0, valueCharactersMax);
    const text = `Value '${shown}' at '${path}' failed to satisfy constraint: ${constraint}`;
    this.#found.push({ kind, text });
  }
}
