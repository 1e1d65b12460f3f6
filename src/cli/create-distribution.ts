/** create: a new distribution from options. What the values may be is for the API to judge. */
import { connectToApi } from './api-client.ts';
import { checkLegal } from './legal-text.ts';
import { type Arguments, command, type Option } from './command.ts';
import { Distributions } from './distributions.ts';
import { UsageFault } from './failure.ts';
import { downloads, type Kind } from './kind.ts';
import type { NewDistribution } from './new-distribution.ts';
import { showProgress } from './progress.ts';
import { reportOf } from './show-distribution.ts';
import { requireDeployed, waitMsNormally, waitOption } from './waiting.ts';
import type { Command, World } from './world.ts';

function option(name: string, form: string, meaning: string): Option {
  return { name, kind: form === '' ? 'switch' : 'one', form, meaning };
}

const s3Option = option('s3-origin', 'BUCKET', 'the bucket, by its name or its host');
const identityOption = option(
  'access-identity',
  'ID',
  'the origin access identity that its requests to the bucket are signed as',
);
const customOptions: readonly Option[] = [
  option('origin', 'HOST', 'or a custom origin, by its host name'),
  option('http-port', 'PORT', 'port of the custom origin for HTTP (80)'),
  option('https-port', 'PORT', 'port of the custom origin for HTTPS (443)'),
  option(
    'origin-protocol',
    'POLICY',
    'http-only, https-only or match-viewer: how the custom origin is asked (http-only)',
  ),
];
const downloadOptions: readonly Option[] = [
  option('root-object', 'NAME', 'the object that answers for /'),
  option('https-only', '', 'refuse viewers who come over HTTP'),
];
const commonOptions: readonly Option[] = [
  { name: 'alias', kind: 'list', form: 'HOST', meaning: 'another host name of it (CNAME)' },
  option('comment', 'TEXT', 'a comment'),
  option('disabled', '', 'create it disabled'),
  option('logging-bucket', 'BUCKET', 'where access logs go'),
  option('logging-prefix', 'PREFIX', 'what the names of log files begin with'),
  {
    name: 'trusted-signer',
    kind: 'list',
    form: 'SIGNER',
    meaning: 'self or an account number: who may sign URLs; viewers need one then',
  },
  option(
    'caller-reference',
    'TEXT',
    'a second create with the same one is refused (a new one each time)',
  ),
  option('wait', '', 'wait until it is Deployed'),
  waitOption,
];

export function createDistribution(kind: Kind): Command {
  const isDownload = kind === downloads;
  return command(
    {
      words: `${kind.word} create`,
      operands: [],
      summary: `Creates a ${kind.said} in front of ${isDownload ? 'a bucket or a custom origin' : 'a bucket'}.`,
      options: [
        s3Option,
        identityOption,
        ...(isDownload ? [...customOptions, ...downloadOptions] : []),
        ...commonOptions,
      ],
      example: isDownload
        ? 'warmfront distribution create --origin localhost --http-port 3000 --wait'
        : 'warmfront streaming-distribution create --s3-origin films --comment trailers',
    },
    async (given, world) => {
      const made = readNew(given, kind, world);
      const timeoutMs = given.duration('timeout', waitMsNormally);
      const api = await connectToApi(world);
      const distributions = new Distributions(api, kind);
      const created = await distributions.create(made);
      if (!given.has('wait')) return reportOf(created);
      const { id } = created.view;
      const progress = showProgress(world.err);
      progress.happened(`Created ${id}, ${created.view.domainName}`);
      const needs = { api, distributions, progress, timeoutMs, world };
      return reportOf(await requireDeployed(id, created.etag, needs));
    },
  );
}

function readNew(given: Arguments, kind: Kind, { randomness }: World): NewDistribution {
  const options = [
    s3Option,
    identityOption,
    ...customOptions,
    ...downloadOptions,
    ...commonOptions,
  ];
  for (const { name } of options) {
    for (const text of given.list(name)) checkLegal(`--${name}`, text);
  }
  const loggingBucket = given.one('logging-bucket');
  if (loggingBucket === undefined && given.has('logging-prefix')) {
    throw new UsageFault('--logging-prefix needs --logging-bucket.');
  }
  const made = {
    callerReference: given.one('caller-reference') ?? `warmfront-${randomness.uuid()}`,
    origin: readOrigin(given, kind),
    aliases: given.list('alias'),
    comment: given.one('comment') ?? '',
    enabled: !given.has('disabled'),
    defaultRootObject: given.one('root-object'),
    logging:
      loggingBucket === undefined
        ? undefined
        : { bucket: bucketHost(loggingBucket), prefix: given.one('logging-prefix') ?? '' },
    trustedSigners: given.list('trusted-signer'),
    httpsOnly: given.has('https-only'),
  };
  return made;
}

function readOrigin(given: Arguments, kind: Kind): NewDistribution['origin'] {
  const bucket = given.one('s3-origin');
  const host = given.one('origin');
  if (bucket !== undefined && host !== undefined) {
    throw new UsageFault('--s3-origin and --origin are two origins; a distribution has one.');
  }
  const accessIdentity = given.one('access-identity');
  if (accessIdentity !== undefined && bucket === undefined) {
    throw new UsageFault('--access-identity needs --s3-origin BUCKET.');
  }
  if (host !== undefined) {
    return {
      kind: 'custom',
      domainName: host,
      httpPort: readPort(given, 'http-port', 80),
      httpsPort: readPort(given, 'https-port', 443),
      protocolPolicy: readPolicy(given.one('origin-protocol')),
    };
  }
  const alone = customOptions.find(({ name }) => given.has(name));
  if (alone !== undefined) throw new UsageFault(`--${alone.name} needs --origin HOST.`);
  if (bucket === undefined) {
    const custom = kind === downloads ? ', or --origin HOST' : '';
    throw new UsageFault(`An origin is missing: --s3-origin BUCKET${custom}.`);
  }
  return { kind: 's3', domainName: bucketHost(bucket), accessIdentity };
}

/** Whether it may be that one is for the API to judge. */
function readPort(given: Arguments, name: string, normally: number): number {
  const text = given.one(name) ?? String(normally);
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new UsageFault(`--${name}: ${JSON.stringify(text.slice(0, 64))} is no port.`);
}

const policies = ['http-only', 'https-only', 'match-viewer'] as const;

function readPolicy(text: string = policies[0]): (typeof policies)[number] {
  const policy = policies.find((one) => one === text);
  if (policy !== undefined) return policy;
  throw new UsageFault(
    `--origin-protocol: ${JSON.stringify(text.slice(0, 64))} is none of ${policies.join(', ')}.`,
  );
}

/** `pictures` is the bucket of `pictures.s3.amazonaws.com`. */
function bucketHost(bucket: string): string {
  return bucket.toLowerCase().endsWith('.amazonaws.com') ? bucket : `${bucket}.s3.amazonaws.com`;
}
