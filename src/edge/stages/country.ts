/**
 * country: may a viewer of that country be answered (edge contract 14, rule 6)? The country is that
 * of the address the connection came from, never of what a field says. Where it is not known, the
 * viewer is answered.
 */
import type { Exchange } from '../exchange.ts';
import { routed } from '../routed.ts';

export function country(x: Exchange): 'signedAccess' | 'refuse' {
  const { distributionId, geoRestriction } = routed(x);
  if (geoRestriction.kind === 'none') return x.go('signedAccess', 'open to all countries');
  const { country: code } = x.edge.places.find(x.request.address);
  if (code === undefined) {
    x.edge.places.tellUnknown(distributionId);
    return x.go('signedAccess', 'the country is not known');
  }
  const isNamed = geoRestriction.countries.includes(code);
  return isNamed === (geoRestriction.kind === 'only')
    ? x.go('signedAccess', 'the country is allowed', code)
    : x.refuse({ name: 'geoBlocked' }, 'the country is not allowed', code);
}
