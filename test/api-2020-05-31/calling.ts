/** What tests ask of calls and of what they answered. */
import assert from 'node:assert/strict';
import type { Called } from './sdk.ts';

/** The error, whose class has this name. */
export async function refused(called: Promise<unknown>, code: string): Promise<Error> {
  const error: unknown = await called.then(
    () => undefined,
    (one: unknown) => one,
  );
  assert.ok(error instanceof Error, `${code} was expected`);
  assert.equal(error.name, code, error.message);
  return error;
}

export function objectAt(value: Called, name: string): Called {
  const found = value[name];
  assert.ok(typeof found === 'object' && found !== null, name);
  return { ...found };
}

export function idOf(value: Called, name: string): string {
  return String(objectAt(value, name)['Id']);
}
