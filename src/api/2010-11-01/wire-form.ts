/** What all documents of API 2010-11-01 have in common: the namespace, times, the error document. */
import type { Instant } from '../../base/clock.ts';
import { textElement, writeXml, type XmlElement } from '../../base/xml.ts';
import type { Fault } from '../refusals.ts';
import { writeXmlFault } from '../xml/fault.ts';

export const versionRoot = '2010-11-01';
export const namespace = `http://cloudfront.amazonaws.com/doc/${versionRoot}/`;
/** The largest configuration that is read. */
export const configBytesMax = 65_536;

export type XmlBody = { readonly type: string; readonly text: string };

/** `text/xml` for errors too, as the service itself answered (section 1.7). */
export function xmlBody(root: XmlElement): XmlBody {
  return { type: 'text/xml', text: writeXml(root, namespace) };
}

/** `2026-11-22T21:22:35.087Z` (section 1.4). */
export function timeElement(name: string, at: Instant): XmlElement {
  return textElement(name, new Date(at).toISOString());
}

export function booleanElement(name: string, value: boolean): XmlElement {
  return textElement(name, String(value));
}

export function writeFault(fault: Fault, requestId: string): XmlBody {
  return writeXmlFault(fault, requestId, namespace);
}
