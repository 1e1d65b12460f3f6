/** Where a viewer's connection comes from, and what stands for a request that could not be read. */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Arrival, ViewerFault, ViewerRequest, ViewerTls } from './viewer.ts';

/** What all requests of a connection have in common. */
export type ViewerWhence = Pick<ViewerRequest, 'scheme' | 'address' | 'port' | 'tls'>;

export function whenceOf(socket: Socket, scheme: 'http' | 'https'): ViewerWhence {
  return {
    scheme,
    address: (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/i, ''),
    port: socket.remotePort ?? 0,
    tls: tlsOf(socket),
  };
}

export function faultArrival(
  fault: ViewerFault,
  whence: ViewerWhence,
  httpVersion: ViewerRequest['httpVersion'],
): Arrival {
  return {
    fault,
    request: {
      ...whence,
      method: 'GET',
      httpVersion,
      hostText: '',
      path: '/',
      query: undefined,
      headers: [],
      hasBody: false,
      headBytes: 0,
    },
  };
}

function tlsOf(socket: Socket): ViewerTls | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const { servername } = socket;
  return {
    serverName: typeof servername === 'string' ? servername.toLowerCase() : undefined,
    protocol: socket.getProtocol() ?? '',
    cipher: socket.getCipher().name,
    isResumed: socket.isSessionReused(),
  };
}
