/**
 * An answer, written by the facts of its operation (API 2020-05-31, section 1.6): a payload is the
 * root element itself, other outputs stand below an element of the shape's name.
 */
import { parentElement, writeXml, type XmlElement } from '../../base/xml.ts';
import { membersOf, type OperationFact } from '../../wire/facts.ts';
import type { OperationName, Outputs } from '../../wire/shapes.generated.ts';
import { namespace, textOf, writeValue } from '../../wire/value-writer.ts';

export type Written = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined: the answer has no body. */
  readonly body: { readonly type: string; readonly bytes: Uint8Array } | undefined;
};

export function writeOutput<Name extends OperationName>(
  operation: OperationFact & { readonly name: Name },
  output: Outputs[Name],
): Written {
  const headers: Record<string, string> = {};
  const values = new Map<string, unknown>(Object.entries(output));
  const members = membersOf(operation.output);
  let body: Written['body'];
  const children: XmlElement[] = [];
  for (const member of members) {
    const value = values.get(member.name);
    if (value === undefined) continue;
    if (member.place === 'header') headers[member.wire] = textOf(member.type, value);
    else if (member.place === 'body') children.push(writeValue(member.wire, member.type, value));
    else if (value instanceof Uint8Array) body = { type: 'application/octet-stream', bytes: value };
    else body = xml(writeValue(member.wire, member.type, value));
  }
  // The type of raw bytes is a member of its own.
  const { 'Content-Type': type, ...others } = headers;
  if (body !== undefined && type !== undefined) body = { ...body, type };
  const hasBodyMembers = members.some(({ place }) => place === 'body');
  if (hasBodyMembers && operation.output !== undefined) {
    body = xml(parentElement(operation.output, children));
  }
  return { status: operation.status, headers: others, body };
}

function xml(root: XmlElement): Written['body'] {
  return { type: 'text/xml', bytes: Buffer.from(writeXml(root, namespace)) };
}
