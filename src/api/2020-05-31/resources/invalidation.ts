/** Invalidations (API 2020-05-31, section 4.5). */
import type { InvalidationView } from '../../../control/control.ts';
import type { InvalidationBatch } from '../../../model/invalidation.ts';
import { counted, itemsOf } from '../../../wire/counted.ts';
import type { Handlers } from '../handler.ts';
import { markedListOf, pageOf } from '../paging.ts';
import type * as Wire from '../../../wire/shapes.generated.ts';

export const invalidationHandlers = {
  async CreateInvalidation(input, { account, control, publicEndpoint }) {
    const { DistributionId: distribution, InvalidationBatch: given } = input;
    const view = await control.invalidate(account, distribution, () => read(given));
    const place = `${publicEndpoint()}/2020-05-31/distribution/${distribution}`;
    const Location = `${place}/invalidation/${view.invalidation.id}`;
    return { Invalidation: write(view), Location };
  },
  async GetInvalidation({ DistributionId, Id }, { account, control }) {
    return { Invalidation: write(await control.findInvalidation(account, DistributionId, Id)) };
  },
  async ListInvalidations(input, { account, control }) {
    const request = pageOf(input);
    const page = await control.listInvalidations(account, input.DistributionId, request);
    const known = page.items.map((view) => ({ id: view.invalidation.id, view }));
    return {
      InvalidationList: markedListOf({ ...page, items: known }, request, ({ id, view }) => ({
        Id: id,
        CreateTime: view.invalidation.createdAt,
        Status: view.status,
      })),
    };
  },
} satisfies Handlers;

function read({ CallerReference, Paths }: Wire.InvalidationBatch): InvalidationBatch {
  return { matching: 'keys', callerReference: CallerReference, paths: itemsOf(Paths) };
}

function write({ invalidation, status }: InvalidationView): Wire.Invalidation {
  const { batch, createdAt, id } = invalidation;
  return {
    Id: id,
    Status: status,
    CreateTime: createdAt,
    InvalidationBatch: {
      Paths: counted(batch.paths),
      CallerReference: batch.callerReference,
    },
  };
}
