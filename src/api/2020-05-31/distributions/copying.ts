/** Copies of distributions, their promotion, and one alias or the web ACL without the rest (API 2020-05-31, sections 4.4 and 4.13). */
import { checkIfMatch } from '../../../model/decision.ts';
import type { DomainOwner } from '../../../model/domain-owners.ts';
import type { AccountId } from '../../../model/ids.ts';
import type { Handlers } from '../handler.ts';
import { listOf, pageOf, pageOfStages } from '../paging.ts';
import { created, write } from './distribution.ts';

export const copyingHandlers = {
  /** Without aliases, which have one owner, and out of continuous deployment. */
  async CopyDistribution(input, { account, control, publicEndpoint }) {
    const { distribution } = await control.find(account, 'download', input.PrimaryDistributionId);
    checkIfMatch(input.IfMatch, distribution);
    const config = {
      ...distribution.config,
      callerReference: input.CallerReference,
      aliases: [],
      enabled: input.Enabled ?? distribution.config.enabled,
      staging: input.Staging ?? false,
      continuousDeploymentPolicy: '',
    };
    const copy = await control.create(account, 'download', () => config, { repeats: 'refused' });
    return created(copy, publicEndpoint);
  },
  async UpdateDistributionWithStagingConfig(input, { account, control }) {
    const view = await control.promote({
      account,
      primary: input.Id,
      staging: input.StagingDistributionId === '' ? undefined : input.StagingDistributionId,
      ifMatch: input.IfMatch,
    });
    return { Distribution: write(view), ETag: view.distribution.etag };
  },
  async AssociateAlias({ Alias, TargetDistributionId }, { account, control }) {
    await control.moveAlias(account, TargetDistributionId, Alias);
    return {};
  },
  async ListConflictingAliases(input, { account, control, limits }) {
    const { Alias, DistributionId } = input;
    await control.find(account, 'download', DistributionId);
    const self = { kind: 'distribution', id: DistributionId } as const;
    const conflicts = await control.conflictingDomains(account, self, Alias);
    const request = pageOf(input, limits);
    const all = conflicts
      .filter(({ owner }) => owner.kind === 'distribution')
      .map(({ domain, owner }) => ({ marker: domain, id: domain, owner }));
    const { items, next } = pageOfStages(all, request);
    const page = { items, truncated: next !== undefined };
    return {
      ConflictingAliasesList: listOf(page, request, ({ id: domain, owner }) => ({
        Alias: domain,
        DistributionId: shownTo(account, owner, owner.id),
        AccountId: shownTo(account, owner, owner.account),
      })),
    };
  },
  async AssociateDistributionWebACL({ Id, IfMatch, WebACLArn }, { account, control }) {
    const { distribution } = await control.replace(
      account,
      'download',
      Id,
      IfMatch,
      (was) => ({ ...was, webAcl: WebACLArn }),
      { originsMayChange: true },
    );
    return { Id, WebACLArn, ETag: distribution.etag };
  },
  async DisassociateDistributionWebACL({ Id, IfMatch }, { account, control }) {
    const { distribution } = await control.replace(
      account,
      'download',
      Id,
      IfMatch,
      (was) => ({ ...was, webAcl: '' }),
      { originsMayChange: true },
    );
    return { Id, ETag: distribution.etag };
  },
} satisfies Handlers;

/** What is another account's is told in part only. */
export function shownTo(account: AccountId, owner: DomainOwner, text: string): string {
  if (owner.account === account) return text;
  const shown = 4;
  return `${'*'.repeat(text.length - shown)}${text.slice(-shown)}`;
}
