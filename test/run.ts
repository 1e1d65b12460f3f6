/**
 * Runs the tests: `npm test` all of them, `npm test -- PATH…` those whose path holds one of the
 * words. Test files run side by side, as many as there are processors.
 */
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

const root = join(import.meta.dirname, '..');
const words = process.argv.slice(2);
const files = globSync(['src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'], {
  cwd: root,
})
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .sort()
  .map((file) => join(root, file));

if (files.length === 0) {
  console.error(`No test file has ${words.join(' or ')} in its path.`);
  process.exit(1);
}
console.log(`${files.length} test files, such as ${relative(root, files[0] ?? '')}`);

/** Nothing takes so long; a test that left something open keeps its file from ending. */
const silenceMsMax = 300_000;
const stop = new AbortController();
let silence: NodeJS.Timeout | undefined;

function heard(): void {
  clearTimeout(silence);
  silence = setTimeout(() => {
    console.error(`Nothing was heard for ${silenceMsMax / 1_000} s: a file does not end.`);
    process.exitCode = 1;
    stop.abort();
  }, silenceMsMax);
}

heard();
run({ files, concurrency: Math.max(2, availableParallelism()), signal: stop.signal })
  .on('test:start', heard)
  .on('test:pass', heard)
  .on('test:fail', () => {
    process.exitCode = 1;
    heard();
  })
  .on('end', () => clearTimeout(silence))
  .compose(new spec())
  .pipe(process.stdout);
