/**
 * Calls of API 2020-05-31, signed and laid out as bytes before they are timed: signing costs the caller
 * about what answering costs the service. A signature is good for five minutes.
 */
import { defaultKey } from '../../test/harness/api-caller.ts';
import { systemClock } from '../../src/base/clock.ts';
import { requestOf } from '../../src/cli/operation-call.ts';
import { eachHeader } from '../../src/http/header-list.ts';
import { hashPayload, signV4 } from '../../src/http/sigv4.ts';
import type { Inputs, OperationName } from '../../src/wire/shapes.generated.ts';

/** `host`: with its port. */
export function signedCall<Name extends OperationName>(
  host: string,
  name: Name,
  input: Inputs[Name],
): Buffer {
  const { body = '', headers, method, path } = requestOf(name, input);
  const [route = '', query] = path.split('?');
  const bytes = Buffer.from(body);
  const sent = { host, ...headers, ...(body === '' ? {} : { 'content-type': 'text/xml' }) };
  const signature = signV4({
    method,
    path: route,
    query,
    headers: Object.entries(sent).flat(),
    payloadHash: hashPayload(bytes),
    region: 'us-east-1',
    service: 'cloudfront',
    keys: defaultKey,
    at: systemClock.now(),
  });
  const fields = [...Object.entries(sent), ...eachHeader(signature)]
    .map(([field, value]) => `${field}: ${value}\r\n`)
    .join('');
  const head = `${method} ${path} HTTP/1.1\r\n${fields}content-length: ${bytes.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), bytes]);
}
