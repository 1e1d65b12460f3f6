/**
 * An index of documents of one kind, kept by the fold: by id, by the caller reference that made them, and
 * in the order of their creation. References and lists are told apart by a scope: an account, or a
 * distribution.
 */
import type { Revision } from '../base/log-record.ts';
import { CreationList } from './creation-list.ts';
import type { CreationOrder } from './creation-order.ts';

/** A document and the position of its last change. */
export type At<Document> = { readonly document: Document; readonly revision: Revision };

export type Reference = { readonly scope: string; readonly reference: string };

export class DocumentIndex<Document extends CreationOrder> {
  readonly #byId = new Map<string, At<Document>>();
  readonly #byReference = new Map<string, string>();
  readonly #lists = new Map<string, CreationList<Document>>();
  readonly #referenceOf: (document: Document) => Reference;

  constructor(referenceOf: (document: Document) => Reference) {
    this.#referenceOf = referenceOf;
  }

  get(id: string): At<Document> | undefined {
    return this.#byId.get(id);
  }

  find(scope: string, reference: string): At<Document> | undefined {
    const id = this.#byReference.get(referenceKey({ scope, reference }));
    return id === undefined ? undefined : this.#byId.get(id);
  }

  /** By creation time, then id. */
  list(scope: string): readonly At<Document>[] {
    return this.#lists.get(scope)?.items ?? [];
  }

  all(): Iterable<At<Document>> {
    return this.#byId.values();
  }

  get size(): number {
    return this.#byId.size;
  }

  /** Undefined removes; the answer is what stood there before. */
  set(id: string, placed: At<Document> | undefined): At<Document> | undefined {
    const before = this.#byId.get(id);
    if (before !== undefined) {
      const reference = this.#referenceOf(before.document);
      const key = referenceKey(reference);
      this.#lists.get(reference.scope)?.remove(before.document);
      // While catching up, the next one with this reference may have been folded already.
      if (this.#byReference.get(key) === id) this.#byReference.delete(key);
    }
    if (placed === undefined) {
      this.#byId.delete(id);
    } else {
      this.#byId.set(id, placed);
      const reference = this.#referenceOf(placed.document);
      this.#byReference.set(referenceKey(reference), id);
      this.#listOf(reference.scope).put(placed);
    }
    return before;
  }

  #listOf(scope: string): CreationList<Document> {
    const known = this.#lists.get(scope);
    if (known !== undefined) return known;
    const list = new CreationList<Document>();
    this.#lists.set(scope, list);
    return list;
  }
}

function referenceKey({ reference, scope }: Reference): string {
  return `${scope}/${reference}`;
}
