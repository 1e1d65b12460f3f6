/**
 * Is a request signed, as a store judges it? The signature is made again by the SDK's own signer from
 * what was received, and from nothing else.
 */
import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { type HeaderList, headerValue } from '../../src/http/header-list.ts';

export type ReceivedRequest = {
  readonly method: string;
  /** Path, and a query if there is one. */
  readonly target: string;
  readonly headers: HeaderList;
};

export type SignedAs = {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
};

export type Judged =
  | { readonly kind: 'unsigned' }
  | { readonly kind: 'good'; readonly as: SignedAs }
  | { readonly kind: 'wrong'; readonly why: string };

const form =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/;

/** `secrets`: access key id → secret access key. */
export async function judgeSignature(
  { headers, method, target }: ReceivedRequest,
  secrets: Readonly<Record<string, string>>,
): Promise<Judged> {
  const authorization = headerValue(headers, 'authorization');
  if (authorization === undefined) return { kind: 'unsigned' };
  const match = form.exec(authorization);
  if (match === null) return wrong('the field has another form');
  const [, accessKeyId = '', date = '', region = '', service = '', names = ''] = match;
  const secretAccessKey = secrets[accessKeyId];
  if (secretAccessKey === undefined) return wrong(`nobody has the key ${accessKeyId}`);
  const signedHeaders = names.split(';');
  const unsigned = namesOf(headers).find(
    (name) => (name === 'host' || name.startsWith('x-amz-')) && !signedHeaders.includes(name),
  );
  if (unsigned !== undefined) return wrong(`${unsigned} is not signed`);

  const time = headerValue(headers, 'x-amz-date') ?? '';
  const sessionToken = headerValue(headers, 'x-amz-security-token');
  const signer = new SignatureV4({
    credentials: {
      accessKeyId,
      secretAccessKey,
      ...(sessionToken === undefined ? {} : { sessionToken }),
    },
    region,
    service,
    sha256: Sha256,
    uriEscapePath: false,
  });
  const [path = '', query] = target.split('?');
  if (query !== undefined) return wrong('a query was not expected');
  const signed = await signer.sign(
    {
      method,
      protocol: 'http:',
      hostname: '',
      path: canonicalPath(path),
      headers: Object.fromEntries(
        signedHeaders.map((name) => [name, headerValue(headers, name) ?? '']),
      ),
    },
    { signingDate: new Date(time.replace(basicForm, '$1-$2-$3T$4:$5:$6Z')) },
  );
  if (signed.headers['authorization'] !== authorization) {
    return wrong(`it should be ${signed.headers['authorization']}`);
  }
  return { kind: 'good', as: { accessKeyId, date, region, service, signedHeaders } };
}

const basicForm = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

function namesOf(headers: HeaderList): readonly string[] {
  return headers.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
}

/** What a store makes of a path: the key's bytes, each but the plainest ones escaped. */
function canonicalPath(path: string): string {
  const bytes = path.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return bytes.replace(
    /[^A-Za-z0-9\-._~/]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

function wrong(why: string): Judged {
  return { kind: 'wrong', why };
}

/** What the SDK's signer hashes with. */
export class Sha256 {
  readonly #hash;

  constructor(secret?: unknown) {
    const isKeyed = typeof secret === 'string' || secret instanceof Uint8Array;
    this.#hash = isKeyed ? createHmac('sha256', secret) : createHash('sha256');
  }

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }

  reset(): void {}
}
