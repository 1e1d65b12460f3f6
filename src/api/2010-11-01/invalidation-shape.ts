/**
 * Invalidations on the wire (API 2010-11-01, section 2.5): the batch, the resource and its summary in
 * lists. Paths are kept as they were sent; only the slash that one old tool leaves out is put before
 * them.
 */
import { parentElement, textElement, type XmlElement } from '../../base/xml.ts';
import type { InvalidationView } from '../../control/control.ts';
import type { InvalidationBatch } from '../../model/invalidation.ts';
import { Refusal } from '../../model/refusal.ts';
import { malformed, readDocument } from '../xml/document.ts';
import { type Member, readMembers, readText, rootMember } from '../xml/members.ts';
import { timeElement } from './wire-form.ts';

/** The largest batch that is read. */
export const batchBytesMax = 1_048_576;
/** More than fit into that as paths, so that too many of them are told as what they are. */
const elementsMax = 100_000;

/** Reads a whole document. */
export function readInvalidationBatch(bytes: Uint8Array): InvalidationBatch {
  const root = rootMember(readDocument(bytes, 'InvalidationBatch', elementsMax));
  const members = readMembers(root, ['CallerReference'], ['Path']);
  const callerReference = readText(members.required('CallerReference'));
  const paths = members.all('Path').map(readPath);
  if (paths.length === 0) {
    malformed(`null at '${root.path}.path': at least one element Path is required.`);
  }
  return { matching: 'paths', callerReference, paths };
}

function readPath(member: Member): string {
  const path = readText(member);
  if (path === '') throw new Refusal('InvalidArgument', { member: 'Path', why: 'it is empty.' });
  return path.startsWith('/') ? path : `/${path}`;
}

export function writeInvalidationBatch({ callerReference, paths }: InvalidationBatch): XmlElement {
  return parentElement(
    'InvalidationBatch',
    paths.map((path) => textElement('Path', path)),
    textElement('CallerReference', callerReference),
  );
}

export function writeInvalidation({ invalidation, status }: InvalidationView): XmlElement {
  return parentElement(
    'Invalidation',
    textElement('Id', invalidation.id),
    textElement('Status', status),
    timeElement('CreateTime', invalidation.createdAt),
    writeInvalidationBatch(invalidation.batch),
  );
}

export function writeInvalidationSummary({ invalidation, status }: InvalidationView): XmlElement {
  return parentElement(
    'InvalidationSummary',
    textElement('Id', invalidation.id),
    textElement('Status', status),
  );
}
