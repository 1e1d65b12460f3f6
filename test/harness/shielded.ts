/** Several edges and the one that is their shield, before one origin and on one log. */
import type { TestContext } from 'node:test';
import type { Distribution } from '../../src/model/distribution.ts';
import { type Setting, setTheStage, type Stage } from './scenario.ts';
import type { TestOrigin } from './origin.ts';

type Set = Stage & { [Symbol.asyncDispose](): Promise<void> };

export const region = 'eu-west-3';
const key = new Uint8Array(32).fill(7);

export type Shielded = {
  readonly shield: Stage;
  readonly edges: readonly Stage[];
  readonly origin: TestOrigin;
  /** Of all edges. */
  readonly passes: (ms: number) => Promise<void>;
  readonly serves: (distribution: Distribution) => void;
  [Symbol.asyncDispose](): Promise<void>;
};

function places(url: string) {
  return { [region]: { edge: 'shield1', url } };
}

/** `others`: the edges that ask it; each may have another key. */
export async function setShielded(
  t: TestContext,
  setting: Setting,
  others: readonly (Setting & { readonly key?: Uint8Array })[] = [{}, {}],
): Promise<Shielded> {
  const shield: Set = await setTheStage(
    {
      ...setting,
      settings: {
        ...setting.settings,
        name: 'shield1',
        originShield: { key, places: places('http://127.0.0.1:1') },
      },
    },
    t,
  );
  const { originUrls } = shield;
  const url = `http://127.0.0.1:${shield.port}`;
  const edges: Set[] = [];
  for (const [index, other] of others.entries()) {
    const originShield = { key: other.key ?? key, places: places(url) };
    const settings = {
      ...setting.settings,
      ...other.settings,
      name: `edge${index}`,
      originUrls,
      originShield,
    };
    edges.push(await setTheStage({ ...setting, ...other, settings }, t));
  }
  const all = [shield, ...edges];
  return {
    shield,
    edges,
    origin: shield.origin,
    passes: async (ms) => {
      await Promise.all(all.map(({ clock }) => clock.passes(ms)));
    },
    serves: (distribution) => {
      for (const one of all) one.serves(distribution);
    },
    async [Symbol.asyncDispose]() {
      for (const one of all.toReversed()) await one[Symbol.asyncDispose]();
    },
  };
}
