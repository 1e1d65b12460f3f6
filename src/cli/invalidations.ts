/** Invalidations of one distribution: what the public API can do with them, in the client's terms. */
import { parentElement, textElement, type XmlElement } from '../base/xml.ts';
import type { ApiClient } from './api-client.ts';
import { child, children, readPages, text, writeDocument } from './api-document.ts';

export type InvalidationSummary = {
  readonly id: string;
  /** `InProgress` or `Completed`. */
  readonly status: string;
};

export type InvalidationView = InvalidationSummary & {
  readonly createdAt: string;
  readonly callerReference: string;
  readonly paths: readonly string[];
};

export type NewBatch = { readonly callerReference: string; readonly paths: readonly string[] };

/** Every method rejects with a CommandFailure. */
export class Invalidations {
  readonly #api: ApiClient;
  readonly #path: string;

  constructor(api: ApiClient, distribution: string) {
    this.#api = api;
    this.#path = `/2010-11-01/distribution/${encodeURIComponent(distribution)}/invalidation`;
  }

  /** Newest first. */
  list(): Promise<readonly InvalidationSummary[]> {
    return readPages(this.#api, this.#path, 'InvalidationSummary', readSummary);
  }

  async find(id: string): Promise<InvalidationView> {
    const path = `${this.#path}/${encodeURIComponent(id)}`;
    return readInvalidation((await this.#api.askXml('GET', path)).root);
  }

  /** The caller reference makes it repeatable. */
  async create(batch: NewBatch): Promise<InvalidationView> {
    const body = writeBatch(batch);
    const { root } = await this.#api.askXml('POST', this.#path, { body, repeatable: true });
    return readInvalidation(root);
  }
}

function readSummary(item: XmlElement): InvalidationSummary {
  return { id: text(item, 'Id'), status: text(item, 'Status') };
}

function readInvalidation(root: XmlElement): InvalidationView {
  const batch = child(root, 'InvalidationBatch') ?? parentElement('InvalidationBatch');
  return {
    ...readSummary(root),
    createdAt: text(root, 'CreateTime'),
    callerReference: text(batch, 'CallerReference'),
    paths: children(batch, 'Path').map((path) => path.text.trim()),
  };
}

function writeBatch({ callerReference, paths }: NewBatch): string {
  return writeDocument(
    parentElement(
      'InvalidationBatch',
      paths.map((path) => textElement('Path', path)),
      textElement('CallerReference', callerReference),
    ),
  );
}
