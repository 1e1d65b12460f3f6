/**
 * Replays every transcript of this folder against a real server on loopback. After a change that is
 * meant, `node test/wire/wire.test.ts --rewrite` writes the answers anew; commit the difference only
 * when you can say why it came.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isLimitName, type Limits } from '../../src/model/limits.ts';
import { ApiWorld } from '../harness/api-world.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import { exchangeRaw } from '../harness/raw-http.ts';
import { SeededRandomness } from '../harness/seeded-randomness.ts';
import { type Exchange, Names, readTranscript, writeTranscript } from './transcript.ts';

const isRewrite = process.argv.includes('--rewrite');
const startedAt = Date.UTC(2026, 10, 22, 21, 22, 35, 87);
const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.http'));

for (const file of files) {
  test(`the wire looks as ${file} has it`, async () => {
    const path = join(import.meta.dirname, file);
    const { exchanges } = readTranscript(readFileSync(path, 'utf8'));
    const seen = await replay(exchanges);
    if (isRewrite) writeFileSync(path, writeTranscript({ exchanges: seen }));
    else for (const [index, one] of seen.entries()) compare(one, exchanges[index]);
  });
}

function compare(seen: Exchange, written: Exchange | undefined): void {
  assert.equal(seen.answer, written?.answer, `${seen.prose}\n${seen.request}`);
}

/** The same exchanges with the answers that came. */
async function replay(exchanges: readonly Exchange[]): Promise<readonly Exchange[]> {
  const clock = new ManualClock(startedAt);
  const acts = exchanges.flatMap((exchange) => exchange.acts);
  const world = await ApiWorld.start({
    clock,
    randomness: new SeededRandomness(2010),
    limits: limitsOf(acts),
    allowReset: !acts.includes('no reset'),
  });
  try {
    const names = new Names();
    const seen: Exchange[] = [];
    for (const exchange of exchanges) {
      for (const act of exchange.acts) await perform(act, world, clock);
      const answer = await exchangeRaw(world.port, names.fill(exchange.request), {
        headOnly: exchange.request.startsWith('HEAD '),
      });
      seen.push({ ...exchange, answer: names.describe(answer) });
    }
    return seen;
  } finally {
    await world.stop();
  }
}

function limitsOf(acts: readonly string[]): Partial<Limits> {
  const limits: Partial<Record<keyof Limits, number>> = {};
  for (const act of acts) {
    const [, name = '', number] = /^limit (\S+)=(\d+)$/.exec(act) ?? [];
    if (number !== undefined && isLimitName(name)) limits[name] = Number(number);
  }
  return limits;
}

async function perform(act: string, world: ApiWorld, clock: ManualClock): Promise<void> {
  const seconds = /^(\d+) s pass$/.exec(act)?.[1];
  if (seconds !== undefined) await clock.passes(Number(seconds) * 1_000);
  else if (act === 'the edge catches up') await world.edgeCatchesUp();
  else if (act === 'the log is full') world.logFills();
  else if (act === 'the service has a bug') world.controlBreaks();
  else assert(act === 'no reset' || act.startsWith('limit '), `nobody knows how: ${act}`);
}
