/** Entity tags (RFC 9110 §8.8.3): their form, and the two ways to compare them. */

const etagForm = /^(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/;
const etagInListForm = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/y;

export function isEtag(text: string): boolean {
  return etagForm.test(text);
}

/** Equal but for weakness. */
export function weaklyEqual(a: string, b: string): boolean {
  return opaque(a) === opaque(b);
}

/** Equal, and both strong. */
export function stronglyEqual(a: string, b: string): boolean {
  return a === b && !a.startsWith('W/');
}

/**
 * Whether a field such as `If-None-Match` names the tag; `*` names every one. What is no list of
 * tags names none.
 */
export function namesEtag(
  field: string,
  etag: string | undefined,
  equal: (a: string, b: string) => boolean,
): boolean {
  if (field.trim() === '*') return true;
  if (etag === undefined) return false;
  let at = 0;
  let named = false;
  while (at < field.length) {
    etagInListForm.lastIndex = at;
    const match = etagInListForm.exec(field);
    if (match === null) return false;
    if (equal(match[0], etag)) named = true;
    at = etagInListForm.lastIndex;
    const separator = /[\t ]*(?:,[\t ,]*|$)/y;
    separator.lastIndex = at;
    if (separator.exec(field) === null) return false;
    at = separator.lastIndex;
  }
  return named;
}

function opaque(etag: string): string {
  return etag.startsWith('W/') ? etag.slice(2) : etag;
}
