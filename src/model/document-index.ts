/**
 * An index of documents of one kind, kept by the fold: by id, and by the caller reference that made
 * them. References are told apart by a scope: an account, or a distribution.
 */
import type { Revision } from '../base/log-record.ts';

/** A document and the position of its last change. */
export type At<Document> = { readonly document: Document; readonly revision: Revision };

export type Reference = { readonly scope: string; readonly reference: string };

export class DocumentIndex<Document> {
  readonly #byId = new Map<string, At<Document>>();
  readonly #byReference = new Map<string, string>();
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
      const key = referenceKey(this.#referenceOf(before.document));
      // While catching up, the next one with this reference may have been folded already.
      if (this.#byReference.get(key) === id) this.#byReference.delete(key);
    }
    if (placed === undefined) {
      this.#byId.delete(id);
    } else {
      this.#byId.set(id, placed);
      this.#byReference.set(referenceKey(this.#referenceOf(placed.document)), id);
    }
    return before;
  }
}

function referenceKey({ reference, scope }: Reference): string {
  return `${scope}/${reference}`;
}
