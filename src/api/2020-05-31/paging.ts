/** Pages of lists, as the families of lists write them (API 2020-05-31, section 2.8). */
import type { Page, PageRequest } from '../../control/control.ts';
import { unknownMarker } from '../../control/markers.ts';
import type { Limits } from '../../model/limits.ts';
import { Refusal } from '../../model/refusal.ts';
import { type Counted, counted } from '../../wire/counted.ts';

/** What every list is asked for. */
export type ListAsked = {
  readonly Marker?: string | undefined;
  readonly MaxItems?: number | undefined;
};

/** More than a page has are asked for as a page. */
export function pageOf(
  { Marker, MaxItems }: ListAsked,
  { 'list-page': itemsMax }: Pick<Limits, 'list-page'>,
): PageRequest {
  if (MaxItems !== undefined && MaxItems < 1) {
    throw new Refusal('InvalidArgument', { member: 'MaxItems', why: 'it is a positive number.' });
  }
  const maxItems = Math.min(MaxItems ?? itemsMax, itemsMax);
  return { marker: Marker === '' ? undefined : Marker, maxItems };
}

type Listed<Item> = Counted<Item> & {
  readonly MaxItems: number;
  readonly NextMarker?: string | undefined;
};

/** The family without `IsTruncated`; a marker stands in it only where more follow. */
export function listOf<Source extends { readonly id: string }, Item>(
  { items, truncated }: Page<Source>,
  { maxItems }: PageRequest,
  write: (source: Source) => Item,
): Listed<Item> {
  const last = items.at(-1)?.id;
  const list = { MaxItems: maxItems, ...counted(items.map(write)) };
  return truncated && last !== undefined ? { ...list, NextMarker: last } : list;
}

/** The family that says where it began, and whether more follow. */
export function markedListOf<Source extends { readonly id: string }, Item>(
  page: Page<Source>,
  request: PageRequest,
  write: (source: Source) => Item,
): Listed<Item> & { readonly Marker: string; readonly IsTruncated: boolean } {
  const list = listOf(page, request, write);
  return { Marker: request.marker ?? '', IsTruncated: page.truncated, ...list };
}

/** The family that is a list alone; `next` where more follow. */
export function bareListOf<Source extends { readonly id: string }, Item>(
  { items, truncated }: Page<Source>,
  write: (source: Source) => Item,
): { readonly items: readonly Item[]; readonly next: string | undefined } {
  return { items: items.map(write), next: truncated ? items.at(-1)?.id : undefined };
}

/** Of items that are no resources; refuses a marker that is none of them. */
export function pageOfStages<Item extends { readonly marker: string }>(
  all: readonly Item[],
  { marker, maxItems }: PageRequest,
): { readonly items: readonly Item[]; readonly next: string | undefined } {
  const start = all.findIndex((item) => item.marker === marker) + 1;
  if (marker !== undefined && start === 0) throw unknownMarker(marker);
  const items = all.slice(start, start + maxItems);
  return { items, next: start + maxItems < all.length ? items.at(-1)?.marker : undefined };
}
