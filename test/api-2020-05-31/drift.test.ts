/**
 * No drift: what any client sends by default is completed, read, written back unchanged under its ETag and
 * read again, and nothing has moved; by this version, by the older one, and by both in turn.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { legacyConfig } from '../clients/legacy-config.ts';
import { ApiCaller, assertStatus, etagOf } from '../harness/api-caller.ts';
import {
  create as createOlder,
  customOrigin,
  download,
  type KindWords,
  type Said,
  streaming,
} from '../harness/kinds.ts';
import { idOf, objectAt, startWorld } from './calling.ts';
import { holds, isComplete } from './complete.ts';
import {
  cliForm,
  cliShortForm,
  consoleForm,
  type Form,
  sdkForm,
  terraformForm,
  terraformShortForm,
} from './distribution-forms.ts';
import { createDistribution, deployed, removeDistribution } from './distribution-life.ts';
import type { Called } from './sdk.ts';

const started = await startWorld();
const { client, world } = started;
const older = new ApiCaller(`http://127.0.0.1:${world.port}`);

const forms: Readonly<Record<string, Form>> = {
  'the short form of the AWS CLI, of a bucket': cliShortForm('cli-s3', 'pics.s3.amazonaws.com'),
  'the short form of the AWS CLI, of a host': cliShortForm('cli-host', 'www.example.com'),
  'a JSON file for the AWS CLI': cliForm('cli-file'),
  'boto3, of a bucket': legacyConfig('boto3-s3', 'pics.s3.amazonaws.com'),
  'boto3, of a host': legacyConfig('boto3-host', 'www.example.com'),
  'an SDK, as little as the model takes': sdkForm('sdk'),
  'Terraform, a short configuration': terraformShortForm('terraform-short'),
  'Terraform, a long configuration': terraformForm('terraform-long'),
  'the console': consoleForm('console'),
};

async function read(Id: string): Promise<{ readonly config: Called; readonly etag: string }> {
  const answer = await client.call('GetDistributionConfig', { Id });
  return { config: objectAt(answer, 'DistributionConfig'), etag: String(answer['ETag']) };
}

for (const [said, form] of Object.entries(forms)) {
  test(`${said}: completed, and written back unchanged it stays as it is`, async () => {
    const made = await createDistribution(started, form);
    const Id = idOf(made, 'Distribution');
    assert.match(String(made['Location']), new RegExp(`/2020-05-31/distribution/${Id}$`));
    const arn = `arn:aws:cloudfront::000000000000:distribution/${Id}`;
    assert.equal(objectAt(made, 'Distribution')['ARN'], arn);
    const { config, etag } = await read(Id);
    assert.equal(etag, made['ETag']);
    holds(config, form);
    isComplete('Distribution', made['Distribution']);
    assert.deepEqual(objectAt(made, 'Distribution')['DistributionConfig'], config);

    const update = { Id, IfMatch: etag, DistributionConfig: config };
    const same = await client.call('UpdateDistribution', update);
    assert.notEqual(same['ETag'], etag);
    const again = await read(Id);
    assert.deepEqual(again, { config, etag: same['ETag'] });
    // The form itself once more, as a tool that keeps no state of its own would write it.
    const once = { Id, IfMatch: again.etag, DistributionConfig: form };
    await client.call('UpdateDistribution', once);
    assert.deepEqual((await read(Id)).config, config);

    const whole = await deployed(started, Id);
    assert.deepEqual(objectAt(whole, 'Distribution')['DistributionConfig'], config);
    const { DistributionList } = await client.call('ListDistributions', {});
    isComplete('DistributionList', DistributionList);
    holds(config, withoutNames(summaryOf(DistributionList, Id)));
    await removeDistribution(started, Id);
  });
}

/** A summary has what a configuration has, and what is around that. */
function withoutNames(summary: Called): Called {
  const around = [
    'Id',
    'ARN',
    'ETag',
    'Status',
    'LastModifiedTime',
    'DomainName',
    'AliasICPRecordals',
  ];
  return Object.fromEntries(Object.entries(summary).filter(([name]) => !around.includes(name)));
}

function summaryOf(list: unknown, id: string): Called {
  const { Items: items } = object(list);
  assert.ok(Array.isArray(items));
  return object(items.find(({ Id }) => Id === id));
}

function object(value: unknown): Called {
  assert.ok(typeof value === 'object' && value !== null);
  return { ...value };
}

const signers = '<TrustedSigners><Self/></TrustedSigners>';
const logging = '<Logging><Bucket>logs.s3.amazonaws.com</Bucket><Prefix>cdn/</Prefix></Logging>';

/** As s3cmd, boto 2 and fog send it. */
const olderForms: Readonly<Record<string, readonly [KindWords, Said]>> = {
  's3cmd, of a bucket': [download, { reference: 's3cmd', cnames: ['old.example.net'] }],
  's3cmd, with a log and an index': [
    download,
    {
      reference: 's3cmd-more',
      comment: 'a site',
      more: `${logging}<DefaultRootObject>index.html</DefaultRootObject>`,
    },
  ],
  'boto 2, of a host, private and by HTTPS': [
    download,
    {
      reference: 'boto2',
      origin: customOrigin('www.example.com', '<HTTPPort>8080</HTTPPort>'),
      more: `${signers}<RequiredProtocols><Protocol>https</Protocol></RequiredProtocols>`,
    },
  ],
  'a streaming distribution': [streaming, { reference: 'films', more: signers }],
};

for (const [said, [words, form]] of Object.entries(olderForms)) {
  test(`${said}: written back by either version it stays as it is in both`, async () => {
    const { id: Id, path } = await createOlder(older, words, form);
    const kind = words === download ? 'Distribution' : 'StreamingDistribution';
    const member = `${kind}Config`;
    const newer = async (): Promise<Called> => client.call(`Get${member}`, { Id });
    const before = await newer();
    const olderBefore = await older.get(`${path}/config`);
    assertStatus(olderBefore, 200);
    const whole = await client.call(`Get${kind}`, { Id });
    isComplete(kind, whole[kind]);

    await client.call(`Update${kind}`, {
      Id,
      IfMatch: before['ETag'],
      [member]: before[member],
    });
    const between = await newer();
    assert.deepEqual(between[member], before[member]);
    const olderBetween = await older.get(`${path}/config`);
    assert.equal(olderBetween.body, olderBefore.body);

    const put = await older.put(`${path}/config`, etagOf(olderBetween), olderBetween.body);
    assertStatus(put, 200);
    const after = await newer();
    assert.deepEqual(after[member], before[member]);
    assert.equal(after['ETag'], etagOf(put));
    assert.equal((await older.get(`${path}/config`)).body, olderBefore.body);
  });
}

test('what one version writes is what the other reads, whoever wrote last', async () => {
  const { id: Id, path } = await createOlder(older, download, { reference: 'in-turn' });
  const first = await read(Id);
  const changed = { ...first.config, Comment: 'by the newer one', PriceClass: 'PriceClass_100' };
  const update = { Id, IfMatch: first.etag, DistributionConfig: changed };
  await client.call('UpdateDistribution', update);
  const seen = await older.get(`${path}/config`);
  assert.match(seen.body, /<Comment>by the newer one<\/Comment>/);
  const body = seen.body.replace('by the newer one', 'by the older one');
  assertStatus(await older.put(`${path}/config`, etagOf(seen), body), 200);
  const { config } = await read(Id);
  assert.deepEqual(config, { ...changed, Comment: 'by the older one' });
});
