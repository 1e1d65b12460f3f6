/** A body as an XML document: bounds, and how faults of the form are told. */
import { readXml, type XmlElement, XmlFault } from '../../base/xml.ts';
import { Refusal } from '../../model/refusal.ts';

/** Deeper and larger than any document of the API; the bytes are bounded where they arrive. */
const depthMax = 32;
const elementsNormallyMax = 20_000;

/** The root, which must have this name, where one is asked for; throws `MalformedXML`. */
export function readDocument(
  bytes: Uint8Array,
  rootName: string | undefined,
  elementsMax = elementsNormallyMax,
): XmlElement {
  const root = parse(bytes, elementsMax);
  if (rootName !== undefined && root.name !== rootName) {
    malformed(`the root element must be ${rootName}, not ${root.name}.`);
  }
  return root;
}

export function malformed(why: string): never {
  throw new Refusal('MalformedXML', { why: ['The XML is not what this action takes: ', why] });
}

function parse(bytes: Uint8Array, elementsMax: number): XmlElement {
  try {
    return readXml(bytes, { depthMax, elementsMax, bytesMax: bytes.length });
  } catch (fault) {
    if (fault instanceof XmlFault) return malformed(`${fault.message}.`);
    throw fault;
  }
}
