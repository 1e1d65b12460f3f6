/**
 * The public suite of tests for HTTP caches, as this project uses it: its own client, its own origin
 * server and its own rule of what a result counts for, in which a test whose dependency fails does
 * not count as passed. The package has no types, so what comes out of it is checked here.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';

export type SuiteTest = {
  readonly id: string;
  readonly name: string;
  readonly kind: 'required' | 'optimal' | 'check';
};

export type Verdict = SuiteTest & {
  /** By the suite's own rule. */
  readonly passed: boolean;
  /** What went wrong, in the suite's words; empty where nothing did. */
  readonly why: string;
};

type Fields = Readonly<Record<string, unknown>>;
type Fetch = (url: string, init: Fields) => unknown;

const changedForm = 'the suite has changed its form';
const root = dirname(fileURLToPath(import.meta.resolve('http-cache-tests/package.json')));

async function load(path: string): Promise<Fields> {
  const loaded: unknown = await import(path);
  return fieldsOf(loaded);
}

/**
 * All that a cache between client and server can be tried with. The tests of surrogates lie in the
 * package, and its index leaves them out; docs/decisions/0016.
 */
async function loadTests(): Promise<readonly Fields[]> {
  const { default: suites } = await load(join(root, 'tests/index.mjs'));
  const { default: surrogates } = await load(join(root, 'tests/surrogate-control.mjs'));
  return [...listOf(suites), surrogates].map(fieldsOf);
}

export type SuiteRun = {
  /** Where the cache answers. */
  readonly base: string;
  readonly origin: string;
  readonly send: Fetch;
  /** Those tests only; all when there is none. */
  readonly ids: readonly string[];
  /** A test that ends otherwise than expected is tried once more, with nothing beside it. */
  readonly isExpected: (verdict: Verdict) => boolean;
  readonly progress: (done: number, of: number) => void;
};

/**
 * Preparing a test and asking what its origin saw is between the suite's two halves, and goes past
 * the cache.
 */
export async function runSuite(run: SuiteRun): Promise<readonly Verdict[]> {
  const { base, ids, isExpected, origin, progress, send } = run;
  const suites = await loadTests();
  const chosen =
    ids.length === 0
      ? suites
      : suites.map((suite) => ({
          ...suite,
          tests: listOf(suite['tests']).filter((one) => ids.includes(String(fieldsOf(one)['id']))),
        }));
  const runner = await load(join(root, 'client/runner.mjs'));
  const display = await load(join(root, 'lib/display.mjs'));
  const client = await load(join(root, 'client/test.mjs'));
  const tests = chosen
    .flatMap((suite) => listOf(suite['tests']).map(fieldsOf))
    .filter((one) => one['browser_only'] !== true);
  const direct = new RegExp(`^${base.replaceAll('.', '\\.')}/(config|state)/`);
  let done = 0;
  const around = (url: string, init: Fields = {}): unknown => {
    // What its origin saw is asked at the end of each test.
    if (direct.exec(url)?.[1] === 'state')
      progress(Math.min((done += 1), tests.length), tests.length);
    return send(url.replace(direct, `${origin}/$1/`), init);
  };
  await call(runner['runTests'], chosen, around, false, base);

  const verdictOn = async (test: Fields): Promise<Verdict> => {
    const { id, kind, name } = readTest(test);
    const results = fieldsOf(await call(runner['getResults']));
    const symbol = listOf(await call(display['determineTestResult'], suites, id, results))[2];
    const passed = symbol === '✅' || symbol === 'Y';
    const why = symbol === '⚪️' ? 'a test it depends on fails' : sayingOf(results[id]);
    return { id, kind, name, passed, why };
  };
  const doubtful = new Set<unknown>();
  for (const test of tests) {
    const verdict = await verdictOn(test);
    if (isExpected(verdict)) continue;
    doubtful.add(verdict.id);
    for (const dependency of listOf(test['depends_on'] ?? [])) doubtful.add(dependency);
  }
  // An object: the client refuses to note a second result for one test.
  const { testResults } = client;
  for (const test of tests.filter(({ id }) => doubtful.has(id))) {
    if (typeof testResults !== 'object' || testResults === null) throw new Error(changedForm);
    Reflect.deleteProperty(testResults, String(test['id']));
    await call(client['makeCacheTest'], test);
  }
  return Promise.all(tests.map(verdictOn));
}

function sayingOf(result: unknown): string {
  return Array.isArray(result) ? result.join(': ') : '';
}

function readTest({ id, kind, name }: Fields): SuiteTest {
  if (typeof id !== 'string' || typeof name !== 'string') throw new Error('a test without a name');
  if (kind === 'optimal' || kind === 'check') return { id, name, kind };
  return { id, name, kind: 'required' };
}

export type SuiteOrigin = {
  /** Without a slash at the end. */
  readonly url: string;
  stop(): Promise<void>;
};

/** The suite's server, on a free port. */
export async function startSuiteOrigin(): Promise<SuiteOrigin> {
  const folder = await mkdtemp(join(tmpdir(), 'warmfront-conformance-'));
  const child = spawn(process.execPath, [join(root, 'server/server.mjs')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: folder,
    env: {
      npm_config_protocol: 'http',
      npm_config_port: '0',
      npm_config_pidfile: join(folder, 'pid'),
    },
  });
  const port = await portOf(child);
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      child.kill();
      if (child.exitCode === null) await once(child, 'exit');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** It also says on the same stream what it takes for mistakes of a client; that is passed over. */
async function portOf(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('the origin has no output');
  const lines = createInterface(child.stdout);
  return new Promise((resolve, reject) => {
    lines.on('line', (line) => {
      const port = /^Listening on .*:(\d+)\/$/.exec(line)?.[1];
      if (port !== undefined) resolve(port);
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error('the origin of the suite ended')));
  });
}

function call(given: unknown, ...values: readonly unknown[]): Promise<unknown> {
  if (typeof given !== 'function') throw new Error(changedForm);
  return Promise.resolve(Reflect.apply(given, undefined, values));
}

function fieldsOf(value: unknown): Fields {
  if (typeof value !== 'object' || value === null) throw new Error(changedForm);
  return Object.fromEntries(Object.entries(value));
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(changedForm);
  return value;
}
