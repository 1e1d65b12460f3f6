/** accept: is this a request that anything here may answer (edge contract 1.5 to 1.7)? */
import { headerValues } from '../../http/header-list.ts';
import type { Exchange } from '../exchange.ts';
import type { PageName } from '../pages.ts';
import type { ViewerFault } from '../viewer.ts';

const pages: Readonly<Record<ViewerFault['status'], PageName>> = {
  400: 'badRequest',
  408: 'requestTimeout',
  414: 'uriTooLong',
  494: 'headersTooLarge',
  501: 'notImplemented',
  505: 'versionNotSupported',
};

export function accept(x: Exchange): 'route' | 'refuse' | 'shield' {
  const { fault, request } = x;
  if (fault !== undefined)
    return x.refuse({ name: pages[fault.status] }, 'no HTTP that is read here', fault.why);
  if (x.edge.exchanges.isOver) {
    return x.refuse({ name: 'capacity' }, 'too many requests are under way');
  }
  if (urlLength(x) > x.edge.bounds.urlBytesMax) {
    return x.refuse({ name: 'uriTooLong' }, 'the URL is too long');
  }
  // No method that is allowed has a body, so nobody is told to go on with one (RFC 9110 §10.1.1).
  for (const expectation of headerValues(request.headers, 'expect')) {
    if (expectation.toLowerCase() !== '100-continue') {
      return x.refuse({ name: 'expectationFailed' }, 'an unknown expectation');
    }
  }
  if (x.edge.shield !== undefined) {
    x.shieldNote = x.edge.shield.open(request);
    if (x.shieldNote !== undefined) return x.go('shield', 'another edge asks its shield');
  }
  return x.go('route', 'well formed');
}

/** As reconstructed: scheme, host, path, query. */
function urlLength({ request: { hostText, path, query, scheme } }: Exchange): number {
  const queryLength = query === undefined ? 0 : query.length + 1;
  return scheme.length + '://'.length + hostText.length + path.length + queryLength;
}
