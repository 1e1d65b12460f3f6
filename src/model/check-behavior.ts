/** What the values of behaviors must keep to (API 2020-05-31, section 4.3). */
import {
  type Behavior,
  behaviorsOf,
  type DistributionConfig,
  type Origin,
} from './distribution.ts';
import type { Limits } from './limits.ts';
import { Refusal, type RefusalCode } from './refusal.ts';

const pathPattern = /^[A-Za-z0-9 _\-.*$/~"'@:+&?]{1,255}$/;
const secondsMax = 3_155_760_000;

/** A bucket answers by these at most; other names of the field are the viewer's to invent. */
const notForBuckets = new Set(['accept', 'authorization', 'host', 'referer', 'user-agent']);

/** Throws a Refusal. */
export function checkBehaviors(config: DistributionConfig, limits: Limits): void {
  const { behaviors } = config;
  if (behaviors.length > limits.behaviors) {
    const facts = { given: behaviors.length, max: limits.behaviors };
    throw new Refusal('TooManyCacheBehaviors', facts);
  }
  const seen = new Set<string>();
  for (const { pathPattern: pattern } of behaviors) {
    if (!pathPattern.test(pattern)) {
      const why = `${pattern} is not 1 to 255 of A-Z a-z 0-9 _ - . * $ / ~ " ' @ : + & ? and blanks.`;
      invalid('PathPattern', why);
    }
    const rooted = pattern.replace(/^\//, '');
    if (seen.has(rooted)) invalid('PathPattern', `${pattern} stands there more than once.`);
    seen.add(rooted);
  }
  for (const behavior of behaviorsOf(config)) checkBehavior(config, behavior, limits);
}

function checkBehavior(config: DistributionConfig, behavior: Behavior, limits: Limits): void {
  const { allowedMethods, functions, grpc, keyGroups, targetOriginId } = behavior;
  const group = config.originGroups.find(({ id }) => id === targetOriginId);
  const origin = config.origins.find(({ id }) => id === (group?.members[0] ?? targetOriginId));
  if (origin === undefined) throw new Refusal('NoSuchOrigin', { id: targetOriginId });
  if (group !== undefined && allowedMethods === 'all') {
    invalid(
      'AllowedMethods',
      'those of a behavior with an origin group are GET, HEAD and OPTIONS.',
    );
  }
  checkLifetimes(behavior);
  checkForwarded(behavior, origin, limits);
  checkNumber(
    'TooManyKeyGroupsAssociatedToDistribution',
    keyGroups.length,
    limits['key-groups-of-behavior'],
  );
  if (grpc && (allowedMethods !== 'all' || !config.httpVersion.startsWith('http2'))) {
    invalid('GrpcConfig', 'it needs all methods and HTTP/2.');
  }
  if (new Set(functions.map(({ event }) => event)).size < functions.length) {
    const why = 'an event has one function at most.';
    throw new Refusal('InvalidFunctionAssociation', { why });
  }
  if (behavior.fieldEncryption !== '') checkFieldEncryption(behavior, origin);
}

function checkLifetimes({ defaultTtlS, maxTtlS, minTtlS }: Behavior): void {
  for (const seconds of [minTtlS, defaultTtlS, maxTtlS]) {
    if (seconds < 0 || seconds > secondsMax) {
      invalid('MinTTL, DefaultTTL, MaxTTL', `they are 0 to ${secondsMax} seconds.`);
    }
  }
  if (minTtlS <= defaultTtlS && defaultTtlS <= maxTtlS) return;
  throw new Refusal('InvalidTTLOrder', { min: minTtlS, usual: defaultTtlS, max: maxTtlS });
}

function checkForwarded(behavior: Behavior, origin: Origin, limits: Limits): void {
  const max = limits['forwarded-names'];
  const { keyedCookies, keyedHeaders, keyedQuery } = behavior;
  checkNumber('TooManyHeadersInForwardedValues', keyedHeaders.length, max);
  if (keyedCookies.kind === 'matching') {
    checkNumber('TooManyCookieNamesInWhiteList', keyedCookies.patterns.length, max);
  }
  if (keyedQuery.kind === 'only') {
    checkNumber('TooManyQueryStringParameters', keyedQuery.names.length, max);
  }
  if (origin.kind !== 's3') return;
  const name = keyedHeaders.find((one) => notForBuckets.has(one.toLowerCase()));
  if (name !== undefined) throw new Refusal('InvalidHeadersForS3Origin', { name });
}

function checkFieldEncryption(behavior: Behavior, origin: Origin): void {
  const isSecure =
    behavior.viewerProtocolPolicy !== 'allow-all' &&
    behavior.allowedMethods === 'all' &&
    origin.kind === 'custom' &&
    origin.protocolPolicy !== 'http-only';
  if (isSecure) return;
  const why =
    'Field-level encryption needs HTTPS with viewers and with a custom origin, and all methods.';
  throw new Refusal('IllegalFieldLevelEncryptionConfigAssociationWithCacheBehavior', { why });
}

function checkNumber(code: RefusalCode, given: number, max: number): void {
  if (given > max) throw new Refusal(code, { given, max });
}

function invalid(member: string, why: string): never {
  throw new Refusal('InvalidArgument', { member, why });
}
