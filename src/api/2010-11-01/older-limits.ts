/** What this version allows where later ones allow more (API 2010-11-01, section 3.4). */
import type { Limits } from '../../model/limits.ts';

export function olderLimits(limits: Limits): Partial<Limits> {
  return {
    aliases: Math.min(limits.aliases, limits['aliases-2010']),
    distributions: Math.min(limits.distributions, limits['distributions-2010']),
  };
}
