/**
 * Cache behaviors (API 2020-05-31, section 4.2): either of policies or of ForwardedValues, which the
 * model says in one set of rules (docs/decisions/0021).
 */
import { arnOf, parseArn } from '../../../model/arn.ts';
import type { AllowedMethods } from '../../../model/behavior-rules.ts';
import type { Behavior, FunctionAssociation, PathBehavior } from '../../../model/distribution.ts';
import type { AccountId } from '../../../model/ids.ts';
import { plainBehavior } from '../../../model/plain-config.ts';
import { Refusal } from '../../../model/refusal.ts';
import { counted, itemsOf } from '../../../wire/counted.ts';
import type * as Wire from '../../../wire/shapes.generated.ts';
import { readForwardedValues, readLifetimes, writeForwardedValues } from './forwarded-values.ts';
import { readKeyGroups, readSigners, writeSigners } from './signers-shape.ts';

type Methods = readonly Wire.Method[];

/** In the order in which the original answers them. */
const methods: { readonly [Set in AllowedMethods]: Methods } = {
  read: ['HEAD', 'GET'],
  'read-and-options': ['HEAD', 'GET', 'OPTIONS'],
  all: ['HEAD', 'DELETE', 'POST', 'GET', 'OPTIONS', 'PUT', 'PATCH'],
};

const setsOfMethods = ['read', 'read-and-options', 'all'] as const;

export function readBehavior(given: Wire.DefaultCacheBehavior, account: AccountId): Behavior {
  if (itemsOf(given.LambdaFunctionAssociations).length > 0) {
    const why = 'there is no Lambda here; associate a function of this service instead.';
    throw new Refusal('InvalidLambdaFunctionAssociation', { why });
  }
  const { allowedMethods, cachesOptions } = readMethods(given.AllowedMethods);
  return {
    ...plainBehavior,
    ...readCaching(given),
    targetOriginId: given.TargetOriginId,
    viewerProtocolPolicy: given.ViewerProtocolPolicy,
    trustedSigners: readSigners(given.TrustedSigners),
    keyGroups: readKeyGroups(given.TrustedKeyGroups),
    allowedMethods,
    cachesOptions,
    compress: given.Compress ?? plainBehavior.compress,
    responseHeadersPolicy: given.ResponseHeadersPolicyId ?? '',
    fieldEncryption: given.FieldLevelEncryptionId ?? '',
    realtimeLogConfig: readLogConfig(given.RealtimeLogConfigArn ?? '', account),
    functions: itemsOf(given.FunctionAssociations).map((one) => readFunction(one, account)),
    smoothStreaming: given.SmoothStreaming ?? plainBehavior.smoothStreaming,
    grpc: given.GrpcConfig?.Enabled ?? plainBehavior.grpc,
  };
}

export function readPathBehavior(given: Wire.CacheBehavior, account: AccountId): PathBehavior {
  return { ...readBehavior(given, account), pathPattern: given.PathPattern };
}

function readCaching(given: Wire.DefaultCacheBehavior): Partial<Behavior> {
  const { CachePolicyId: cachePolicy = '', OriginRequestPolicyId: originRequestPolicy = '' } =
    given;
  const { ForwardedValues: values } = given;
  if (cachePolicy !== '') {
    // Old tools send a MinTTL of 0 beside the policy.
    const isSaidTwice = {
      ForwardedValues: values !== undefined,
      MinTTL: (given.MinTTL ?? 0) !== 0,
      DefaultTTL: given.DefaultTTL !== undefined,
      MaxTTL: given.MaxTTL !== undefined,
    };
    for (const [member, isSaid] of Object.entries(isSaidTwice)) {
      if (!isSaid) continue;
      const why = `it cannot be used when a cache policy is associated to the cache behavior.`;
      throw new Refusal('InvalidArgument', { member: `The parameter ${member}`, why });
    }
    return { cachePolicy, originRequestPolicy };
  }
  if (values === undefined) {
    const why = 'a cache behavior has either of them, and this one has none.';
    throw new Refusal('InvalidArgument', { member: 'CachePolicyId, ForwardedValues', why });
  }
  if (originRequestPolicy !== '') {
    const why = 'it needs a CachePolicyId beside it.';
    throw new Refusal('InvalidArgument', { member: 'OriginRequestPolicyId', why });
  }
  return { ...readForwardedValues(values), ...readLifetimes(given) };
}

function readMethods(given: Wire.AllowedMethods | undefined) {
  if (given === undefined) return { allowedMethods: 'read' as const, cachesOptions: false };
  const allowedMethods = setsOfMethods.find((one) => isSame(methods[one], given.Items));
  if (allowedMethods === undefined) {
    const why = 'the sets are GET, HEAD; GET, HEAD, OPTIONS; and all seven methods.';
    throw new Refusal('InvalidArgument', { member: 'AllowedMethods', why });
  }
  const cached = given.CachedMethods?.Items ?? methods.read;
  const cachesOptions = isSame(methods['read-and-options'], cached);
  if (!cachesOptions && !isSame(methods.read, cached)) {
    const why = 'the sets are GET, HEAD and GET, HEAD, OPTIONS.';
    throw new Refusal('InvalidArgument', { member: 'CachedMethods', why });
  }
  if (cachesOptions && allowedMethods === 'read') {
    const why = 'OPTIONS is cached only where it is allowed.';
    throw new Refusal('InvalidArgument', { member: 'CachedMethods', why });
  }
  return { allowedMethods, cachesOptions };
}

function isSame(set: Methods, given: Methods): boolean {
  return set.length === given.length && set.every((method) => given.includes(method));
}

function readLogConfig(arn: string, account: AccountId): string {
  if (arn === '') return '';
  const target = parseArn(arn);
  if (target?.kind !== 'realtime-log-config' || target.account !== account) {
    throw new Refusal('NoSuchRealtimeLogConfig', { said: 'real-time log configuration', id: arn });
  }
  return target.id;
}

function readFunction(
  { EventType: event, FunctionARN: arn }: Wire.FunctionAssociation,
  account: AccountId,
): FunctionAssociation {
  const target = parseArn(arn);
  if (target?.kind !== 'function' || target.account !== account) {
    throw new Refusal('InvalidFunctionAssociation', {
      why: `${arn} is no function of the account.`,
    });
  }
  if (event !== 'viewer-request' && event !== 'viewer-response') {
    const why = 'functions are for viewer-request and viewer-response.';
    throw new Refusal('InvalidFunctionAssociation', { why });
  }
  return { event, function: target.id };
}

export function writeBehavior(behavior: Behavior, account: AccountId): Wire.DefaultCacheBehavior {
  const { allowedMethods, cachesOptions, keyGroups, realtimeLogConfig } = behavior;
  const cached = methods[cachesOptions ? 'read-and-options' : 'read'];
  const allowed = methods[allowedMethods];
  return {
    TargetOriginId: behavior.targetOriginId,
    TrustedSigners: writeSigners(behavior.trustedSigners),
    TrustedKeyGroups: { Enabled: keyGroups.length > 0, ...counted(keyGroups) },
    ViewerProtocolPolicy: behavior.viewerProtocolPolicy,
    AllowedMethods: {
      Quantity: allowed.length,
      Items: allowed,
      CachedMethods: { Quantity: cached.length, Items: cached },
    },
    SmoothStreaming: behavior.smoothStreaming,
    Compress: behavior.compress,
    LambdaFunctionAssociations: { Quantity: 0 },
    FunctionAssociations: counted(
      behavior.functions.map(({ event, function: id }) => ({
        FunctionARN: arnOf(account, { kind: 'function', id }),
        EventType: event,
      })),
    ),
    FieldLevelEncryptionId: behavior.fieldEncryption,
    RealtimeLogConfigArn:
      realtimeLogConfig === ''
        ? undefined
        : arnOf(account, { kind: 'realtime-log-config', id: realtimeLogConfig }),
    ResponseHeadersPolicyId: orAbsent(behavior.responseHeadersPolicy),
    GrpcConfig: { Enabled: behavior.grpc },
    ...writeCaching(behavior),
  };
}

export function writePathBehavior(behavior: PathBehavior, account: AccountId): Wire.CacheBehavior {
  return { PathPattern: behavior.pathPattern, ...writeBehavior(behavior, account) };
}

type Caching = Pick<
  Wire.DefaultCacheBehavior,
  'CachePolicyId' | 'OriginRequestPolicyId' | 'ForwardedValues' | 'MinTTL' | 'DefaultTTL' | 'MaxTTL'
>;

function writeCaching(behavior: Behavior): Caching {
  const { cachePolicy, defaultTtlS, maxTtlS, minTtlS, originRequestPolicy } = behavior;
  if (cachePolicy !== '') {
    return { CachePolicyId: cachePolicy, OriginRequestPolicyId: orAbsent(originRequestPolicy) };
  }
  return {
    ForwardedValues: writeForwardedValues(behavior),
    MinTTL: minTtlS,
    DefaultTTL: defaultTtlS,
    MaxTTL: maxTtlS,
  };
}

function orAbsent(id: string): string | undefined {
  return id === '' ? undefined : id;
}
