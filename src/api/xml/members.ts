/**
 * Reading an element strictly: nothing is accepted and then forgotten. Children may come in any
 * order; unknown ones, repeats of single ones, stray text and attributes are refused. Messages name
 * a member as the original does, in camel case from the root: `distributionConfig.s3Origin.dnsName`
 * (API 2010-11-01, section 1.3).
 */
import type { XmlElement } from '../../base/xml.ts';
import { camelCase } from '../../wire/camel-case.ts';
import { malformed } from './document.ts';

/** An element and where it stands. */
export type Member = { readonly element: XmlElement; readonly path: string };

export type Members<Single extends string, Repeated extends string> = {
  optional(name: Single): Member | undefined;
  /** `MalformedXML` when it is absent. */
  required(name: Single): Member;
  all(name: Repeated): readonly Member[];
};

export function rootMember(element: XmlElement): Member {
  return { element, path: camelCase(element.name) };
}

/** `single` names may come once at most, `repeated` ones any number of times. */
export function readMembers<const Single extends string, const Repeated extends string = never>(
  parent: Member,
  single: readonly Single[],
  repeated: readonly Repeated[] = [],
): Members<Single, Repeated> {
  const { element, path } = parent;
  refuseAttributes(parent);
  if (trimmed(element.text) !== '') {
    malformed(`text stands directly in '${path}', where only elements may.`);
  }
  const found = new Map<string, Member[]>();
  for (const child of element.children) {
    const isSingle = single.some((name) => name === child.name);
    if (!isSingle && !repeated.some((name) => name === child.name)) {
      malformed(`'${path}' has no member ${child.name}.`);
    }
    const earlier = found.get(child.name) ?? [];
    if (isSingle && earlier.length > 0) malformed(`'${path}' has more than one ${child.name}.`);
    earlier.push({ element: child, path: `${path}.${camelCase(child.name)}` });
    found.set(child.name, earlier);
  }
  return {
    optional: (name) => found.get(name)?.[0],
    required: (name) =>
      found.get(name)?.[0] ??
      malformed(`null at '${path}.${camelCase(name)}': the element ${name} is required.`),
    all: (name) => found.get(name) ?? [],
  };
}

/** The trimmed text of an element without children. */
export function readText(member: Member): string {
  const { element, path } = member;
  refuseAttributes(member);
  if (element.children.length > 0) malformed(`'${path}' holds elements where a text is meant.`);
  return trimmed(element.text);
}

/** The same, and empty is refused. */
export function readFilledText(member: Member): string {
  const text = readText(member);
  return text === '' ? malformed(`'${member.path}' is empty.`) : text;
}

/** Is this text where a list is meant? One old client sends lists so (section 2.2.5). */
export function isBareText({ element }: Member): boolean {
  return element.children.length === 0 && trimmed(element.text) !== '';
}

/** An XML schema boolean. */
export function readBoolean(member: Member): boolean {
  const text = readText(member);
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  return malformed(`'${member.path}' must be true or false.`);
}

/** White space as XML has it, and no other. A loop, as an expression here takes quadratic time. */
function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text[start])) start += 1;
  while (end > start && isSpace(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

function isSpace(character: string | undefined): boolean {
  return character === ' ' || character === '\t' || character === '\r' || character === '\n';
}

function refuseAttributes({ element, path }: Member): void {
  const [first] = element.attributes;
  if (first !== undefined) malformed(`'${path}' has an attribute ${first.name}.`);
}
