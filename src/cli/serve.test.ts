import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';

/** Runs `serve` in a process of its own, with a server that is what `start` says. */
function serveWith(start: string): ReturnType<typeof spawn> {
  const script = `
    import { systemClock as clock } from ${JSON.stringify(new URL('../base/clock.ts', import.meta.url))};
    import { systemRandomness as randomness } from ${JSON.stringify(new URL('../base/randomness.ts', import.meta.url))};
    import { serveCommand } from ${JSON.stringify(new URL('./serve.ts', import.meta.url))};
    const screen = (stream) => ({
      write: (text) => void stream.write(text),
      isTerminal: false, columns: 80, colors: false, painted: (_, text) => text,
    });
    const start = async () => { process.stdout.write('starting\\n'); ${start} };
    const addresses = { api: 'http://127.0.0.1:1', apiTls: undefined, edges: [], caFile: undefined };
    // What holds a real server's process open.
    const open = setInterval(() => undefined, 1_000);
    process.exitCode = await serveCommand(start).run(['--memory', '--json'], {
      environment: {}, out: screen(process.stdout), err: screen(process.stderr),
      clock, randomness, interrupted: new AbortController().signal, readText: undefined,
    });
    clearInterval(open);
  `;
  return spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

type Seen = { out: string; err: string; code: number | null };

async function seenOf(
  child: ReturnType<typeof spawn>,
  onOut: (out: string) => void,
): Promise<Seen> {
  let out = '';
  let err = '';
  child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
    out += piece;
    onOut(out);
  });
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
    err += piece;
  });
  await once(child, 'close');
  return { out, err, code: child.exitCode };
}

test('a start that hangs is ended by one signal', async () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const child = serveWith('return new Promise(() => {});');
    const { code, out } = await seenOf(child, () => child.kill(signal));
    assert.deepEqual([code, out], [0, 'starting\n']);
  }
});

test('a stop that hangs is ended by a second signal', async () => {
  const child = serveWith(
    "return { addresses, drain: async () => {}, stop: () => { process.stdout.write('stopping\\n'); return new Promise(() => {}); } };",
  );
  const todo: (readonly [RegExp, NodeJS.Signals])[] = [
    [/"ready"/, 'SIGTERM'],
    [/stopping/, 'SIGINT'],
  ];
  const { code } = await seenOf(child, (out) => {
    const [pattern, signal] = todo[0] ?? [/$^/, 'SIGKILL'];
    if (!pattern.test(out)) return;
    todo.shift();
    child.kill(signal);
  });
  assert.equal(code, 130);
});

test('a start that fails is told in its words, a bug with its stack', async () => {
  const failed = await seenOf(serveWith("throw new Error('The port is taken.');"), () => undefined);
  assert.deepEqual([failed.code, failed.err], [1, 'The port is taken.\n']);
  const bug = await seenOf(serveWith('undefined.x;'), () => undefined);
  assert.equal(bug.code, 1);
  assert.match(bug.err, /TypeError.*\n\s+at /);
});
