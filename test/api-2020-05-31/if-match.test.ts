/**
 * Every operation that takes If-Match (API 2020-05-31, section 2.7): without it, with one that is not
 * current, with quotes and without them. The operations are those of the facts, so none is left out.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { facts } from '../../src/wire/facts.ts';
import { refused, startWorld } from './calling.ts';
import { isCompleteAnswer } from './complete.ts';
import type { Form } from './distribution-forms.ts';
import type { Called } from './sdk.ts';
import { isSpecimenName, type Specimen, type SpecimenName, Specimens } from './specimens.ts';

const started = await startWorld({ limits: { 'public-keys': 100, 'key-groups': 100 } });
const { client, world } = started;
const specimens = new Specimens(started);
const neverAnEtag = 'E0000000000000';

type Conditional = {
  readonly of: SpecimenName;
  readonly input: (specimen: Specimen) => Form;
  /** What becomes of the ETag when the call succeeds. */
  readonly etag: 'changes' | 'stays' | 'gone';
  /** What the header holds; the ETag alone where nothing is said. */
  readonly header?: (etag: string) => string;
  /** What the operation says once the condition holds, where no edge can do it yet. */
  readonly saying?: string;
};

const event = Buffer.from('{}');
const staging = await specimens.make('Distribution', { Staging: true });
const lent = 'lent.example.com';
await specimens.make('Distribution', { Aliases: { Quantity: 1, Items: [lent] } });
const WebACLArn =
  'arn:aws:wafv2:us-east-1:000000000000:global/webacl/one/12345678-1234-1234-1234-123456789012';
const others: Readonly<Record<string, Conditional>> = {
  CopyDistribution: {
    of: 'Distribution',
    input: ({ id }) => ({
      PrimaryDistributionId: id,
      CallerReference: `copy of ${id} ${performance.now()}`,
    }),
    etag: 'stays',
  },
  AssociateDistributionWebACL: {
    of: 'Distribution',
    input: ({ target }) => ({ ...target, WebACLArn }),
    etag: 'changes',
  },
  DisassociateDistributionWebACL: {
    of: 'Distribution',
    input: ({ target }) => target,
    etag: 'changes',
  },
  AssociateDistributionTenantWebACL: {
    of: 'DistributionTenant',
    input: ({ target }) => ({ ...target, WebACLArn }),
    etag: 'changes',
  },
  DisassociateDistributionTenantWebACL: {
    of: 'DistributionTenant',
    input: ({ target }) => target,
    etag: 'changes',
  },
  UpdateDomainAssociation: {
    of: 'DistributionTenant',
    input: ({ id }) => ({ Domain: lent, TargetResource: { DistributionTenantId: id } }),
    etag: 'changes',
  },
  UpdateDistributionWithStagingConfig: {
    of: 'Distribution',
    input: ({ target }) => ({ ...target, StagingDistributionId: staging.id }),
    header: (etag) => `${etag}, ${staging.etag}`,
    etag: 'changes',
  },
  PublishFunction: { of: 'Function', input: ({ target }) => target, etag: 'stays' },
  PublishConnectionFunction: {
    of: 'ConnectionFunction',
    input: ({ target }) => target,
    etag: 'stays',
  },
  TestFunction: {
    of: 'Function',
    input: ({ target }) => ({ ...target, EventObject: event }),
    etag: 'stays',
    saying: 'UnsupportedOperation',
  },
  TestConnectionFunction: {
    of: 'ConnectionFunction',
    input: ({ target }) => ({ ...target, ConnectionObject: event }),
    etag: 'stays',
    saying: 'UnsupportedOperation',
  },
};

/** Updates and deletions are called after what they are of. */
function conditionalOf(operation: string): Conditional {
  const known = others[operation];
  if (known !== undefined) return known;
  const of = operation.replace(/^(?:Update|Delete)/, '');
  assert.ok(isSpecimenName(of), `${operation} takes If-Match and has no place here`);
  return operation.startsWith('Delete')
    ? { of, input: ({ target }) => target, etag: 'gone' }
    : { of, input: ({ config, target }) => ({ ...target, ...config }), etag: 'changes' };
}

const conditional = [...facts().operations.values()].filter(({ input }) => {
  const shape = facts().shapes.get(input ?? '');
  const members = shape === undefined || shape.kind === 'list' ? [] : shape.members;
  return members.some(({ wire }) => wire === 'If-Match');
});

test('the facts tell which operations take If-Match', () => {
  assert.ok(conditional.length >= 50);
});

for (const { name } of conditional) {
  test(`${name}: If-Match is there and current, with quotes or without`, async () => {
    const { etag: becomes, header = (etag) => etag, input, of, saying } = conditionalOf(name);
    const call = async (specimen: Specimen, IfMatch?: string): Promise<Called> => {
      const answer = await client.call(name, {
        ...input(specimen),
        IfMatch: IfMatch === undefined ? undefined : header(IfMatch),
      });
      isCompleteAnswer(name, answer);
      return answer;
    };
    const succeeds = async (specimen: Specimen, IfMatch: string): Promise<string> => {
      if (saying === undefined) return String((await call(specimen, IfMatch))['ETag']);
      await refused(call(specimen, IfMatch), saying);
      return specimen.etag;
    };

    const one = await specimens.make(of);
    await world.edgeCatchesUp();
    for (const missing of [undefined, '']) {
      await refused(call(one, missing), 'InvalidIfMatchVersion');
    }
    await refused(call(one, 'not an ETag'), 'InvalidIfMatchVersion');
    await isRefusedAfter(`Create${of}`, call(one, neverAnEtag));
    const next = await succeeds(one, `"${one.etag}"`);
    if (becomes === 'stays') {
      await succeeds(one, one.etag);
    } else if (becomes === 'changes') {
      assert.notEqual(next, one.etag);
      await isRefusedAfter(name, call(one, one.etag));
      await succeeds(one, next);
    } else {
      const again = await specimens.make(of);
      const { ETag } = await client.call(`Update${of}`, {
        ...again.target,
        ...again.config,
        IfMatch: again.etag,
      });
      await world.edgeCatchesUp();
      await isRefusedAfter(`Update${of}`, call(again, again.etag));
      await succeeds(again, String(ETag));
    }
  });
}

const pairs = [...facts().operations.keys()]
  .filter((name) => /^Get.*Config$/.test(name))
  .map((config) => ({ config, whole: config.replace(/Config$/, '') }))
  .filter(({ whole }) => facts().operations.has(whole));

for (const { config, whole } of pairs) {
  test(`${config} and ${whole} answer one ETag, which stays as edges take the thing`, async () => {
    const kind = config === 'GetFieldLevelEncryptionConfig' ? config.slice(3) : whole.slice(3);
    assert.ok(isSpecimenName(kind));
    const { etag, target } = await specimens.make(kind);
    const etags = async (): Promise<unknown[]> => [
      (await client.call(whole, target))['ETag'],
      (await client.call(config, target))['ETag'],
    ];
    assert.deepEqual(await etags(), [etag, etag]);
    await world.edgeCatchesUp();
    assert.deepEqual(await etags(), [etag, etag]);
  });
}

test('tags leave the ETag as it is', async () => {
  const { arn: Resource, etag, target } = await specimens.make('Distribution');
  const Tags = { Items: [{ Key: 'team', Value: 'web' }] };
  await client.call('TagResource', { Resource, Tags });
  await client.call('UntagResource', { Resource, TagKeys: { Items: ['team'] } });
  assert.equal((await client.call('GetDistribution', target))['ETag'], etag);
});

/** The refusal tells which call changed it last, and when. */
async function isRefusedAfter(call: string, refusal: Promise<unknown>): Promise<void> {
  const { message } = await refused(refusal, 'PreconditionFailed');
  const told = new RegExp(
    `made by ${call} at (\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z)`,
  );
  const at = told.exec(message)?.[1];
  assert.ok(at !== undefined, message);
  assert.ok(Math.abs(Date.parse(at) - Date.now()) < 60_000, message);
}
