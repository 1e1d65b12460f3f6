/** A body as an XML document: bounds, and how faults of the form are told. */
import { readXml, type XmlBounds, type XmlElement, XmlFault } from '../../base/xml.ts';
import { Refusal } from '../../model/refusal.ts';

/** Deeper and larger than any document of the API; the bytes are bounded where they arrive. */
const depthMax = 32;
const elementsNormallyMax = 20_000;

/** The root, which must have this name; throws `MalformedXML`. */
export function readDocument(
  bytes: Uint8Array,
  rootName: string,
  elementsMax = elementsNormallyMax,
): XmlElement {
  const root = parse(bytes, { depthMax, elementsMax });
  if (root.name !== rootName) {
    malformed(`the root element must be ${rootName}, not ${root.name}.`);
  }
  return root;
}

/** The root, whatever its name (API 2020-05-31, section 1.5); throws `MalformedXML`. */
export function readAnyDocument(bytes: Uint8Array): XmlElement {
  const elementsMax = elementsNormallyMax;
  return parse(bytes, { depthMax: 64, elementsMax, passesInstructions: true });
}

export function malformed(why: string): never {
  throw new Refusal('MalformedXML', { why: ['The XML is not what this action takes: ', why] });
}

function parse(bytes: Uint8Array, bounds: Omit<XmlBounds, 'bytesMax'>): XmlElement {
  try {
    return readXml(bytes, { ...bounds, bytesMax: bytes.length });
  } catch (fault) {
    if (fault instanceof XmlFault) return malformed(`${fault.message}.`);
    throw fault;
  }
}
