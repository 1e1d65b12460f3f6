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

/** Where the first one stands that has this place or a later one. The end is looked at first. */
function firstFrom(items: readonly At<CreationOrder>[], order: CreationOrder): number {
  const last = items.at(-1);
  if (last === undefined || byCreation(last.document, order) < 0) return items.length;
  let low = 0;
  let high = items.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const there = items[middle];
    if (there !== undefined && byCreation(there.document, order) >= 0) high = middle;
    else low = middle + 1;
  }
  return low;
}
