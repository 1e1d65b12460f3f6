/** rootObject: `/`, and nothing else, becomes the default root object (edge contract 3.3). */
import type { Exchange } from '../exchange.ts';
import { routed } from '../routed.ts';

const nameForm = /^[A-Za-z0-9_\-.*$/~"'&]{1,255}$/;

export function rootObject(x: Exchange): 'matchBehavior' | 'refuse' {
  const { defaultRootObject } = routed(x);
  if (defaultRootObject === '' || x.request.path !== '/') {
    return x.go('matchBehavior', 'the path as sent');
  }
  if (!nameForm.test(defaultRootObject)) {
    return x.refuse({ name: 'invalidRootObject' }, 'the default root object is no valid name');
  }
  x.path = `/${defaultRootObject}`;
  return x.go('matchBehavior', 'the default root object');
}
