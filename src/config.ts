/**
 * Every setting of `serve`, in one table: from it come the flags, the variables, the names in a
 * file, `serve --help`, docs/settings.md and the error messages, so that none can tell another
 * story. What comes out is plain data: paths absolute, durations in milliseconds, sizes in bytes.
 */
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { formatByteSize } from './base/byte-size.ts';
import { formatListenAddress, isLoopbackHost, type ListenAddress } from './base/listen-address.ts';
import {
  defaultSource,
  type Environment,
  gather,
  type Given,
  SettingFault,
  type Source,
} from './config-sources.ts';
import { type DnsChoices, dnsTable, readDns } from './config-dns.ts';
import { type JoinChoices, joinTable, readJoin, type Role } from './config-join.ts';
import { later } from './config-later.ts';
import { logTable, readLog } from './config-log.ts';
import { flag, list, one, type Setting } from './config-setting.ts';
import { settingsHelp } from './config-text.ts';
import {
  addressForm,
  addressOrOffForm,
  bucketForm,
  bytesForm,
  certificatesForm,
  countForm,
  domainForm,
  durationForm,
  edgeForm,
  endpointForm,
  fileForm,
  type Files,
  folderForm,
  limitForm,
  originForm,
  ValueFault,
  wordForm,
} from './config-values.ts';
import { readViewerBounds, viewerTable } from './config-viewers.ts';
import type { ViewerBounds } from './edge/bounds.ts';
import type { EtcdSettings } from './log/etcd-opening.ts';
import { bucketOfHost } from './model/host-name.ts';
import { createLimits, type Limits } from './model/limits.ts';

export type ServedEdge = {
  readonly name: string;
  readonly http: ListenAddress;
  readonly https: ListenAddress | undefined;
};

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export type AccessLogChoices = {
  readonly fields: 'modern' | '2010';
  readonly intervalMs: number;
  readonly spoolBytesMax: number;
  /** Where the buckets are that are no folders; the file is absolute. */
  readonly store: { readonly url: string; readonly credentialsFile: string } | undefined;
};

export type ServerSettings = {
  readonly role: Role;
  /** Of an edge machine. */
  readonly join: JoinChoices | undefined;
  readonly detached: 'serve' | 'drain';
  /** Undefined: this process answers no DNS. */
  readonly dns: DnsChoices | undefined;
  /** Absolute; undefined: keep nothing on disk. */
  readonly data: string | undefined;
  /** Undefined: the log is in the data directory, or in memory. */
  readonly etcd: EtcdSettings | undefined;
  readonly api: ListenAddress;
  readonly apiTls: ListenAddress | undefined;
  /** URL without a slash at the end; undefined: the address of the API over TLS, else of the API. */
  readonly publicEndpoint: string | undefined;
  /** Absolute; undefined: the default credential. */
  readonly credentialsFile: string | undefined;
  /** Each name once: none for the role `api`, one for an edge machine, else at least one. */
  readonly edges: readonly ServedEdge[];
  /** Of each edge location. */
  readonly edgeWorkers: number;
  readonly edgeLeaseMs: number;
  readonly propagationDelayMs: number;
  /** Suffix of the names of distributions, in lower case. */
  readonly domain: string;
  /** Bucket → absolute folder that existed at start. */
  readonly buckets: Readonly<Record<string, string>>;
  /** Bucket → the origin access identities that alone may read its folder. */
  readonly privateBuckets: Readonly<Record<string, readonly string[]>>;
  /** Absolute; undefined: no identity has keys. */
  readonly identityCredentialsFile: string | undefined;
  /** Origin host in lower case → URL at which it is reached, without a slash at the end. */
  readonly originUrls: Readonly<Record<string, string>>;
  readonly privateOrigins: 'allow' | 'refuse';
  /** Certificates in PEM. */
  readonly originAuthorities: string | undefined;
  readonly originConnectTimeoutMs: number;
  readonly originConnectAttempts: number;
  readonly originReadTimeoutMs: number;
  /** Per worker. */
  readonly cacheBytesMax: number;
  /** Never more than `cacheBytesMax`. */
  readonly cachedBodyBytesMax: number;
  /** Per worker; 0: nothing is cached on disk. */
  readonly cacheDiskBytesMax: number;
  readonly accessLogs: AccessLogChoices;
  /** Whole seconds, in milliseconds. */
  readonly legacyMinimumTtlMs: number;
  /** What RFC 9111 asks and CloudFront does not do. */
  readonly standards: boolean;
  /** Whether viewers may ask how an answer came about. */
  readonly explain: boolean;
  readonly viewerHttpsPort: number;
  readonly viewerBounds: ViewerBounds;
  readonly limits: Limits;
  readonly allowReset: boolean;
  /** Announce readiness as one JSON object instead of the banner. */
  readonly json: boolean;
  readonly logLevel: LogLevel;
};

const defaultData = './.warmfront';
const gibibytes = 1_073_741_824;
const minuteMs = 60_000;
const hourMs = 3_600_000;
const edgesMax = 256;

const table = {
  role: joinTable.role,
  data: one('data', 'DIR', folderForm, defaultData, {
    meaning:
      'the log, the local certificate authority and all else that is kept; made on the first start, and held by one process at a time',
  }),
  memory: flag('memory', 'keep nothing on disk, so --data is not used; for tests'),
  ...logTable,
  api: one('api', 'HOST:PORT', addressForm, '127.0.0.1:4400', {
    meaning: 'where the API listens over HTTP',
  }),
  apiTls: one('api-tls', 'HOST:PORT', addressOrOffForm, '127.0.0.1:4443', {
    meaning:
      'where the API listens over TLS, with a certificate of the local authority for localhost and the host; off: nowhere',
  }),
  publicEndpoint: one('public-endpoint', 'URL', endpointForm, undefined, {
    defaultSaid: 'the address of the API over TLS',
    meaning: 'under which the API is reached from outside; Location headers and the banner say it',
  }),
  credentials: one('credentials', 'FILE', fileForm, undefined, {
    defaultSaid: 'the key warmfront / warmfront-secret of account 000000000000',
    meaning:
      'JSON list of {accessKeyId, secretAccessKey, accountId}; needed where an address of the API is not loopback',
  }),
  edge: list(
    'edge',
    'NAME=HTTP[,HTTPS]',
    edgeForm,
    ['local1=127.0.0.1:8080,127.0.0.1:8443'],
    'an edge location, and where it answers viewers over HTTP and over HTTPS',
  ),
  edgeWorkers: one('edge-workers', 'N', countForm(1, 64), '1', {
    meaning: 'worker threads of each edge location',
  }),
  edgeLease: one('edge-lease', 'DURATION', durationForm(100, 10 * minuteMs), '10s', {
    meaning: 'an edge silent for longer is not live, so it no longer holds a status back',
  }),
  join: joinTable.join,
  tokenFile: joinTable.tokenFile,
  joinCa: joinTable.joinCa,
  detached: joinTable.detached,
  propagationDelay: one('propagation-delay', 'DURATION', durationForm(0, 24 * hourMs), '0s', {
    meaning: 'how long each edge waits before it takes a change, to rehearse a slow network',
  }),
  domain: one('domain', 'NAME', domainForm, 'cloudfront.localhost', {
    meaning:
      'suffix of the names of distributions, d….NAME and s….NAME; names under localhost need no DNS',
  }),
  bucket: list(
    'bucket',
    'NAME=DIR[,private=ID…]',
    bucketForm,
    [],
    'answer for origin NAME.s3.amazonaws.com, and its regional forms, from a folder, as S3 would; a private one is read only for these origin access identities, all others get 403',
  ),
  origin: list(
    'origin',
    'HOST=URL',
    originForm,
    [],
    'reach this origin host at that URL instead of by DNS',
  ),
  identityCredentials: one('identity-credentials', 'FILE', fileForm, undefined, {
    defaultSaid: 'none',
    meaning:
      'JSON list of {identity, accessKeyId, secretAccessKey, sessionToken, region}, the last two where needed: the keys by which each origin access identity signs its requests to buckets',
  }),
  privateOrigins: one('private-origins', 'WORD', wordForm(['allow', 'refuse', 'auto']), 'auto', {
    meaning:
      'whether the name of an origin may resolve to a loopback, private or link-local address; auto: only while every listener is on loopback',
  }),
  originCa: one('origin-ca', 'FILE', certificatesForm, undefined, {
    defaultSaid: 'none',
    meaning: 'certificates that origins may be signed by, beside the public authorities',
  }),
  originConnectTimeout: one(
    'origin-connect-timeout',
    'DURATION',
    durationForm(10, 10 * minuteMs),
    '10s',
    { meaning: 'how long one attempt to connect to an origin may take' },
  ),
  originConnectAttempts: one('origin-connect-attempts', 'N', countForm(1, 3), '3', {
    meaning: 'how often connecting to an origin is tried',
  }),
  originReadTimeout: one('origin-read-timeout', 'DURATION', durationForm(10, hourMs), '30s', {
    meaning: 'how long an origin may be silent before the first byte of an answer, and within it',
  }),
  cacheMemory: one('cache-memory', 'BYTES', bytesForm(1_024 * gibibytes), '64MiB', {
    meaning: 'memory for stored objects, of each worker',
  }),
  cachedBody: one('cached-body', 'BYTES', bytesForm(gibibytes), '16MiB', {
    meaning: 'longest body that memory keeps, at most --cache-memory; a longer one is for the disk',
  }),
  cacheDisk: one('cache-disk', 'BYTES', bytesForm(65_536 * gibibytes), '1GiB', {
    meaning:
      'disk for stored objects, of each worker, under --data; one body may take half of it; 0, and with --memory: none',
  }),
  logStore: one('log-store', 'URL', endpointForm, undefined, {
    defaultSaid: 'none',
    meaning:
      'an S3-compatible store, addressed by path, that has the buckets access logs go to, but for those of --bucket',
  }),
  logStoreCredentials: one('log-store-credentials', 'FILE', fileForm, undefined, {
    defaultSaid: 'none',
    meaning:
      'JSON object {accessKeyId, secretAccessKey, region} that --log-store is written with; region is us-east-1 where it is left out',
  }),
  accessLogFields: one('access-log-fields', 'WORD', wordForm(['modern', '2010']), 'modern', {
    meaning:
      'fields of a line in an access log: the 33 of today, or the 12 that API 2010-11-01 knew, which are the first of them',
  }),
  accessLogInterval: one('access-log-interval', 'DURATION', durationForm(100, 24 * hourMs), '5m', {
    meaning: 'how long lines of access logs gather before they go to their bucket as a file',
  }),
  accessLogSpool: one(
    'access-log-spool',
    'BYTES',
    bytesForm(1_024 * gibibytes, 1_048_576),
    '1GiB',
    {
      meaning:
        'disk for access logs that no bucket has yet; beyond it the oldest are dropped, and the record says so',
    },
  ),
  legacyMinimumTtl: one(
    'legacy-minimum-ttl',
    'DURATION',
    durationForm(0, 8_760 * hourMs, true),
    '0s',
    {
      meaning:
        'least time an edge keeps an object of a distribution made with API 2010-11-01, which cannot say it; 1h is what the service did then',
    },
  ),
  standards: flag(
    'standards',
    'cache as RFC 9111 says where CloudFront does otherwise: real Vary, heuristic lifetimes, CDN-Cache-Control, Surrogate-Control, invalidation by unsafe methods, Authorization',
  ),
  explain: one('explain', 'WORD', wordForm(['on', 'off', 'auto']), 'auto', {
    meaning:
      'whether edges tell a viewer who sends Warmfront-Explain how its answer came about, in a field of that name; auto: only while every edge listens on loopback',
  }),
  ...dnsTable,
  ...viewerTable,
  limit: list('limit', 'NAME=N', limitForm, [], 'change a limit of an account or a configuration'),
  allowReset: flag('allow-reset', 'allow POST /_warmfront/reset, as --memory does'),
  json: flag('json', 'say that all is ready as one JSON object with all addresses'),
  logLevel: one(
    'log-level',
    'WORD',
    wordForm(['debug', 'info', 'warn', 'error', 'silent']),
    'info',
    { meaning: 'the least that is recorded on standard error' },
  ),
  config: one('config', 'FILE', fileForm, undefined, {
    defaultSaid: 'none',
    meaning:
      'JSON object with any of these settings by name, without dashes; paths in it begin at its folder',
  }),
} as const;

/** All settings, in the order of help. */
export const settings: readonly Setting<unknown>[] = Object.values(table);

export const diskFiles: Files = {
  readText: (path) => readFileSync(path, 'utf8'),
  isFolder: (path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false,
  isFile: (path) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false,
};

export type SettingsOutcome =
  | { readonly kind: 'settings'; readonly settings: ServerSettings }
  | { readonly kind: 'help'; readonly text: string }
  /** `message`: one sentence or two for a person. */
  | { readonly kind: 'wrong'; readonly message: string };

/** `argv` is what follows `serve`. */
export function readSettings(
  argv: readonly string[],
  environment: Environment,
  files: Files = diskFiles,
): SettingsOutcome {
  try {
    const gathered = gather(argv, environment, files, { settings, later });
    if (gathered.kind === 'help') return { kind: 'help', text: settingsHelp(settings) };
    return { kind: 'settings', settings: compose(new Reader(gathered.given, files), files) };
  } catch (error) {
    if (error instanceof SettingFault) return { kind: 'wrong', message: error.message };
    throw error;
  }
}

/** Reads given texts by the table, and says of each fault where it came from. */
class Reader {
  readonly #given: Given;
  readonly #files: Files;

  constructor(given: Given, files: Files) {
    this.#given = given;
    this.#files = files;
  }

  list<T>(setting: Setting<T>): readonly T[] {
    const { source, texts } = this.#of(setting);
    return texts.map((text) => {
      try {
        return setting.read(text, { folder: source.folder, files: this.#files });
      } catch (error) {
        if (!(error instanceof ValueFault)) throw error;
        throw this.fault(setting, `${error.message}. It takes ${setting.accepts}`);
      }
    });
  }

  optional<T>(setting: Setting<T>): T | undefined {
    return this.list(setting)[0];
  }

  one<T>(setting: Setting<T>): T {
    const [value] = this.list(setting);
    assert(value !== undefined, 'a setting without a default is optional');
    return value;
  }

  /** `why` without a full stop. */
  fault(setting: Setting<unknown>, why: string): SettingFault {
    return new SettingFault(`--${setting.name} (from ${this.#of(setting).source.said}): ${why}.`);
  }

  comesFrom(setting: Setting<unknown>): Source['kind'] {
    return this.#of(setting).source.kind;
  }

  #of(setting: Setting<unknown>): { texts: readonly string[]; source: Source } {
    return this.#given.get(setting.name) ?? { texts: setting.default, source: defaultSource };
  }
}

function compose(reader: Reader, files: Files): ServerSettings {
  const memory = reader.one(table.memory);
  if (
    memory &&
    reader.comesFrom(table.memory) === 'flag' &&
    reader.comesFrom(table.data) === 'flag'
  ) {
    throw reader.fault(table.data, 'it says where to keep things, and --memory says to keep none');
  }
  const etcd = readLog(reader, files);
  if (
    memory &&
    reader.comesFrom(table.memory) === 'flag' &&
    reader.comesFrom(table.cacheDisk) === 'flag' &&
    reader.one(table.cacheDisk) > 0
  ) {
    throw reader.fault(table.cacheDisk, 'it is disk for the cache, and --memory says to use none');
  }
  const api = reader.one(table.api);
  const tls = reader.one(table.apiTls);
  const apiTls = tls === 'off' || reader.one(table.role) === 'edge' ? undefined : tls;
  const role = reader.one(table.role);
  const join = readJoin(reader, [
    table.apiTls,
    table.publicEndpoint,
    table.credentials,
    table.legacyMinimumTtl,
    table.limit,
    table.allowReset,
    table.log,
    table.dns,
  ]);
  const edges = readEdges(reader, role);
  checkListeners(reader, api, apiTls, edges);
  const credentialsFile = reader.optional(table.credentials);
  if (credentialsFile === undefined && join === undefined)
    checkDefaultCredential(reader, api, apiTls);
  const cacheBytesMax = reader.one(table.cacheMemory);
  const { buckets, originUrls, privateBuckets } = readOrigins(reader);
  return {
    role,
    join,
    detached: reader.one(table.detached),
    dns: readDns(reader),
    data: memory ? undefined : reader.one(table.data),
    etcd,
    api,
    apiTls,
    publicEndpoint: reader.optional(table.publicEndpoint),
    credentialsFile,
    edges,
    edgeWorkers: reader.one(table.edgeWorkers),
    edgeLeaseMs: reader.one(table.edgeLease),
    propagationDelayMs: reader.one(table.propagationDelay),
    domain: reader.one(table.domain),
    buckets,
    privateBuckets,
    identityCredentialsFile: reader.optional(table.identityCredentials),
    originUrls,
    privateOrigins: readPrivateOrigins(reader, [
      api,
      ...(apiTls === undefined ? [] : [apiTls]),
      ...edges.flatMap(listenersOf),
    ]),
    originAuthorities: reader.optional(table.originCa),
    originConnectTimeoutMs: reader.one(table.originConnectTimeout),
    originConnectAttempts: reader.one(table.originConnectAttempts),
    originReadTimeoutMs: reader.one(table.originReadTimeout),
    cacheBytesMax,
    cachedBodyBytesMax: Math.min(reader.one(table.cachedBody), cacheBytesMax),
    cacheDiskBytesMax: memory ? 0 : reader.one(table.cacheDisk),
    accessLogs: readAccessLogs(reader, edges.length),
    legacyMinimumTtlMs: reader.one(table.legacyMinimumTtl),
    standards: reader.one(table.standards),
    explain: readExplain(reader, edges.flatMap(listenersOf)),
    viewerHttpsPort: reader.one(viewerTable.viewerHttpsPort),
    viewerBounds: readViewerBounds(reader),
    limits: readLimits(reader),
    // A log in etcd outlives this process, whatever it keeps itself.
    allowReset: (memory && etcd === undefined) || reader.one(table.allowReset),
    json: reader.one(table.json),
    logLevel: reader.one(table.logLevel),
  };
}

function readEdges(reader: Reader, role: Role): readonly ServedEdge[] {
  const isGiven = reader.comesFrom(table.edge) !== 'default';
  if (role === 'api') {
    if (isGiven) throw reader.fault(table.edge, 'with --role api there are no edges here');
    return [];
  }
  const edges = reader.list(table.edge);
  if (role === 'edge' && (!isGiven || edges.length !== 1)) {
    throw reader.fault(table.edge, 'an edge machine has one, by the name that its token is of');
  }
  if (edges.length === 0)
    throw reader.fault(table.edge, 'there must be at least one edge location');
  if (edges.length > edgesMax) {
    throw reader.fault(table.edge, `there are ${edges.length} edge locations, at most ${edgesMax}`);
  }
  const twice = repeated(edges.map(({ name }) => name));
  if (twice !== undefined) {
    throw reader.fault(table.edge, `edge location ${twice} is given twice`);
  }
  return edges;
}

function listenersOf({ http, https }: ServedEdge): readonly ListenAddress[] {
  return https === undefined ? [http] : [http, https];
}

/** Two listeners on one address would fail at start, in words that do not name the settings. */
function checkListeners(
  reader: Reader,
  api: ListenAddress,
  apiTls: ListenAddress | undefined,
  edges: readonly ServedEdge[],
): void {
  const owners = new Map<string, string>();
  const take = (setting: Setting<unknown>, owner: string, address: ListenAddress): void => {
    if (address.port === 0) return;
    const text = formatListenAddress(address);
    const other = owners.get(text);
    if (other !== undefined) {
      throw reader.fault(setting, `${text} is taken by ${other} already`);
    }
    owners.set(text, owner);
  };
  take(table.api, '--api', api);
  if (apiTls !== undefined) take(table.apiTls, '--api-tls', apiTls);
  for (const edge of edges) {
    for (const address of listenersOf(edge)) take(table.edge, `edge ${edge.name}`, address);
  }
}

function checkDefaultCredential(
  reader: Reader,
  api: ListenAddress,
  apiTls: ListenAddress | undefined,
): void {
  const check = (setting: Setting<unknown>, { host }: ListenAddress): void => {
    if (isLoopbackHost(host)) return;
    const why = `${host} is not loopback, and the default key is known to everybody; give --credentials FILE with keys of your own`;
    throw reader.fault(setting, why);
  };
  check(table.api, api);
  if (apiTls !== undefined) check(table.apiTls, apiTls);
}

function readOrigins(
  reader: Reader,
): Pick<ServerSettings, 'buckets' | 'originUrls' | 'privateBuckets'> {
  const buckets = reader.list(table.bucket);
  const origins = reader.list(table.origin);
  const bucketTwice = repeated(buckets.map(({ name }) => name.toLowerCase()));
  if (bucketTwice !== undefined) {
    throw reader.fault(table.bucket, `bucket ${bucketTwice} is given twice`);
  }
  const originTwice = repeated(origins.map(({ host }) => host));
  if (originTwice !== undefined) {
    throw reader.fault(table.origin, `host ${originTwice} is given twice`);
  }
  const names = new Set(buckets.map(({ name }) => name.toLowerCase()));
  const both = origins.find(({ host }) => names.has(bucketOfHost(host)?.toLowerCase() ?? ''));
  if (both !== undefined) {
    throw reader.fault(table.origin, `${both.host} is answered by a --bucket already`);
  }
  return {
    buckets: Object.fromEntries(buckets.map(({ name, folder }) => [name, folder])),
    privateBuckets: Object.fromEntries(
      buckets.flatMap(({ name, readers }) => (readers === undefined ? [] : [[name, readers]])),
    ),
    originUrls: Object.fromEntries(origins.map(({ host, url }) => [host, url])),
  };
}

/** A file of each worker may be open, and all that are open take a quarter of the spool at most. */
const spoolBytesPerWorker = 2_097_152;

function readAccessLogs(reader: Reader, edges: number): AccessLogChoices {
  const url = reader.optional(table.logStore);
  const credentialsFile = reader.optional(table.logStoreCredentials);
  if (url === undefined && credentialsFile !== undefined) {
    throw reader.fault(table.logStoreCredentials, 'there is no --log-store that they are for');
  }
  if (url !== undefined && credentialsFile === undefined) {
    throw reader.fault(table.logStore, 'it needs --log-store-credentials');
  }
  const spoolBytesMax = reader.one(table.accessLogSpool);
  const needed = spoolBytesPerWorker * edges * reader.one(table.edgeWorkers);
  if (spoolBytesMax < needed) {
    const least = formatByteSize(needed);
    throw reader.fault(table.accessLogSpool, `all edge workers together need ${least} at least`);
  }
  return {
    fields: reader.one(table.accessLogFields),
    intervalMs: reader.one(table.accessLogInterval),
    spoolBytesMax,
    store:
      url === undefined || credentialsFile === undefined ? undefined : { url, credentialsFile },
  };
}

function readPrivateOrigins(
  reader: Reader,
  listeners: readonly ListenAddress[],
): 'allow' | 'refuse' {
  const word = reader.one(table.privateOrigins);
  if (word !== 'auto') return word;
  return listeners.every(({ host }) => isLoopbackHost(host)) ? 'allow' : 'refuse';
}

function readExplain(reader: Reader, listeners: readonly ListenAddress[]): boolean {
  const word = reader.one(table.explain);
  return word === 'auto' ? listeners.every(({ host }) => isLoopbackHost(host)) : word === 'on';
}

function readLimits(reader: Reader): Limits {
  const given = reader.list(table.limit);
  const twice = repeated(given.map(({ name }) => name));
  if (twice !== undefined) throw reader.fault(table.limit, `limit ${twice} is given twice`);
  return createLimits(Object.fromEntries(given.map(({ name, limit }) => [name, limit])));
}

function repeated(names: readonly string[]): string | undefined {
  return names.find((name, index) => names.indexOf(name) !== index);
}
