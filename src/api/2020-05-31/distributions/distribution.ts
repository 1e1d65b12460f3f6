/** Distributions (API 2020-05-31, section 4.4): their life, with tags and without. */
import type { DistributionView } from '../../../control/control.ts';
import { arnOf } from '../../../model/arn.ts';
import type { Handlers } from '../handler.ts';
import { markedListOf, pageOf } from '../paging.ts';
import { readTags } from '../resources/tags.ts';
import type * as Wire from '../../../wire/shapes.generated.ts';
import { readConfig, writeConfig, writeShared } from './config-shape.ts';
import { writeActiveKeyGroups, writeActiveSigners } from './signers-shape.ts';

const kind = 'download';

export const distributionHandlers = {
  async CreateDistribution({ DistributionConfig: given }, { account, control, publicEndpoint }) {
    const view = await control.create(account, kind, () => readConfig(given, account), {
      repeats: 'refused',
    });
    return created(view, publicEndpoint);
  },
  async CreateDistributionWithTags(input, { account, control, publicEndpoint }) {
    const { DistributionConfig: given, Tags } = input.DistributionConfigWithTags;
    const view = await control.create(account, kind, () => readConfig(given, account), {
      repeats: 'refused',
      tags: readTags(Tags),
    });
    return created(view, publicEndpoint);
  },
  async GetDistribution({ Id }, { account, control }) {
    const view = await control.find(account, kind, Id);
    return { Distribution: write(view), ETag: view.distribution.etag };
  },
  async GetDistributionConfig({ Id }, { account, control }) {
    const { distribution } = await control.find(account, kind, Id);
    const { config, etag } = distribution;
    return { DistributionConfig: writeConfig(config, account), ETag: etag };
  },
  async UpdateDistribution({ DistributionConfig: given, Id, IfMatch }, { account, control }) {
    const view = await control.replace(
      account,
      kind,
      Id,
      IfMatch,
      () => readConfig(given, account),
      { originsMayChange: true },
    );
    return { Distribution: write(view), ETag: view.distribution.etag };
  },
  async DeleteDistribution({ Id, IfMatch }, { account, control }) {
    await control.delete(account, kind, Id, IfMatch);
    return {};
  },
  async ListDistributions(input, { account, control, limits }) {
    const request = pageOf(input, limits);
    const { items, truncated } = await control.list(account, kind, request);
    const named = { items: items.map((view) => ({ id: view.distribution.id, view })), truncated };
    return {
      DistributionList: markedListOf(named, request, ({ view }) => writeSummary(view)),
    };
  },
} satisfies Handlers;

export function created(view: DistributionView, publicEndpoint: () => string) {
  const { etag, id } = view.distribution;
  const Location = `${publicEndpoint()}/2020-05-31/distribution/${id}`;
  return { Distribution: write(view), ETag: etag, Location };
}

export function write(view: DistributionView): Wire.Distribution {
  const { account, config, domainName, id, modifiedAt } = view.distribution;
  return {
    Id: id,
    ARN: arnOf(account, { kind: 'distribution', id }),
    Status: view.status,
    LastModifiedTime: modifiedAt,
    InProgressInvalidationBatches: view.invalidationsInProgress,
    DomainName: domainName,
    ActiveTrustedSigners: writeActiveSigners(view),
    ActiveTrustedKeyGroups: writeActiveKeyGroups(view),
    DistributionConfig: writeConfig(config, account),
    AliasICPRecordals: recordals(config.aliases),
  };
}

export function writeSummary(view: DistributionView): Wire.DistributionSummary {
  const { account, config, domainName, etag, id, modifiedAt } = view.distribution;
  return {
    Id: id,
    ARN: arnOf(account, { kind: 'distribution', id }),
    ETag: etag,
    Status: view.status,
    LastModifiedTime: modifiedAt,
    DomainName: domainName,
    ...writeShared(config, account),
    AliasICPRecordals: recordals(config.aliases),
  };
}

function recordals(aliases: readonly string[]): readonly Wire.AliasICPRecordal[] | undefined {
  if (aliases.length === 0) return undefined;
  return aliases.map((alias) => ({ CNAME: alias, ICPRecordalStatus: 'APPROVED' }));
}
