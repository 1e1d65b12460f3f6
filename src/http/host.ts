/**
 * The host a request is for (edge contract, 1.1): the port is dropped, case is folded, and one
 * trailing dot is dropped.
 */

export type Host =
  | { readonly kind: 'name'; readonly name: string }
  /** An address instead of a name; no distribution answers to one. */
  | { readonly kind: 'address' }
  | { readonly kind: 'invalid' };

export const nameCharactersMax = 253;
const nameForm = /^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/;
const addressForm = /^\d{1,3}(?:\.\d{1,3}){3}$/;
const bracketedForm = /^\[[0-9A-Fa-f:.]{2,45}\](?::\d{0,5})?$/;
const portForm = /^\d{0,5}$/;

const invalid: Host = { kind: 'invalid' };
const address: Host = { kind: 'address' };

export function parseHost(text: string): Host {
  if (text.startsWith('[')) return bracketedForm.test(text) ? address : invalid;
  const colon = text.indexOf(':');
  if (colon >= 0 && !portForm.test(text.slice(colon + 1))) return invalid;
  const given = colon < 0 ? text : text.slice(0, colon);
  const name = (given.endsWith('.') ? given.slice(0, -1) : given).toLowerCase();
  if (name.length > nameCharactersMax || !nameForm.test(name)) return invalid;
  return addressForm.test(name) ? address : { kind: 'name', name };
}
