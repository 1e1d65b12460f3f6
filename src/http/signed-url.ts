/**
 * Signed URLs (API 2010-11-01, section 4.9): a policy says who may have an object until when; its
 * signature and the key pair that made it follow the URL's own parameters. The canned policy is not
 * sent, since it is made again from the URL and its `Expires`; a custom one is sent as it was signed.
 *
 * The texts must come out to the byte as every other signer writes them, so the order of members is
 * part of the form. A URL is put into them with the escapes of JSON, as other signers do, so that no
 * URL can close the text of its policy and write on in it.
 */
import { sign, type KeyObject } from 'node:crypto';

/** The parameters that are not the URL's own; names are case-sensitive. */
export const signedUrlParameters = ['Expires', 'Policy', 'Signature', 'Key-Pair-Id'] as const;

/** PKCS #1 v1.5 over SHA-1, as the scheme has it, under the name that node:crypto knows. */
export const policySignatureAlgorithm = 'RSA-SHA1';

/** Times are whole seconds since 1970. */
export type CustomPolicy = {
  /** A URL in which `*` stands for any run of characters and `?` for one. */
  readonly resource: string;
  /** The first second in which the URL is good for nothing any more. */
  readonly expires: number;
  /** The second after which it is good for something; undefined: at once. */
  readonly starts?: number | undefined;
  /** An IPv4 address or range, `192.0.2.0/24`; undefined: any viewer. */
  readonly sourceIp?: string | undefined;
};

/** `expires`: whole seconds since 1970, of up to 64 bits. */
export function cannedPolicy(url: string, expires: number | bigint): string {
  const condition = `{"DateLessThan":{"AWS:EpochTime":${expires}}}`;
  return `{"Statement":[{"Resource":${JSON.stringify(url)},"Condition":${condition}}]}`;
}

export function customPolicy({ expires, resource, sourceIp, starts }: CustomPolicy): string {
  return policyText(resource, {
    ...(sourceIp === undefined ? {} : { IpAddress: { 'AWS:SourceIp': sourceIp } }),
    ...(starts === undefined ? {} : { DateGreaterThan: { 'AWS:EpochTime': starts } }),
    DateLessThan: { 'AWS:EpochTime': expires },
  });
}

/** Base64 whose characters need no escape in a query: `+` is `-`, `=` is `_`, `/` is `~`. */
export function encodeSignedPart(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString('base64')
    .replaceAll('+', '-')
    .replaceAll('=', '_')
    .replaceAll('/', '~');
}

/** Undefined where the text is not what `encodeSignedPart` makes: one value has one spelling. */
export function decodeSignedPart(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9\-~]*_{0,2}$/.test(text)) return undefined;
  const base64 = text.replaceAll('-', '+').replaceAll('_', '=').replaceAll('~', '/');
  const bytes = Buffer.from(base64, 'base64');
  return bytes.toString('base64') === base64 ? bytes : undefined;
}

/** `privateKey`: RSA. */
export function signPolicy(policy: string, privateKey: KeyObject): Uint8Array {
  return sign(policySignatureAlgorithm, Buffer.from(policy, 'utf8'), privateKey);
}

export type SignedAccess =
  /** For the URL itself, until then. */
  | { readonly kind: 'canned'; readonly expires: number }
  /** `policy`: what `customPolicy` makes, or any text of that form. */
  | { readonly kind: 'custom'; readonly policy: string };

/** `url`: as viewers will ask for it, query included, without any of `signedUrlParameters`. */
export function signedUrl(
  url: string,
  access: SignedAccess,
  key: { readonly keyPairId: string; readonly privateKey: KeyObject },
): string {
  const isCanned = access.kind === 'canned';
  const policy = isCanned ? cannedPolicy(url, access.expires) : access.policy;
  const said = isCanned
    ? `Expires=${access.expires}`
    : `Policy=${encodeSignedPart(Buffer.from(policy, 'utf8'))}`;
  const signature = encodeSignedPart(signPolicy(policy, key.privateKey));
  const joint = url.includes('?') ? '&' : '?';
  return `${url}${joint}${said}&Signature=${signature}&Key-Pair-Id=${key.keyPairId}`;
}

function policyText(resource: string, condition: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ Statement: [{ Resource: resource, Condition: condition }] });
}
