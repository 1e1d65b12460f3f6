/** Publishing a function: what is worked on becomes what edges run (API 2020-05-31, section 4.8). */
import type { Catalog } from '../catalog.ts';
import { checkIfMatch, type Decision, type Facts } from '../decision.ts';
import { requireResource, type ResourceRequest } from './decide-resource.ts';
import type { FunctionConfig } from './function.ts';
import { putResource } from './resource-document.ts';

export type FunctionKind = 'function' | 'connection-function';

/** `ifMatch` is of what is worked on, whose own ETag stays. */
export function decidePublication<Kind extends FunctionKind>(
  catalog: Catalog,
  { account, id, ifMatch, kind }: ResourceRequest<Kind>,
  { mint, now }: Facts,
): Decision<undefined> {
  const { document } = requireResource(catalog, account, kind, id);
  checkIfMatch(ifMatch, document);
  const { code, comment, keyValueStores, name, runtime }: FunctionConfig = document.config;
  const content = { code, comment, keyValueStores, runtime };
  const live = { ...content, etag: mint.configEtag(), publishedAt: now };
  const config: FunctionConfig = { name, ...content, live };
  return { changes: [putResource({ ...document, config })], answer: undefined };
}
