/**
 * Tidy: what no linter knows of this codebase. Imports point one way; time, timers and chance come
 * through ports; no file is left that nothing reaches; files stay small enough to be one idea.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { test } from 'node:test';

const root = resolve(import.meta.dirname, '..');
const source = join(root, 'src');

/** Folder → the folders it may import, beside itself. What is at the top of src/ may import all. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  base: [],
  http: ['base'],
  model: ['base', 'http'],
  log: ['base', 'model'],
  authority: ['base'],
  control: ['base', 'http', 'model', 'log'],
  dns: ['base', 'model'],
  feed: ['base', 'http', 'model', 'log'],
  cache: ['base', 'http', 'model'],
  origin: ['base', 'http', 'model'],
  'access-log': ['base', 'http', 'model'],
  geo: ['base'],
  edge: ['base', 'http', 'model', 'cache', 'origin', 'access-log', 'geo'],
  wire: ['base'],
  api: ['base', 'http', 'model', 'control', 'feed', 'wire'],
  cli: ['base', 'http', 'wire'],
  config: ['base', 'model', 'log', 'edge'],
};

/** The log's contracts are types that any part may speak of; its homes are main's to choose. */
const contracts = new Set(['log/log.ts', 'log/presence.ts']);

/** The settings table is read by the one command that starts a server. */
const settingsReaders = new Set(['cli/serve.ts', 'cli/demo.ts']);

/** Where each thread or process of the program begins. */
const entries = [
  'main.ts',
  'edge-worker.ts',
  'log/embedded-worker.ts',
  'access-log/delivery-worker.ts',
];

const linesMax = 600;

type Import = { readonly from: string; readonly to: string; readonly typeOnly: boolean };

const files = readdirSync(source, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => slashed(relative(source, join(entry.parentPath, entry.name))))
  .sort();
const programFiles = files.filter((file) => !file.endsWith('.test.ts'));

function slashed(path: string): string {
  return path.split(sep).join('/');
}

function read(file: string): string {
  return readFileSync(join(source, file), 'utf8');
}

/** Comments and the insides of strings do not count as code. */
function code(file: string): string {
  return read(file)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '');
}

function importsOf(file: string): readonly Import[] {
  const found: Import[] = [];
  const pattern =
    /(?:import|export)\s+(type\s+)?[^'";]*?from\s+'(\.[^']+)'|import\(\s*'(\.[^']+)'\s*\)|siblingModule\([^,]+,\s*'(\.[^']+)'\s*\)/g;
  for (const [, typeOnly, named, lazy, thread] of code(file).matchAll(pattern)) {
    const target = named ?? lazy ?? (thread === undefined ? undefined : `${thread}.ts`);
    if (target === undefined) continue;
    const to = slashed(relative(source, resolve(source, dirname(file), target)));
    found.push({ from: file, to, typeOnly: typeOnly !== undefined });
  }
  return found;
}

function folderOf(file: string): string | undefined {
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : undefined;
}

function isAllowed({ from, to, typeOnly }: Import): boolean {
  const folder = folderOf(from);
  if (folder === undefined || folder === folderOf(to)) return true;
  if (typeOnly && contracts.has(to)) return true;
  if (settingsReaders.has(from) && (to === 'config.ts' || (typeOnly && to === 'server.ts'))) {
    return true;
  }
  return mayImport[folder]?.includes(folderOf(to) ?? '') ?? false;
}

test('imports point one way', () => {
  const wrong = programFiles.flatMap(importsOf).filter((one) => !isAllowed(one));
  assert.deepEqual(
    wrong.map(({ from, to }) => `${from} imports ${to}`),
    [],
  );
});

test('every folder of src/ has its place in the order of imports', () => {
  const unknown = new Set(programFiles.map(folderOf).filter((folder) => folder !== undefined));
  for (const folder of Object.keys(mayImport)) unknown.delete(folder);
  assert.deepEqual([...unknown], []);
});

test('no file is left that no entry of the program reaches', () => {
  const reached = new Set<string>();
  const todo = [...entries];
  for (let file = todo.pop(); file !== undefined; file = todo.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    todo.push(...importsOf(file).map(({ to }) => to));
  }
  assert.deepEqual(
    programFiles.filter((file) => !reached.has(file)),
    [],
  );
});

test('time, timers and chance are only in base/', () => {
  const port =
    /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bperformance\.now\b|\b(?:setTimeout|setInterval|setImmediate)\(|node:timers/;
  const wrong = programFiles
    .filter((file) => folderOf(file) !== 'base')
    .filter((file) => port.test(code(file)));
  assert.deepEqual(wrong, []);
});

test('http/ and model/ do no input or output', () => {
  const effects = /from 'node:(?!assert|util|crypto|buffer|net')|\bfetch\(/;
  const wrong = programFiles
    .filter((file) => ['http', 'model'].includes(folderOf(file) ?? ''))
    .filter((file) => effects.test(code(file)));
  assert.deepEqual(wrong, []);
});

test('types are not forced: no any, no assertion but const, no non-null mark', () => {
  const forced =
    /(?<=[\w)\]>'`}])\s+as\s+(?!const\b)[A-Za-z{[(]|\bany\b\s*[;,)>[\]=]|[\w)\]]!\s*[.;,)[]/;
  const wrong = programFiles
    .filter((file) => file !== 'base/brand.ts')
    .filter((file) => forced.test(withoutImports(code(file))));
  assert.deepEqual(wrong, []);
});

function withoutImports(text: string): string {
  return text
    .replace(/^(?:import|export)\s[^;]*?from\s+'[^']*';/gm, '')
    .replace(/'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`|"(?:[^"\\\n]|\\.)*"/g, "''");
}

test(`no file is longer than ${linesMax} lines`, () => {
  const written = programFiles.filter((file) => !file.endsWith('.generated.ts'));
  const long = written.filter((file) => read(file).split('\n').length > linesMax);
  assert.deepEqual(long, []);
});

test('every file begins with what it promises', () => {
  const bare = programFiles.filter((file) => !/^(?:#!.*\n)?\/\*\*/.test(read(file)));
  assert.deepEqual(bare, []);
});

test('every decision has a number of its own', () => {
  const numbers = readdirSync(join(root, 'docs/decisions')).map((file) => file.slice(0, 4));
  assert.deepEqual(numbers.toSorted(), [...new Set(numbers)].toSorted());
});
