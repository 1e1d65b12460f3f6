/**
 * `100 Continue` that an origin sends without being asked is swallowed, once a response (RFC 9110
 * §15.2; edge contract 1.7, rule 27). The HTTP client takes any 100 for a broken response, so it is
 * taken out of the bytes before the client sees them; a second one is left in and breaks it, as the
 * contract wants.
 *
 * The client reads a socket with `read()` and begins each request with a `write()`, one at a time on
 * a connection; both are watched here. A test fails should a later client go another way.
 */
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

const start = Buffer.from('HTTP/1.1 100 ', 'latin1');
const end = Buffer.from('\r\n\r\n', 'latin1');
const continueBytesMax = 1_024;

/** The same socket, from here on without the first `100 Continue` of each response. */
export function swallowContinue(socket: Socket): Socket {
  const read = socket.read.bind(socket);
  const write = socket.write.bind(socket);
  /** Bytes that may yet become a whole 100; undefined once the response has begun. */
  let begun: Buffer | undefined;

  function filter(size?: number): unknown {
    const piece: unknown = read(size);
    if (begun === undefined || !Buffer.isBuffer(piece)) return piece;
    const bytes = begun.length === 0 ? piece : Buffer.concat([begun, piece]);
    const compared = Math.min(bytes.length, start.length);
    if (bytes.compare(start, 0, compared, 0, compared) !== 0) {
      begun = undefined;
      return bytes;
    }
    const at = bytes.indexOf(end);
    if (at < 0 && bytes.length < continueBytesMax) {
      begun = bytes;
      return filter(size);
    }
    begun = undefined;
    if (at < 0) return bytes;
    const rest = bytes.subarray(at + end.length);
    return rest.length > 0 ? rest : read(size);
  }

  return Object.assign(socket, {
    read: filter,
    write(...given: Parameters<typeof write>) {
      begun ??= Buffer.alloc(0);
      return write(...given);
    },
  });
}

/** From here on with every byte again: what comes next on it is not HTTP. */
export function swallowNoMore<Stream extends Duplex>(socket: Stream): Stream {
  Reflect.deleteProperty(socket, 'read');
  Reflect.deleteProperty(socket, 'write');
  return socket;
}
