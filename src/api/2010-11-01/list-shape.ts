/** Lists, which all work alike (API 2010-11-01, section 2.1): `Marker` and `MaxItems` in, a page out. */
import { parentElement, textElement, type XmlElement } from '../../base/xml.ts';
import { Refusal } from '../../model/refusal.ts';
import { booleanElement } from './wire-form.ts';

export type PageAsked = { readonly marker: string | undefined; readonly maxItems: number };

/** An empty marker equals none. More items than `maxItems` are not refused but cut to it. */
export function readPageAsked(query: URLSearchParams, maxItems: number): PageAsked {
  const marker = onlyValue(query, 'Marker') ?? '';
  const items = onlyValue(query, 'MaxItems') ?? String(maxItems);
  if (!/^\d+$/.test(items) || /^0+$/.test(items)) {
    const why = `"${items}" is not a whole number above 0.`;
    throw new Refusal('InvalidArgument', { member: 'MaxItems', why });
  }
  return {
    marker: marker === '' ? undefined : marker,
    maxItems: Math.min(Number(items), maxItems),
  };
}

function onlyValue(query: URLSearchParams, name: string): string | undefined {
  const [only, ...more] = query.getAll(name);
  if (more.length > 0) {
    throw new Refusal('InvalidArgument', { member: name, why: 'it is given more than once.' });
  }
  return only;
}

/** `NextMarker` is the id of the last item, and there only when more follow. */
export function writeList(
  name: string,
  asked: PageAsked,
  page: { readonly summaries: readonly XmlElement[]; readonly nextMarker: string | undefined },
): XmlElement {
  const { nextMarker, summaries } = page;
  return parentElement(
    name,
    textElement('Marker', asked.marker ?? ''),
    nextMarker === undefined ? undefined : textElement('NextMarker', nextMarker),
    textElement('MaxItems', String(asked.maxItems)),
    booleanElement('IsTruncated', nextMarker !== undefined),
    summaries,
  );
}
