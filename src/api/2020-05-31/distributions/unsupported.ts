/** What a distribution may say to CloudFront and not to us: refused, since keeping it would pretend. */
import { Refusal } from '../../../model/refusal.ts';

export function unsupported(member: string, why: string): Refusal {
  return new Refusal('InvalidArgument', { member, why: `it is not supported here: ${why}.` });
}
