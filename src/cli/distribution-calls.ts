/** The operations of each kind of distribution, which differ in their names and shapes alone. */
import type { XmlElement } from '../base/xml.ts';
import type * as Wire from '../wire/shapes.generated.ts';
import type { ApiClient } from './api-client.ts';
import {
  summaryOfDownload,
  summaryOfStreaming,
  type SummaryView,
  type Tagged,
  viewOfDownload,
  viewOfStreaming,
} from './distribution-view.ts';
import { downloadConfig, type NewDistribution, streamingConfig } from './new-distribution.ts';
import { present } from './operation-call.ts';
import type { Page } from './pages.ts';

type Target = { readonly Id: string; readonly IfMatch: string };

export type Calls = {
  readonly list: (marker: string | undefined) => Promise<Page<SummaryView>>;
  readonly find: (id: string) => Promise<Tagged>;
  readonly config: (id: string) => Promise<{ readonly root: XmlElement; readonly etag: string }>;
  readonly create: (made: NewDistribution) => Promise<Tagged>;
  readonly replace: (target: Target, document: XmlElement) => Promise<Tagged>;
  readonly delete: (target: Target) => Promise<void>;
};

export function downloadCalls(api: ApiClient): Calls {
  return {
    async list(marker) {
      const { DistributionList } = await api.call('ListDistributions', { Marker: marker });
      const list = present('DistributionList', DistributionList);
      return { ...list, Items: list.Items?.map((one) => summaryOfDownload(one, one)) };
    },
    find: async (id) => download(await api.call('GetDistribution', { Id: id })),
    config: (id) => api.document('GetDistributionConfig', { Id: id }),
    async create(made) {
      const sent = { DistributionConfig: downloadConfig(made) };
      return download(await api.call('CreateDistribution', sent));
    },
    replace: async (target, document) =>
      download(await api.callWith('UpdateDistribution', target, document)),
    async delete(target) {
      await api.call('DeleteDistribution', target);
    },
  };
}

export function streamingCalls(api: ApiClient): Calls {
  return {
    async list(marker) {
      const answer = await api.call('ListStreamingDistributions', { Marker: marker });
      const list = present('StreamingDistributionList', answer.StreamingDistributionList);
      return { ...list, Items: list.Items?.map((one) => summaryOfStreaming(one, one)) };
    },
    find: async (id) => streaming(await api.call('GetStreamingDistribution', { Id: id })),
    config: (id) => api.document('GetStreamingDistributionConfig', { Id: id }),
    async create(made) {
      const sent = { StreamingDistributionConfig: streamingConfig(made) };
      return streaming(await api.call('CreateStreamingDistribution', sent));
    },
    replace: async (target, document) =>
      streaming(await api.callWith('UpdateStreamingDistribution', target, document)),
    async delete(target) {
      await api.call('DeleteStreamingDistribution', target);
    },
  };
}

function download({ Distribution, ETag }: Wire.GetDistributionResult): Tagged {
  return {
    view: viewOfDownload(present('Distribution', Distribution)),
    etag: present('ETag', ETag),
  };
}

function streaming({ ETag, StreamingDistribution }: Wire.GetStreamingDistributionResult): Tagged {
  return {
    view: viewOfStreaming(present('StreamingDistribution', StreamingDistribution)),
    etag: present('ETag', ETag),
  };
}
