/** The API on a socket, asked by bytes: for what no client sends. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Protocol } from '../../src/api/routes.ts';
import { ApiWorld } from '../harness/api-world.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import { exchangeRaw } from '../harness/raw-http.ts';
import { SeededRandomness } from '../harness/seeded-randomness.ts';
import { bytesOfV4, signedV4, type V4Asking } from '../harness/v4-request.ts';

export type RawWorld = {
  readonly world: ApiWorld;
  readonly clock: ManualClock;
  /** Signed at the time of the clock, sent, and answered. */
  readonly asks: (asking: Omit<V4Asking, 'at'>) => Promise<string>;
  readonly sends: (bytes: Uint8Array) => Promise<string>;
};

export async function startRawWorld(
  options: { readonly protocols?: readonly Protocol[]; readonly publicEndpoint?: string } = {},
): Promise<RawWorld> {
  const clock = new ManualClock();
  const world = await ApiWorld.start({ clock, randomness: new SeededRandomness(9), ...options });
  after(() => world.stop());
  const sends = (bytes: Uint8Array): Promise<string> => exchangeRaw(world.port, bytes);
  return {
    world,
    clock,
    sends,
    asks: async (asking) => await sends(bytesOfV4(await signedV4({ ...asking, at: clock.now() }))),
  };
}

/** A test after which the next request is answered as if nothing had been. */
export function hostile(title: string, { asks }: RawWorld, play: () => Promise<void>): void {
  test(title, async () => {
    await play();
    assert.match(await asks({}), /^HTTP\/1\.1 200 OK/, 'the next request is answered');
  });
}

/** The answer is an error document with this status and code; its message matches. */
export function assertFault(answer: string, status: number, code: string, message = /./): void {
  const shown = answer.slice(0, 2_000);
  assert.ok(answer.startsWith(`HTTP/1.1 ${status} `), shown);
  assert.equal(/<Code>(\w+)<\/Code>/.exec(answer)?.[1], code, shown);
  assert.match(/<Message>([\s\S]*)<\/Message>/.exec(answer)?.[1] ?? '', message, shown);
  const id = /^x-amzn-requestid: (\S+)\r$/im.exec(answer)?.[1];
  assert.equal(/<RequestId>(\S+)<\/RequestId>/.exec(answer)?.[1], id, shown);
  assert.match(answer, /^date: /im, shown);
}
