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
  return {
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
