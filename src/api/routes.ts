/**
 * From a path and a method to an operation. Operations come in protocols: one for each API version
 * and one for the private endpoints, each with its own form of errors. A path is judged before its
 * method (API 2010-11-01, section 1.10).
 */
import { Refusal } from '../model/refusal.ts';
import type { Operation, Segment } from './operation.ts';
import type { Fault } from './refusals.ts';

export type Protocol = {
  /** The first segment of all its paths. */
  readonly root: string;
  readonly operations: readonly Operation[];
  writeFault(fault: Fault, requestId: string): WrittenFault;
  /** The refusal of a path below the root that no operation has. */
  unknownPath(path: string): Refusal;
  /** The refusal of a method that no operation of this path has. */
  wrongMethod(method: string, allowed: string): Refusal;
  /** What the scope of a Version 4 signature names. */
  readonly service: 'cloudfront' | 'cloudfront-keyvaluestore';
  /** The forms of signatures that are taken. */
  readonly signatures: readonly SignatureForm[];
};

export type WrittenFault = {
  readonly type: string;
  readonly text: string;
  /** Where the protocol has its own for this fault. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
};

/** `date`: of the date alone, as before 2013; `v4`: AWS Signature Version 4, or 4A. */
export type SignatureForm = 'date' | 'v4';

export type Route = {
  readonly operation: Operation;
  readonly params: ReadonlyMap<string, string>;
};

/** Throws what the protocol says of an unknown path or method. */
export function findRoute(
  protocol: Protocol,
  segments: readonly string[],
  query: URLSearchParams,
  method: string,
): Route {
  const routes: Route[] = [];
  for (const operation of protocol.operations) {
    const params = match(operation.segments, segments);
    if (params !== undefined) routes.push({ operation, params });
  }
  if (routes.length === 0) throw protocol.unknownPath(`/${segments.join('/')}`);
  const suitable = routes.filter(
    ({ operation }) => operation.method === method && hasPart(query, operation.queryPart),
  );
  const route = suitable.find(({ operation }) => operation.queryPart !== undefined) ?? suitable[0];
  if (route !== undefined) return route;
  const allowed = [...new Set(routes.map(({ operation }) => operation.method))].join(', ');
  throw protocol.wrongMethod(method, allowed);
}

/** A name counts however it is set; a name and a value must both be there. */
function hasPart(query: URLSearchParams, part: string | undefined): boolean {
  if (part === undefined) return true;
  const [name = '', value] = part.split('=');
  return value === undefined ? query.has(name) : query.getAll(name).includes(value);
}

function match(
  pattern: readonly Segment[],
  segments: readonly string[],
): ReadonlyMap<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const params = new Map<string, string>();
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? '';
    if (part.kind === 'param') params.set(part.name, segment);
    else if (!isSame(part, segment)) return undefined;
  }
  return params;
}

function isSame(
  part: { readonly text: string; readonly anyCase: boolean },
  given: string,
): boolean {
  return part.anyCase ? part.text.toLowerCase() === given.toLowerCase() : part.text === given;
}
