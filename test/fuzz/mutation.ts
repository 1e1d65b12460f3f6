/** Inputs for a target: a good one with a few changes, or tokens in any order; now and then very long. */
import type { SeededRandomness } from '../harness/seeded-randomness.ts';
import type { Target } from './target.ts';

const charactersMax = 65_536;
const changesMax = 5;
/** One in so many inputs has a piece repeated until it is long, to find what takes too long. */
const longOneIn = 150;

export function makeInput({ seeds, tokens }: Target, random: SeededRandomness): string {
  const seed = random.pick(seeds) ?? '';
  let text = random.chance(0.2) ? outOfTokens(tokens, random) : seed;
  const changes = random.below(changesMax + 1);
  for (let change = 0; change < changes; change += 1) {
    text = changed(text, { seeds, tokens }, random);
  }
  if (random.below(longOneIn) === 0) text = stretched(text, tokens, random);
  return text.slice(0, charactersMax);
}

function outOfTokens(tokens: readonly string[], random: SeededRandomness): string {
  const count = random.below(12);
  let text = '';
  for (let made = 0; made < count; made += 1) text += random.pick(tokens) ?? '';
  return text;
}

function changed(
  text: string,
  { seeds, tokens }: Pick<Target, 'seeds' | 'tokens'>,
  random: SeededRandomness,
): string {
  const at = random.below(text.length + 1);
  const length = random.below(Math.min(text.length - at, random.chance(0.7) ? 8 : 200) + 1);
  const before = text.slice(0, at);
  const after = text.slice(at);
  const rest = text.slice(at + length);
  switch (random.below(8)) {
    case 0:
      return before + rest;
    case 1:
      return before + String.fromCharCode(random.below(256)) + after.slice(1);
    case 2:
      return before + String.fromCharCode(random.below(256)) + after;
    case 3:
      return before + (random.pick(tokens) ?? '') + after;
    case 4:
      return before + (random.pick(tokens) ?? '') + rest;
    case 5:
      return before + text.slice(at, at + length).repeat(2 + random.below(4)) + rest;
    case 6: {
      const other = random.pick(seeds) ?? '';
      return before + other.slice(random.below(other.length + 1));
    }
    default:
      return before;
  }
}

function stretched(text: string, tokens: readonly string[], random: SeededRandomness): string {
  const at = random.below(text.length + 1);
  const own = text.slice(at, at + 1 + random.below(3));
  const piece = random.chance(0.5) && own !== '' ? own : (random.pick(tokens) ?? ' ');
  const times = Math.floor(charactersMax / (2 * Math.max(1, piece.length)));
  return text.slice(0, at) + piece.repeat(random.below(times + 1)) + text.slice(at);
}
