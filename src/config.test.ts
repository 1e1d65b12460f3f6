import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test, type TestContext } from 'node:test';
import { openAuthority } from './authority/authority.ts';
import { systemClock } from './base/clock.ts';
import { systemRandomness } from './base/randomness.ts';
import { settingsPage } from './config/text.ts';
import { readSettings, type ServerSettings, settings } from './config.ts';
import { joinTable } from './config/join.ts';
import { type Bound, boundTable } from './edge/bounds.ts';

const page = join(import.meta.dirname, '../docs/settings.md');
if (process.argv.includes('--rewrite')) writeFileSync(page, settingsPage(settings));

function read(argv: readonly string[], environment: Record<string, string> = {}): ServerSettings {
  const outcome = readSettings(argv, environment);
  if (outcome.kind !== 'settings') assert.fail(JSON.stringify(outcome));
  return outcome.settings;
}

function wrong(argv: readonly string[], environment: Record<string, string> = {}): string {
  const outcome = readSettings(argv, environment);
  assert(outcome.kind === 'wrong', `${argv.join(' ')} is taken`);
  return outcome.message;
}

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'warmfront-config-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test('without any settings, everything is on loopback and kept in ./.warmfront', () => {
  const defaults = read([]);
  assert.equal(defaults.data, resolve('.warmfront'));
  assert.deepEqual(defaults.api, { host: '127.0.0.1', port: 4400 });
  assert.deepEqual(defaults.apiTls, { host: '127.0.0.1', port: 4443 });
  assert.deepEqual(defaults.edges, [
    {
      name: 'local1',
      http: { host: '127.0.0.1', port: 8080 },
      https: { host: '127.0.0.1', port: 8443 },
    },
  ]);
  assert.equal(defaults.domain, 'cloudfront.localhost');
  assert.equal(defaults.edgeLeaseMs, 10_000);
  assert.equal(defaults.privateOrigins, 'allow');
  assert.equal(defaults.cacheBytesMax, 67_108_864);
  assert.equal(defaults.cachedBodyBytesMax, 16_777_216);
  assert.equal(defaults.cacheDiskBytesMax, 1_073_741_824);
  assert.equal(read(['--memory']).cacheDiskBytesMax, 0);
  assert.deepEqual(defaults.accessLogs, {
    fields: 'modern',
    intervalMs: 300_000,
    spoolBytesMax: 1_073_741_824,
    store: undefined,
  });
  assert.equal(defaults.limits.distributions, 500);
  assert.equal(defaults.allowReset, false);
});

test('every setting is a flag, a variable and a name in a file', (t) => {
  const here = folder(t);
  mkdirSync(join(here, 'site'));
  writeFileSync(join(here, 'keys.json'), '[]');
  const given: Readonly<Record<string, string | readonly string[]>> = {
    data: join(here, 'data'),
    log: 'etcd://127.0.0.1:2379,[::1]:2380/one/two',
    'log-quota': '8GiB',
    api: '[::1]:1',
    'api-tls': 'off',
    'public-endpoint': 'https://cdn.example.com:4443/cdn',
    dns: '127.0.0.1:5',
    'dns-zone': join(here, 'keys.json'),
    credentials: join(here, 'keys.json'),
    edge: ['paris=127.0.0.1:2', 'rome=127.0.0.1:3,[::1]:4'],
    'edge-workers': '2',
    'edge-lease': '2s',
    drain: '15s',
    'propagation-delay': '15m',
    domain: 'CDN.test',
    bucket: [
      `pics=${join(here, 'site')}`,
      `films=${join(here, 'site')},private=E2QWRUHAPOMQZL,E74FTE3AEXAMPLE`,
    ],
    origin: ['www.example.com=http://127.0.0.1:9000', 'api.example.com=https://[::1]:9001/base/'],
    'identity-credentials': join(here, 'keys.json'),
    'geo-database': [join(here, 'keys.json')],
    'origin-shield': ['eu-west-3=paris,https://10.0.0.1:8443', 'us-east-1=rome,http://b:80'],
    'origin-shield-key': join(here, 'keys.json'),
    'private-origins': 'refuse',
    'origin-connect-timeout': '1s',
    'origin-connect-attempts': '2',
    'origin-read-timeout': '500ms',
    'cache-memory': '1GiB',
    'cached-body': '1024',
    'cache-disk': '10GiB',
    'log-store': 'http://127.0.0.1:9000',
    'log-store-credentials': join(here, 'keys.json'),
    'access-log-fields': '2010',
    'access-log-interval': '30s',
    'access-log-spool': '16MiB',
    'legacy-minimum-ttl': '1h',
    limit: ['aliases=20', 'list-page=5'],
    standards: 'true',
    explain: 'on',
    'viewer-connections': '20000',
    'viewer-connections-per-address': '0',
    'viewer-connection-rate': '7',
    'viewer-requests': '30000',
    'origin-requests': '9000',
    'viewer-https-port': '8443',
    'body-memory': '64MiB',
    'viewer-idle-timeout': '5s',
    'viewer-head-timeout': '6s',
    'viewer-read-timeout': '7s',
    'viewer-body-timeout': '8s',
    'viewer-body-rate': '1KiB',
    'log-level': 'warn',
    'allow-reset': 'true',
    json: 'true',
  };
  // Those of edge machines are tried in config/join.test.ts.
  const others = Object.values(joinTable).map(({ name }) => name);
  const covered = new Set([
    ...Object.keys(given),
    ...others,
    'memory',
    'config',
    'origin-ca',
    'log-ca',
    'log-cert',
    'log-key',
  ]);
  assert.deepEqual(
    settings.map(({ name }) => name).filter((name) => !covered.has(name)),
    [],
  );
  const expected: Partial<ServerSettings> = {
    data: join(here, 'data'),
    etcd: {
      servers: ['127.0.0.1:2379', '[::1]:2380'],
      prefix: 'one/two',
      quotaBytes: 8 * 1_073_741_824,
      tls: undefined,
    },
    api: { host: '::1', port: 1 },
    apiTls: undefined,
    publicEndpoint: 'https://cdn.example.com:4443/cdn',
    dns: { address: { host: '127.0.0.1', port: 5 }, zoneFile: join(here, 'keys.json') },
    credentialsFile: join(here, 'keys.json'),
    edges: [
      { name: 'paris', http: { host: '127.0.0.1', port: 2 }, https: undefined },
      { name: 'rome', http: { host: '127.0.0.1', port: 3 }, https: { host: '::1', port: 4 } },
    ],
    edgeWorkers: 2,
    edgeLeaseMs: 2_000,
    drainMs: 15_000,
    propagationDelayMs: 900_000,
    domain: 'cdn.test',
    buckets: { pics: join(here, 'site'), films: join(here, 'site') },
    privateBuckets: { films: ['E2QWRUHAPOMQZL', 'E74FTE3AEXAMPLE'] },
    identityCredentialsFile: join(here, 'keys.json'),
    geoDatabaseFiles: [join(here, 'keys.json')],
    originShields: {
      'eu-west-3': { edge: 'paris', url: 'https://10.0.0.1:8443' },
      'us-east-1': { edge: 'rome', url: 'http://b' },
    },
    originShieldKeyFile: join(here, 'keys.json'),
    originUrls: {
      'www.example.com': 'http://127.0.0.1:9000',
      'api.example.com': 'https://[::1]:9001/base',
    },
    privateOrigins: 'refuse',
    originConnectTimeoutMs: 1_000,
    originConnectAttempts: 2,
    originReadTimeoutMs: 500,
    cacheBytesMax: 1_073_741_824,
    cachedBodyBytesMax: 1_024,
    accessLogs: {
      fields: '2010',
      intervalMs: 30_000,
      spoolBytesMax: 16_777_216,
      store: { url: 'http://127.0.0.1:9000', credentialsFile: join(here, 'keys.json') },
    },
    legacyMinimumTtlMs: 3_600_000,
    standards: true,
    explain: true,
    viewerHttpsPort: 8_443,
    viewerBounds: {
      connectionsMax: 20_000,
      connectionsPerAddressMax: 0,
      connectionsPerAddressSMax: 7,
      exchangesMax: 30_000,
      originRequestsMax: 9_000,
      bodyMemoryBytesMax: 67_108_864,
      idleMsMax: 5_000,
      headMsMax: 6_000,
      drainMsMax: 7_000,
      bodyMsMax: 8_000,
      bodyBytesPerS: 1_024,
    },
    allowReset: true,
    json: true,
    logLevel: 'warn',
  };
  const flags = Object.entries(given).flatMap(([name, value]) =>
    [value].flat().flatMap((text) => (text === 'true' ? [`--${name}`] : [`--${name}`, text])),
  );
  const variables = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      `WARMFRONT_${name.toUpperCase().replaceAll('-', '_')}`,
      [value].flat().join('; '),
    ]),
  );
  writeFileSync(join(here, 'all.json'), JSON.stringify(given));
  for (const seen of [
    read(flags),
    read([], variables),
    read(['--config', join(here, 'all.json')]),
  ]) {
    assert.partialDeepStrictEqual(seen, expected);
    assert.equal(seen.apiTls, undefined);
    assert.equal(seen.limits.aliases, 20);
    assert.equal(seen.limits['list-page'], 5);
  }
});

test('a flag counts before a variable, a variable before the file, the file before the default', (t) => {
  const file = join(folder(t), 'warmfront.json');
  writeFileSync(file, JSON.stringify({ domain: 'file.test', 'edge-workers': 3, memory: true }));
  const environment = { WARMFRONT_CONFIG: file, WARMFRONT_DOMAIN: 'variable.test' };
  assert.equal(read(['--domain', 'flag.test'], environment).domain, 'flag.test');
  assert.equal(read([], environment).domain, 'variable.test');
  assert.equal(read(['--config', file]).domain, 'file.test');
  assert.equal(read([], environment).edgeWorkers, 3);
  assert.equal(read([], environment).data, undefined);
  assert.notEqual(read(['--memory=false'], environment).data, undefined);
});

test('a path in a file begins at its folder', (t) => {
  const here = folder(t);
  mkdirSync(join(here, 'site'));
  writeFileSync(join(here, 'w.json'), JSON.stringify({ data: 'kept', bucket: ['pics=site'] }));
  const seen = read(['--config', join(here, 'w.json')]);
  assert.equal(seen.data, join(here, 'kept'));
  assert.deepEqual(seen.buckets, { pics: join(here, 'site') });
});

test('a variable that is set but empty counts as not set', () => {
  assert.equal(read([], { WARMFRONT_DOMAIN: '' }).domain, 'cloudfront.localhost');
});

test('variables of other programs and of other commands are passed over', () => {
  // What Kubernetes sets for services named warmfront and warmfront-api.
  for (const service of ['WARMFRONT', 'WARMFRONT_API']) {
    for (const tail of [
      'PORT',
      'SERVICE_HOST',
      'SERVICE_PORT',
      'SERVICE_PORT_API_TLS',
      'PORT_4400_TCP',
      'PORT_4400_TCP_ADDR',
      'PORT_4400_TCP_PORT',
      'PORT_4400_TCP_PROTO',
    ]) {
      read([], { [`${service}_${tail}`]: 'tcp://10.0.0.1:4400' });
    }
  }
  read([], { WARMFRONT_ENDPOINT: 'http://127.0.0.1:4400', WARMFRONT_CA: 'ca.pem' });
});

test('an unknown name is refused, with the one that was most likely meant', (t) => {
  assert.match(wrong(['--domian', 'x']), /no setting --domian .*did you mean --domain\?/);
  assert.match(wrong(['--verbose']), /no setting --verbose .*serve --help/);
  assert.match(wrong(['-v']), /no setting -v/);
  assert.match(wrong(['start']), /not start/);
  assert.match(wrong([], { WARMFRONT_DOMIAN: 'x' }), /did you mean WARMFRONT_DOMAIN\?/);
  const file = join(folder(t), 'warmfront.json');
  writeFileSync(file, '{"edges":["a=127.0.0.1:1"]}');
  const message = wrong(['--config', file]);
  assert(message.includes(file));
  assert.match(message, /did you mean edge\?/);
});

test('a bad value is refused with its setting, its source, the fault and what is accepted', (t) => {
  const here = folder(t);
  writeFileSync(join(here, 'not.pem'), 'no certificate');
  const cases: readonly [string, string, RegExp][] = [
    ['data', join(here, 'not.pem'), /is a file, not a folder/],
    ['data', 'a\0b', /NUL/],
    [
      'api',
      '127.0.0.1',
      /--api \(from the command line\): 127\.0\.0\.1 has no port\. It takes HOST:PORT/,
    ],
    ['api-tls', 'of', /has no port.*or off/],
    ['public-endpoint', 'https://cdn.test/a%20b', /a path of other characters/],
    ['public-endpoint', 'ftp://cdn.test', /neither http/],
    ['public-endpoint', 'https://me:word@cdn.test', /user name is not accepted/],
    ['credentials', join(here, 'none.json'), /there is no file/],
    ['edge', '127.0.0.1:8080', /has no =/],
    ['edge', 'Paris=127.0.0.1:8080', /Paris is not a name of an edge location/],
    ['edge', 'a=127.0.0.1:1,127.0.0.1:2,127.0.0.1:3', /more than two addresses/],
    ['edge', 'a=127.0.0.1:99999', /99999 is not a port/],
    ['edge-workers', '0', /0 is not a whole number from 1 to 64/],
    ['edge-workers', '65', /1 to 64/],
    ['edge-workers', '1e1', /1e1 is not a whole number/],
    ['edge-lease', '10', /10 is no duration.*10s/],
    ['edge-lease', '1ms', /not within 100ms to 10m/],
    ['propagation-delay', '-1s', /-1s is no duration/],
    ['domain', 'a..b', /empty label/],
    ['domain', '127.0.0.1', /not an address/],
    ['bucket', `pics=${join(here, 'none')}`, /there is no folder/],
    ['bucket', `pics=${join(here, 'not.pem')}`, /there is no folder/],
    ['bucket', `a/b=${here}`, /a\/b is no name of a bucket/],
    ['bucket', 'pics=', /path is empty/],
    ['bucket', 'pics=,private=E2QWRUHAPOMQZL', /path is empty/],
    ['bucket', `pics=${here},private=`, /an empty text is no id of an origin access identity/],
    ['bucket', `pics=${here},private=E2QWRUHAPOMQZL,`, /an empty text is no id/],
    ['bucket', `pics=${here},private=e2qwruhapomqzl`, /e2qwruhapomqzl is no id/],
    ['bucket', `pics=${here},privat=E2QWRUHAPOMQZL`, /there is no folder/],
    ['identity-credentials', join(here, 'none.json'), /there is no file/],
    ['origin', 'www.example.com', /has no =/],
    ['origin', 'www.example.com=127.0.0.1:80', /is no URL|neither http/],
    ['origin', 'http://a=http://b', /is no host name/],
    ['origin', 'a.test=http://b/?c', /a query or a fragment/],
    ['geo-database', join(here, 'none.mmdb'), /there is no file/],
    ['origin-shield', 'Paris=a,http://b', /Paris is no region/],
    ['origin-shield', 'eu-west-3=a', /no URL behind a comma/],
    ['origin-shield', 'eu-west-3=A,http://b', /A is no name of an edge location/],
    ['origin-shield', 'eu-west-3=a,http://b/c', /more than scheme, host and port/],
    ['origin-shield-key', join(here, 'not.pem'), /no --origin-shield that it is for/],
    ['private-origins', 'alow', /alow is not known; did you mean allow\?/],
    ['origin-ca', join(here, 'not.pem'), /no certificate in PEM/],
    ['origin-ca', join(here, 'none.pem'), /no such file/],
    ['cache-memory', '64MB', /64MB is no number of bytes.*MiB/],
    ['cached-body', '2GiB', /more than 1GiB/],
    ['log-store', 'http://127.0.0.1:9000/logs', /more than scheme, host and port/],
    ['log-store', 'http://127.0.0.1:9000', /it needs --log-store-credentials/],
    ['access-log-fields', '2011', /2011 is not known; did you mean 2010\?/],
    ['access-log-interval', '1ms', /not within 100ms to 24h/],
    ['access-log-spool', '1KiB', /less than 1MiB/],
    ['access-log-spool', '1MiB', /all edge workers together need 2MiB at least/],
    ['legacy-minimum-ttl', '1.5s', /whole number of seconds/],
    ['limit', 'alias=3', /no limit alias; did you mean aliases\?/],
    ['limit', 'aliases=many', /many is not a whole number/],
    ['limit', 'list-page=0', /from 1 to/],
    ['log-level', '', /an empty text is not known/],
    ['config', join(here, 'none.json'), /no such file/],
    ['memory', 'perhaps', /neither true nor false/],
  ];
  for (const [name, value, fault] of cases) {
    const message = wrong([`--${name}=${value}`]);
    assert.match(message, fault);
    assert(message.startsWith(`--${name} (from the command line): `), message);
    assert.doesNotMatch(message, /\n/);
  }
  assert.match(
    wrong([], { WARMFRONT_API: 'x' }),
    /--api \(from the environment variable WARMFRONT_API\)/,
  );
});

test('a value that is missing or given twice is refused', () => {
  assert.match(wrong(['--api']), /--api .*value is missing/);
  assert.match(wrong(['--api', '--memory']), /--api .*value is missing/);
  assert.match(wrong(['--api', '[::1]:1', '--api', '[::1]:2']), /given twice/);
});

test('certificates that origins may be signed by are read from a file', async (t) => {
  const { certificate } = await openAuthority(undefined, {
    clock: systemClock,
    randomness: systemRandomness,
  });
  const file = join(folder(t), 'origins.pem');
  writeFileSync(file, certificate);
  assert.equal(read(['--origin-ca', file]).originAuthorities, certificate);
  writeFileSync(file, `${certificate}${certificate.replace('MII', 'III')}`);
  assert.match(wrong(['--origin-ca', file]), /certificate 2 in .* cannot be read/);
});

test('values that contradict each other are refused', (t) => {
  const here = folder(t);
  assert.match(wrong(['--memory', '--data', here]), /--memory says to keep none/);
  assert.match(wrong(['--memory', '--cache-disk', '1GiB']), /--memory says to use none/);
  assert.match(wrong(['--edge', 'a=127.0.0.1:1', '--edge', 'a=127.0.0.1:2']), /a is given twice/);
  assert.match(wrong(['--edge', 'a=127.0.0.1:4400']), /127\.0\.0\.1:4400 is taken by --api/);
  assert.match(wrong(['--edge', 'a=127.0.0.1:1,127.0.0.1:1']), /taken by edge a/);
  assert.match(
    wrong(['--bucket', `p=${here}`, '--bucket', `p=${here}`]),
    /p is no name of a bucket/,
  );
  assert.match(wrong(['--bucket', `pic=${here}`, '--bucket', `Pic=${here}`]), /pic is given twice/);
  const twice = ['--origin', 'a.test=http://b:1', '--origin', 'A.test=http://c:1'];
  assert.match(wrong(twice), /a\.test is given twice/);
  const regions = ['--origin-shield', 'eu-west-3=a,http://b'];
  assert.match(wrong([...regions, ...regions]), /region eu-west-3 is given twice/);
  assert.match(wrong(['--limit', 'aliases=1', '--limit', 'aliases=2']), /aliases is given twice/);
  const both = ['--bucket', `pic=${here}`, '--origin', 'pic.s3.amazonaws.com=http://b:1'];
  assert.match(wrong(both), /answered by a --bucket/);
  // Free ports never collide.
  read(['--api', '127.0.0.1:0', '--api-tls', '127.0.0.1:0', '--edge', 'a=127.0.0.1:0,127.0.0.1:0']);
});

test('an origin may be the host of an old bucket, with an underscore', () => {
  const { originUrls } = read(['--origin', 'Site_One.s3.amazonaws.com=http://b:1']);
  assert.deepEqual({ ...originUrls }, { 'site_one.s3.amazonaws.com': 'http://b:1' });
  assert.match(wrong(['--origin', 'site_one.example.com=http://b:1']), /is no host name/);
});

test('a broken file of settings is refused', (t) => {
  const here = folder(t);
  const file = join(here, 'w.json');
  const cases: readonly [string, RegExp][] = [
    ['{', /is not JSON/],
    ['[]', /one JSON object/],
    ['null', /one JSON object/],
    ['{"api":null}', /api .*must be text, a number or a boolean/],
    ['{"api":["a"]}', /api .*one value, not a list/],
    ['{"edge":[{}]}', /edge .*must be text/],
    ['{"config":"other.json"}', /cannot name another/],
    ['{"__proto__":1}', /no setting __proto__/],
    ['{"constructor":1}', /no setting constructor/],
    [
      `{"edge":${JSON.stringify(Array.from({ length: 1_001 }, () => 'a'))}}`,
      /more than 1000 times/,
    ],
  ];
  for (const [text, fault] of cases) {
    writeFileSync(file, text);
    assert.match(wrong(['--config', file]), fault);
  }
  assert.match(wrong(['--config', 'a'.repeat(5_000)]), /a… is too long for a path/);
});

test('the default key is refused on an address that is not loopback', (t) => {
  const keys = join(folder(t), 'keys.json');
  writeFileSync(keys, '[]');
  assert.match(wrong(['--api', '0.0.0.0:4400']), /--api .*not loopback.*--credentials/);
  assert.match(wrong(['--api-tls', '[::]:4443']), /--api-tls .*not loopback.*--credentials/);
  read(['--api', '0.0.0.0:4400', '--credentials', keys]);
  read(['--api', '[::1]:4400', '--api-tls', 'localhost:4443']);
});

test('private origins are allowed by themselves only while every listener is on loopback', () => {
  assert.equal(read(['--edge', 'a=0.0.0.0:80']).privateOrigins, 'refuse');
  assert.equal(read(['--edge', 'a=127.0.0.1:80,[::]:443']).privateOrigins, 'refuse');
  const allowed = read(['--edge', 'a=0.0.0.0:80', '--private-origins', 'allow']);
  assert.equal(allowed.privateOrigins, 'allow');
});

test('a stored body is never longer than the cache', () => {
  assert.equal(read(['--cache-memory', '1MiB']).cachedBodyBytesMax, 1_048_576);
});

test('keeping nothing on disk allows a reset', () => {
  assert.equal(read(['--memory']).allowReset, true);
});

test('help names every setting with its variable, and wins over all else', () => {
  const outcome = readSettings(['--memory', '--help', '--nonsense'], {});
  assert(outcome.kind === 'help');
  for (const { name, form } of settings) {
    assert(outcome.text.includes(`\n  --${name}${form === '' ? '' : ` ${form}`}`), name);
    assert(outcome.text.includes(`WARMFRONT_${name.toUpperCase().replaceAll('-', '_')}`), name);
  }
  assert(outcome.text.split('\n').every((line) => line.length <= 100));
});

test('docs/settings.md is what the table says; --rewrite writes it anew', () => {
  assert.equal(readFileSync(page, 'utf8'), settingsPage(settings));
});

test('a bound of an edge that is a setting has its default from the table of bounds', () => {
  const { viewerBounds } = read([]);
  const told: Record<string, number> = {};
  for (const [name, bound] of Object.entries<Bound>(boundTable)) {
    if (bound.setting === undefined) continue;
    told[name] = bound.value;
    assert(
      settings.some((setting) => setting.name === bound.setting),
      bound.setting,
    );
  }
  assert.deepEqual(told, { ...viewerBounds });
});
