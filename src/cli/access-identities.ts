/** What the public API can do with origin access identities, in the client's terms. */
import type * as Wire from '../wire/shapes.generated.ts';
import type { ApiClient } from './api-client.ts';
import { present } from './operation-call.ts';
import { readPages } from './pages.ts';

export type IdentitySummary = {
  readonly id: string;
  /** What the owner of a bucket grants access to. */
  readonly canonicalUserId: string;
  readonly comment: string;
};

export type IdentityView = IdentitySummary & {
  readonly callerReference: string;
  /** What a change has to name. */
  readonly etag: string;
};

export type IdentityConfig = { readonly callerReference: string; readonly comment: string };

/** Every method rejects with a CommandFailure. */
export class AccessIdentities {
  readonly #api: ApiClient;

  constructor(api: ApiClient) {
    this.#api = api;
  }

  list(): Promise<readonly IdentitySummary[]> {
    return readPages(async (Marker) => {
      const answer = await this.#api.call('ListCloudFrontOriginAccessIdentities', { Marker });
      const list = present('list', answer.CloudFrontOriginAccessIdentityList);
      return {
        ...list,
        Items: list.Items?.map((item) => ({ ...namesOf(item), comment: item.Comment })),
      };
    });
  }

  async find(Id: string): Promise<IdentityView> {
    return viewOf(await this.#api.call('GetCloudFrontOriginAccessIdentity', { Id }));
  }

  /** The caller reference makes it repeatable. */
  async create(config: IdentityConfig): Promise<IdentityView> {
    const input = { CloudFrontOriginAccessIdentityConfig: writeConfig(config) };
    const repeating = { repeatable: true };
    return viewOf(await this.#api.call('CreateCloudFrontOriginAccessIdentity', input, repeating));
  }

  async replace({ etag, id }: IdentityView, config: IdentityConfig): Promise<IdentityView> {
    const input = {
      Id: id,
      IfMatch: etag,
      CloudFrontOriginAccessIdentityConfig: writeConfig(config),
    };
    return viewOf(await this.#api.call('UpdateCloudFrontOriginAccessIdentity', input));
  }

  async delete({ etag, id }: IdentityView): Promise<void> {
    await this.#api.call('DeleteCloudFrontOriginAccessIdentity', { Id: id, IfMatch: etag });
  }
}

function viewOf(answer: Wire.GetCloudFrontOriginAccessIdentityResult): IdentityView {
  const identity = present('identity', answer.CloudFrontOriginAccessIdentity);
  const config = present('configuration', identity.CloudFrontOriginAccessIdentityConfig);
  return {
    ...namesOf(identity),
    comment: config.Comment,
    callerReference: config.CallerReference,
    etag: present('ETag', answer.ETag),
  };
}

type Named = { readonly Id: string; readonly S3CanonicalUserId: string };

function namesOf({ Id, S3CanonicalUserId }: Named): Omit<IdentitySummary, 'comment'> {
  return { id: Id, canonicalUserId: S3CanonicalUserId };
}

function writeConfig({
  callerReference,
  comment,
}: IdentityConfig): Wire.CloudFrontOriginAccessIdentityConfig {
  return { CallerReference: callerReference, Comment: comment };
}
