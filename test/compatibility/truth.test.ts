/**
 * The table of fields of API 2020-05-31 is true: over a socket, each field that is honored or stored is
 * sent with at least two values and comes back with each, and each that is refused is refused.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idOf, objectAt, refused, startWorld } from '../api-2020-05-31/calling.ts';
import { cliForm, type Form, multiTenantForm } from '../api-2020-05-31/distribution-forms.ts';
import { createDistribution } from '../api-2020-05-31/distribution-life.ts';
import { Synthesis } from '../api-2020-05-31/synthesis.ts';
import { facts } from '../../src/wire/facts.ts';
import { comesBack, type Tried } from './coming-back.ts';
import { distributionFields, streamingFields } from './fields.ts';
import { distributionForms, plainStreamingForm, streamingForms } from './forms.ts';
import { asTold } from './leaves.ts';
import { makeNamed } from './named-resources.ts';
import { operations20200531 } from './operations.ts';
import { type FieldSection, pathsOf } from './state.ts';

const started = await startWorld();
const { client } = started;
const named = await makeNamed(started);

async function readConfig(Id: string): Promise<Form> {
  return objectAt(await client.call('GetDistributionConfig', { Id }), 'DistributionConfig');
}

async function makesOne(form: Form): Promise<string> {
  return idOf(await createDistribution(started, form), 'Distribution');
}

/** Each field of the table that is kept came back with two values at least. */
function assertAllTried(sections: readonly FieldSection[], tried: Tried): void {
  const values = new Map<string, Set<string>>();
  for (const [path, seen] of tried) {
    const told = asTold(path);
    values.set(told, new Set([...(values.get(told) ?? []), ...seen]));
  }
  for (const [path, state] of pathsOf(sections)) {
    if (state === 'refused') continue;
    const seen = [...(values.get(path) ?? [])];
    assert.ok(seen.length > 1, `${path} was tried with ${seen.join(', ')} only`);
  }
}

test('a distribution keeps every field that is called honored or stored', async () => {
  const tried: Tried = new Map();
  for (const form of distributionForms(named)) {
    comesBack(await readConfig(await makesOne(form)), form, tried);
  }
  const trial = cliForm('trial', { Staging: true, ConnectionMode: 'direct' });
  comesBack(await readConfig(await makesOne(trial)), trial, tried);
  for (const [index, policy] of named.continuousDeploymentPolicy.entries()) {
    const form = cliForm(`deployed-${index}`);
    const Id = await makesOne(form);
    const IfMatch = String((await client.call('GetDistribution', { Id }))['ETag']);
    const DistributionConfig = { ...form, ContinuousDeploymentPolicyId: policy };
    await client.call('UpdateDistribution', { Id, IfMatch, DistributionConfig });
    comesBack(await readConfig(Id), DistributionConfig, tried);
  }
  for (const form of [multiTenantForm('tenants'), multiTenantForm('other-tenants', otherTenancy)]) {
    comesBack(await readConfig(await makesOne(form)), form, tried);
  }
  assertAllTried(distributionFields, tried);
});

const otherTenancy: Form = {
  Origins: cliForm('')['Origins'],
  TenantConfig: {
    ParameterDefinitions: [
      {
        Name: 'other',
        Definition: { StringSchema: { Required: true, Comment: 'other', DefaultValue: 'other' } },
      },
    ],
  },
};

test('a streaming distribution keeps every field', async () => {
  const tried: Tried = new Map();
  for (const form of [...streamingForms(named), plainStreamingForm]) {
    const given = { StreamingDistributionConfig: form };
    const Id = idOf(
      await client.call('CreateStreamingDistribution', given),
      'StreamingDistribution',
    );
    const read = await client.call('GetStreamingDistributionConfig', { Id });
    comesBack(objectAt(read, 'StreamingDistributionConfig'), form, tried);
  }
  assertAllTried(streamingFields, tried);
});

test('a distribution refuses every field that is called refused', async () => {
  const tried: Tried = new Map();
  for (const [code, changed] of refusedForms) {
    await refused(createDistribution(started, cliForm('refused', changed)), code);
    comesBack(changed, changed, tried);
  }
  const told = new Set([...tried.keys()].map(asTold));
  for (const [path, state] of pathsOf(distributionFields)) {
    if (state === 'refused') assert.ok(told.has(path), `${path} was not tried`);
  }
});

const [origin] = itemsOf(cliForm('')['Origins']);
const behavior = cliForm('')['DefaultCacheBehavior'];

const refusedForms: readonly (readonly [code: string, changed: Form])[] = [
  [
    'InvalidArgument',
    {
      ViewerMtlsConfig: {
        Mode: 'required',
        TrustStoreConfig: {
          TrustStoreId: 'ts',
          AdvertiseTrustStoreCaNames: true,
          IgnoreCertificateExpiry: true,
        },
      },
    },
  ],
  [
    'InvalidArgument',
    {
      Origins: {
        Quantity: 1,
        Items: [
          {
            ...origin,
            CustomOriginConfig: {
              ...objectIn(origin?.['CustomOriginConfig']),
              OriginMtlsConfig: {
                ClientCertificateArn: 'arn:aws:acm:us-east-1:000000000000:certificate/one',
              },
            },
          },
        ],
      },
    },
  ],
  [
    'InvalidLambdaFunctionAssociation',
    {
      DefaultCacheBehavior: {
        ...objectIn(behavior),
        LambdaFunctionAssociations: {
          Quantity: 1,
          Items: [
            {
              LambdaFunctionARN: 'arn:aws:lambda:us-east-1:000000000000:function:one:1',
              EventType: 'viewer-request',
              IncludeBody: true,
            },
          ],
        },
      },
    },
  ],
];

test('a number of items that is another than theirs is refused, wherever it stands', async () => {
  const [form = {}] = distributionForms(named);
  const wrong = [...withWrongQuantity({ ...form, CallerReference: 'wrong quantity' })];
  assert.ok(wrong.length > 20, String(wrong.length));
  for (const [path, changed] of wrong) {
    const { message } = await refused(
      createDistribution(started, changed),
      'InconsistentQuantities',
    );
    assert.ok(message.toLowerCase().includes(`${path}.quantity'`), `${path}: ${message}`);
  }
});

/** Each copy of the form has one `Quantity` that is one too many; the path as the refusal tells it. */
function* withWrongQuantity(form: Form, path = 'distributionconfig'): Generator<[string, Form]> {
  const { Quantity: quantity } = form;
  if (typeof quantity === 'number') yield [path, { ...form, Quantity: quantity + 1 }];
  for (const [name, value] of Object.entries(form)) {
    const below = `${path}.${name.toLowerCase()}`;
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) {
        for (const [at, changed] of withWrongQuantity(
          objectIn(item),
          `${below}.${index + 1}.member`,
        )) {
          yield [at, { ...form, [name]: value.with(index, changed) }];
        }
      }
    } else {
      for (const [at, changed] of withWrongQuantity(objectIn(value), below)) {
        yield [at, { ...form, [name]: changed }];
      }
    }
  }
}

test('an operation that is called refused is refused', async () => {
  const [Identifier] = named.connectionFunction;
  const described = await client.call('DescribeFunction', { Name: 'one' });
  const connection = await client.call('DescribeConnectionFunction', { Identifier });
  // These look for what they are asked about, and at its ETag, before they refuse.
  const there: Readonly<Record<string, Form>> = {
    TestFunction: { Name: 'one', IfMatch: described['ETag'], Stage: 'DEVELOPMENT' },
    TestConnectionFunction: {
      Id: Identifier,
      IfMatch: connection['ETag'],
      Stage: 'DEVELOPMENT',
    },
  };
  for (const { operations, state } of operations20200531) {
    for (const name of state === 'refused' ? operations : []) {
      const { input } = facts().operations.get(name) ?? {};
      const given = input === undefined ? {} : new Synthesis().structure(input);
      await refused(client.call(name, { ...given, ...there[name] }), 'UnsupportedOperation');
    }
  }
});

function itemsOf(list: unknown): readonly Form[] {
  const { Items: items } = objectIn(list);
  return Array.isArray(items) ? items.map(objectIn) : [];
}

function objectIn(value: unknown): Form {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
