/**
 * matchBehavior: the first behavior whose pattern takes the path (edge contract 3.1), after the
 * default root object was put in its place; else the default behavior.
 */
import { normalPath } from '../../http/normal-path.ts';
import type { Exchange } from '../exchange.ts';
import { routed } from '../routed.ts';

export function matchBehavior(x: Exchange): 'protocolPolicy' {
  const { behavior, behaviors, patterns } = routed(x);
  if (behaviors.length === 0) {
    x.behavior = behavior;
    return x.go('protocolPolicy', 'the only behavior');
  }
  const place = patterns.first(normalPath(x.path));
  const matched = place === undefined ? undefined : behaviors[place];
  x.behavior = matched ?? behavior;
  return matched === undefined
    ? x.go('protocolPolicy', 'the default behavior')
    : x.go('protocolPolicy', 'the behavior of a pattern', matched.pathPattern);
}
