/**
 * Runs the benchmarks: `npm run bench` all of them, `npm run bench -- NAME…` those that are named.
 * Figures come as a table for each; bench/README.md says what they mean. A missed target is shown and
 * does not fail the run: a figure of a machine that has other things to do proves nothing.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Benchmark, Outcome } from './harness/benchmark.ts';
import { describeMachine } from './harness/machine.ts';
import { figureTable } from './harness/table.ts';
import { hitRatios } from './micro/hit-ratio.ts';
import { invalidations } from './micro/invalidations.ts';
import { model } from './micro/model.ts';
import { routing } from './micro/routing.ts';
import { signedAccess } from './micro/signed-access.ts';
import { xml } from './micro/xml.ts';
import { accessLog } from './path/access-log.ts';
import { apiCalls } from './path/api-calls.ts';
import { apiStored } from './path/api-stored.ts';
import { behaviors } from './path/behaviors.ts';
import { edgeFeed } from './path/edge-feed.ts';
import { hits } from './path/hits.ts';
import { http2 } from './path/http2.ts';
import { memory } from './path/memory.ts';
import { putToDeployed } from './path/put-to-deployed.ts';
import { startUp } from './path/start-up.ts';
import { tls } from './path/tls.ts';

const benchmarks: readonly Benchmark[] = [
  putToDeployed,
  edgeFeed,
  apiCalls,
  apiStored,
  startUp,
  hits,
  behaviors,
  memory,
  accessLog,
  tls,
  http2,
  model,
  routing,
  signedAccess,
  invalidations,
  hitRatios,
  xml,
];

const usage = `usage: npm run bench -- [NAME…] [--quick] [--json FILE]
  --quick      fewer samples, to see that it works
  --json FILE  every figure as JSON too
${benchmarks.map(({ measures, name }) => `  ${name.padEnd(16)} ${measures}`).join('\n')}`;

type Wanted = {
  readonly chosen: readonly Benchmark[];
  readonly quick: boolean;
  readonly json: string | undefined;
};

/** Undefined: what was asked for was wrong, and said so. */
function readArguments(): Wanted | undefined {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        json: { type: 'string' },
        quick: { type: 'boolean', default: false },
      },
    });
    if (values.help === true) {
      console.log(usage);
      process.exit(0);
    }
    const unknown = positionals.find((name) => !benchmarks.some((one) => one.name === name));
    if (unknown !== undefined) throw new TypeError(`There is no benchmark ${unknown}.`);
    const chosen =
      positionals.length === 0
        ? benchmarks
        : benchmarks.filter(({ name }) => positionals.includes(name));
    return { chosen, quick: values.quick, json: values.json };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    console.error(`${error.message}\n${usage}`);
    return undefined;
  }
}

async function main({ chosen, json, quick }: Wanted): Promise<void> {
  const machine = describeMachine();
  const { cores, cpu, fileSystem, kernel, load, node } = machine;
  console.log(
    `${cpu}, ${cores} cores, Linux ${kernel}, Node ${node}, data on ${fileSystem}, load before ${load}` +
      (quick ? '; few samples, not to be quoted' : ''),
  );
  const outcomes: { name: string; outcome: Awaited<ReturnType<typeof outcomeOf>> }[] = [];
  for (const benchmark of chosen) {
    const { measures, name } = benchmark;
    const say = (progress: string): void => console.error(`  ${name}: ${progress}`);
    const outcome = await outcomeOf(() => benchmark.run({ quick, say }));
    outcomes.push({ name, outcome });
    console.log(`\n## ${name}: ${measures}\n`);
    if (outcome.kind !== 'figures') {
      console.log(`${outcome.kind === 'skipped' ? 'Skipped' : 'Failed'}: ${outcome.why}`);
      if (outcome.kind === 'failed') process.exitCode = 1;
      continue;
    }
    console.log(figureTable(outcome.figures));
    for (const note of outcome.notes) console.log(`- ${note}`);
  }
  if (json === undefined) return;
  const at = new Date().toISOString();
  writeFileSync(
    json,
    `${JSON.stringify({ at, machine, quick, benchmarks: outcomes }, undefined, 1)}\n`,
  );
}

/** A benchmark that breaks does not take the figures of the others with it. */
async function outcomeOf(
  run: () => Promise<Outcome>,
): Promise<Outcome | { readonly kind: 'failed'; readonly why: string }> {
  try {
    return await run();
  } catch (error) {
    return {
      kind: 'failed',
      why: error instanceof Error ? (error.stack ?? error.message) : String(error),
    };
  }
}

const wanted = readArguments();
if (wanted === undefined) process.exitCode = 2;
else await main(wanted);
