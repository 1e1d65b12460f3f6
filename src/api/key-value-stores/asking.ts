/** What the operations on items have in common: which store is asked, and how it is answered. */
import type { StoreView } from '../../control/control.ts';
import { parseArn } from '../../model/arn.ts';
import type { AccountId } from '../../model/ids.ts';
import { Refusal } from '../../model/refusal.ts';
import { invalidArgument } from '../../model/resources/invalid-argument.ts';
import type { Answer } from '../operation.ts';
import { jsonBody } from '../private/json-form.ts';

/** 3 MB of keys and values, which JSON may write with up to six times as many bytes. */
export const bodyBytesMax = 4_194_304;

/** The id in an ARN; throws a Refusal where it is not of the account. */
export function storeIdOf(account: AccountId, arn: string): string {
  const target = parseArn(arn);
  if (target?.kind !== 'key-value-store') {
    return invalidArgument(
      'KvsARN',
      'it has the form arn:aws:cloudfront::ACCOUNT:key-value-store/ID.',
    );
  }
  if (target.account === account) return target.id;
  throw new Refusal('EntityNotFound', { said: 'key-value store', id: arn });
}

export function sizes({ size }: StoreView): {
  readonly ItemCount: number;
  readonly TotalSizeInBytes: number;
} {
  return { ItemCount: size.count, TotalSizeInBytes: size.bytes };
}

/** After a write: what the store is like, and its version. */
export function written(view: StoreView): Answer {
  const headers = { ETag: view.store.config.content.etag };
  return { status: 200, headers, body: jsonBody(sizes(view)) };
}

/** A member that is a text; throws `InvalidArgument`. */
export function textAt(fields: Readonly<Record<string, unknown>>, name: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value : invalidArgument(name, 'it is a text.');
}
