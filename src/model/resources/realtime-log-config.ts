/**
 * A configuration of real-time logs: which fields of which share of requests go to which stream (API
 * 2020-05-31, section 4.12). Stored only: no edge writes such logs.
 */
import { checkPlainName, invalidArgument } from './invalid-argument.ts';

export type RealtimeLogConfig = {
  readonly name: string;
  /** Percent of the requests. */
  readonly samplingRate: number;
  /** In the order of the columns. */
  readonly fields: readonly string[];
  readonly streams: readonly LogStream[];
};

export type LogStream = {
  readonly type: 'Kinesis';
  readonly roleArn: string;
  readonly streamArn: string;
};

const fieldsMax = 100;
const textMax = 512;

/** Throws `InvalidArgument`. */
export function checkRealtimeLogConfig(config: RealtimeLogConfig): void {
  const { fields, name, samplingRate, streams } = config;
  checkPlainName(name);
  if (!Number.isInteger(samplingRate) || samplingRate < 1 || samplingRate > 100) {
    invalidArgument('The parameter SamplingRate', 'it is a whole number from 1 to 100.');
  }
  const member = 'The parameter Fields';
  if (fields.length === 0 || fields.length > fieldsMax) {
    invalidArgument(member, `it names 1 to ${fieldsMax} fields.`);
  }
  if (new Set(fields).size < fields.length) invalidArgument(member, 'a field stands in it twice.');
  const odd = fields.find((field) => !/^[A-Za-z0-9()_-]{1,128}$/.test(field));
  if (odd !== undefined) invalidArgument(member, `${odd} is no name of a field.`);
  if (streams.length !== 1) invalidArgument('The parameter EndPoints', 'it holds exactly one.');
  for (const { roleArn, streamArn } of streams) {
    if (!isArn(roleArn)) invalidArgument('The parameter RoleARN', 'it is no ARN.');
    if (!isArn(streamArn)) invalidArgument('The parameter StreamARN', 'it is no ARN.');
  }
}

function isArn(text: string): boolean {
  return text.length <= textMax && /^arn:[^\s:]+:[^\s:]+:[^\s:]*:[^\s:]*:\S+$/.test(text);
}
