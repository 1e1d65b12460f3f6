/**
 * `npm run fuzz -- [--seconds N] [--cases N] [--seed N] [--target NAME]`: throws damaged and made-up
 * bytes at everything that takes bytes from outside. Each target has an equal share of the time, a
 * minute in all unless said. A finding shows its input and names the command that repeats it.
 */
import { parseArgs } from 'node:util';
import { type Finding, tryTarget } from './engine.ts';
import { targets } from './targets.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string' },
    cases: { type: 'string' },
    seed: { type: 'string' },
    target: { type: 'string' },
  },
});
const shownCharactersMax = 400;
const now = (): number => performance.now();
const seed = number('seed', values.seed) ?? process.pid * 65_537;
const casesMax = number('cases', values.cases) ?? Number.POSITIVE_INFINITY;
const seconds =
  number('seconds', values.seconds) ?? (values.cases === undefined ? 60 : Number.POSITIVE_INFINITY);
const chosen = targets.filter(({ name }) => name.includes(values.target ?? ''));
if (chosen.length === 0) {
  console.error(`There is no target ${values.target}; there are:`);
  for (const { name } of targets) console.error(`  ${name}`);
  process.exit(1);
}

const width = Math.max(...chosen.map(({ name }) => name.length));
const begunMs = now();
let all = 0;
let found = 0;
console.log(`seed ${seed}, ${count(chosen.length, 'target')}`);
for (const target of chosen) {
  const endMs = now() + (seconds * 1_000) / chosen.length;
  const isEnough = (): boolean => now() >= endMs;
  process.stdout.write(`${target.name.padEnd(width)}  `);
  const tried = await tryTarget(target, { seed, casesMax, isEnough, time: ownMs });
  await target.close?.();
  const { cases, findings, slowestMs } = tried;
  all += cases;
  found += findings.length;
  const slowest = `slowest ${slowestMs.toFixed(1).padStart(6)} ms`;
  const verdict = findings.length === 0 ? '' : `  ${count(findings.length, 'FINDING')}`;
  console.log(`${grouped(cases).padStart(11)} inputs  ${slowest}${verdict}`);
  for (const finding of findings) tell(finding);
}
const tookS = ((now() - begunMs) / 1_000).toFixed(0);
console.log(`${grouped(all)} inputs in ${tookS} s, ${count(found, 'finding')}`);

/** What this thread has worked, so that a busy machine is no finding. */
function ownMs(): number {
  const { system, user } = process.threadCpuUsage();
  return (system + user) / 1_000;
}

function tell({ error, input, seed: ofCase, target }: Finding): void {
  process.exitCode = 1;
  const rest = input.length > shownCharactersMax ? ' and more' : '';
  console.log(`  npm run fuzz -- --target '${target}' --seed ${ofCase} --cases 1`);
  console.log(`  ${count(input.length, 'byte')}: ${shown(input)}${rest}`);
  console.log(`  ${error instanceof Error ? error.stack : String(error)}`);
}

function shown(input: string): string {
  return JSON.stringify(input.slice(0, shownCharactersMax));
}

function number(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  console.error(`--${option} takes a whole number, not ${text}.`);
  return process.exit(1);
}

function count(of: number, what: string): string {
  return `${grouped(of)} ${what}${of === 1 ? '' : 's'}`;
}

function grouped(whole: number): string {
  return whole.toLocaleString('en');
}
