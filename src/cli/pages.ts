/** Lists of the API: every item, page by page until the end. */
import { type Counted, itemsOf } from '../wire/counted.ts';
import { CommandFailure } from './failure.ts';

export type Page<Item> = Counted<Item> & {
  readonly IsTruncated: boolean;
  readonly NextMarker?: string | undefined;
};

/** `read` gets the marker after which its page begins; undefined for the first one. */
export async function readPages<Item>(
  read: (marker: string | undefined) => Promise<Page<Item>>,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  const markers = new Set<string | undefined>();
  let marker: string | undefined;
  for (;;) {
    const page = await read(marker);
    items.push(...itemsOf(page));
    if (!page.IsTruncated) return items;
    marker = page.NextMarker ?? '';
    if (markers.has(marker)) {
      const message = `The list comes to the same place again, ${marker}, and would never end.`;
      throw new CommandFailure('UnexpectedAnswer', message);
    }
    markers.add(marker);
  }
}
