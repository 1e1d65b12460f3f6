/**
 * `npm run conformance`: a real server with one distribution in front of the suite's own origin, tried
 * by the public suite of tests for HTTP caches. Each test that does not pass has to stand in
 * expectations.json with its reason, and each that stands there has to fail still; any deviation is
 * an error. With `-- --standards` the server runs with that setting. `-- ID…` runs some tests alone,
 * and says of each what it saw. docs/conformance.md
 */
import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ApiCaller } from '../harness/api-caller.ts';
import { edgesOnFreePorts, freePorts, startServerProcess } from '../harness/server-process.ts';
import { until } from '../harness/until.ts';
import { runSuite, startSuiteOrigin, type Verdict } from './suite.ts';

type Mode = 'faithful' | 'standards';
/** Why these tests are not passed. */
type Exemption = { readonly why: string; readonly tests: readonly string[] };

const given = process.argv.slice(2);
const mode: Mode = given.includes('--standards') ? 'standards' : 'faithful';
const ids = given.filter((word) => !word.startsWith('--'));
const originHost = 'origin.example.com';

/**
 * A distribution set up for its origin, as its owner would: nothing is kept without a lifetime that
 * the origin gives, and what the origin's answers vary by is part of the key.
 */
const behavior = {
  allowedMethods: 'all',
  minTtlS: 0,
  defaultTtlS: 0,
  maxTtlS: 31_536_000,
  errorTtlS: { '404': 0, '414': 0, '500': 0, '501': 0, '502': 0, '503': 0, '504': 0 },
  keyedQuery: { kind: 'all' },
  ...(mode === 'faithful'
    ? { keyedHeaders: ['Abc', 'Accept-Language', 'Authorization', 'Bar', 'Baz', 'Foo'] }
    : {
        forwardedHeaders: { kind: 'all' },
        // Without a cache policy, nothing is kept where all fields go to the origin.
        encodings: { kind: 'policy', gzip: false, brotli: false },
      }),
};

const exemptions = readExemptions();
const exempted = new Set(exemptions.flatMap(({ tests }) => tests));

process.exitCode = await main();

async function main(): Promise<number> {
  const origin = await startSuiteOrigin();
  const server = await startServerProcess([
    '--memory',
    ...freePorts,
    ...edgesOnFreePorts('conformance'),
    '--origin',
    `${originHost}=${origin.url}`,
    ...(mode === 'standards' ? ['--standards'] : []),
  ]);
  try {
    const edge = new URL(server.addresses.edges[0]?.http ?? '');
    const domain = await createDistribution(new ApiCaller(server.addresses.api));
    const base = `http://${domain}:${edge.port}`;
    const verdicts = await runSuite({
      base,
      origin: origin.url,
      send: suiteFetch(),
      ids,
      isExpected: ({ id, kind, passed }) =>
        ids.length > 0 || kind === 'check' || passed !== exempted.has(id),
      progress: tellProgress,
    });
    return ids.length > 0 ? tell(verdicts) : judge(verdicts);
  } finally {
    await server.stop();
    await origin.stop();
  }
}

async function createDistribution(api: ApiCaller): Promise<string> {
  const document = `<DistributionConfig xmlns="http://cloudfront.amazonaws.com/doc/2010-11-01/">
<CustomOrigin><DNSName>${originHost}</DNSName><OriginProtocolPolicy>http-only</OriginProtocolPolicy></CustomOrigin>
<CallerReference>conformance</CallerReference><Enabled>true</Enabled></DistributionConfig>`;
  const created = await api.post('/2010-11-01/distribution', document);
  const id = /<Id>(\w+)<\/Id>/.exec(created.body)?.[1];
  const domain = /<DomainName>([^<]+)<\/DomainName>/.exec(created.body)?.[1];
  if (id === undefined || domain === undefined) throw new Error(created.body);
  const settled = await api.call('PUT', `/_warmfront/conformance/${id}`, {
    body: JSON.stringify(behavior),
  });
  if (settled.status !== 200) throw new Error(settled.body);
  await until('the distribution is deployed', async () => {
    const { body } = await api.get(`/2010-11-01/distribution/${id}`);
    return body.includes('<Status>Deployed</Status>') ? true : undefined;
  });
  return domain;
}

/** The suite's own client, which finds every name under localhost on this machine. */
function suiteFetch() {
  const fetch: unknown = createRequire(import.meta.url)('node-fetch');
  if (typeof fetch !== 'function') throw new Error('the client of the suite is missing');
  const agent = new Agent({
    keepAlive: true,
    lookup: (_name, options, callback) => {
      if (options.all === true) callback(null, [{ address: '127.0.0.1', family: 4 }]);
      else callback(null, '127.0.0.1', 4);
    },
  });
  return (url: string, init: Readonly<Record<string, unknown>>): unknown =>
    Reflect.apply(fetch, undefined, [url, { ...init, agent }]);
}

function tell(verdicts: readonly Verdict[]): number {
  for (const { id, kind, passed, why } of verdicts) {
    console.log(`${passed ? 'passed' : 'failed'} ${kind} ${id} ${why}`);
  }
  return 0;
}

/** On a terminal one line that is written over; else now and then one. */
function tellProgress(done: number, of: number): void {
  const said = `${mode}: ${done} of ${of} tests`;
  if (process.stdout.isTTY) process.stdout.write(`\r${said}${done === of ? '\n' : ''}`);
  else if (done % 100 === 0 || done === of) console.log(said);
}

function judge(verdicts: readonly Verdict[]): number {
  const counted = verdicts.filter(({ kind }) => kind !== 'check');
  const checks = verdicts.filter(({ kind }) => kind === 'check');
  const kinds = new Map(counted.map(({ id, kind }) => [id, kind]));
  const deviations = counted.flatMap(({ id, kind, passed, why }) => {
    if (passed !== exempted.has(id)) return [];
    return passed ? [`${id} passes, and is exempted`] : [`${id} (${kind}) fails: ${why}`];
  });
  for (const id of exempted) {
    if (!kinds.has(id)) deviations.push(`${id} is exempted, and is no test that counts`);
  }
  for (const { tests, why } of exemptions) {
    console.log(`\nNot passed: ${why}`);
    for (const id of tests) console.log(`  ${kinds.get(id) ?? 'unknown'}  ${id}`);
  }
  const yes = checks.filter(({ passed }) => passed).length;
  console.log(
    `\n${yes} of ${checks.length} questions that count for nothing are answered with yes.`,
  );
  if (deviations.length > 0) {
    console.log(`\nNot as test/conformance/expectations.json says (${deviations.length}):`);
    for (const deviation of deviations) console.log(`  ${deviation}`);
  }
  const indexed = verdicts.filter(({ id }) => !id.startsWith('surrogate-'));
  console.log(`Mode ${mode}; without the tests of Surrogate-Control: ${scores(indexed)}`);
  console.log(scores(verdicts));
  return deviations.length === 0 ? 0 : 1;
}

function scores(verdicts: readonly Verdict[]): string {
  return `${score(verdicts, 'required')} ${score(verdicts, 'optimal')}`;
}

function score(verdicts: readonly Verdict[], kind: Verdict['kind']): string {
  const of = verdicts.filter((one) => one.kind === kind);
  return `${kind} ${of.filter(({ passed }) => passed).length}/${of.length}`;
}

function readExemptions(): readonly Exemption[] {
  const file = join(import.meta.dirname, 'expectations.json');
  const read: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const all: Readonly<Record<Mode, readonly Exemption[]>> = Object.assign(
    { faithful: [], standards: [] },
    read,
  );
  return all[mode];
}
