/**
 * `npm run soak [-- --seconds 1800 --seed N --viewers 40 -- FLAGS OF serve]`: prints what was seen, and
 * exits 1 where a byte was wrong, an invalidation was undone or memory grew.
 */
import { parseArgs } from 'node:util';
import { soak } from './soak.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '1800' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    viewers: { type: 'string', default: '40' },
  },
});
const seed = Number(values.seed);
console.log(`${values.seconds} s, ${values.viewers} viewers, seed ${seed}`);
const report = await soak({
  seconds: Number(values.seconds),
  viewers: Number(values.viewers),
  seed,
  flags: positionals,
  tell: (line) => console.log(line),
});

const { diskFilled, faults, invalidations, memory, originAsked, refused, tally, updates } = report;

function shown(counts: ReadonlyMap<string | number, number>): string {
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
}

const disk =
  diskFilled === undefined ? 'not tried: no file system may be mounted here' : diskFilled;
console.log(`
requests        ${tally.requests}, ${Math.round(tally.bytes / 1_048_576)} MiB of bodies
answers         ${shown(tally.statuses)}
results         ${shown(tally.results)}
origin          asked ${originAsked} times, ${faults} faults begun
cut, unanswered ${tally.cut}, ${tally.unanswered}
changes         ${invalidations} invalidations, ${updates} updates of the configuration, ${refused} refused while the disk was full
disk filled     ${disk}
memory          ${memory.second} MiB in the second quarter, ${memory.last} in the last, ${memory.most} at most
wrong           ${tally.wrong}`);
for (const line of tally.told) console.log(`  ${line}`);
if (tally.wrong > 0 || !memory.isFlat) process.exitCode = 1;
