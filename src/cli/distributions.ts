/** What the public API can do with distributions of one kind, in the client's terms. */
import type { XmlElement } from '../base/xml.ts';
import type { ApiClient } from './api-client.ts';
import { present, readPages } from './api-document.ts';
import {
  type DistributionView,
  isEnabled,
  readDistribution,
  readListed,
  type SummaryView,
  withEnabled,
} from './distribution-form.ts';
import type { Kind } from './kind.ts';

/** With the ETag that a change of it has to name. */
export type Tagged = { readonly view: DistributionView; readonly etag: string };

export type TaggedConfig = {
  readonly config: XmlElement;
  readonly etag: string;
  readonly enabled: boolean;
};

/** Every method rejects with a CommandFailure. */
export class Distributions {
  readonly kind: Kind;
  readonly #api: ApiClient;
  readonly #path: string;

  constructor(api: ApiClient, kind: Kind) {
    this.kind = kind;
    this.#api = api;
    this.#path = `/2010-11-01/${kind.word}`;
  }

  list(): Promise<readonly SummaryView[]> {
    return readPages(this.#api, this.#path, `${this.kind.root}Summary`, readListed);
  }

  async find(id: string): Promise<Tagged> {
    const { etag, root } = await this.#api.askXml('GET', this.#pathOf(id));
    return { view: readDistribution(root, this.kind), etag: present(etag) };
  }

  async config(id: string): Promise<TaggedConfig> {
    const { etag, root } = await this.#api.askXml('GET', `${this.#pathOf(id)}/config`);
    return { config: root, etag: present(etag), enabled: isEnabled(root) };
  }

  async create(document: string): Promise<Tagged> {
    const { etag, root } = await this.#api.askXml('POST', this.#path, { body: document });
    return { view: readDistribution(root, this.kind), etag: present(etag) };
  }

  /** Writes back what `config` read, but for being enabled. */
  async setEnabled(id: string, read: TaggedConfig, enabled: boolean): Promise<Tagged> {
    const { etag, root } = await this.#api.askXml('PUT', `${this.#pathOf(id)}/config`, {
      ifMatch: read.etag,
      body: withEnabled(read.config, enabled),
    });
    return { view: readDistribution(root, this.kind), etag: present(etag) };
  }

  async delete(id: string, etag: string): Promise<void> {
    await this.#api.ask('DELETE', this.#pathOf(id), { ifMatch: etag });
  }

  #pathOf(id: string): string {
    return `${this.#path}/${encodeURIComponent(id)}`;
  }
}
