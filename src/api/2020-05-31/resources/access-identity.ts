/** Origin access identities (API 2020-05-31, section 4.7). */
import type { AccessIdentity, AccessIdentityConfig } from '../../../model/access-identity.ts';
import type { Handlers } from '../handler.ts';
import { markedListOf, pageOf } from '../paging.ts';
import type * as Wire from '../../../wire/shapes.generated.ts';

export const accessIdentityHandlers = {
  async CreateCloudFrontOriginAccessIdentity(input, { account, control, publicEndpoint }) {
    const config = read(input.CloudFrontOriginAccessIdentityConfig);
    const { identity } = await control.createIdentity(account, () => config);
    return {
      CloudFrontOriginAccessIdentity: write(identity),
      ETag: identity.etag,
      Location: `${publicEndpoint()}/2020-05-31/origin-access-identity/cloudfront/${identity.id}`,
    };
  },
  async GetCloudFrontOriginAccessIdentity({ Id }, { account, control }) {
    const identity = await control.findIdentity(account, Id);
    return { CloudFrontOriginAccessIdentity: write(identity), ETag: identity.etag };
  },
  async GetCloudFrontOriginAccessIdentityConfig({ Id }, { account, control }) {
    const { config, etag } = await control.findIdentity(account, Id);
    return { CloudFrontOriginAccessIdentityConfig: writeConfig(config), ETag: etag };
  },
  async UpdateCloudFrontOriginAccessIdentity(input, { account, control }) {
    const config = read(input.CloudFrontOriginAccessIdentityConfig);
    const target = { account, id: input.Id, ifMatch: input.IfMatch };
    const identity = await control.replaceIdentity(target, () => config);
    return { CloudFrontOriginAccessIdentity: write(identity), ETag: identity.etag };
  },
  async DeleteCloudFrontOriginAccessIdentity({ Id, IfMatch }, { account, control }) {
    await control.deleteIdentity({ account, id: Id, ifMatch: IfMatch });
    return {};
  },
  async ListCloudFrontOriginAccessIdentities(input, { account, control, limits }) {
    const request = pageOf(input, limits);
    const page = await control.listIdentities(account, request);
    return {
      CloudFrontOriginAccessIdentityList: markedListOf(page, request, (identity) => ({
        Id: identity.id,
        S3CanonicalUserId: identity.canonicalUserId,
        Comment: identity.config.comment,
      })),
    };
  },
} satisfies Handlers;

function write({
  canonicalUserId,
  config,
  id,
}: AccessIdentity): Wire.CloudFrontOriginAccessIdentity {
  return {
    Id: id,
    S3CanonicalUserId: canonicalUserId,
    CloudFrontOriginAccessIdentityConfig: writeConfig(config),
  };
}

function read(config: Wire.CloudFrontOriginAccessIdentityConfig): AccessIdentityConfig {
  return { callerReference: config.CallerReference, comment: config.Comment };
}

function writeConfig(config: AccessIdentityConfig): Wire.CloudFrontOriginAccessIdentityConfig {
  return { CallerReference: config.callerReference, Comment: config.comment };
}
