/**
 * The tables of fields of API 2010-11-01 are true: over a socket, each field is sent with two values and
 * comes back with each, and the forms hold no other field.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { namespace } from '../../src/api/2010-11-01/wire-form.ts';
import { systemClock } from '../../src/base/clock.ts';
import { systemRandomness } from '../../src/base/randomness.ts';
import { parentElement, textElement, writeXml, type XmlElement } from '../../src/base/xml.ts';
import { ApiCaller, assertStatus, documentOf, textAt } from '../harness/api-caller.ts';
import { ApiWorld } from '../harness/api-world.ts';
import { oldDistributionFields, oldStreamingFields } from './fields.ts';
import { pathsOf } from './state.ts';

const world = await ApiWorld.start({ clock: systemClock, randomness: systemRandomness });
const caller = new ApiCaller(`http://127.0.0.1:${world.port}`);
after(async () => {
  caller.close();
  await world.stop();
});

const identities = [await makeIdentity('one'), await makeIdentity('two')] as const;

async function makeIdentity(reference: string): Promise<string> {
  const body = xmlOf('CloudFrontOriginAccessIdentityConfig', [
    ['CallerReference', reference],
    ['Comment', ''],
  ]);
  const made = await caller.post('/2010-11-01/origin-access-identity/cloudfront', body);
  assertStatus(made, 201);
  return `origin-access-identity/cloudfront/${textAt(made, 'Id')}`;
}

/** Path of a field, and its text; a path that stands there again is said again. */
type Said = readonly (readonly [path: string, text: string])[];

function xmlOf(root: string, said: Said): string {
  return writeXml(treeOf(root, said), namespace);
}

function treeOf(name: string, said: Said): XmlElement {
  const children: XmlElement[] = [];
  for (const [path, text] of said) {
    const [first = '', ...rest] = path.split('/');
    if (rest.length === 0) children.push(textElement(first, text));
    else if (!children.some((child) => child.name === first)) {
      const below = said.filter(([one]) => one.startsWith(`${first}/`));
      children.push(
        treeOf(
          first,
          below.map(([one, inner]) => [one.slice(first.length + 1), inner]),
        ),
      );
    }
  }
  return parentElement(name, children);
}

function saidBy(element: XmlElement, path = ''): Said {
  return element.children.flatMap((child): Said => {
    const below = path === '' ? child.name : `${path}/${child.name}`;
    const isLeaf = child.children.length === 0;
    return isLeaf && child.name !== 'Self' ? [[below, child.text]] : leavesOf(child, below);
  });
}

/** `Self` says something by being there. */
function leavesOf(element: XmlElement, path: string): Said {
  return element.name === 'Self' ? [[path, '']] : saidBy(element, path);
}

const custom = ([one, two]: readonly [string, string], policy: string): Said => [
  ['CustomOrigin/DNSName', one],
  ['CustomOrigin/HTTPPort', two],
  ['CustomOrigin/HTTPSPort', `4${two}`],
  ['CustomOrigin/OriginProtocolPolicy', policy],
];

function bucket(name: string, identity: string): Said {
  return [
    ['S3Origin/DNSName', `${name}.s3.amazonaws.com`],
    ['S3Origin/OriginAccessIdentity', identity],
  ];
}

function common(index: number): Said {
  return [
    ['CallerReference', `every-field-${index}`],
    ['CNAME', `a-${index}.example.net`],
    ['CNAME', `b-${index}.example.net`],
    ['Comment', `the comment of ${index}`],
    ['Enabled', index % 2 === 0 ? 'true' : 'false'],
  ];
}

function logging(index: number): Said {
  return [
    ['Logging/Bucket', `logs-${index}.s3.amazonaws.com`],
    ['Logging/Prefix', `site-${index}/`],
  ];
}

const signers: readonly Said[] = [
  [['TrustedSigners/AwsAccountNumber', '111122223333']],
  [
    ['TrustedSigners/Self', ''],
    ['TrustedSigners/AwsAccountNumber', '000000000000'],
  ],
];
const required: Said = [['RequiredProtocols/Protocol', 'https']];

const downloads: readonly Said[] = [
  bucket('pics', identities[0]),
  bucket('films', identities[1]),
  custom(['www.example.com', '8080'], 'http-only'),
  custom(['app.example.com', '8081'], 'match-viewer'),
].map((origin, index) => [
  ...origin,
  ...common(index),
  ['DefaultRootObject', `index-${index}.html`],
  ...logging(index),
  ...(signers[index % 2] ?? []),
  ...(index % 2 === 0 ? required : []),
]);

const streams: readonly Said[] = identities.map((identity, index) => [
  ...bucket(`films-${index}`, identity),
  ...common(index + downloads.length),
  ...logging(index),
  ...(signers[index] ?? []),
]);

/** These have one value; the other is not to be there. */
const byPresence: ReadonlySet<string> = new Set([
  'TrustedSigners/Self',
  'RequiredProtocols/Protocol',
]);

for (const [kind, path, root, forms, sections] of [
  ['download', 'distribution', 'DistributionConfig', downloads, oldDistributionFields],
  [
    'streaming',
    'streaming-distribution',
    'StreamingDistributionConfig',
    streams,
    oldStreamingFields,
  ],
] as const) {
  test(`a ${kind} distribution keeps every field`, async () => {
    const tried = new Map<string, Set<string>>();
    for (const said of forms) {
      const made = await caller.post(`/2010-11-01/${path}`, xmlOf(root, said));
      assertStatus(made, 201);
      const read = await caller.get(`/2010-11-01/${path}/${textAt(made, 'Id')}/config`);
      assert.deepEqual(sorted(saidBy(documentOf(read))), sorted(said));
      for (const [field, text] of said) tried.set(field, (tried.get(field) ?? new Set()).add(text));
    }
    assert.deepEqual([...tried.keys()].sort(), [...pathsOf(sections).keys()].sort());
    for (const [field, values] of tried) {
      if (!byPresence.has(field)) assert.ok(values.size > 1, field);
      else assert.ok(!forms.every((said) => said.some(([one]) => one === field)), field);
    }
  });
}

function sorted(said: Said): readonly string[] {
  return said.map(([path, text]) => `${path}: ${text}`).sort();
}
