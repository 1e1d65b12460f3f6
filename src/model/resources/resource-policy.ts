/**
 * Who else may use a resource (API 2020-05-31, section 4.18). Stored verbatim: accounts of one service
 * share nothing.
 */
import { invalidArgument } from './invalid-argument.ts';

export type ResourcePolicyConfig = {
  /** Of the resource; also its id. */
  readonly arn: string;
  /** JSON. */
  readonly document: string;
};

const documentCharactersMax = 20_480;

/** Throws `InvalidArgument`. */
export function checkResourcePolicy({ document }: ResourcePolicyConfig): void {
  const member = 'The parameter PolicyDocument';
  if (document.length > documentCharactersMax) {
    invalidArgument(member, `it has at most ${documentCharactersMax} characters.`);
  }
  try {
    const read: unknown = JSON.parse(document);
    if (typeof read === 'object' && read !== null && !Array.isArray(read)) return;
  } catch {
    // Told below, in the same words.
  }
  invalidArgument(member, 'it is no JSON object.');
}
