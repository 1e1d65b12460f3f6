/** Documents of the API in general: their parts, and the pages of a list. */
import { legalXmlText, type XmlElement, writeXml } from '../base/xml.ts';
import type { ApiClient } from './api-client.ts';
import { CommandFailure, UsageFault } from './failure.ts';

const namespace = 'http://cloudfront.amazonaws.com/doc/2010-11-01/';

/** Throws a RangeError for text that XML cannot carry. */
export function writeDocument(root: XmlElement): string {
  return writeXml(root, namespace);
}

/** Throws a UsageFault for what no document can carry; `what` names it. */
export function checkLegal(what: string, given: string): void {
  if (legalXmlText(given) === given) return;
  throw new UsageFault(`${what}: ${JSON.stringify(given)} has a character that XML cannot carry.`);
}

export function child(parent: XmlElement, name: string): XmlElement | undefined {
  return parent.children.find((one) => one.name === name);
}

export function children(parent: XmlElement, name: string): readonly XmlElement[] {
  return parent.children.filter((one) => one.name === name);
}

/** Trimmed; empty where the element is absent. */
export function text(parent: XmlElement, name: string): string {
  return child(parent, name)?.text.trim() ?? '';
}

/** Every item of a list, page by page until the end. */
export async function readPages<Item>(
  api: ApiClient,
  path: string,
  summary: string,
  read: (item: XmlElement) => Item,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  const markers = new Set<string>();
  let query = '';
  for (;;) {
    const { root } = await api.askXml('GET', `${path}${query}`);
    items.push(...children(root, summary).map(read));
    if (text(root, 'IsTruncated') !== 'true') return items;
    const next = text(root, 'NextMarker');
    if (markers.has(next)) {
      const message = `The list comes to the same place again, ${next}, and would never end.`;
      throw new CommandFailure('UnexpectedAnswer', message);
    }
    markers.add(next);
    query = `?Marker=${encodeURIComponent(next)}`;
  }
}

/** The ETag of an answer, which a change has to name. */
export function present(etag: string | undefined): string {
  if (etag !== undefined) return etag;
  throw new CommandFailure('UnexpectedAnswer', 'The answer of the API carries no ETag.');
}
