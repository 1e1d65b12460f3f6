/**
 * The long form: `node test/crash/access-log-kill.ts [--requests 10000]`. So many requests to a real
 * server, with its log bucket gone for a while, a kill -9 in between and one under load. Exit 1 where
 * a line is missing, comes twice or was made up.
 */
import { parseArgs } from 'node:util';
import { liveThrough } from './access-log-life.ts';

const { values } = parseArgs({ options: { requests: { type: 'string', default: '10000' } } });

const seen = await liveThrough({
  requests: Number(values.requests),
  killUnderLoad: true,
  tell: (line) => console.log(line),
});
console.log(`
requests         ${seen.requests}
lines            ${seen.lines}, none missing, none twice, in ${seen.objects} objects
kill under load  ${seen.answeredUnderLoad} answered; ${seen.lostUnderLoad} of them have no line, the oldest answered ${Math.round(seen.oldestLostMs)} ms before the kill`);
