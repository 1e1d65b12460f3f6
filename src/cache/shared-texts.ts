/**
 * Equal texts as one: most fields of a stored head stand in thousands of others, and a text that is
 * shared costs a pointer. Only short ones are looked up, and only so many are known at a time.
 */
import type { HeaderList } from '../http/header-list.ts';

const textLengthMax = 64;
const textsMax = 8_192;

export class SharedTexts {
  readonly #texts = new Map<string, string>();

  headers(headers: HeaderList): HeaderList {
    return headers.map((text) => this.#shared(text));
  }

  #shared(text: string): string {
    if (text.length > textLengthMax) return text;
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    // Those that come once push out those that come again and again, which are soon back.
    if (this.#texts.size >= textsMax) this.#texts.clear();
    this.#texts.set(text, text);
    return text;
  }
}
