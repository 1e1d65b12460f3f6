/**
 * PUT conformance: sets on a distribution what API 2010-11-01 has no words for, so that tests can try
 * an edge with it. Members that are not given stay as they are. Only a server that keeps nothing on
 * disk takes it: the next update by that API would set all of it back without a word.
 */
import {
  type AllowedMethods,
  type BehaviorRules,
  type CookieSelection,
  type EncodingRule,
  type ForwardedHeaders,
  type NameSelection,
} from '../../model/behavior-rules.ts';
import {
  type Behavior,
  type ErrorResponse,
  type HttpVersion,
  httpVersions,
} from '../../model/distribution.ts';
import { Refusal } from '../../model/refusal.ts';
import { operation } from '../operation.ts';
import { jsonBody, readJsonObject } from './json-form.ts';

const bodyBytesMax = 16_384;
const namesMax = 25;
const secondsMax = 3_155_760_000;

type Given = Omit<BehaviorRules, 'errorTtlS'> &
  Pick<Behavior, 'minTtlS' | 'defaultTtlS' | 'maxTtlS'>;
type Fields = Readonly<Record<string, unknown>>;

export const setConformance = operation({
  name: 'SetConformance',
  method: 'PUT',
  path: '/_warmfront/conformance/{id}',
  bodyBytesMax,
  bodyForm: 'json',
  async answer(asked, { control, memoryOnly }) {
    if (!memoryOnly) {
      throw new Refusal('AccessDenied', {
        why: 'it is for tests; start the server with --memory.',
      });
    }
    const { errorTtlS, httpVersion: givenVersion, ...rules } = readJsonObject(asked.body());
    const given = readGiven(rules);
    const { distribution } = await control.find(asked.account, 'download', asked.param('id'));
    const { config, etag, id } = distribution;
    const defaultBehavior: Behavior = { ...config.defaultBehavior, ...given };
    checkOrder(defaultBehavior);
    const httpVersion =
      givenVersion === undefined ? config.httpVersion : readHttpVersion(givenVersion);
    const errorResponses =
      errorTtlS === undefined ? config.errorResponses : readErrorTtl(errorTtlS);
    await control.replace(asked.account, 'download', id, etag, () => ({
      ...config,
      httpVersion,
      errorResponses,
      defaultBehavior,
    }));
    return { status: 200, body: jsonBody({ id, httpVersion, behavior: defaultBehavior }) };
  },
});

function readGiven(fields: Fields): Partial<Given> {
  const given: { -readonly [Name in keyof Given]?: Given[Name] } = {};
  for (const [name, value] of Object.entries(fields)) {
    switch (name) {
      case 'minTtlS':
      case 'defaultTtlS':
      case 'maxTtlS':
        given[name] = readSeconds(name, value);
        break;
      case 'allowedMethods':
        given.allowedMethods = readMethods(value);
        break;
      case 'cachesOptions':
      case 'compress':
        given[name] = readBoolean(name, value);
        break;
      case 'keyedQuery':
      case 'forwardedQuery':
      case 'forwardedCookies':
        given[name] = readSelection(name, value);
        break;
      case 'keyedCookies':
        given.keyedCookies = readCookies(value);
        break;
      case 'keyedHeaders':
        given.keyedHeaders = readNames(name, value).map((one) => one.toLowerCase());
        break;
      case 'forwardedHeaders':
        given.forwardedHeaders = readForwardedHeaders(value);
        break;
      case 'encodings':
        given.encodings = readEncodings(value);
        break;
      default:
        throw wrong(name, 'it is not a member of this body.');
    }
  }
  return given;
}

function checkOrder({ defaultTtlS, maxTtlS, minTtlS }: Behavior): void {
  if (minTtlS > maxTtlS || defaultTtlS > maxTtlS) {
    throw wrong('maxTtlS', 'it is below minTtlS or defaultTtlS.');
  }
}

function readHttpVersion(value: unknown): HttpVersion {
  const version = httpVersions.find((one) => one === value);
  if (version === undefined)
    throw wrong('httpVersion', `it is none of ${httpVersions.join(', ')}.`);
  return version;
}

function readMethods(value: unknown): AllowedMethods {
  if (value === 'read' || value === 'read-and-options' || value === 'all') return value;
  throw wrong('allowedMethods', 'it is none of read, read-and-options and all.');
}

function readSelection(member: string, value: unknown): NameSelection {
  const { kind, names } = fieldsOf(member, value);
  if (kind === 'none' || kind === 'all') return { kind };
  if (kind === 'only' || kind === 'except') return { kind, names: readNames(member, names) };
  throw wrong(member, 'its kind is none of none, all, only and except.');
}

function readCookies(value: unknown): CookieSelection {
  const { kind, patterns } = fieldsOf('keyedCookies', value);
  return kind === 'matching'
    ? { kind, patterns: readNames('keyedCookies', patterns) }
    : readSelection('keyedCookies', value);
}

function readForwardedHeaders(value: unknown): ForwardedHeaders {
  const member = 'forwardedHeaders';
  const { kind, names } = fieldsOf(member, value);
  const lower = (): readonly string[] => readNames(member, names).map((name) => name.toLowerCase());
  switch (kind) {
    case 'none':
    case 'all':
      return { kind };
    case 'only':
    case 'except':
    case 'all-and':
      return { kind, names: lower() };
    default:
      throw wrong(member, 'its kind is none of none, all, only, except and all-and.');
  }
}

function readNames(member: string, value: unknown): readonly string[] {
  if (!Array.isArray(value) || value.length > namesMax) {
    throw wrong(member, `a list of at most ${namesMax} names is needed.`);
  }
  return value.map((name: unknown) => {
    if (typeof name === 'string' && /^[!-~]{1,128}$/.test(name)) return name;
    throw wrong(member, 'a name has 1 to 128 visible characters.');
  });
}

function readEncodings(value: unknown): EncodingRule {
  const { brotli, gzip, kind } = fieldsOf('encodings', value);
  if (kind === 'legacy') return { kind };
  if (kind !== 'policy') throw wrong('encodings', 'its kind is neither legacy nor policy.');
  return {
    kind,
    gzip: readBoolean('encodings', gzip),
    brotli: readBoolean('encodings', brotli),
  };
}

function readBoolean(member: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw wrong(member, 'true or false is needed.');
}

function readErrorTtl(value: unknown): readonly ErrorResponse[] {
  const read: ErrorResponse[] = [];
  for (const [status, seconds] of Object.entries(fieldsOf('errorTtlS', value))) {
    if (!/^[45]\d\d$/.test(status)) throw wrong('errorTtlS', 'its members are statuses of errors.');
    const minTtlS = readSeconds('errorTtlS', seconds);
    read.push({ status: Number(status), pagePath: '', pageStatus: 0, minTtlS });
  }
  return read;
}

function readSeconds(member: string, value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= secondsMax) {
    return value;
  }
  throw wrong(member, `whole seconds are needed, 0 to ${secondsMax}.`);
}

function fieldsOf(member: string, value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrong(member, 'an object is needed.');
  }
  return Object.fromEntries(Object.entries(value));
}

function wrong(member: string, why: string): Refusal {
  return new Refusal('InvalidArgument', { member, why });
}
