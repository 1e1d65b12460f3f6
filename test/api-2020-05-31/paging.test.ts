/**
 * Every list (API 2020-05-31, section 2.8): one item at a time it gives what it gives at once, the
 * marker of a page is where the next one begins, and what is no marker or no number is refused. The
 * lists are those of the facts, so none is left out.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { facts } from '../../src/wire/facts.ts';
import { objectAt, refused, startWorld } from './calling.ts';
import { isCompleteAnswer } from './complete.ts';
import type { Form } from './distribution-forms.ts';
import { namingOf } from './namings.ts';
import type { Called } from './sdk.ts';
import { type Specimen, type SpecimenName, Specimens } from './specimens.ts';

const limits = { 'public-keys': 100, 'key-groups': 100 };
const started = await startWorld({ limits });
const { client, world } = started;
const specimens = new Specimens(started);

const itemsMin = 3;

type Listed = {
  /** What the list takes beside a marker, once it has at least three items. */
  readonly filled: () => Promise<Form>;
};

/** Lists of one kind of resource, whose items are made by itself. */
function listOf(kind: SpecimenName): Listed {
  return {
    async filled() {
      for (let count = 0; count < itemsMin; count += 1) await specimens.make(kind);
      return {};
    },
  };
}

/** Lists of the distributions that name something. */
function naming(used: SpecimenName, asked: (named: Specimen) => Form): Listed {
  return {
    async filled() {
      const how = namingOf(used, 'Distribution');
      const named = await specimens.makeNameable(how);
      for (let count = 0; count < itemsMin; count += 1) {
        await specimens.make('Distribution', how.configOf(named));
      }
      return asked(named);
    },
  };
}

/** Lists of the distributions whose own configuration says something. */
function saying(config: Form, asked: Form): Listed {
  return {
    async filled() {
      for (let count = 0; count < itemsMin; count += 1) {
        await specimens.make('Distribution', config);
      }
      return asked;
    },
  };
}

const WebACLId =
  'arn:aws:wafv2:us-east-1:000000000000:global/webacl/one/a1b2c3d4-1111-2222-3333-444444444444';

const lists: Readonly<Record<string, Listed>> = {
  ListAnycastIpLists: listOf('AnycastIpList'),
  ListCachePolicies: listOf('CachePolicy'),
  ListCloudFrontOriginAccessIdentities: listOf('CloudFrontOriginAccessIdentity'),
  ListConflictingAliases: {
    async filled() {
      for (const alias of ['a', 'b', 'c']) {
        const Aliases = { Quantity: 1, Items: [`${alias}.conflict.example.net`] };
        await specimens.make('Distribution', { Aliases });
      }
      const Aliases = { Quantity: 1, Items: ['*.conflict.example.net'] };
      const { id: DistributionId } = await specimens.make('Distribution', { Aliases });
      return { DistributionId, Alias: '*.conflict.example.net' };
    },
  },
  ListConnectionFunctions: listOf('ConnectionFunction'),
  ListConnectionGroups: listOf('ConnectionGroup'),
  ListContinuousDeploymentPolicies: listOf('ContinuousDeploymentPolicy'),
  ListDistributionTenants: listOf('DistributionTenant'),
  ListDistributionTenantsByCustomization: {
    async filled() {
      const Customizations = { WebAcl: { Action: 'override', Arn: WebACLId } };
      for (let count = 0; count < itemsMin; count += 1) {
        await specimens.make('DistributionTenant', { Customizations });
      }
      return { WebACLArn: WebACLId };
    },
  },
  ListDistributions: listOf('Distribution'),
  ListDistributionsByAnycastIpListId: naming('AnycastIpList', ({ id }) => ({
    AnycastIpListId: id,
  })),
  ListDistributionsByCachePolicyId: naming('CachePolicy', ({ id }) => ({ CachePolicyId: id })),
  ListDistributionsByConnectionFunction: naming('ConnectionFunction', ({ id }) => ({
    ConnectionFunctionIdentifier: id,
  })),
  ListDistributionsByConnectionMode: saying({}, { ConnectionMode: 'direct' }),
  ListDistributionsByKeyGroup: naming('KeyGroup', ({ id }) => ({ KeyGroupId: id })),
  ListDistributionsByOriginRequestPolicyId: naming('OriginRequestPolicy', ({ id }) => ({
    OriginRequestPolicyId: id,
  })),
  ListDistributionsByOwnedResource: naming('VpcOrigin', ({ arn }) => ({ ResourceArn: arn })),
  ListDistributionsByRealtimeLogConfig: naming('RealtimeLogConfig', ({ arn }) => ({
    RealtimeLogConfigArn: arn,
  })),
  ListDistributionsByResponseHeadersPolicyId: naming('ResponseHeadersPolicy', ({ id }) => ({
    ResponseHeadersPolicyId: id,
  })),
  ListDistributionsByVpcOriginId: naming('VpcOrigin', ({ id }) => ({ VpcOriginId: id })),
  ListDistributionsByWebACLId: saying({ WebACLId }, { WebACLId }),
  ListDomainConflicts: {
    async filled() {
      for (const name of ['a', 'b', 'c']) {
        const Domains = [{ Domain: `${name}.domains.example.net` }];
        await specimens.make('DistributionTenant', { Domains });
      }
      const { id: DistributionTenantId } = await specimens.make('DistributionTenant');
      const DomainControlValidationResource = { DistributionTenantId };
      return { Domain: '*.domains.example.net', DomainControlValidationResource };
    },
  },
  ListFieldLevelEncryptionConfigs: listOf('FieldLevelEncryptionConfig'),
  ListFieldLevelEncryptionProfiles: listOf('FieldLevelEncryptionProfile'),
  ListFunctions: listOf('Function'),
  ListInvalidations: {
    async filled() {
      const { id: DistributionId } = await specimens.make('Distribution');
      for (const CallerReference of ['1', '2', '3']) {
        const InvalidationBatch = { CallerReference, Paths: { Quantity: 1, Items: ['/*'] } };
        await client.call('CreateInvalidation', { DistributionId, InvalidationBatch });
      }
      return { DistributionId };
    },
  },
  ListInvalidationsForDistributionTenant: {
    async filled() {
      const { id: Id } = await specimens.make('DistributionTenant');
      for (const CallerReference of ['1', '2', '3']) {
        const InvalidationBatch = { CallerReference, Paths: { Quantity: 1, Items: ['/*'] } };
        const given = { Id, InvalidationBatch };
        await client.call('CreateInvalidationForDistributionTenant', given);
      }
      return { Id };
    },
  },
  ListKeyGroups: listOf('KeyGroup'),
  ListKeyValueStores: listOf('KeyValueStore'),
  ListOriginAccessControls: listOf('OriginAccessControl'),
  ListOriginRequestPolicies: listOf('OriginRequestPolicy'),
  ListPublicKeys: listOf('PublicKey'),
  ListRealtimeLogConfigs: listOf('RealtimeLogConfig'),
  ListResponseHeadersPolicies: listOf('ResponseHeadersPolicy'),
  ListStreamingDistributions: listOf('StreamingDistribution'),
  ListTrustStores: listOf('TrustStore'),
  ListVpcOrigins: listOf('VpcOrigin'),
};

/** Empty by what there is: no distribution names a trust store, and tests of their own fill these. */
const elsewhere: readonly string[] = ['ListDistributionsByTrustStore'];

const pagedLists = [...facts().operations.values()]
  .filter(({ input }) => {
    const shape = facts().shapes.get(input ?? '');
    const members = shape === undefined || shape.kind === 'list' ? [] : shape.members;
    return members.some((member) => member.name === 'MaxItems');
  })
  .map(({ name }) => name)
  .filter((name) => !elsewhere.includes(name));

for (const operation of pagedLists) {
  test(`${operation}: one by one it is the same list, and wrong pages are refused`, async () => {
    const listed = lists[operation];
    assert.ok(listed !== undefined, `${operation} has no place here`);
    const asked = await listed.filled();
    await world.edgeCatchesUp();
    const answer = await client.call(operation, asked);
    isCompleteAnswer(operation, answer);
    const whole = pageOf(answer);
    assert.ok(whole.items.length >= itemsMin);
    assert.equal(whole.next, undefined);

    const seen: unknown[] = [];
    let Marker: string | undefined;
    do {
      const page = pageOf(await client.call(operation, { ...asked, MaxItems: 1, Marker }));
      assert.equal(page.items.length, 1);
      if (page.maxItems !== undefined) assert.equal(page.maxItems, 1);
      if (page.marker !== undefined) assert.equal(page.marker, Marker ?? '');
      if (page.isTruncated !== undefined) assert.equal(page.isTruncated, page.next !== undefined);
      seen.push(...page.items);
      Marker = page.next;
    } while (Marker !== undefined);
    assert.deepEqual(seen, whole.items);

    const MaxItems = operation === 'ListConflictingAliases' ? 100 : 1_000;
    const many = pageOf(await client.call(operation, { ...asked, MaxItems, Marker: '' }));
    assert.deepEqual(many.items, whole.items);
    await refused(client.call(operation, { ...asked, MaxItems: 0 }), 'InvalidArgument');
    // What the model bounds is a matter of the schema, as is what is no number.
    for (const wrong of [-1, 'many']) {
      await assert.rejects(client.call(operation, { ...asked, MaxItems: wrong }), {
        name: /^(?:InvalidArgument|MalformedInput|MalformedXML)$/,
      });
    }
    const unknown = client.call(operation, { ...asked, Marker: 'no-such-item' });
    const { message } = await refused(unknown, 'InvalidArgument');
    assert.match(message, /NextMarker/);
  });
}

type PageSeen = {
  readonly items: readonly unknown[];
  readonly next: string | undefined;
  readonly marker: string | undefined;
  readonly maxItems: unknown;
  readonly isTruncated: unknown;
};

/** A list is one member of the answer, or the answer itself. */
function pageOf(answer: Called): PageSeen {
  const [first = ''] = Object.keys(answer).filter((name) => name !== 'NextMarker');
  const bare: unknown = answer[first];
  const list = Array.isArray(bare) ? { Items: bare, ...answer } : objectAt(answer, first);
  const { IsTruncated, Items = [], Marker, MaxItems, NextMarker, Quantity }: Called = list;
  assert.ok(Array.isArray(Items));
  if (Quantity !== undefined) assert.equal(Quantity, Items.length);
  return {
    items: Items,
    next: textOf(NextMarker),
    marker: textOf(Marker),
    maxItems: MaxItems,
    isTruncated: IsTruncated,
  };
}

function textOf(value: unknown): string | undefined {
  assert.ok(value === undefined || typeof value === 'string');
  return value;
}
