/** The world that the tests of a file have, and what they ask of calls and of what those answered. */
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { systemRandomness } from '../../src/base/randomness.ts';
import { ApiWorld, type ApiWorldOptions } from '../harness/api-world.ts';
import { type Called, type SdkClient, sdkClient } from './sdk.ts';

export type SdkWorld = { readonly world: ApiWorld; readonly client: SdkClient };

type WorldOptions = Partial<ApiWorldOptions> & { readonly region?: string };

/** The API on a socket and the SDK before it; both end after the tests of the file. */
export async function startWorld({ region, ...options }: WorldOptions = {}): Promise<SdkWorld> {
  const world = await ApiWorld.start({
    clock: systemClock,
    randomness: systemRandomness,
    ...options,
  });
  const client = sdkClient(`http://127.0.0.1:${world.port}`, region);
  after(async () => {
    client.close();
    await world.stop();
  });
  return { world, client };
}

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
