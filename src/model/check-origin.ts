/** What the values of origins and of their groups must keep to (API 2020-05-31, section 4.3). */
import type { DistributionConfig, Origin, OriginGroup } from './distribution.ts';
import type { Limits } from './limits.ts';
import { faultOfOriginPath } from './origin-place.ts';
import { Refusal } from './refusal.ts';

const timeoutSMax = 120;
const connectTimeoutSMax = 10;
const attemptsMax = 3;
const idCharactersMax = 128;
const headerNameCharactersMax = 256;
const headerValueCharactersMax = 1_783;
const headersCharactersMax = 10_240;
const membersOfGroup = 2;
const failoverStatuses = new Set([400, 403, 404, 416, 429, 500, 502, 503, 504]);

/** What the edge says itself, or what is between two hops alone. */
const unsayable =
  /^(?:cache-control|connection|content-length|cookie|host|if-match|if-modified-since|if-none-match|if-range|if-unmodified-since|max-forwards|pragma|proxy-authorization|proxy-connection|range|request-range|te|trailer|transfer-encoding|upgrade|via|x-real-ip|x-amz-.*|x-edge-.*)$/;
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const fieldValue = /^[\t\x20-\x7e\u{80}-\u{ff}]*$/u;

/** Throws a Refusal. */
export function checkOrigins(config: DistributionConfig, limits: Limits): void {
  const { originGroups, origins } = config;
  checkCount('TooManyOrigins', origins.length, limits.origins);
  checkCount('TooManyOriginGroupsPerDistribution', originGroups.length, limits['origin-groups']);
  const ids = [...origins, ...originGroups].map(({ id }) => id);
  for (const [index, id] of ids.entries()) {
    if (id === '' || id.length > idCharactersMax) {
      invalid('Id of an origin', `it has 1 to ${idCharactersMax} characters.`);
    }
    if (ids.indexOf(id) !== index) invalid('Id of an origin', `${id} stands there more than once.`);
  }
  for (const origin of origins) checkOrigin(origin, limits);
  for (const group of originGroups) checkGroup(group, origins);
}

function checkOrigin(origin: Origin, limits: Limits): void {
  const { accessControl, attempts, connectTimeoutS, id, readTimeoutS } = origin;
  const pathFault = faultOfOriginPath(origin);
  if (pathFault !== undefined) invalid('OriginPath', pathFault);
  checkRange('ConnectionAttempts', attempts, attemptsMax);
  checkRange('ConnectionTimeout', connectTimeoutS, connectTimeoutSMax);
  if (!isWithin(readTimeoutS, timeoutSMax)) {
    throw new Refusal('InvalidOriginReadTimeout', { given: readTimeoutS, max: timeoutSMax });
  }
  if (origin.kind !== 's3' && !isWithin(origin.keepAliveTimeoutS, timeoutSMax)) {
    const facts = { given: origin.keepAliveTimeoutS, max: timeoutSMax };
    throw new Refusal('InvalidOriginKeepaliveTimeout', facts);
  }
  const { completionTimeoutS } = origin;
  if (completionTimeoutS !== 0 && completionTimeoutS < readTimeoutS) {
    invalid('ResponseCompletionTimeout', 'it is no shorter than OriginReadTimeout.');
  }
  if (origin.kind === 'custom' && origin.tlsProtocols.length === 0) {
    invalid('OriginSslProtocols', 'it names at least one.');
  }
  if (origin.kind === 's3' && origin.accessIdentity !== undefined && accessControl !== '') {
    throw new Refusal('IllegalOriginAccessConfiguration', { id });
  }
  checkCustomHeaders(origin, limits);
}

function checkCustomHeaders({ customHeaders }: Origin, limits: Limits): void {
  const max = limits['origin-custom-headers'];
  checkCount('TooManyOriginCustomHeaders', customHeaders.length, max);
  const seen = new Set<string>();
  let characters = 0;
  for (const { name, value } of customHeaders) {
    const lower = name.toLowerCase();
    const isName = token.test(name) && name.length <= headerNameCharactersMax;
    if (!isName || unsayable.test(lower))
      invalid('HeaderName', `${name} cannot be a custom header.`);
    if (seen.has(lower)) invalid('HeaderName', `${name} stands there more than once.`);
    if (value.length > headerValueCharactersMax || !fieldValue.test(value)) {
      invalid('HeaderValue', `that of ${name} is no text of a header.`);
    }
    seen.add(lower);
    characters += name.length + value.length;
  }
  if (characters > headersCharactersMax) {
    invalid('CustomHeaders', `they have at most ${headersCharactersMax} characters together.`);
  }
}

function checkGroup(group: OriginGroup, origins: readonly Origin[]): void {
  const { members } = group;
  if (members.length !== membersOfGroup || members[0] === members[1]) {
    invalid('Members of an origin group', 'there are two, and they differ.');
  }
  for (const member of members) {
    if (!origins.some(({ id }) => id === member)) throw new Refusal('NoSuchOrigin', { id: member });
  }
  if (group.failoverStatuses.length === 0) {
    invalid('StatusCodes of an origin group', 'there is at least one.');
  }
  for (const status of group.failoverStatuses) {
    if (failoverStatuses.has(status)) continue;
    const why = `${status} is none of ${[...failoverStatuses].join(', ')}.`;
    invalid('StatusCodes of an origin group', why);
  }
}

function checkRange(member: string, given: number, max: number): void {
  if (!isWithin(given, max)) invalid(member, `it is ${given}; 1 to ${max} are accepted.`);
}

function isWithin(given: number, max: number): boolean {
  return Number.isInteger(given) && given >= 1 && given <= max;
}

function checkCount(
  code: 'TooManyOrigins' | 'TooManyOriginGroupsPerDistribution' | 'TooManyOriginCustomHeaders',
  given: number,
  max: number,
): void {
  if (given > max) throw new Refusal(code, { given, max });
}

function invalid(member: string, why: string): never {
  throw new Refusal('InvalidArgument', { member, why });
}
