/**
 * Every setting of `serve`, in one table: from it come the flags, the variables, the names in a
 * file, `serve --help`, docs/settings.md and the error messages, so that none can tell another
 * story. What comes out is plain data: paths absolute, durations in milliseconds, sizes in bytes.
 */
import { readFileSync, statSync } from 'node:fs';
import { formatListenAddress, isLoopbackHost, type ListenAddress } from './base/listen-address.ts';
import { type AccessLogChoices, accessLogTable, readAccessLogs } from './config/access-logs.ts';
import { type DnsChoices, dnsTable, readDns } from './config/dns.ts';
import { type JoinChoices, joinTable, readJoin, type Role } from './config/join.ts';
import { logTable, readLog } from './config/log.ts';
import { type OriginChoices, originTable, readOrigins } from './config/origins.ts';
import { SettingReader } from './config/reader.ts';
import { flag, list, one, type Setting } from './config/setting.ts';
import { type Environment, gather, SettingFault } from './config/sources.ts';
import { settingsHelp } from './config/text.ts';
import {
  addressForm,
  addressOrOffForm,
  baseUrlForm,
  bytesForm,
  countForm,
  domainForm,
  durationForm,
  edgeForm,
  fileForm,
  type Files,
  folderForm,
  limitForm,
  repeated,
  wordForm,
} from './config/values.ts';
import { readViewerBounds, viewerTable } from './config/viewers.ts';
import type { ViewerBounds } from './edge/bounds.ts';
import type { EtcdSettings } from './log/etcd-opening.ts';
import { createLimits, type Limits } from './model/limits.ts';

export type ServedEdge = {
  readonly name: string;
  readonly http: ListenAddress;
  readonly https: ListenAddress | undefined;
};

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export type ServerSettings = OriginChoices & {
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
  readonly drainMs: number;
  readonly propagationDelayMs: number;
  /** Suffix of the names of distributions, in lower case. */
  readonly domain: string;
  /** Absolute; databases of addresses. */
  readonly geoDatabaseFiles: readonly string[];
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
  publicEndpoint: one('public-endpoint', 'URL', baseUrlForm, undefined, {
    defaultSaid: 'the address of the API over TLS',
    meaning:
      'under which the API is reached from outside; Location headers and the banner say it, and its path may stand before those of requests',
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
  joinCert: joinTable.joinCert,
  joinKey: joinTable.joinKey,
  joinCa: joinTable.joinCa,
  detached: joinTable.detached,
  drain: one('drain', 'DURATION', durationForm(0, 10 * minuteMs), '0s', {
    meaning:
      'how long, once asked to stop, it serves on while health and DNS send viewers elsewhere and each answer ends its connection; at least the TTL of DNS, or what a load balancer takes to see it',
  }),
  propagationDelay: one('propagation-delay', 'DURATION', durationForm(0, 24 * hourMs), '0s', {
    meaning: 'how long each edge waits before it takes a change, to rehearse a slow network',
  }),
  domain: one('domain', 'NAME', domainForm, 'cloudfront.localhost', {
    meaning:
      'suffix of the names of distributions, d….NAME and s….NAME; names under localhost need no DNS',
  }),
  ...originTable,
  geoDatabase: list(
    'geo-database',
    'FILE',
    fileForm,
    [],
    "database of addresses in MaxMind's format (.mmdb), by which edges tell the country, city and network of viewers; of several the first that knows a fact counts; read at the start",
  ),
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
  ...accessLogTable,
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
    const gathered = gather(argv, environment, files, { settings });
    if (gathered.kind === 'help') return { kind: 'help', text: settingsHelp(settings) };
    return { kind: 'settings', settings: compose(new SettingReader(gathered.given, files), files) };
  } catch (error) {
    if (error instanceof SettingFault) return { kind: 'wrong', message: error.message };
    throw error;
  }
}

function compose(reader: SettingReader, files: Files): ServerSettings {
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
  const hasShields = reader.list(originTable.originShield).length > 0;
  if (role === 'edge' && hasShields && reader.optional(originTable.originShieldKey) === undefined) {
    const why = 'an edge machine needs --origin-shield-key with it, the same on all of them';
    throw reader.fault(originTable.originShield, why);
  }
  checkListeners(reader, api, apiTls, edges);
  const credentialsFile = reader.optional(table.credentials);
  if (credentialsFile === undefined && join === undefined)
    checkDefaultCredential(reader, api, apiTls);
  const cacheBytesMax = reader.one(table.cacheMemory);
  const listeners = [api, ...(apiTls === undefined ? [] : [apiTls]), ...edges.flatMap(listenersOf)];
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
    drainMs: reader.one(table.drain),
    propagationDelayMs: reader.one(table.propagationDelay),
    domain: reader.one(table.domain),
    ...readOrigins(reader, listeners),
    geoDatabaseFiles: reader.list(table.geoDatabase),
    cacheBytesMax,
    cachedBodyBytesMax: Math.min(reader.one(table.cachedBody), cacheBytesMax),
    cacheDiskBytesMax: memory ? 0 : reader.one(table.cacheDisk),
    accessLogs: readAccessLogs(reader, edges.length * reader.one(table.edgeWorkers)),
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

function readEdges(reader: SettingReader, role: Role): readonly ServedEdge[] {
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
  reader: SettingReader,
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
  reader: SettingReader,
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

function readExplain(reader: SettingReader, listeners: readonly ListenAddress[]): boolean {
  const word = reader.one(table.explain);
  return word === 'auto' ? listeners.every(({ host }) => isLoopbackHost(host)) : word === 'on';
}

function readLimits(reader: SettingReader): Limits {
  const given = reader.list(table.limit);
  const twice = repeated(given.map(({ name }) => name));
  if (twice !== undefined) throw reader.fault(table.limit, `limit ${twice} is given twice`);
  return createLimits(Object.fromEntries(given.map(({ name, limit }) => [name, limit])));
}
