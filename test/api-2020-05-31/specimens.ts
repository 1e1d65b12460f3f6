/**
 * One of each resource, as small as it can be, with what it needs: what the matrices over operations are
 * made of. They are called as the operations call them: `CachePolicy` for `CreateCachePolicy`.
 */
import { generateKeyPairSync } from 'node:crypto';
import { objectAt, type SdkWorld } from './calling.ts';
import { isCompleteAnswer } from './complete.ts';
import { cliForm, type Form } from './distribution-forms.ts';
import type { Naming } from './namings.ts';
import type { Called } from './sdk.ts';
import { multiTenant, tenantForm } from './tenant-life.ts';

export type Specimen = {
  /** `{ Id }`, or `{ Name }` of what has no other. */
  readonly target: { readonly Id: string } | { readonly Name: string };
  readonly id: string;
  readonly arn: string;
  readonly etag: string;
  /** What an update takes beside the target. */
  readonly config: Form;
};

type Order = {
  readonly input: Form;
  /** Where an update takes it in another form. */
  readonly config?: Form;
};

type Kind = {
  /** The member of the answer that it is. */
  readonly answered: string;
  /** Asked for by its name though it has an id. */
  readonly isNamed?: boolean;
  readonly order: (specimens: Specimens, name: string) => Order | Promise<Order>;
};

const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const EncodedKey = String(publicKey.export({ type: 'spki', format: 'pem' }));
const code = Buffer.from('function handler(event) { return event.request; }');
const functionConfig = { Comment: '', Runtime: 'cloudfront-js-2.0' };
const none = { CookieBehavior: 'none' };
const bundle = { Bucket: 'authorities', Key: 'bundle.pem', Region: 'us-east-1' };
const stream = {
  StreamType: 'Kinesis',
  KinesisStreamConfig: {
    RoleARN: 'arn:aws:iam::123456789012:role/logs',
    StreamARN: 'arn:aws:kinesis:us-east-1:123456789012:stream/logs',
  },
};

const kinds = {
  CachePolicy: configured('CachePolicy', (name) => ({ Name: name, MinTTL: 1 })),
  OriginRequestPolicy: configured('OriginRequestPolicy', (name) => ({
    Name: name,
    HeadersConfig: { HeaderBehavior: 'none' },
    CookiesConfig: none,
    QueryStringsConfig: { QueryStringBehavior: 'none' },
  })),
  ResponseHeadersPolicy: configured('ResponseHeadersPolicy', (name) => ({
    Name: name,
    ServerTimingHeadersConfig: { Enabled: true, SamplingRate: 50 },
  })),
  OriginAccessControl: configured('OriginAccessControl', (name) => ({
    Name: name,
    SigningProtocol: 'sigv4',
    SigningBehavior: 'always',
    OriginAccessControlOriginType: 's3',
  })),
  CloudFrontOriginAccessIdentity: configured('CloudFrontOriginAccessIdentity', (name) => ({
    CallerReference: name,
    Comment: '',
  })),
  PublicKey: configured('PublicKey', (name) => ({
    CallerReference: name,
    Name: name,
    EncodedKey,
  })),
  KeyGroup: {
    answered: 'KeyGroup',
    async order(specimens, name) {
      const key = await specimens.make('PublicKey');
      return { input: { KeyGroupConfig: { Name: name, Items: [key.id] } } };
    },
  },
  Function: {
    answered: 'FunctionSummary',
    order: (_, name) => ({
      input: { Name: name, FunctionConfig: functionConfig, FunctionCode: code },
    }),
  },
  ConnectionFunction: {
    answered: 'ConnectionFunctionSummary',
    order: (_, name) => {
      const config = { ConnectionFunctionConfig: functionConfig, ConnectionFunctionCode: code };
      return { input: { Name: name, ...config }, config };
    },
  },
  KeyValueStore: {
    answered: 'KeyValueStore',
    isNamed: true,
    order: (_, name) => ({ input: { Name: name, Comment: '' } }),
  },
  FieldLevelEncryptionProfile: {
    answered: 'FieldLevelEncryptionProfile',
    async order(specimens, name) {
      const { id: PublicKeyId } = await specimens.make('PublicKey');
      const FieldPatterns = { Quantity: 1, Items: ['CardNumber'] };
      const entity = { PublicKeyId, ProviderId: 'provider', FieldPatterns };
      const EncryptionEntities = { Quantity: 1, Items: [entity] };
      const config = { Name: name, CallerReference: name, EncryptionEntities };
      return { input: { FieldLevelEncryptionProfileConfig: config } };
    },
  },
  FieldLevelEncryptionConfig: {
    answered: 'FieldLevelEncryption',
    async order(specimens, name) {
      const { id: ProfileId } = await specimens.make('FieldLevelEncryptionProfile');
      const QueryArgProfiles = { Quantity: 1, Items: [{ QueryArg: 'a', ProfileId }] };
      const config = {
        CallerReference: name,
        QueryArgProfileConfig: { ForwardWhenQueryArgProfileIsUnknown: true, QueryArgProfiles },
      };
      return { input: { FieldLevelEncryptionConfig: config } };
    },
  },
  RealtimeLogConfig: {
    answered: 'RealtimeLogConfig',
    order: (_, name) => ({
      input: { Name: name, SamplingRate: 1, Fields: ['timestamp'], EndPoints: [stream] },
    }),
  },
  VpcOrigin: {
    answered: 'VpcOrigin',
    order: (_, name) => ({
      input: {
        VpcOriginEndpointConfig: {
          Name: name,
          Arn: 'arn:aws:ec2:us-east-1:123456789012:instance/i-1',
          HTTPPort: 80,
          HTTPSPort: 443,
          OriginProtocolPolicy: 'http-only',
        },
      },
    }),
  },
  ContinuousDeploymentPolicy: {
    answered: 'ContinuousDeploymentPolicy',
    async order(specimens) {
      const { client } = specimens.started;
      const { id: Id } = await specimens.make('Distribution', { Staging: true });
      const staging = objectAt(await client.call('GetDistribution', { Id }), 'Distribution');
      const names = { Quantity: 1, Items: [String(staging['DomainName'])] };
      const config = { StagingDistributionDnsNames: names, Enabled: false };
      return { input: { ContinuousDeploymentPolicyConfig: config } };
    },
  },
  AnycastIpList: {
    answered: 'AnycastIpList',
    order: (_, name) => ({ input: { Name: name, IpCount: 3 }, config: {} }),
  },
  TrustStore: {
    answered: 'TrustStore',
    order: (_, name) => {
      const source = { CaCertificatesBundleS3Location: bundle };
      return {
        input: { Name: name, CaCertificatesBundleSource: source },
        config: { CaCertificatesBundleSource: source },
      };
    },
  },
  ConnectionGroup: {
    answered: 'ConnectionGroup',
    order: (_, name) => ({ input: { Name: name, Enabled: false }, config: { Enabled: false } }),
  },
  DistributionTenant: {
    answered: 'DistributionTenant',
    async order(specimens, name) {
      const form = tenantForm(await specimens.multiTenant(), name, { Enabled: false });
      return { input: form, config: { Enabled: false } };
    },
  },
  Distribution: {
    answered: 'Distribution',
    order: (_, name) => ({ input: { DistributionConfig: cliForm(name, { Enabled: false }) } }),
  },
  StreamingDistribution: {
    answered: 'StreamingDistribution',
    order: (_, name) => ({
      input: {
        StreamingDistributionConfig: {
          CallerReference: name,
          S3Origin: { DomainName: 'films.s3.amazonaws.com', OriginAccessIdentity: '' },
          Comment: '',
          TrustedSigners: { Enabled: false, Quantity: 0 },
          Enabled: false,
        },
      },
    }),
  },
} as const satisfies Readonly<Record<string, Kind>>;

export type SpecimenName = keyof typeof kinds;

function configured(answered: string, config: (name: string) => Form): Kind {
  return { answered, order: (_, name) => ({ input: { [`${answered}Config`]: config(name) } }) };
}

export const specimenNames: readonly SpecimenName[] = Object.keys(kinds).filter(isSpecimenName);

export function isSpecimenName(name: string): name is SpecimenName {
  return Object.hasOwn(kinds, name);
}

export class Specimens {
  readonly started: SdkWorld;
  #count = 0;
  #multiTenant: Promise<string> | undefined;

  constructor(started: SdkWorld) {
    this.started = started;
  }

  /** `changed`: members of the configuration that are otherwise than in the smallest one. */
  async make(kind: SpecimenName, changed: Form = {}): Promise<Specimen> {
    this.#count += 1;
    const known: Kind = kinds[kind];
    const order = await known.order(this, `specimen-${this.#count}`);
    const input = changedBy(changed, order.input);
    const answer = await this.started.client.call(`Create${kind}`, input);
    isCompleteAnswer(`Create${kind}`, answer);
    return specimenOf(known, answer, order.config ?? input);
  }

  /** The distribution that all tenants are of. */
  multiTenant(): Promise<string> {
    this.#multiTenant ??= multiTenant(this.started, 'specimens');
    return this.#multiTenant;
  }

  /** One that can be named so. */
  async makeNameable({ publish, used }: Naming): Promise<Specimen> {
    const one = await this.make(used);
    const { etag: IfMatch, target } = one;
    if (publish !== undefined) await this.started.client.call(publish, { ...target, IfMatch });
    return one;
  }
}

/** Where the input is one configuration, the change is of that. */
function changedBy(changed: Form, input: Form): Form {
  const [[name, only] = [], ...more] = Object.entries(input);
  if (name === undefined || more.length > 0 || typeof only !== 'object') {
    return { ...input, ...changed };
  }
  return { [name]: { ...only, ...changed } };
}

function specimenOf({ answered, isNamed }: Kind, answer: Called, config: Form): Specimen {
  const made = objectAt(answer, answered);
  const { ARN, Arn, ConnectionFunctionArn, FunctionMetadata, Id, Name } = made;
  const arn =
    FunctionMetadata === undefined
      ? (ARN ?? Arn ?? ConnectionFunctionArn)
      : objectAt(made, 'FunctionMetadata')['FunctionARN'];
  const id = String(Id ?? Name);
  const byName = isNamed === true || Id === undefined;
  return {
    target: byName ? { Name: String(Name) } : { Id: id },
    id,
    arn: String(arn),
    etag: String(answer['ETag']),
    config,
  };
}
