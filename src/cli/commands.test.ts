import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runLine } from '../../test/harness/cli-world.ts';

const nowhere = 'http://127.0.0.1:1';

test('without a command the help is shown as wrong usage, and asked for as an answer', async () => {
  const bare = await runLine(nowhere, []);
  assert.equal(bare.code, 2);
  for (const argv of [['help'], ['--help'], ['-h']]) {
    const asked = await runLine(nowhere, argv);
    assert.equal(asked.code, 0);
    assert.equal(asked.out, bare.err);
  }
  for (const word of ['serve', 'demo', 'distribution delete ID', 'wait ID', 'edges hold NAME']) {
    assert(bare.err.includes(`\n  ${word} `), word);
  }
});

test('the help of a command is found in both ways', async () => {
  const one = await runLine(nowhere, ['help', 'streaming-distribution', 'delete']);
  const two = await runLine(nowhere, ['streaming-distribution', 'delete', '--help']);
  assert.equal(one.code, 0);
  assert.equal(one.out, two.out);
  assert.match(one.out, /Usage: warmfront streaming-distribution delete ID/);
});

test('every client command has a help with an example, and takes --json', async () => {
  const verbs = ['list', 'show', 'create', 'enable', 'disable', 'delete'];
  const lines = [
    ...['distribution', 'streaming-distribution'].flatMap((word) =>
      verbs.map((verb) => [word, verb]),
    ),
    ['invalidate'],
    ...['create', 'list', 'show'].map((verb) => ['invalidation', verb]),
    ...['list', 'show', 'create', 'update', 'delete'].map((verb) => [
      'origin-access-identity',
      verb,
    ]),
    ...['list', 'create', 'import', 'activate', 'deactivate', 'delete'].map((verb) => [
      'key-pair',
      verb,
    ]),
    ['sign'],
    ['wait'],
    ['edges'],
    ['edges', 'hold'],
    ['edges', 'release'],
    ['version'],
  ];
  for (const line of lines) {
    const { code, out } = await runLine(nowhere, [...line, '--help']);
    assert.equal(code, 0, line.join(' '));
    assert(out.startsWith(`Usage: warmfront ${line.join(' ')}`), out);
    assert.match(out, /\n {2}--json /);
    assert.match(out, /\nExample: warmfront /);
  }
});

test('an unknown command is refused, with the one that was most likely meant', async () => {
  const cases: readonly [readonly string[], RegExp][] = [
    [['distributions'], /Did you mean distribution\?/],
    [['edge'], /Did you mean edges\?/],
    [['fly'], /`warmfront help` lists them all/],
    [['distribution', 'remove'], /There are: list, show, create, enable, disable, delete/],
    [['distribution', 'lits'], /Did you mean list\?/],
    [['distribution'], /Usage: warmfront distribution COMMAND/],
    [['invalidations'], /Did you mean invalidation\?/],
    [['key-pair', 'remove'], /There are: list, create, import, activate, deactivate, delete/],
    [['explain', 'http://x/'], /comes in a later release/],
  ];
  for (const [argv, said] of cases) {
    const { code, err, out } = await runLine(nowhere, argv);
    assert.equal(code, 2, argv.join(' '));
    assert.match(err, said);
    assert.equal(out, '');
  }
});

test('version is told in words and as JSON', async () => {
  assert.match((await runLine(nowhere, ['--version'])).out, /^warmfront \d+\.\d+\.\d+ \(Node 2/);
  const { out } = await runLine(nowhere, ['version', '--json']);
  assert.equal(JSON.parse(out).node, process.versions.node);
});
