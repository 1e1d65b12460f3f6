/** Invalidations of one distribution: what the public API can do with them, in the client's terms. */
import { counted, itemsOf } from '../wire/counted.ts';
import type * as Wire from '../wire/shapes.generated.ts';
import type { ApiClient } from './api-client.ts';
import { present } from './operation-call.ts';
import { readPages } from './pages.ts';

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
  readonly #distribution: string;

  constructor(api: ApiClient, distribution: string) {
    this.#api = api;
    this.#distribution = distribution;
  }

  /** Newest first. */
  list(): Promise<readonly InvalidationSummary[]> {
    return readPages(async (Marker) => {
      const input = { DistributionId: this.#distribution, Marker };
      const { InvalidationList } = await this.#api.call('ListInvalidations', input);
      const list = present('InvalidationList', InvalidationList);
      return { ...list, Items: list.Items?.map(({ Id, Status }) => ({ id: Id, status: Status })) };
    });
  }

  async find(Id: string): Promise<InvalidationView> {
    const input = { DistributionId: this.#distribution, Id };
    return viewOf(await this.#api.call('GetInvalidation', input));
  }

  /** The caller reference makes it repeatable. */
  async create({ callerReference, paths }: NewBatch): Promise<InvalidationView> {
    const input = {
      DistributionId: this.#distribution,
      InvalidationBatch: { Paths: counted(paths), CallerReference: callerReference },
    };
    return viewOf(await this.#api.call('CreateInvalidation', input, { repeatable: true }));
  }
}

function viewOf({ Invalidation }: Wire.GetInvalidationResult): InvalidationView {
  const invalidation = present('Invalidation', Invalidation);
  const { CreateTime, Id, InvalidationBatch: batch, Status } = invalidation;
  return {
    id: Id,
    status: Status,
    createdAt: new Date(CreateTime).toISOString(),
    callerReference: batch.CallerReference,
    paths: itemsOf(batch.Paths),
  };
}
