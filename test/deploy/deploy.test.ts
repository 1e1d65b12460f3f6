/**
 * The forms in deploy/: read by the tools that would read them, their settings by the server's own
 * reader, and what systemd would start really started.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { promisify } from 'node:util';
import { validate } from 'dockerfile-utils';
import { parse, parseAllDocuments } from 'yaml';
import { readSettings } from '../../src/config.ts';
import { testAuthority } from '../harness/certificates.ts';
import { needs, program } from '../harness/programs.ts';
import { startServerProcess } from '../harness/server-process.ts';

const run = promisify(execFile);
const forms = join(import.meta.dirname, '../../deploy');
const systemd = join(forms, 'systemd');

const keys = '[{"accessKeyId":"tools","secretAccessKey":"long-enough","accountId":"123456789012"}]';
const authority = await testAuthority('Authority');
const client = await authority.issue(['client']);

/** Files that a form names lie elsewhere: each is taken for one of its kind, and data folders for new. */
const elsewhere = {
  readText(path: string): string {
    if (path.endsWith('-key.pem')) return client.key;
    if (path.endsWith('client.pem')) return client.certificate;
    return path.endsWith('.pem') ? authority.certificate : keys;
  },
  isFile: (path: string) => !path.startsWith('/var/lib/') && !path.endsWith('.warmfront'),
  isFolder: () => false,
};

function areSettings(what: string, args: readonly string[], environment: NodeJS.ProcessEnv): void {
  const [command, ...flags] = args;
  assert.equal(command, 'serve', what);
  const outcome = readSettings(flags, environment, elsewhere);
  assert.equal(outcome.kind, 'settings', `${what}: ${JSON.stringify(outcome).slice(0, 400)}`);
}

type Unit = { readonly args: readonly string[]; readonly environment: Record<string, string> };

/** As systemd reads it, for the instance `paris1`. */
async function readUnit(name: string): Promise<Unit> {
  const text = (await readFile(join(systemd, name), 'utf8')).replaceAll('%i', 'paris1');
  const values = (key: string): readonly string[] =>
    text
      .split('\n')
      .flatMap((line) => (line.startsWith(`${key}=`) ? [line.slice(key.length + 1)] : []));
  const environment: Record<string, string> = {};
  for (const file of values('EnvironmentFile')) {
    const lines = await readFile(join(systemd, file.split('/').at(-1) ?? ''), 'utf8');
    for (const line of lines.split('\n')) if (/^\w+=/.test(line)) assign(environment, line);
  }
  for (const value of values('Environment')) assign(environment, value.replace(/^"(.*)"$/, '$1'));
  const [node, script, ...args] = (values('ExecStart')[0] ?? '').split(' ');
  assert.equal(node, '/usr/bin/node');
  assert.equal(script, '/opt/warmfront/bin/warmfront.js');
  return { args, environment };
}

function assign(environment: Record<string, string>, line: string): void {
  const equals = line.indexOf('=');
  environment[line.slice(0, equals)] = line.slice(equals + 1);
}

suite('systemd', () => {
  for (const name of ['warmfront.service', 'warmfront-edge@.service']) {
    test(`the settings of ${name} are settings`, async () => {
      const { args, environment } = await readUnit(name);
      areSettings(name, args, environment);
    });
  }

  test('systemd itself finds nothing wrong with the units', needs('systemd-analyze'), async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'warmfront-units-'));
    t.after(() => rm(folder, { recursive: true }));
    for (const name of await readdir(systemd)) {
      if (!name.endsWith('.service')) continue;
      const text = await readFile(join(systemd, name), 'utf8');
      const present = text.replace('/usr/bin/node', process.execPath);
      await writeFile(join(folder, name.replace('@', '@paris1')), present);
    }
    const units = (await readdir(folder)).map((name) => join(folder, name));
    const { stderr } = await run(program('systemd-analyze'), ['verify', ...units]);
    assert.equal(stderr, '');
  });

  test('what the unit of one machine starts is ready, and stops in time', async (t) => {
    const data = await mkdtemp(join(tmpdir(), 'warmfront-unit-'));
    t.after(() => rm(data, { recursive: true }));
    const { args, environment } = await readUnit('warmfront.service');
    const credentials = join(data, 'credentials.json');
    await writeFile(credentials, keys);
    // The same command and settings, on ports and files that a test may have.
    const flags = Object.entries({
      ...environment,
      WARMFRONT_DATA: join(data, 'data'),
      WARMFRONT_CREDENTIALS: credentials,
      WARMFRONT_API: '127.0.0.1:0',
      WARMFRONT_API_TLS: '127.0.0.1:0',
      WARMFRONT_EDGE: 'local1=127.0.0.1:0,127.0.0.1:0',
    }).map(
      ([name, value]) =>
        `--${name.replace('WARMFRONT_', '').toLowerCase().replaceAll('_', '-')}=${value}`,
    );
    const server = await startServerProcess([...args.slice(1), ...flags]);
    const health = await fetch(`${server.addresses.api}/_warmfront/health`);
    assert.equal(health.status, 200);
    assert.deepEqual(await server.stop(), { code: 0, signal: null });
  });
});

test('the container file has no fault', async () => {
  const text = await readFile(join(forms, 'Containerfile'), 'utf8');
  assert.deepEqual(validate(text), []);
});

type Service = {
  readonly command: readonly string[];
  readonly environment: Record<string, string>;
};

test('the settings of the compose file are settings, and what it names is there', async () => {
  const composed: unknown = parse(await readFile(join(forms, 'compose.yaml'), 'utf8'));
  assert.ok(isRecord(composed) && isRecord(composed['services']));
  for (const [name, service] of Object.entries(composed['services'])) {
    assert.ok(isService(service), name);
    areSettings(name, service.command, service.environment);
    for (const kind of ['secrets', 'volumes'] as const) {
      const known = Object.keys(isRecord(composed[kind]) ? composed[kind] : {});
      for (const one of listAt(service, kind))
        assert.ok(known.includes(one.split(':')[0] ?? ''), one);
    }
  }
});

suite('Kubernetes', () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'warmfront-kubernetes-'));
    await cp(join(forms, 'kubernetes'), folder, { recursive: true });
  });

  after(() => rm(folder, { recursive: true }));

  test('kubectl puts them together', needs('kubectl'), async () => {
    const { stdout } = await run(program('kubectl'), ['kustomize', folder]);
    const kinds = parseAllDocuments(stdout).map((document) => document.get('kind'));
    assert.deepEqual(kinds, ['Namespace', 'Service', 'Deployment', 'StatefulSet']);
  });

  test('the settings of every container are settings', async () => {
    let containers = 0;
    for (const name of ['api.yaml', 'edge.yaml']) {
      const text = await readFile(join(folder, name), 'utf8');
      for (const document of parseAllDocuments(text)) {
        const found: unknown = document.getIn(['spec', 'template', 'spec', 'containers', 0]);
        if (found === undefined) continue;
        const container: unknown = JSON.parse(JSON.stringify(found));
        assert.ok(isRecord(container) && Array.isArray(container['args']), name);
        const environment: Record<string, string> = {};
        for (const one of recordsAt(container, 'env')) {
          environment[String(one['name'])] = String(one['value']);
        }
        areSettings(name, container['args'].map(String), environment);
        containers += 1;
      }
    }
    assert.equal(containers, 2);
  });
});

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isService(value: unknown): value is Service {
  return isRecord(value) && Array.isArray(value['command']) && isRecord(value['environment']);
}

function listAt(value: object, name: string): readonly string[] {
  const list: unknown = Reflect.get(value, name);
  return Array.isArray(list) ? list.map(String) : [];
}

function recordsAt(
  value: Record<string, unknown>,
  name: string,
): readonly Record<string, unknown>[] {
  const list = value[name];
  return Array.isArray(list) ? list.filter(isRecord) : [];
}
