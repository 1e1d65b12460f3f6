/** Origin access identities and invalidations in the words of API 2010-11-01, as tests ask for them. */
import { type ApiCaller, assertStatus, etagOf, type Reply, textAt } from './api-caller.ts';
import { namespace } from './kinds.ts';
import { until } from './until.ts';

export const identitiesPath = '/2010-11-01/origin-access-identity/cloudfront';

export type CreatedIdentity = {
  readonly id: string;
  readonly etag: string;
  /** The path of the resource. */
  readonly path: string;
  readonly reply: Reply;
};

export function identityXml(reference: string, comment = ''): string {
  return (
    `<CloudFrontOriginAccessIdentityConfig xmlns="${namespace}">` +
    `<CallerReference>${reference}</CallerReference>` +
    (comment === '' ? '' : `<Comment>${comment}</Comment>`) +
    '</CloudFrontOriginAccessIdentityConfig>'
  );
}

/** Creates it, which must succeed. */
export async function createIdentity(
  api: ApiCaller,
  reference: string,
  comment = '',
): Promise<CreatedIdentity> {
  const reply = await api.post(identitiesPath, identityXml(reference, comment));
  assertStatus(reply, 201);
  const id = textAt(reply, 'Id');
  return { id, etag: etagOf(reply), path: `${identitiesPath}/${id}`, reply };
}

/** A child of `S3Origin`. */
export function namedIdentity(id: string): string {
  return `<OriginAccessIdentity>origin-access-identity/cloudfront/${id}</OriginAccessIdentity>`;
}

export function batchXml(reference: string, paths: readonly string[]): string {
  return (
    `<InvalidationBatch xmlns="${namespace}">` +
    paths.map((path) => `<Path>${path}</Path>`).join('') +
    `<CallerReference>${reference}</CallerReference></InvalidationBatch>`
  );
}

export type CreatedInvalidation = {
  readonly id: string;
  readonly path: string;
  readonly reply: Reply;
};

/** `distribution`: the path of the resource. Creates it, which must succeed. */
export async function invalidate(
  api: ApiCaller,
  distribution: string,
  reference: string,
  paths: readonly string[] = ['/a'],
): Promise<CreatedInvalidation> {
  const reply = await api.post(`${distribution}/invalidation`, batchXml(reference, paths));
  assertStatus(reply, 201);
  const id = textAt(reply, 'Id');
  return { id, path: `${distribution}/invalidation/${id}`, reply };
}

/** Resolves with the first reading whose status is `Completed`. */
export async function untilCompleted(api: ApiCaller, path: string): Promise<Reply> {
  let last = '';
  return until(
    `${path} is Completed`,
    async () => {
      const reply = await api.get(path);
      assertStatus(reply, 200);
      last = reply.body;
      return textAt(reply, 'Status') === 'Completed' ? reply : undefined;
    },
    { seen: () => last },
  );
}

/** One edge keeps from taking what comes next, so that InProgress lasts while `act` runs. */
export async function whileHeld(
  api: ApiCaller,
  edge: string,
  act: () => Promise<void>,
): Promise<void> {
  assertStatus(await api.post(`/_warmfront/edges/${edge}/hold`, ''), 200);
  try {
    await act();
  } finally {
    assertStatus(await api.post(`/_warmfront/edges/${edge}/release`, ''), 200);
  }
}
