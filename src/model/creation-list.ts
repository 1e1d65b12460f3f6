/**
 * Documents in the order of their creation, kept so by the fold of the log: a list or a count of what an
 * account has costs the same with ten as with ten thousand. What is new comes last nearly always, so
 * putting it there moves nothing.
 */
import { byCreation, type CreationOrder } from './creation-order.ts';
import type { At } from './document-index.ts';

export class CreationList<Document extends CreationOrder> {
  readonly #items: At<Document>[] = [];

  /** As they stand; a later change shows in it. */
  get items(): readonly At<Document>[] {
    return this.#items;
  }

  /** Replaces the one with its order and id, or puts it in its place. */
  put(placed: At<Document>): void {
    const index = firstFrom(this.#items, placed.document);
    this.#items.splice(index, this.#isAt(index, placed.document) ? 1 : 0, placed);
  }

  remove(order: CreationOrder): void {
    const index = firstFrom(this.#items, order);
    if (this.#isAt(index, order)) this.#items.splice(index, 1);
  }

  #isAt(index: number, order: CreationOrder): boolean {
    const there = this.#items[index]?.document;
    return there !== undefined && byCreation(there, order) === 0;
  }
}

/** Where the first one stands that comes after the order; the length where none does. */
export function firstAfter(items: readonly At<CreationOrder>[], order: CreationOrder): number {
  return search(items, (document) => byCreation(document, order) > 0);
}

function firstFrom(items: readonly At<CreationOrder>[], order: CreationOrder): number {
  return search(items, (document) => byCreation(document, order) >= 0);
}

/** The first that `is` it, where all after it are, too. The end is looked at first. */
function search(
  items: readonly At<CreationOrder>[],
  is: (document: CreationOrder) => boolean,
): number {
  const last = items.at(-1);
  if (last === undefined || !is(last.document)) return items.length;
  let low = 0;
  let high = items.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const there = items[middle];
    if (there !== undefined && is(there.document)) high = middle;
    else low = middle + 1;
  }
  return low;
}
