/**
 * fetch: asks the origin for the object. Conditions and a range of the viewer go along (edge contract
 * 5.6, rule 28; 4.8 of API 2010-11-01), so a 304, 206, 412 or 416 may be the viewer's own.
 */
import { askForObject } from '../ask-for-object.ts';
import { headerValue } from '../../http/header-list.ts';
import type { Exchange } from '../exchange.ts';
import { headersForOrigin } from '../origin-request.ts';
import { arrive } from '../passing.ts';

type Exit = 'compress' | 'deliverStored' | 'fetch' | 'refuse' | 'done';

const noValidators = { etag: undefined, lastModified: undefined };

export async function fetch(x: Exchange): Promise<Exit> {
  // Who asks for others, or in the place of what is stored, asks without conditions of its own; a range
  // has none, and is for its like.
  const isForAll = x.flight !== undefined || x.stored !== undefined;
  const isWhole = headerValue(x.request.headers, 'range') === undefined;
  const headers = headersForOrigin(x, isForAll && isWhole ? noValidators : undefined);
  const asked = await askForObject(x, headers);
  return 'exit' in asked ? asked.exit : arrive(x, headers, asked);
}
