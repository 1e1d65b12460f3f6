/**
 * signedAccess: a private behavior answers signed requests only (edge contract 9), whatever stands
 * in the cache. Who is let in gets the object of the plain URL: one copy for all signers.
 */
import type { Exchange } from '../exchange.ts';
import { behaviorOf, routed } from '../routed.ts';
import { judgeSignedRequest, type SignedVerdict } from '../signed-access/judge.ts';

type Exit = 'deriveKey' | 'refuse';

export function signedAccess(x: Exchange): Exit | Promise<Exit> {
  const { account } = routed(x);
  const behavior = behaviorOf(x);
  if (!behavior.isPrivate) return x.go('deriveKey', 'public');
  const { routing, signatures } = x.edge;
  const verdict = judgeSignedRequest(
    x.request,
    {
      owner: account,
      signers: behavior.trustedSigners,
      find: (id) => routing.signingKeys.find(id),
      findInGroups: (id) => routing.signingKeys.findInGroups(account, behavior.keyGroups, id),
    },
    { checks: signatures, now: x.clock.now() },
  );
  return verdict instanceof Promise ? verdict.then((one) => leave(x, one)) : leave(x, verdict);
}

function leave(x: Exchange, verdict: SignedVerdict): Exit {
  if (verdict.kind === 'allowed') return x.go('deriveKey', 'signed');
  return verdict.kind === 'busy'
    ? x.refuse({ name: 'capacity' }, 'too many signatures wait')
    : x.refuse({ name: verdict.code }, 'not signed as it has to be', verdict.why);
}
