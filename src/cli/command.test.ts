import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { systemRandomness } from '../base/randomness.ts';
import { keptScreen } from '../../test/harness/cli-world.ts';
import { type Arguments, command } from './command.ts';
import { CommandFailure, UsageFault } from './failure.ts';
import type { World } from './world.ts';

type Outcome = { code: number; out: string; err: string; given: Arguments | undefined };

async function run(argv: readonly string[], act?: () => never, abort = false): Promise<Outcome> {
  const out = keptScreen();
  const err = keptScreen();
  let seen: Arguments | undefined;
  const interruption = new AbortController();
  if (abort) interruption.abort();
  const world: World = {
    environment: {},
    out,
    err,
    clock: systemClock,
    randomness: systemRandomness,
    interrupted: interruption.signal,
    readText: () => Promise.reject(new Error('no files')),
    createPrivateFile: () => Promise.reject(new Error('no files here')),
  };
  const tried = command(
    {
      words: 'thing make',
      operands: ['ID', 'COLOR'],
      summary: 'Makes a thing.',
      notes: 'It may take long.',
      options: [
        { name: 'alias', kind: 'list', form: 'HOST', meaning: 'another name' },
        { name: 'comment', kind: 'one', form: 'TEXT', meaning: 'a comment' },
        { name: 'timeout', kind: 'one', form: 'DURATION', meaning: 'how long' },
        { name: 'wait', kind: 'switch', form: '', meaning: 'wait for it' },
      ],
      example: 'warmfront thing make a red',
      onInterrupt: 'Repeat it.',
    },
    async (given) => {
      seen = given;
      act?.();
      return { text: 'made\n', json: { made: true, ms: given.duration('timeout', 5) } };
    },
  );
  const code = await tried.run(argv, world);
  return { code, out: out.text(), err: err.text(), given: seen };
}

test('operands and options are read in any order', async () => {
  const { code, given, out } = await run([
    'a',
    '--alias=x',
    '--wait',
    '--alias',
    'y',
    'red',
    '--comment=--odd',
  ]);
  assert.equal(code, 0);
  assert.equal(out, 'made\n');
  assert(given !== undefined);
  assert.equal(given.operand(0), 'a');
  assert.equal(given.operand(1), 'red');
  assert.deepEqual(given.list('alias'), ['x', 'y']);
  assert.equal(given.one('comment'), '--odd');
  assert.equal(given.has('wait'), true);
  assert.equal(given.has('timeout'), false);
});

test('with --json the one document is all that is printed', async () => {
  const { err, out } = await run(['a', 'red', '--json', '--timeout', '2s']);
  assert.deepEqual(JSON.parse(out), { made: true, ms: 2_000 });
  assert.equal(err, '');
});

test('wrong usage is exit code 2, a sentence and the usage', async () => {
  const cases: readonly [readonly string[], RegExp][] = [
    [[], /ID is missing/],
    [['a'], /COLOR is missing/],
    [['a', 'red', 'b'], /"b" is one too many/],
    [['a', ''], /operand is empty/],
    [['a', 'red', '--comment'], /--comment needs a value: --comment TEXT/],
    [['a', 'red', '--comment', '--wait'], /--comment needs a value/],
    [['a', 'red', '--comment=1', '--comment=2'], /--comment is given twice/],
    [['a', 'red', '--wait=yes'], /--wait takes no value/],
    [['a', 'red', '--coment', 'x'], /no option --coment\. Did you mean --comment\?/],
    [['a', 'red', '-x'], /no option -x/],
    [['a', 'red', '--timeout', 'soon'], /"soon" is no duration/],
    [['a', 'red', ...Array.from({ length: 101 }, () => '--alias=x')], /more than 100 times/],
  ];
  for (const [argv, fault] of cases) {
    const { code, err, out } = await run(argv);
    assert.equal(code, 2, argv.join(' '));
    assert.match(err, fault);
    assert.match(err, /Usage: warmfront thing make ID COLOR \[options\]/);
    assert.equal(out, '');
  }
});

test('help says what it does, every option, and an example, whatever else is given', async () => {
  for (const argv of [['--help'], ['-h'], ['a', '--help', 'b', 'c', 'd']]) {
    const { code, out } = await run(argv);
    assert.equal(code, 0);
    assert.match(out, /^Usage: warmfront thing make ID COLOR \[options\]\n\nMakes a thing\./);
    assert.match(out, /It may take long\./);
    assert.match(out, /--alias HOST +another name \(repeatable\)/);
    assert.match(out, /--json/);
    assert.match(out, /\nExample: warmfront thing make a red\n$/);
  }
});

function fail(): never {
  throw new CommandFailure('Late', 'It is late.', { edges: ['a'] });
}

test('a failure is exit code 1, said on standard error, or as JSON on standard output', async () => {
  const plain = await run(['a', 'red'], fail);
  assert.deepEqual([plain.code, plain.out, plain.err], [1, '', 'Failed: It is late.\n']);
  const json = await run(['a', 'red', '--json'], fail);
  assert.deepEqual([json.code, json.err], [1, '']);
  assert.deepEqual(JSON.parse(json.out), {
    error: { code: 'Late', message: 'It is late.', edges: ['a'] },
  });
});

test('an interruption is exit code 130, with what to do next', async () => {
  const { code, err } = await run(
    ['a', 'red'],
    () => {
      throw new Error('aborted');
    },
    true,
  );
  assert.equal(code, 130);
  assert.equal(err, 'Interrupted. Repeat it.\n');
});

test('a bug is not dressed up as a failure', async () => {
  await assert.rejects(
    run(['a', 'red'], () => {
      throw new TypeError('ours');
    }),
    TypeError,
  );
  const usage = await run(['a', 'red'], () => {
    throw new UsageFault('These two exclude each other.');
  });
  assert.equal(usage.code, 2);
});
