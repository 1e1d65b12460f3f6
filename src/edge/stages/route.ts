/**
 * route: which distribution answers (edge contract 1.1)? Unknown, disabled and deleted ones, streaming
 * ones and addresses are refused alike, so that names cannot be probed.
 */
import { parseHost } from '../../http/host.ts';
import type { Exchange } from '../exchange.ts';
import { isMisdirected } from '../misdirected.ts';

export function route(x: Exchange): 'checkLoop' | 'refuse' {
  const host = parseHost(x.request.hostText);
  if (host.kind === 'invalid') return x.refuse({ name: 'badRequest' }, 'the host is no name');
  if (host.kind === 'address') return x.refuse({ name: 'unknownHost' }, 'the host is an address');
  const entry = x.edge.routing.find(host.name);
  if (entry === undefined) return x.refuse({ name: 'unknownHost' }, 'unknown host');
  if (entry.state === 'refused') return x.refuse({ name: 'unknownHost' }, 'not served over HTTP');
  x.entry = entry;
  x.servedAt = x.edge.routing.revision;
  if (isMisdirected(x.edge, x.request.tls, host.name, entry)) {
    return x.refuse({ name: 'misdirected' }, 'the connection was made for another host');
  }
  // Its other hosts can be asked for over the same connection, but only if they speak the same.
  if (x.request.httpVersion === '2.0' && !entry.speaksHttp2) {
    return x.refuse({ name: 'misdirected' }, 'the distribution speaks no HTTP/2');
  }
  return x.go('checkLoop', 'known host');
}
