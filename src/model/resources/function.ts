/**
 * A function: code that a behavior runs at its edges (API 2020-05-31, section 4.8). It has two stages:
 * what is worked on, and what was last published, each under an ETag of its own. No edge runs any yet.
 */
import type { Instant } from '../../base/clock.ts';
import { arnOf, parseArn } from '../arn.ts';
import { checkComment } from '../check-config.ts';
import type { AccountId, ConfigEtag } from '../ids.ts';
import type { Limits } from '../limits.ts';
import { Refusal } from '../refusal.ts';
import { checkPlainName, invalidArgument } from './invalid-argument.ts';
import type { ResourceTarget } from './resource.ts';

export const functionRuntimes = ['cloudfront-js-1.0', 'cloudfront-js-2.0'] as const;

/** What both stages have. */
export type FunctionContent = {
  readonly comment: string;
  readonly runtime: (typeof functionRuntimes)[number];
  /** Ids of key-value stores that the code may read; one at most. */
  readonly keyValueStores: readonly string[];
  /** Bytes in base64. */
  readonly code: string;
};

export type PublishedFunction = FunctionContent & {
  readonly etag: ConfigEtag;
  readonly publishedAt: Instant;
};

export type FunctionConfig = FunctionContent & {
  readonly name: string;
  /** Undefined until it is published. */
  readonly live: PublishedFunction | undefined;
};

/**
 * `isStore`: is this the id of a key-value store of the account? `functionsBeside`: how many other
 * functions name it. Throws a Refusal.
 */
export function checkFunction(
  { code, comment, keyValueStores, name, runtime }: FunctionConfig,
  limits: Limits,
  isStore: (id: string) => boolean,
  functionsBeside: (store: ResourceTarget) => number,
): void {
  checkPlainName(name);
  checkComment(comment, limits);
  const max = limits['function-bytes'];
  const given = Buffer.byteLength(code, 'base64');
  if (given > max) throw new Refusal('FunctionSizeLimitExceeded', { given, max });
  if (given === 0) invalidArgument('The parameter FunctionCode', 'it is empty.');
  if (keyValueStores.length === 0) return;
  const member = 'The parameter KeyValueStoreAssociations';
  if (keyValueStores.length > 1) invalidArgument(member, 'a function has one store at most.');
  if (runtime !== 'cloudfront-js-2.0') {
    invalidArgument(member, 'only the runtime cloudfront-js-2.0 reads stores.');
  }
  const unknown = keyValueStores.find((id) => !isStore(id));
  if (unknown !== undefined) {
    throw new Refusal('EntityNotFound', { said: 'key-value store', id: unknown });
  }
  const functionsMax = limits['functions-of-key-value-store'];
  for (const id of keyValueStores) {
    if (functionsBeside({ kind: 'key-value-store', id }) < functionsMax) continue;
    const said = `functions that name the key-value store ${id}`;
    throw new Refusal('EntityLimitExceeded', { max: functionsMax, said });
  }
}

export function keyValueStoreArn(account: AccountId, id: string): string {
  return arnOf(account, { kind: 'key-value-store', id });
}

/** The id in it; throws `InvalidArgument` for a name of anything else. */
export function storeOfArn(arn: string): string {
  const target = parseArn(arn);
  if (target?.kind === 'key-value-store') return target.id;
  return invalidArgument(
    'The parameter KeyValueStoreARN',
    'it has the form arn:aws:cloudfront::ACCOUNT:key-value-store/ID.',
  );
}
