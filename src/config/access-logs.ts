/** Settings of access logs: what a line holds, how long lines gather, and where they go. */
import { formatByteSize } from '../base/byte-size.ts';
import type { SettingReader } from './reader.ts';
import { one } from './setting.ts';
import { bytesForm, durationForm, endpointForm, fileForm, wordForm } from './values.ts';

export type AccessLogChoices = {
  readonly fields: 'modern' | '2010';
  readonly intervalMs: number;
  readonly spoolBytesMax: number;
  /** Where the buckets are that are no folders; the file is absolute. */
  readonly store: { readonly url: string; readonly credentialsFile: string } | undefined;
};

const gibibytes = 1_073_741_824;
const hourMs = 3_600_000;

export const accessLogTable = {
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
} as const;

/** A file of each worker may be open, and all that are open take a quarter of the spool at most. */
const spoolBytesPerWorker = 2_097_152;

/** `workers`: of all edge locations together. */
export function readAccessLogs(reader: SettingReader, workers: number): AccessLogChoices {
  const table = accessLogTable;
  const url = reader.optional(table.logStore);
  const credentialsFile = reader.optional(table.logStoreCredentials);
  if (url === undefined && credentialsFile !== undefined) {
    throw reader.fault(table.logStoreCredentials, 'there is no --log-store that they are for');
  }
  if (url !== undefined && credentialsFile === undefined) {
    throw reader.fault(table.logStore, 'it needs --log-store-credentials');
  }
  const spoolBytesMax = reader.one(table.accessLogSpool);
  const needed = spoolBytesPerWorker * workers;
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
