/**
 * Amazon resource names, by which tags and associations name things (API 2020-05-31, section 4.1):
 * `arn:aws:cloudfront::ACCOUNT:KIND/ID`. Partition and service are fixed, the region is empty.
 */
import type { AccountId } from './ids.ts';

/** What stands behind the account: the kind as names have it, and the id. */
export type ArnTarget = { readonly kind: string; readonly id: string };

const form = /^arn:aws:cloudfront::(\d{12}):([a-z-]+)\/([A-Za-z0-9_.-]{1,128})$/;

export function arnOf(account: AccountId, { id, kind }: ArnTarget): string {
  return `arn:aws:cloudfront::${account}:${kind}/${id}`;
}

/** Undefined where the text is no such name. */
export function parseArn(text: string): (ArnTarget & { readonly account: string }) | undefined {
  const [, account, kind, id] = form.exec(text) ?? [];
  if (account === undefined || kind === undefined || id === undefined) return undefined;
  return { account, kind, id };
}
