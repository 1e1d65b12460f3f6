/** Answers of the private endpoints: JSON objects, errors as `{"code","message","requestId"}`. */
import type { Fault } from '../refusals.ts';

export type JsonBody = { readonly type: string; readonly text: string };

/** `undefined` members are left out. */
export function jsonBody(value: Readonly<Record<string, unknown>>): JsonBody {
  return { type: 'application/json', text: `${JSON.stringify(value)}\n` };
}

export function writeJsonFault({ code, message }: Fault, requestId: string): JsonBody {
  return jsonBody({ code, message, requestId });
}
