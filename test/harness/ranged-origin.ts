/** An origin that knows ranges, byte for byte: it gives parts of one body, and keeps to `If-Range`. */
import { headerValue } from '../../src/http/header-list.ts';
import { contentRange, resolveRange, unsatisfiedContentRange } from '../../src/http/ranges.ts';
import type { Answering } from './origin.ts';

/** Every four bytes tell where in the body they stand; another salt is another body. */
export function numberedBody(length: number, salt = 0): Buffer {
  const body = Buffer.alloc(length);
  for (let at = 0; at + 4 <= length; at += 4) body.writeUInt32LE((at + salt) >>> 0, at);
  return body;
}

export function givesRanges(body: Buffer, etag = '"v1"'): Answering {
  return (socket, { headers, method }) => {
    const condition = headerValue(headers, 'if-range');
    const holds = condition === undefined || condition === etag;
    const range = resolveRange(holds ? headerValue(headers, 'range') : undefined, body.length);
    const { end, start } = range.kind === 'part' ? range : { start: 0, end: body.length };
    const common = [`ETag: ${etag}`, 'Cache-Control: max-age=60', 'Accept-Ranges: bytes'];
    const lines = {
      whole: ['HTTP/1.1 200 OK', `Content-Length: ${body.length}`],
      part: [
        'HTTP/1.1 206 Part',
        `Content-Length: ${end - start}`,
        `Content-Range: ${contentRange(start, end, body.length)}`,
      ],
      unsatisfiable: [
        'HTTP/1.1 416 None',
        'Content-Length: 0',
        `Content-Range: ${unsatisfiedContentRange(body.length)}`,
      ],
    }[range.kind];
    socket.write(`${[...lines, ...common].join('\r\n')}\r\n\r\n`);
    if (method !== 'HEAD' && range.kind !== 'unsatisfiable')
      socket.write(body.subarray(start, end));
  };
}
