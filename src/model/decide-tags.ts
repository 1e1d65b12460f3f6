/** Tagging and untagging (API 2020-05-31, section 4.11). */
import type { Change } from '../base/log-record.ts';
import { type ArnTarget, parseArn } from './arn.ts';
import type { Catalog } from './catalog.ts';
import type { Decision } from './decision.ts';
import type { AccountId } from './ids.ts';
import type { Limits } from './limits.ts';
import { Refusal } from './refusal.ts';
import { resourceKinds } from './resources/resource.ts';
import { resourceRules } from './resources/resource-rules.ts';
import { checkTags, putTags, type Tag, withTags } from './tags.ts';

export function decideTag(
  catalog: Catalog,
  account: AccountId,
  arn: string,
  given: readonly Tag[],
  limits: Limits,
): Decision<undefined> {
  const target = requireTaggable(catalog, account, arn);
  // The given ones by themselves first: two of one key are a mistake, not an order.
  checkTags(given, limits);
  const tags = withTags(catalog.tagsOf(account, target), given);
  checkTags(tags, limits);
  return { changes: [putTags(account, target, tags)], answer: undefined };
}

export function decideUntag(
  catalog: Catalog,
  account: AccountId,
  arn: string,
  keys: readonly string[],
): Decision<undefined> {
  const target = requireTaggable(catalog, account, arn);
  const there = catalog.tagsOf(account, target);
  const left = there.filter(({ key }) => !keys.includes(key));
  if (left.length === there.length) return { changes: [], answer: undefined };
  return { changes: [putTags(account, target, left)], answer: undefined };
}

/** What a deletion takes along. */
export function forgetTags(
  catalog: Catalog,
  account: AccountId,
  target: ArnTarget,
): readonly Change[] {
  return catalog.tagsOf(account, target).length === 0 ? [] : [putTags(account, target, [])];
}

/** Throws `InvalidArgument` for what is no name, `NoSuchResource` for what is not there. */
export function requireTaggable(catalog: Catalog, account: AccountId, arn: string): ArnTarget {
  const target = parseArn(arn);
  if (target === undefined) {
    const why = 'it is no name of the form arn:aws:cloudfront::ACCOUNT:KIND/ID.';
    throw new Refusal('InvalidArgument', { member: 'Resource', why });
  }
  const { id, kind } = target;
  if (target.account !== account || !isThere(catalog, account, target)) {
    throw new Refusal('NoSuchResource', { said: 'resource', id: arn });
  }
  return { kind, id };
}

function isThere(catalog: Catalog, account: AccountId, { id, kind }: ArnTarget): boolean {
  if (kind === 'distribution') return catalog.find(account, 'download', id) !== undefined;
  if (kind === 'streaming-distribution') {
    return catalog.find(account, 'streaming', id) !== undefined;
  }
  const named = resourceKinds.find((one) => resourceRules[one].arnKind === kind);
  if (named === undefined || !resourceRules[named].taggable) return false;
  return catalog.resource(account, named, id) !== undefined;
}
