/** What can name what: the configurations by which one specimen uses another. */
import { objectAt } from './calling.ts';
import { cliForm, type Form } from './distribution-forms.ts';
import type { Called } from './sdk.ts';
import type { Specimen, SpecimenName } from './specimens.ts';

export type Naming = {
  readonly used: SpecimenName;
  /** Of this kind is what names it. */
  readonly user: SpecimenName;
  /** What is otherwise than in the smallest configuration of the user. */
  readonly configOf: (used: Specimen) => Form;
  /** By this operation it is published before anything can name it. */
  readonly publish?: string;
};

const form: Called = cliForm('');
const behavior = objectAt(form, 'DefaultCacheBehavior');
const { Items: origins } = objectAt(form, 'Origins');
const [origin] = Array.isArray(origins) ? origins : [];
const { ForwardedValues: _values, MinTTL: _minTtl, ...plainBehavior } = behavior;
const optimized = '658327ea-f89d-4fab-a63d-7e88639e58f6';

export function behaving(changed: Form): Form {
  return { DefaultCacheBehavior: { ...behavior, ...changed } };
}

function withPolicy(changed: Form): Form {
  return { DefaultCacheBehavior: { ...plainBehavior, CachePolicyId: optimized, ...changed } };
}

export function comingFrom(changed: Form): Form {
  const { CustomOriginConfig: _, ...common } = origin;
  return { Origins: { Quantity: 1, Items: [{ ...common, ...changed }] } };
}

export const bucket = { DomainName: 'pics.s3.amazonaws.com' };
const allMethods = {
  Quantity: 7,
  Items: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'POST', 'PATCH', 'DELETE'],
};

export const namings: readonly Naming[] = [
  {
    used: 'CachePolicy',
    user: 'Distribution',
    configOf: ({ id }) => withPolicy({ CachePolicyId: id }),
  },
  {
    used: 'OriginRequestPolicy',
    user: 'Distribution',
    configOf: ({ id }) => withPolicy({ OriginRequestPolicyId: id }),
  },
  {
    used: 'ResponseHeadersPolicy',
    user: 'Distribution',
    configOf: ({ id }) => behaving({ ResponseHeadersPolicyId: id }),
  },
  {
    used: 'OriginAccessControl',
    user: 'Distribution',
    configOf: ({ id }) =>
      comingFrom({
        ...bucket,
        S3OriginConfig: { OriginAccessIdentity: '' },
        OriginAccessControlId: id,
      }),
  },
  {
    used: 'CloudFrontOriginAccessIdentity',
    user: 'Distribution',
    configOf: ({ id }) =>
      comingFrom({
        ...bucket,
        S3OriginConfig: { OriginAccessIdentity: `origin-access-identity/cloudfront/${id}` },
      }),
  },
  {
    used: 'CloudFrontOriginAccessIdentity',
    user: 'StreamingDistribution',
    configOf: ({ id }) => ({
      S3Origin: {
        DomainName: 'films.s3.amazonaws.com',
        OriginAccessIdentity: `origin-access-identity/cloudfront/${id}`,
      },
    }),
  },
  {
    used: 'KeyGroup',
    user: 'Distribution',
    configOf: ({ id }) =>
      behaving({ TrustedKeyGroups: { Enabled: true, Quantity: 1, Items: [id] } }),
  },
  {
    used: 'PublicKey',
    user: 'KeyGroup',
    configOf: ({ id }) => ({ Items: [id] }),
  },
  {
    used: 'PublicKey',
    user: 'FieldLevelEncryptionProfile',
    configOf: ({ id: PublicKeyId }) => ({
      EncryptionEntities: {
        Quantity: 1,
        Items: [
          {
            PublicKeyId,
            ProviderId: 'provider',
            FieldPatterns: { Quantity: 1, Items: ['Card*'] },
          },
        ],
      },
    }),
  },
  {
    used: 'FieldLevelEncryptionProfile',
    user: 'FieldLevelEncryptionConfig',
    configOf: ({ id: ProfileId }) => ({
      QueryArgProfileConfig: {
        ForwardWhenQueryArgProfileIsUnknown: true,
        QueryArgProfiles: { Quantity: 1, Items: [{ QueryArg: 'a', ProfileId }] },
      },
    }),
  },
  {
    used: 'FieldLevelEncryptionConfig',
    user: 'Distribution',
    configOf: ({ id }) => ({
      ...behaving({
        FieldLevelEncryptionId: id,
        ViewerProtocolPolicy: 'https-only',
        AllowedMethods: allMethods,
      }),
      ...comingFrom({
        CustomOriginConfig: { HTTPPort: 80, HTTPSPort: 443, OriginProtocolPolicy: 'https-only' },
      }),
    }),
  },
  {
    used: 'Function',
    user: 'Distribution',
    publish: 'PublishFunction',
    configOf: ({ arn: FunctionARN }) =>
      behaving({
        FunctionAssociations: {
          Quantity: 1,
          Items: [{ EventType: 'viewer-request', FunctionARN }],
        },
      }),
  },
  {
    used: 'ConnectionFunction',
    user: 'Distribution',
    publish: 'PublishConnectionFunction',
    configOf: ({ id }) => ({ ConnectionFunctionAssociation: { Id: id } }),
  },
  {
    used: 'KeyValueStore',
    user: 'Function',
    configOf: ({ arn: KeyValueStoreARN }) => ({
      FunctionConfig: {
        Comment: '',
        Runtime: 'cloudfront-js-2.0',
        KeyValueStoreAssociations: { Quantity: 1, Items: [{ KeyValueStoreARN }] },
      },
    }),
  },
  {
    used: 'RealtimeLogConfig',
    user: 'Distribution',
    configOf: ({ arn }) => behaving({ RealtimeLogConfigArn: arn }),
  },
  {
    used: 'VpcOrigin',
    user: 'Distribution',
    configOf: ({ id: VpcOriginId }) => comingFrom({ VpcOriginConfig: { VpcOriginId } }),
  },
  {
    used: 'ContinuousDeploymentPolicy',
    user: 'Distribution',
    configOf: ({ id }) => ({ ContinuousDeploymentPolicyId: id }),
  },
  {
    used: 'AnycastIpList',
    user: 'Distribution',
    configOf: ({ id }) => ({ AnycastIpListId: id }),
  },
  {
    used: 'AnycastIpList',
    user: 'ConnectionGroup',
    configOf: ({ id }) => ({ AnycastIpListId: id }),
  },
  {
    used: 'ConnectionGroup',
    user: 'DistributionTenant',
    configOf: ({ id }) => ({ ConnectionGroupId: id }),
  },
];

/** Throws where there is none. */
export function namingOf(used: SpecimenName, user: SpecimenName): Naming {
  const found = namings.find((one) => one.used === used && one.user === user);
  if (found === undefined) throw new Error(`${user} does not name ${used}`);
  return found;
}
