/** What the public API can do with distributions of one kind, in the client's terms. */
import type { XmlElement } from '../base/xml.ts';
import type { ApiClient } from './api-client.ts';
import { type Calls, downloadCalls, streamingCalls } from './distribution-calls.ts';
import type { SummaryView, Tagged } from './distribution-view.ts';
import { downloads, type Kind } from './kind.ts';
import type { NewDistribution } from './new-distribution.ts';
import { readPages } from './pages.ts';
import { isEnabled, withEnabled } from './switched-config.ts';

export type TaggedConfig = {
  readonly config: XmlElement;
  readonly etag: string;
  readonly enabled: boolean;
};

/** Every method rejects with a CommandFailure. */
export class Distributions {
  readonly kind: Kind;
  readonly #calls: Calls;

  constructor(api: ApiClient, kind: Kind) {
    this.kind = kind;
    this.#calls = kind === downloads ? downloadCalls(api) : streamingCalls(api);
  }

  list(): Promise<readonly SummaryView[]> {
    return readPages((marker) => this.#calls.list(marker));
  }

  find(id: string): Promise<Tagged> {
    return this.#calls.find(id);
  }

  async config(id: string): Promise<TaggedConfig> {
    const { etag, root } = await this.#calls.config(id);
    return { config: root, etag, enabled: isEnabled(root) };
  }

  create(made: NewDistribution): Promise<Tagged> {
    return this.#calls.create(made);
  }

  /** Writes back what `config` read, but for being enabled. */
  setEnabled(id: string, { config, etag }: TaggedConfig, enabled: boolean): Promise<Tagged> {
    return this.#calls.replace({ Id: id, IfMatch: etag }, withEnabled(config, enabled));
  }

  delete(id: string, etag: string): Promise<void> {
    return this.#calls.delete({ Id: id, IfMatch: etag });
  }
}
