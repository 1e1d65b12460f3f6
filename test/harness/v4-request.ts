/**
 * Requests as bytes, signed by Signature Version 4 with the SDK's own signer: for what no client can
 * send, and for changing what was signed before it is sent.
 */
import { SignatureV4 } from '@smithy/signature-v4';
import { defaultKey, type Key } from './api-caller.ts';
import { Sha256 } from './independent-signature.ts';

export type V4Asking = {
  readonly method?: string;
  /** Encoded, as it is sent; `/2020-05-31/distribution` otherwise. */
  readonly path?: string;
  /** Not encoded. */
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Beside `host` and what the signer adds. */
  readonly fields?: Readonly<Record<string, string>>;
  readonly at: Date | number;
  readonly key?: Key;
  readonly sessionToken?: string;
  readonly service?: string;
  readonly host?: string;
  /** Whether the hash of the body is sent; it is, unless this is false. */
  readonly sendsHash?: boolean;
};

export type V4Request = {
  readonly method: string;
  readonly target: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
};

export async function signedV4(asking: V4Asking): Promise<V4Request> {
  const { host = 'localhost', method = 'GET', path = '/2020-05-31/distribution' } = asking;
  const { key = defaultKey, query = {}, sessionToken } = asking;
  const body = Buffer.from(asking.body ?? '');
  const signer = new SignatureV4({
    credentials: sessionToken === undefined ? key : { ...key, sessionToken },
    region: 'us-east-1',
    service: asking.service ?? 'cloudfront',
    sha256: Sha256,
    applyChecksum: asking.sendsHash ?? true,
  });
  const { headers } = await signer.sign(
    {
      method,
      protocol: 'http:',
      hostname: host,
      path,
      query: { ...query },
      headers: { host, ...asking.fields },
      body,
    },
    { signingDate: new Date(asking.at) },
  );
  const said = Object.entries(query)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
  return {
    method,
    target: said === '' ? path : `${path}?${said}`,
    fields: Object.entries(headers),
    body,
  };
}

/** The same request with fields changed, added, or, where the value is undefined, left out. */
export function altered(
  request: V4Request,
  changes: Readonly<Record<string, string | undefined>>,
): V4Request {
  const kept = request.fields.filter(([name]) => !Object.hasOwn(changes, name));
  const added = Object.entries(changes).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return { ...request, fields: [...kept, ...added] };
}

/** With its Content-Length, unless it has a Transfer-Encoding. */
export function bytesOfV4({ body, fields, method, target }: V4Request): Buffer {
  const isChunked = fields.some(([name]) => name === 'transfer-encoding');
  const length = isChunked ? [] : [['content-length', String(body.length)] as const];
  const lines = [...fields, ...length].map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([
    Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`),
    body,
  ]);
}
