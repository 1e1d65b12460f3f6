/** The two kinds of distributions in the words of API 2010-11-01, so that one test can try both. */
import { type ApiCaller, assertStatus, etagOf, type Reply, textAt } from './api-caller.ts';
import { until } from './until.ts';

export type KindWords = {
  readonly kind: 'download' | 'streaming';
  /** The path of the collection. */
  readonly path: string;
  readonly root: string;
  readonly config: string;
  readonly list: string;
  readonly summary: string;
  readonly noSuch: string;
  readonly alreadyExists: string;
  readonly notDisabled: string;
  readonly tooMany: string;
  readonly tooManyCnames: string;
  /** The first letter of domain names. */
  readonly letter: string;
};

export const download: KindWords = {
  kind: 'download',
  path: '/2010-11-01/distribution',
  root: 'Distribution',
  config: 'DistributionConfig',
  list: 'DistributionList',
  summary: 'DistributionSummary',
  noSuch: 'NoSuchDistribution',
  alreadyExists: 'DistributionAlreadyExists',
  notDisabled: 'DistributionNotDisabled',
  tooMany: 'TooManyDistributions',
  tooManyCnames: 'TooManyDistributionCNAMEs',
  letter: 'd',
};

export const streaming: KindWords = {
  kind: 'streaming',
  path: '/2010-11-01/streaming-distribution',
  root: 'StreamingDistribution',
  config: 'StreamingDistributionConfig',
  list: 'StreamingDistributionList',
  summary: 'StreamingDistributionSummary',
  noSuch: 'NoSuchStreamingDistribution',
  alreadyExists: 'StreamingDistributionAlreadyExists',
  notDisabled: 'StreamingDistributionNotDisabled',
  tooMany: 'TooManyStreamingDistributions',
  tooManyCnames: 'TooManyStreamingDistributionCNAMEs',
  letter: 's',
};

export const bothKinds = [download, streaming] as const;

export const namespace = 'http://cloudfront.amazonaws.com/doc/2010-11-01/';

export type Said = {
  readonly reference: string;
  readonly enabled?: boolean;
  /** XML of the origin; an S3 origin of the bucket `pics` otherwise. */
  readonly origin?: string;
  readonly cnames?: readonly string[];
  readonly comment?: string;
  /** Children after `Enabled`, as XML. */
  readonly more?: string;
};

export function s3Origin(bucket: string, more = ''): string {
  return `<S3Origin><DNSName>${bucket}.s3.amazonaws.com</DNSName>${more}</S3Origin>`;
}

export function customOrigin(host: string, ports = '', policy = 'match-viewer'): string {
  return (
    `<CustomOrigin><DNSName>${host}</DNSName>${ports}` +
    `<OriginProtocolPolicy>${policy}</OriginProtocolPolicy></CustomOrigin>`
  );
}

/** A configuration in the documented order. */
export function configXml(words: KindWords, said: Said): string {
  const { cnames = [], comment = '', enabled = true, more = '', reference } = said;
  const origin = said.origin ?? s3Origin('pics');
  return (
    `<?xml version="1.0"?>\n<${words.config} xmlns="${namespace}">${origin}` +
    `<CallerReference>${reference}</CallerReference>` +
    cnames.map((cname) => `<CNAME>${cname}</CNAME>`).join('') +
    (comment === '' ? '' : `<Comment>${comment}</Comment>`) +
    `<Enabled>${enabled}</Enabled>${more}</${words.config}>`
  );
}

/** Creates it, which must succeed. */
export async function create(api: ApiCaller, words: KindWords, said: Said): Promise<Created> {
  const reply = await api.post(words.path, configXml(words, said));
  assertStatus(reply, 201);
  const id = textAt(reply, 'Id');
  return {
    id,
    etag: etagOf(reply),
    domain: textAt(reply, 'DomainName'),
    path: `${words.path}/${id}`,
    reply,
  };
}

export type Created = {
  readonly id: string;
  readonly etag: string;
  readonly domain: string;
  /** The path of the resource. */
  readonly path: string;
  readonly reply: Reply;
};

/** Resolves with the first reading whose status is `Deployed`. */
export async function untilDeployed(api: ApiCaller, path: string): Promise<Reply> {
  let last = '';
  return until(
    `${path} is Deployed`,
    async () => {
      const reply = await api.get(path);
      assertStatus(reply, 200);
      last = reply.body;
      return textAt(reply, 'Status') === 'Deployed' ? reply : undefined;
    },
    { seen: () => last },
  );
}

/** Disables, waits and deletes, each of which must succeed. */
export async function remove(api: ApiCaller, path: string): Promise<void> {
  const config = await api.get(`${path}/config`);
  assertStatus(config, 200);
  const off = config.body.replace('<Enabled>true<', '<Enabled>false<');
  const put = await api.put(`${path}/config`, etagOf(config), off);
  assertStatus(put, 200);
  await untilDeployed(api, path);
  assertStatus(await api.delete(path, etagOf(put)), 204);
}
