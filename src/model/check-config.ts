/**
 * What the values of a configuration must keep to, whichever API version said them (API 2010-11-01,
 * section 2.2.5). The form of a document is its reader's matter; whether what it names exists, and
 * is free, is a decision on the catalog. The order of the checks is that of section 1.9.
 */
import { charactersOf } from '../base/characters.ts';
import { checkBehaviors } from './check-behavior.ts';
import { checkDelivery } from './check-delivery.ts';
import { checkOrigins } from './check-origin.ts';
import { behaviorsOf, type DistributionConfig, type Origin } from './distribution.ts';
import { bucketOfHost, faultOfHostName, isWithinDomain } from './host-name.ts';
import type { Limits } from './limits.ts';
import { faultOfOriginName } from './origin-place.ts';
import { Refusal } from './refusal.ts';
import { checkTenancy, withSampleValues } from './tenancy.ts';

export type ConfigEnvironment = {
  /** Suffix of the names of distributions. */
  readonly domain: string;
};

/** Ids of the original have up to 14 characters after the `E`. */
const accessIdentityId = /^E[0-9A-Z]{12,14}$/;
const rootObjectCharacters = /^[A-Za-z0-9_\-.*$/~"'&]*$/;
const accountNumber = /^\d{12}$/;

/** Throws a Refusal for the first constraint that is broken. */
export function checkConfig(
  given: DistributionConfig,
  limits: Limits,
  environment: ConfigEnvironment,
): void {
  checkTenancy(given, limits);
  const config = withSampleValues(given);
  checkCallerReference(config.callerReference, limits);
  for (const alias of config.aliases) checkAlias(alias, environment);
  checkComment(config.comment, limits);
  for (const origin of config.origins) checkPorts(origin);
  checkLogging(config, limits);
  checkSigners(config);
  for (const origin of config.origins) checkOriginName(origin, limits);
  checkLoop(config);
  checkRootObject(config, limits);
  checkCounts(config, limits);
  for (const origin of config.origins) checkAccessIdentity(origin);
  checkOrigins(config, limits);
  checkBehaviors(config, limits);
  checkDelivery(config);
}

export function checkComment(comment: string, limits: Limits): void {
  checkLength('Comment', comment, limits['comment-length']);
}

export function checkCallerReference(callerReference: string, limits: Limits): void {
  const max = limits['caller-reference-bytes'];
  if (callerReference === '') invalid('CallerReference', 'it is empty.');
  const given = Buffer.byteLength(callerReference, 'utf8');
  if (given > max) {
    invalid('CallerReference', `it has ${given} bytes in UTF-8; at most ${max} are accepted.`);
  }
}

/**
 * In lower case. A name below our own domain is given to a distribution by us alone; nobody may claim it.
 */
export function checkAlias(
  alias: string,
  { domain }: ConfigEnvironment,
  member: 'CNAME' | 'Domain' = 'CNAME',
): void {
  // `*.` stands for any host below; a form that has no such names refuses it by itself.
  const fault = faultOfHostName(alias.replace(/^\*\./, ''));
  if (fault !== undefined) invalid(member, `${alias} is not a host name: ${fault}.`);
  if (isWithinDomain(alias, domain.toLowerCase())) {
    invalid(member, `${alias} is at or below ${domain}, whose names this service gives itself.`);
  }
}

function checkPorts(origin: Origin): void {
  if (origin.kind !== 'custom') return;
  checkPort('HTTPPort', origin.httpPort);
  checkPort('HTTPSPort', origin.httpsPort);
}

function checkPort(member: string, port: number): void {
  const isAllowed = port === 80 || port === 443 || (port >= 1024 && port <= 65_535);
  if (!Number.isInteger(port) || !isAllowed) {
    invalid(member, `it is ${port}; 80, 443 and 1024 to 65535 are accepted.`);
  }
}

function checkLogging({ logging }: DistributionConfig, limits: Limits): void {
  if (logging === undefined) return;
  checkLength('Logging/Bucket', logging.bucket, limits['log-bucket-length']);
  if (bucketOfHost(logging.bucket) === undefined) {
    invalid('Logging/Bucket', `${logging.bucket} is not of the form <bucket>.s3.amazonaws.com.`);
  }
  checkLength('Logging/Prefix', logging.prefix, limits['log-prefix-length']);
}

function checkSigners(config: DistributionConfig): void {
  for (const account of behaviorsOf(config).flatMap((one) => one.trustedSigners.accounts)) {
    if (!accountNumber.test(account)) {
      invalid('AwsAccountNumber', `${account} is not an account number of 12 digits.`);
    }
  }
}

function checkOriginName(origin: Origin, limits: Limits): void {
  const why = faultOfOriginName(origin, limits);
  if (why !== undefined) throw new Refusal('InvalidOrigin', { why });
}

/** An origin that is reached by a CNAME of its own distribution would be asked for ever. */
function checkLoop({ aliases, origins }: DistributionConfig): void {
  const looping = origins.find(({ domainName }) => aliases.includes(domainName.toLowerCase()));
  if (looping === undefined) return;
  const why = `DNSName ${looping.domainName} is a CNAME of the same distribution.`;
  throw new Refusal('InvalidOrigin', { why });
}

function checkRootObject({ defaultRootObject }: DistributionConfig, limits: Limits): void {
  const max = limits['root-object-length'];
  const given = charactersOf(defaultRootObject);
  if (given > max) invalidRootObject(`has ${given} characters; at most ${max} are accepted.`);
  if (defaultRootObject.startsWith('/')) invalidRootObject('must not begin with a slash.');
  if (!rootObjectCharacters.test(defaultRootObject)) {
    invalidRootObject(`may hold A-Z a-z 0-9 _ - . * $ / ~ " ' & and nothing else.`);
  }
}

function invalidRootObject(why: string): never {
  throw new Refusal('InvalidDefaultRootObject', { why });
}

function checkCounts(config: DistributionConfig, limits: Limits): void {
  const { aliases, kind } = config;
  if (aliases.length > limits.aliases) {
    throw new Refusal(
      kind === 'download' ? 'TooManyDistributionCNAMEs' : 'TooManyStreamingDistributionCNAMEs',
      { given: aliases.length, max: limits.aliases },
    );
  }
  const max = limits['trusted-signers'];
  for (const { trustedSigners } of behaviorsOf(config)) {
    const given = trustedSigners.accounts.length;
    if (given > max) throw new Refusal('TooManyTrustedSigners', { given, max });
  }
}

function checkAccessIdentity(origin: Origin): void {
  if (origin.kind !== 's3' || origin.accessIdentity === undefined) return;
  if (!accessIdentityId.test(origin.accessIdentity)) {
    const why = `${origin.accessIdentity} is not an id of one: E and 12 to 14 of 0-9 A-Z.`;
    throw new Refusal('InvalidOriginAccessIdentity', { why });
  }
}

function checkLength(member: string, text: string, max: number): void {
  const given = charactersOf(text);
  if (given > max) invalid(member, `it has ${given} characters; at most ${max} are accepted.`);
}

function invalid(member: string, why: string): never {
  throw new Refusal('InvalidArgument', { member, why });
}
