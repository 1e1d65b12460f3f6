/** Bodies of the private endpoints: JSON objects, errors as `{"code","message","requestId"}`. */
import { Refusal } from '../../model/refusal.ts';
import type { Fault } from '../refusals.ts';

export type JsonBody = { readonly type: string; readonly text: string };

/** `undefined` members are left out. */
export function jsonBody(value: Readonly<Record<string, unknown>>): JsonBody {
  return { type: 'application/json', text: `${JSON.stringify(value)}\n` };
}

export function writeJsonFault({ code, message }: Fault, requestId: string): JsonBody {
  return jsonBody({ code, message, requestId });
}

/** Throws `InvalidArgument`. Its message never repeats what was sent. */
export function readJsonObject(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return refuse('it is not JSON in UTF-8.');
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    return refuse('it is JSON, but not an object.');
  }
  return Object.fromEntries(Object.entries(document));
}

function refuse(why: string): never {
  throw new Refusal('InvalidArgument', { member: 'The body', why });
}
