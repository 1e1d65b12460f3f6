/**
 * Lists of the distributions that name something (API 2020-05-31, section 4.4): of their ids, or of
 * their summaries, whichever the operation answers.
 */
import type { DistributionView, Page, PageRequest } from '../../../control/control.ts';
import { parseArn } from '../../../model/arn.ts';
import type { DistributionConfig } from '../../../model/distribution.ts';
import { resourcesNamedBy } from '../../../model/named-resources.ts';
import type { AccountId } from '../../../model/ids.ts';
import { Refusal } from '../../../model/refusal.ts';
import type { ResourceKind, ResourceTarget } from '../../../model/resources/resource.ts';
import { resourceRules } from '../../../model/resources/resource-rules.ts';
import type { Context, Handlers } from '../handler.ts';
import { type ListAsked, markedListOf, pageOf } from '../paging.ts';
import { findIdentified } from '../resources/resource-answers.ts';
import type * as Wire from '../../../wire/shapes.generated.ts';
import { writeSummary } from './distribution.ts';

type Found = { readonly id: string; readonly view: DistributionView };

/** The marker may be of one that is not meant any more, or that is gone. */
async function pageWhere(
  { account, control }: Context,
  { marker, maxItems }: PageRequest,
  isMeant: (config: DistributionConfig) => boolean,
): Promise<Page<Found>> {
  const rest = { marker, maxItems: Number.MAX_SAFE_INTEGER };
  const { items } = await control.list(account, 'download', rest);
  const found = items
    .filter(({ distribution }) => isMeant(distribution.config))
    .map((view) => ({ id: view.distribution.id, view }));
  return { items: found.slice(0, maxItems), truncated: found.length > maxItems };
}

function naming(kind: ResourceKind, id: string): (config: DistributionConfig) => boolean {
  return (config) => resourcesNamedBy(config).some((one) => one.kind === kind && one.id === id);
}

/** What is not there is refused as its kind refuses it. */
async function idsNaming(context: Context, kind: ResourceKind, id: string, asked: ListAsked) {
  await context.control.findResource(context.account, kind, id);
  const request = pageOf(asked, context.limits);
  const page = await pageWhere(context, request, naming(kind, id));
  return { DistributionIdList: markedListOf(page, request, ({ id: one }) => one) };
}

async function summaries(
  context: Context,
  asked: ListAsked,
  isMeant: (config: DistributionConfig) => boolean,
): Promise<{ readonly DistributionList: Wire.DistributionList }> {
  const request = pageOf(asked, context.limits);
  const page = await pageWhere(context, request, isMeant);
  return { DistributionList: markedListOf(page, request, ({ view }) => writeSummary(view)) };
}

/** What distributions name and accounts can share. */
const sharedKinds = [
  'vpc-origin',
  'anycast-ip-list',
  'trust-store',
  'connection-function',
] as const satisfies readonly ResourceKind[];

/** Throws a Refusal for what is no name of a resource of the account. */
function ownedTarget(arn: string, account: AccountId): ResourceTarget {
  const target = parseArn(arn);
  const kind = sharedKinds.find((one) => resourceRules[one].arnKind === target?.kind);
  if (target === undefined || kind === undefined) {
    const why = 'it is no name of a resource that distributions can share.';
    throw new Refusal('InvalidArgument', { member: 'ResourceArn', why });
  }
  if (target.account !== account)
    throw new Refusal('EntityNotFound', { said: 'resource', id: arn });
  return { kind, id: target.id };
}

/** The literal word for distributions without a web ACL. */
const noWebAcl = 'null';

export const listingByHandlers = {
  ListDistributionsByCachePolicyId: (input, context) =>
    idsNaming(context, 'cache-policy', input.CachePolicyId, input),
  ListDistributionsByOriginRequestPolicyId: (input, context) =>
    idsNaming(context, 'origin-request-policy', input.OriginRequestPolicyId, input),
  ListDistributionsByResponseHeadersPolicyId: (input, context) =>
    idsNaming(context, 'response-headers-policy', input.ResponseHeadersPolicyId, input),
  ListDistributionsByKeyGroup: (input, context) =>
    idsNaming(context, 'key-group', input.KeyGroupId, input),
  ListDistributionsByVpcOriginId: (input, context) =>
    idsNaming(context, 'vpc-origin', input.VpcOriginId, input),
  async ListDistributionsByAnycastIpListId(input, context) {
    const { AnycastIpListId: id } = input;
    await context.control.findResource(context.account, 'anycast-ip-list', id);
    return summaries(context, input, naming('anycast-ip-list', id));
  },
  async ListDistributionsByConnectionFunction(input, context) {
    const { ConnectionFunctionIdentifier: identifier } = input;
    const { account, control } = context;
    const found = await findIdentified(control, account, 'connection-function', identifier);
    return summaries(context, input, naming('connection-function', found.id));
  },
  async ListDistributionsByTrustStore(input, context) {
    const { TrustStoreIdentifier: identifier } = input;
    const { account, control } = context;
    const found = await findIdentified(control, account, 'trust-store', identifier);
    return summaries(context, input, naming('trust-store', found.id));
  },
  async ListDistributionsByOwnedResource(input, context) {
    const { account, control } = context;
    const { id, kind } = ownedTarget(input.ResourceArn, account);
    await control.findResource(account, kind, id);
    const request = pageOf(input, context.limits);
    const page = await pageWhere(context, request, naming(kind, id));
    return {
      DistributionList: markedListOf(page, request, (found) => ({
        DistributionId: found.id,
        OwnerAccountId: account,
      })),
    };
  },
  ListDistributionsByConnectionMode: (input, context) =>
    summaries(context, input, ({ connectionMode }) => connectionMode === input.ConnectionMode),
  ListDistributionsByRealtimeLogConfig(input, context) {
    const { RealtimeLogConfigArn: arn = '', RealtimeLogConfigName: name = '' } = input;
    const id = arn === '' ? name : arn.slice(arn.indexOf('/') + 1);
    return summaries(context, input, naming('realtime-log-config', id));
  },
  ListDistributionsByWebACLId: (input, context) =>
    summaries(
      context,
      input,
      ({ webAcl }) => webAcl === (input.WebACLId === noWebAcl ? '' : input.WebACLId),
    ),
} satisfies Handlers;
