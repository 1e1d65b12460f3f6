/**
 * XML as plain trees: read from bytes within bounds, and written back compactly.
 *
 * The reader is strict where leniency has bitten others: a DOCTYPE, an entity that a document
 * would have to declare, an encoding other than UTF-8 and XML 1.1 are refused, so nothing can be
 * expanded, fetched or guessed, and so are processing instructions, unless they are to be passed
 * over. Namespaces must be well-formed but are then ignored: elements are known by their local
 * names, since old tools send foreign namespaces or none. The writer puts `xmlns` directly after the root's name, which one old client strips
 * textually before it parses (API 2010-11-01, section 1.4).
 */
import { SaxesParser } from 'saxes';

export type XmlElement = {
  /** The local name. */
  readonly name: string;
  /** Without those that declare namespaces, and without `xsi:…`. */
  readonly attributes: readonly XmlAttribute[];
  readonly children: readonly XmlElement[];
  /** All text directly inside, joined and untrimmed; white space between children is in it too. */
  readonly text: string;
};

export type XmlAttribute = { readonly name: string; readonly value: string };

export type XmlBounds = {
  readonly bytesMax: number;
  /** The root is at depth 1. */
  readonly depthMax: number;
  readonly elementsMax: number;
  /** They are refused unless this is so. */
  readonly passesInstructions?: boolean;
};

/** What is wrong with the bytes, and where: the message names line and column, both from 1. */
export class XmlFault extends Error {
  override readonly name = 'XmlFault';
}

const attributesPerElementMax = 32;
const schemaInstance = 'http://www.w3.org/2001/XMLSchema-instance';
const namespaceDeclarations = 'http://www.w3.org/2000/xmlns/';

/** Reads one document; throws an XmlFault for anything else. */
export function readXml(bytes: Uint8Array, bounds: XmlBounds): XmlElement {
  if (bytes.length > bounds.bytesMax) {
    throw new XmlFault(`the document has more than ${bounds.bytesMax} bytes`);
  }
  return parse(decode(bytes), bounds);
}

type OpenElement = {
  readonly name: string;
  readonly attributes: readonly XmlAttribute[];
  readonly children: XmlElement[];
  text: string;
};

function parse(text: string, bounds: XmlBounds): XmlElement {
  const parser = new SaxesParser({ xmlns: true, position: false });
  const open: OpenElement[] = [];
  let root: XmlElement | undefined;
  let elementCount = 0;
  let attributeCount = 0;

  const refuse = (what: string): never => {
    throw new XmlFault(`line ${parser.line}, column ${parser.column + 1}: ${what}`);
  };
  const addText = (more: string): void => {
    const element = open.at(-1);
    if (element !== undefined) element.text += more;
  };

  parser.on('error', (error) => refuse(`${error.message}${rawAmpersandHint(text)}`));
  parser.on('xmldecl', ({ version, encoding }) => {
    if (version !== undefined && version !== '1.0') refuse(`only XML 1.0 is read, not ${version}`);
    if (encoding !== undefined && encoding.toLowerCase() !== 'utf-8') {
      refuse(`only the encoding UTF-8 is read, not ${encoding}`);
    }
  });
  parser.on('doctype', () => refuse('a DOCTYPE is not accepted, nor are entities it declares'));
  parser.on('processinginstruction', () => {
    if (bounds.passesInstructions !== true) refuse('processing instructions are not accepted');
  });
  parser.on('opentagstart', () => {
    attributeCount = 0;
    elementCount += 1;
    if (elementCount > bounds.elementsMax) refuse(`more than ${bounds.elementsMax} elements`);
    if (open.length >= bounds.depthMax)
      refuse(`elements are nested deeper than ${bounds.depthMax}`);
  });
  parser.on('attribute', () => {
    attributeCount += 1;
    if (attributeCount > attributesPerElementMax) {
      refuse(`an element has more than ${attributesPerElementMax} attributes`);
    }
  });
  parser.on('opentag', (tag) => {
    const attributes = Object.values(tag.attributes)
      .filter(({ uri }) => uri !== namespaceDeclarations && uri !== schemaInstance)
      .map(({ local, value }) => ({ name: local, value }));
    open.push({ name: tag.local, attributes, children: [], text: '' });
  });
  parser.on('closetag', () => {
    const element = open.pop();
    if (element === undefined) return;
    const parent = open.at(-1);
    if (parent === undefined) root = element;
    else parent.children.push(element);
  });
  parser.on('text', addText);
  parser.on('cdata', addText);

  parser.write(text).close();
  return root ?? refuse('there is no root element');
}

const rawAmpersand = /&(?!(?:[A-Za-z_][\w.-]*|#\d+|#x[\dA-Fa-f]+);)/;

/** Old tools do not escape; the parser then complains of something else, far behind the cause. */
function rawAmpersandHint(text: string): string {
  const index = text.search(rawAmpersand);
  if (index === -1) return '';
  const before = text.slice(0, index).split('\n');
  const column = (before.at(-1)?.length ?? 0) + 1;
  return `; a raw & stands at line ${before.length}, column ${column}, write it as &amp;`;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new XmlFault('the document is not valid UTF-8, the only encoding that is read', {
      cause,
    });
  }
}

/** An element that holds text; an empty text makes an empty element. */
export function textElement(name: string, text: string): XmlElement {
  return { name, attributes: [], children: [], text };
}

/** An element that holds elements; `undefined` among them is left out, lists are laid flat. */
export function parentElement(
  name: string,
  ...children: readonly (XmlElement | readonly XmlElement[] | undefined)[]
): XmlElement {
  const present: XmlElement[] = [];
  for (const child of children) {
    if (child === undefined) continue;
    if ('name' in child) present.push(child);
    else for (const one of child) present.push(one);
  }
  return { name, attributes: [], children: present, text: '' };
}

/**
 * The whole document as text: declaration, a newline, then no white space between elements.
 * Throws a RangeError for text with characters that XML 1.0 cannot carry (see `legalXmlText`) and
 * for an element with both children and text, since those never are what the caller meant.
 */
export function writeXml(root: XmlElement, namespace: string | undefined): string {
  const declared =
    namespace === undefined
      ? root
      : { ...root, attributes: [{ name: 'xmlns', value: namespace }, ...root.attributes] };
  return `<?xml version="1.0"?>\n${elementText(declared)}`;
}

function elementText(element: XmlElement): string {
  const { name, attributes, children, text } = element;
  const isParent = children.length > 0;
  if (isParent && text.trim() !== '') {
    throw new RangeError(`element ${name} has both children and text`);
  }
  let written = `<${name}`;
  for (const attribute of attributes) {
    written += ` ${attribute.name}="${escaped(attribute.value).replaceAll('"', '&quot;')}"`;
  }
  if (!isParent && text === '') return `${written}/>`;
  written += '>';
  if (isParent) for (const child of children) written += elementText(child);
  else written += escaped(text);
  return `${written}</${name}>`;
}

/** XML 1.0 §2.2 Char, and nothing else. Lone surrogates are outside it. */
const illegalCharacter =
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

/** The text with every character that XML 1.0 cannot carry replaced by U+FFFD. */
export function legalXmlText(text: string): string {
  return text.replace(illegalCharacter, '\u{fffd}');
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  // A reader turns a raw carriage return into a newline (XML 1.0 §2.11).
  '\r': '&#13;',
};

/** ASCII that stands for itself, which nearly all text is: looked at once instead of twice. */
const plainText = /^[ -%'-;=?-~]*$/;

function escaped(text: string): string {
  if (plainText.test(text)) return text;
  if (legalXmlText(text) !== text) {
    throw new RangeError('the text has a character that XML cannot carry');
  }
  return text.replace(/[&<>\r]/g, (character) => escapes[character] ?? character);
}
