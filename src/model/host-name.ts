/**
 * Host names (RFC 1123 §2.1) and the names of S3 buckets, as configurations may hold them. Nothing
 * is looked up: only the form is judged.
 */

/** RFC 1035 §2.3.4, written without the dot of the root. */
export const hostNameCharactersMax = 253;

const label = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

/**
 * Why the text is no host name, or undefined when it is one. An address is none: a last label of
 * digits alone would make every reader guess (WHATWG URL, "ends in a number").
 */
export function faultOfHostName(text: string): string | undefined {
  if (text === '') return 'it is empty';
  if (text.length > hostNameCharactersMax) {
    return `it has more than ${hostNameCharactersMax} characters`;
  }
  if (/[\u{80}-\u{10ffff}]/u.test(text)) return 'it must be in ASCII, as xn--… where it is not';
  if (text.includes('://')) return 'it must be a name alone, without a scheme';
  if (/[:[\]]/.test(text)) return 'it must be a name alone, without a port, and not an address';
  if (text.includes('/')) return 'it must be a name alone, without a path';
  if (text.includes('*')) return 'wildcards are not accepted';
  const labels = text.split('.');
  const wrong = labels.find((one) => !label.test(one));
  if (wrong === '') return 'it has an empty label: a dot too many';
  if (wrong !== undefined) {
    return `its label ${wrong} is not 1 to 63 letters, digits and inner hyphens`;
  }
  if (/^(?:\d+|0x[\dA-Fa-f]*)$/.test(labels.at(-1) ?? ''))
    return 'it must be a name, not an address';
  return undefined;
}

/** Whether a name leads viewers to another one, as DNS has it. */
export type Pointing =
  | { readonly kind: 'there' }
  | { readonly kind: 'elsewhere'; readonly why: string }
  /** Nobody could tell. */
  | { readonly kind: 'unknown'; readonly why: string };

/** Is `name` equal to `suffix` or below it? Both in lower case. */
export function isWithinDomain(name: string, suffix: string): boolean {
  return name === suffix || name.endsWith(`.${suffix}`);
}

const region = '[a-z]{2}(?:-[a-z0-9]+)+-\\d';
const bucketHost = new RegExp(
  `^(?<bucket>.+)\\.s3(?:|-external-1|-${region}|\\.${region}|\\.dualstack\\.${region})\\.amazonaws\\.com$`,
  'i',
);
/** Upper case and underscores stand in names of old buckets. */
const bucketLabel = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?$/;

/**
 * The bucket that `<bucket>.s3.amazonaws.com` or a regional form of it names (API 2010-11-01,
 * section 2.2.5a); undefined for any other host. The suffix is compared without case, the bucket
 * stands as written.
 */
export function bucketOfHost(host: string): string | undefined {
  const bucket = bucketHost.exec(host)?.groups?.['bucket'];
  return bucket?.split('.').every((one) => bucketLabel.test(one)) ? bucket : undefined;
}
