/** Invalidations, of whole distributions and of single tenants (API 2020-05-31, sections 4.5 and 4.17). */
import type { InvalidationView, Page, PageRequest } from '../../../control/control.ts';
import {
  type InvalidationBatch,
  type InvalidationOwner,
  ofDistribution,
  ofTenant,
} from '../../../model/invalidation.ts';
import { counted, itemsOf } from '../../../wire/counted.ts';
import type { Handlers } from '../handler.ts';
import { markedListOf, pageOf } from '../paging.ts';
import type * as Wire from '../../../wire/shapes.generated.ts';

export const invalidationHandlers = {
  async CreateInvalidation(input, { account, control, publicEndpoint }) {
    const owner = ofDistribution(input.DistributionId);
    const view = await control.invalidate(account, owner, () => read(input.InvalidationBatch));
    return { Invalidation: write(view), Location: locationOf(publicEndpoint, owner, view) };
  },
  async GetInvalidation({ DistributionId, Id }, { account, control }) {
    const owner = ofDistribution(DistributionId);
    return { Invalidation: write(await control.findInvalidation(account, owner, Id)) };
  },
  async ListInvalidations(input, { account, control, limits }) {
    const owner = ofDistribution(input.DistributionId);
    const request = pageOf(input, limits);
    const page = await control.listInvalidations(account, owner, request);
    return { InvalidationList: listed(page, request) };
  },
  async CreateInvalidationForDistributionTenant(input, { account, control, publicEndpoint }) {
    const owner = ofTenant(input.Id);
    const view = await control.invalidate(account, owner, () => read(input.InvalidationBatch));
    return { Invalidation: write(view), Location: locationOf(publicEndpoint, owner, view) };
  },
  async GetInvalidationForDistributionTenant(input, { account, control }) {
    const owner = ofTenant(input.DistributionTenantId);
    return { Invalidation: write(await control.findInvalidation(account, owner, input.Id)) };
  },
  async ListInvalidationsForDistributionTenant(input, { account, control, limits }) {
    const owner = ofTenant(input.Id);
    const request = pageOf(input, limits);
    const page = await control.listInvalidations(account, owner, request);
    return { InvalidationList: listed(page, request) };
  },
} satisfies Handlers;

function locationOf(
  publicEndpoint: () => string,
  { id, kind }: InvalidationOwner,
  { invalidation }: InvalidationView,
): string {
  return `${publicEndpoint()}/2020-05-31/${kind}/${id}/invalidation/${invalidation.id}`;
}

function listed(page: Page<InvalidationView>, request: PageRequest): Wire.InvalidationList {
  const known = page.items.map((view) => ({ id: view.invalidation.id, view }));
  return markedListOf({ ...page, items: known }, request, ({ id, view }) => ({
    Id: id,
    CreateTime: view.invalidation.createdAt,
    Status: view.status,
  }));
}

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
