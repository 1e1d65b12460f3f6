/** Streaming distributions (API 2020-05-31, section 4.16); no edge speaks RTMP yet. */
import type { DistributionView } from '../../../control/control.ts';
import { arnOf } from '../../../model/arn.ts';
import type { DistributionConfig } from '../../../model/distribution.ts';
import { plainBehavior, plainConfig, plainOrigin } from '../../../model/plain-config.ts';
import { counted } from '../../../wire/counted.ts';
import type { Handlers } from '../handler.ts';
import { markedListOf, pageOf } from '../paging.ts';
import { readTags } from '../resources/tags.ts';
import type * as Wire from '../../../wire/shapes.generated.ts';
import { readAliases, readPriceClass, writePriceClass } from './config-shape.ts';
import { readAccessIdentity, writeAccessIdentity } from './origin-shape.ts';
import { readSigners, writeActiveSigners, writeSigners } from './signers-shape.ts';

const kind = 'streaming';
const originId = 'default';

export const streamingDistributionHandlers = {
  async CreateStreamingDistribution(input, { account, control, publicEndpoint }) {
    const read = (): DistributionConfig => readConfig(input.StreamingDistributionConfig);
    const view = await control.create(account, kind, read, { repeats: 'refused' });
    return created(view, publicEndpoint);
  },
  async CreateStreamingDistributionWithTags(input, { account, control, publicEndpoint }) {
    const { StreamingDistributionConfig: given, Tags } = input.StreamingDistributionConfigWithTags;
    const options = { repeats: 'refused', tags: readTags(Tags) } as const;
    const view = await control.create(account, kind, () => readConfig(given), options);
    return created(view, publicEndpoint);
  },
  async GetStreamingDistribution({ Id }, { account, control }) {
    const view = await control.find(account, kind, Id);
    return { StreamingDistribution: write(view), ETag: view.distribution.etag };
  },
  async GetStreamingDistributionConfig({ Id }, { account, control }) {
    const { distribution } = await control.find(account, kind, Id);
    const { config, etag } = distribution;
    return { StreamingDistributionConfig: writeConfig(config), ETag: etag };
  },
  async UpdateStreamingDistribution(input, { account, control }) {
    const { Id, IfMatch, StreamingDistributionConfig: given } = input;
    const read = (): DistributionConfig => readConfig(given);
    const view = await control.replace(account, kind, Id, IfMatch, read, {
      originsMayChange: true,
    });
    return { StreamingDistribution: write(view), ETag: view.distribution.etag };
  },
  async DeleteStreamingDistribution({ Id, IfMatch }, { account, control }) {
    await control.delete(account, kind, Id, IfMatch);
    return {};
  },
  async ListStreamingDistributions(input, { account, control, limits }) {
    const request = pageOf(input, limits);
    const { items, truncated } = await control.list(account, kind, request);
    const named = { items: items.map((view) => ({ id: view.distribution.id, view })), truncated };
    return {
      StreamingDistributionList: markedListOf(named, request, ({ view }) => writeSummary(view)),
    };
  },
} satisfies Handlers;

function created(view: DistributionView, publicEndpoint: () => string) {
  const { etag, id } = view.distribution;
  const Location = `${publicEndpoint()}/2020-05-31/streaming-distribution/${id}`;
  return { StreamingDistribution: write(view), ETag: etag, Location };
}

function readConfig(given: Wire.StreamingDistributionConfig): DistributionConfig {
  const { Logging: logging, S3Origin: origin } = given;
  return {
    ...plainConfig,
    kind,
    callerReference: given.CallerReference,
    aliases: readAliases(given.Aliases),
    comment: given.Comment,
    enabled: given.Enabled,
    logging:
      logging?.Enabled === true
        ? { bucket: logging.Bucket, prefix: logging.Prefix, withCookies: false }
        : undefined,
    priceClass: readPriceClass(given.PriceClass),
    origins: [
      {
        ...plainOrigin,
        kind: 's3',
        id: originId,
        domainName: origin.DomainName,
        accessIdentity: readAccessIdentity(origin.OriginAccessIdentity),
      },
    ],
    defaultBehavior: {
      ...plainBehavior,
      targetOriginId: originId,
      viewerProtocolPolicy: 'allow-all',
      trustedSigners: readSigners(given.TrustedSigners),
    },
  };
}

function writeConfig(config: DistributionConfig): Wire.StreamingDistributionConfig {
  const { callerReference, logging } = config;
  return {
    CallerReference: callerReference,
    ...writeShared(config),
    Logging: {
      Enabled: logging !== undefined,
      Bucket: logging?.bucket ?? '',
      Prefix: logging?.prefix ?? '',
    },
  };
}

function writeShared(config: DistributionConfig) {
  const [origin] = config.origins;
  const identity = origin?.kind === 's3' ? origin.accessIdentity : undefined;
  return {
    S3Origin: {
      DomainName: origin?.domainName ?? '',
      OriginAccessIdentity: writeAccessIdentity(identity),
    },
    Aliases: counted(config.aliases),
    Comment: config.comment,
    TrustedSigners: writeSigners(config.defaultBehavior.trustedSigners),
    PriceClass: writePriceClass(config.priceClass),
    Enabled: config.enabled,
  };
}

function writeState({ distribution, status }: DistributionView) {
  const { account, domainName, id, modifiedAt } = distribution;
  return {
    Id: id,
    ARN: arnOf(account, { kind: 'streaming-distribution', id }),
    Status: status,
    LastModifiedTime: modifiedAt,
    DomainName: domainName,
  };
}

function write(view: DistributionView): Wire.StreamingDistribution {
  return {
    ...writeState(view),
    ActiveTrustedSigners: writeActiveSigners(view),
    StreamingDistributionConfig: writeConfig(view.distribution.config),
  };
}

function writeSummary(view: DistributionView): Wire.StreamingDistributionSummary {
  return { ...writeState(view), ...writeShared(view.distribution.config) };
}
