/**
 * Caller references (API 2020-05-31, section 4.20): what a second create with the same one is answered,
 * with the same content and with another, and that a reference is free again after a deletion. Names do
 * the same for what has no reference. The operations are those of the facts.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { facts, isPrimitive } from '../../src/wire/facts.ts';
import { idOf, refused, startWorld } from './calling.ts';
import { cliForm, type Form } from './distribution-forms.ts';
import type { Called } from './sdk.ts';
import { isSpecimenName, type SpecimenName, Specimens } from './specimens.ts';

const started = await startWorld({
  limits: { 'public-keys': 100, 'field-encryption-profiles': 100 },
});
const { client, world } = started;
const specimens = new Specimens(started);

const primary = await specimens.make('Distribution');
const tenant = await specimens.make('DistributionTenant');
const key = await specimens.make('PublicKey');
const profile = await specimens.make('FieldLevelEncryptionProfile');

type Referenced = {
  readonly input: (reference: string, comment: string) => Form;
  /** `existing`: the first one is the answer. */
  readonly same: string;
  readonly other: string;
  /** The member of the answer that it is. */
  readonly answered: string;
  /** Deleted as; nothing where it stays. */
  readonly kind?: SpecimenName;
};

function distribution(reference: string, comment: string): Form {
  return cliForm(reference, { Comment: comment, Enabled: false });
}

function streaming(reference: string, comment: string): Form {
  return {
    CallerReference: reference,
    S3Origin: { DomainName: 'films.s3.amazonaws.com', OriginAccessIdentity: '' },
    Comment: comment,
    TrustedSigners: { Enabled: false, Quantity: 0 },
    Enabled: false,
  };
}

const distributionExists = {
  same: 'DistributionAlreadyExists',
  other: 'DistributionAlreadyExists',
  answered: 'Distribution',
  kind: 'Distribution',
} as const;
const streamingExists = {
  same: 'StreamingDistributionAlreadyExists',
  other: 'StreamingDistributionAlreadyExists',
  answered: 'StreamingDistribution',
  kind: 'StreamingDistribution',
} as const;

const referenced: Readonly<Record<string, Referenced>> = {
  CreateDistribution: {
    ...distributionExists,
    input: (reference, comment) => ({ DistributionConfig: distribution(reference, comment) }),
  },
  CreateDistributionWithTags: {
    ...distributionExists,
    input: (reference, comment) => ({
      DistributionConfigWithTags: {
        DistributionConfig: distribution(reference, comment),
        Tags: { Items: [] },
      },
    }),
  },
  CopyDistribution: {
    ...distributionExists,
    input: (CallerReference, comment) => ({
      PrimaryDistributionId: primary.id,
      IfMatch: primary.etag,
      CallerReference,
      Staging: comment === 'other',
      Enabled: false,
    }),
  },
  CreateStreamingDistribution: {
    ...streamingExists,
    input: (reference, comment) => ({ StreamingDistributionConfig: streaming(reference, comment) }),
  },
  CreateStreamingDistributionWithTags: {
    ...streamingExists,
    input: (reference, comment) => ({
      StreamingDistributionConfigWithTags: {
        StreamingDistributionConfig: streaming(reference, comment),
        Tags: { Items: [] },
      },
    }),
  },
  CreateCloudFrontOriginAccessIdentity: {
    input: (CallerReference, Comment) => ({
      CloudFrontOriginAccessIdentityConfig: { CallerReference, Comment },
    }),
    same: 'existing',
    other: 'CloudFrontOriginAccessIdentityAlreadyExists',
    answered: 'CloudFrontOriginAccessIdentity',
    kind: 'CloudFrontOriginAccessIdentity',
  },
  CreateInvalidation: {
    input: (CallerReference, comment) => ({
      DistributionId: primary.id,
      InvalidationBatch: { CallerReference, Paths: { Quantity: 1, Items: [`/${comment}`] } },
    }),
    same: 'existing',
    other: 'InvalidArgument',
    answered: 'Invalidation',
  },
  CreateInvalidationForDistributionTenant: {
    input: (CallerReference, comment) => ({
      Id: tenant.id,
      InvalidationBatch: { CallerReference, Paths: { Quantity: 1, Items: [`/${comment}`] } },
    }),
    same: 'existing',
    other: 'InvalidArgument',
    answered: 'Invalidation',
  },
  CreatePublicKey: {
    input: (CallerReference, comment) => ({
      PublicKeyConfig: {
        ...objectOf(key.config['PublicKeyConfig']),
        CallerReference,
        Name: `${CallerReference}-${comment}`,
      },
    }),
    same: 'PublicKeyAlreadyExists',
    other: 'PublicKeyAlreadyExists',
    answered: 'PublicKey',
    kind: 'PublicKey',
  },
  CreateFieldLevelEncryptionProfile: {
    input: (CallerReference, comment) => ({
      FieldLevelEncryptionProfileConfig: {
        ...objectOf(profile.config['FieldLevelEncryptionProfileConfig']),
        CallerReference,
        Name: `${CallerReference}-${comment}`,
      },
    }),
    same: 'FieldLevelEncryptionProfileAlreadyExists',
    other: 'FieldLevelEncryptionProfileAlreadyExists',
    answered: 'FieldLevelEncryptionProfile',
    kind: 'FieldLevelEncryptionProfile',
  },
  CreateFieldLevelEncryptionConfig: {
    input: (CallerReference, Comment) => ({
      FieldLevelEncryptionConfig: {
        CallerReference,
        Comment,
        QueryArgProfileConfig: { ForwardWhenQueryArgProfileIsUnknown: true },
      },
    }),
    same: 'FieldLevelEncryptionConfigAlreadyExists',
    other: 'FieldLevelEncryptionConfigAlreadyExists',
    answered: 'FieldLevelEncryption',
    kind: 'FieldLevelEncryptionConfig',
  },
};

const creates = [...facts().operations.values()].filter(
  ({ input, name }) => /^(?:Create|Copy)/.test(name) && hasReference(input),
);

for (const { name } of creates) {
  test(`${name}: a caller reference is used once`, async () => {
    const known = referenced[name];
    assert.ok(known !== undefined, `${name} takes a caller reference and has no place here`);
    const { answered, input, kind, other, same } = known;
    const reference = `reference of ${name}`.replaceAll(' ', '-');
    const create = (comment: string): Promise<Called> =>
      client.call(name, input(reference, comment));
    const made = await create('first');
    const Id = idOf(made, answered);
    if (same === 'existing') {
      const again = await create('first');
      assert.equal(idOf(again, answered), Id);
      assert.equal(again['ETag'], made['ETag']);
    } else {
      const { message } = await refused(create('first'), same);
      assert.ok(message.includes(Id), message);
    }
    const { message } = await refused(create('other'), other);
    assert.ok(message.includes(Id), message);
    if (kind === undefined) return;
    await world.edgeCatchesUp();
    await client.call(`Delete${kind}`, { Id, IfMatch: made['ETag'] });
    assert.notEqual(idOf(await create('other'), answered), Id);
  });
}

test('every operation that makes something by a caller reference is here', () => {
  assert.deepEqual(new Set(creates.map(({ name }) => name)), new Set(Object.keys(referenced)));
});

/** Of what a name makes its own. */
const taken: { readonly [Kind in SpecimenName]?: string } = {
  CachePolicy: 'CachePolicyAlreadyExists',
  OriginRequestPolicy: 'OriginRequestPolicyAlreadyExists',
  ResponseHeadersPolicy: 'ResponseHeadersPolicyAlreadyExists',
  OriginAccessControl: 'OriginAccessControlAlreadyExists',
  PublicKey: 'PublicKeyAlreadyExists',
  KeyGroup: 'KeyGroupAlreadyExists',
  Function: 'FunctionAlreadyExists',
  ConnectionFunction: 'EntityAlreadyExists',
  KeyValueStore: 'EntityAlreadyExists',
  RealtimeLogConfig: 'RealtimeLogConfigAlreadyExists',
  FieldLevelEncryptionProfile: 'FieldLevelEncryptionProfileAlreadyExists',
  VpcOrigin: 'EntityAlreadyExists',
  AnycastIpList: 'EntityAlreadyExists',
  TrustStore: 'EntityAlreadyExists',
  ConnectionGroup: 'EntityAlreadyExists',
};

for (const [kind, code] of Object.entries(taken)) {
  test(`Create${kind}: a name is used once, and free again after a deletion`, async () => {
    assert.ok(isSpecimenName(kind));
    const changed = kind === 'PublicKey' ? { CallerReference: 'of another' } : {};
    const Name = `taken-${kind}`;
    const made = await specimens.make(kind, { Name });
    const { message } = await refused(specimens.make(kind, { ...changed, Name }), code);
    assert.ok(message.includes(Name) || message.includes(made.id), message);
    await client.call(`Delete${kind}`, { ...made.target, IfMatch: made.etag });
    await specimens.make(kind, { Name });
  });
}

function hasReference(shape: string | undefined, depth = 0): boolean {
  const described = facts().shapes.get(shape ?? '');
  if (described === undefined || described.kind === 'list' || depth > 2) return false;
  return described.members.some(
    ({ name, type }) =>
      name === 'CallerReference' || (!isPrimitive(type) && hasReference(type, depth + 1)),
  );
}

function objectOf(value: unknown): Form {
  assert.ok(typeof value === 'object' && value !== null);
  return { ...value };
}
