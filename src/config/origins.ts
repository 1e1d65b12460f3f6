/** Settings of origins: what answers for them, who may be asked, and how long that may take. */
import { isLoopbackHost, type ListenAddress } from '../base/listen-address.ts';
import { bucketOfHost } from '../model/host-name.ts';
import type { SettingReader } from './reader.ts';
import { list, one } from './setting.ts';
import {
  bucketForm,
  certificatesForm,
  countForm,
  durationForm,
  fileForm,
  originForm,
  repeated,
  shieldForm,
  wordForm,
} from './values.ts';

export type OriginChoices = {
  /** Bucket → absolute folder that existed at start. */
  readonly buckets: Readonly<Record<string, string>>;
  /** Bucket → the origin access identities that alone may read its folder. */
  readonly privateBuckets: Readonly<Record<string, readonly string[]>>;
  /** Absolute; undefined: no identity has keys. */
  readonly identityCredentialsFile: string | undefined;
  /** Origin host in lower case → URL at which it is reached, without a slash at the end. */
  readonly originUrls: Readonly<Record<string, string>>;
  /** Region → the edge location that is its shield, and where that is, without a slash at the end. */
  readonly originShields: Readonly<Record<string, { readonly edge: string; readonly url: string }>>;
  /** Absolute. */
  readonly originShieldKeyFile: string | undefined;
  readonly privateOrigins: 'allow' | 'refuse';
  /** Certificates in PEM. */
  readonly originAuthorities: string | undefined;
  readonly originConnectTimeoutMs: number;
  readonly originConnectAttempts: number;
  readonly originReadTimeoutMs: number;
};

const minuteMs = 60_000;
const hourMs = 3_600_000;

export const originTable = {
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
  originShield: list(
    'origin-shield',
    'REGION=EDGE,URL',
    shieldForm,
    [],
    'edge location that asks an origin for all others, where the origin names this region as that of its Origin Shield; and where it answers viewers',
  ),
  originShieldKey: one('origin-shield-key', 'FILE', fileForm, undefined, {
    defaultSaid: 'one of this process alone',
    meaning:
      'holds a secret of 32 to 1,024 characters, the same on all edge machines, by which a shield knows that an edge asks it',
  }),
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
} as const;

/** `listeners`: all of this process. */
export function readOrigins(
  reader: SettingReader,
  listeners: readonly ListenAddress[],
): OriginChoices {
  const table = originTable;
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
  const shields = reader.list(table.originShield);
  const regionTwice = repeated(shields.map(({ region }) => region));
  if (regionTwice !== undefined) {
    throw reader.fault(table.originShield, `region ${regionTwice} is given twice`);
  }
  const originShieldKeyFile = reader.optional(table.originShieldKey);
  if (originShieldKeyFile !== undefined && shields.length === 0) {
    throw reader.fault(table.originShieldKey, 'there is no --origin-shield that it is for');
  }
  return {
    originShields: Object.fromEntries(shields.map(({ region, ...place }) => [region, place])),
    originShieldKeyFile,
    buckets: Object.fromEntries(buckets.map(({ name, folder }) => [name, folder])),
    privateBuckets: Object.fromEntries(
      buckets.flatMap(({ name, readers }) => (readers === undefined ? [] : [[name, readers]])),
    ),
    identityCredentialsFile: reader.optional(table.identityCredentials),
    originUrls: Object.fromEntries(origins.map(({ host, url }) => [host, url])),
    privateOrigins: readPrivateOrigins(reader, listeners),
    originAuthorities: reader.optional(table.originCa),
    originConnectTimeoutMs: reader.one(table.originConnectTimeout),
    originConnectAttempts: reader.one(table.originConnectAttempts),
    originReadTimeoutMs: reader.one(table.originReadTimeout),
  };
}

function readPrivateOrigins(
  reader: SettingReader,
  listeners: readonly ListenAddress[],
): 'allow' | 'refuse' {
  const word = reader.one(originTable.privateOrigins);
  if (word !== 'auto') return word;
  return listeners.every(({ host }) => isLoopbackHost(host)) ? 'allow' : 'refuse';
}
