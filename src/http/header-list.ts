/**
 * Header lists: fields as they came, `[name, value, name, value, …]`, in order and with repeats.
 * Lists are never changed in place, so a stored one can be shared by every answer made from it.
 *
 * Bytes are Latin-1: each character of a value stands for one byte of the wire.
 */

export type HeaderList = readonly string[];

const tokenForm = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Tab, the printable characters, and bytes of 0x80 and above (RFC 9110 §5.5). */
const fieldValueForm = /^[\t\x20-\x7e\x80-\xff]*$/;

/** RFC 9110 §5.6.2. */
export function isToken(text: string): boolean {
  return tokenForm.test(text);
}

/** Whether a value can stand in a field without ending it; blanks around it are not its own. */
export function isFieldValue(text: string): boolean {
  return fieldValueForm.test(text);
}

/** The first value of that name; `name` is in lower case. */
export function headerValue(headers: HeaderList, name: string): string | undefined {
  for (let index = 0; index < headers.length; index += 2) {
    if (isNamed(headers[index], name)) return headers[index + 1];
  }
  return undefined;
}

/** Every value of that name, in order; `name` is in lower case. */
export function headerValues(headers: HeaderList, name: string): readonly string[] {
  const values: string[] = [];
  for (let index = 0; index < headers.length; index += 2) {
    const value = headers[index + 1];
    if (value !== undefined && isNamed(headers[index], name)) values.push(value);
  }
  return values;
}

/** All values of that name as one list (RFC 9110 §5.3); undefined when there is none. */
export function joinedValue(headers: HeaderList, name: string): string | undefined {
  const values = headerValues(headers, name);
  return values.length === 0 ? undefined : values.join(', ');
}

/** The fields whose name, in lower case, `keep` says yes to. */
export function selectHeaders(headers: HeaderList, keep: (name: string) => boolean): HeaderList {
  const kept: string[] = [];
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] ?? '';
    if (keep(name.toLowerCase())) kept.push(name, headers[index + 1] ?? '');
  }
  return kept;
}

/** With `name` once, at its first place or at the end. */
export function withHeader(headers: HeaderList, name: string, value: string): HeaderList {
  const lower = name.toLowerCase();
  const changed: string[] = [];
  let put = false;
  for (const [givenName, givenValue] of eachHeader(headers)) {
    if (givenName.toLowerCase() !== lower) changed.push(givenName, givenValue);
    else if (!put) {
      changed.push(name, value);
      put = true;
    }
  }
  if (!put) changed.push(name, value);
  return changed;
}

export function* eachHeader(
  headers: HeaderList,
): Generator<readonly [name: string, value: string]> {
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index];
    const value = headers[index + 1];
    if (name !== undefined && value !== undefined) yield [name, value];
  }
}

/** The members of a comma-separated list, trimmed, without empty ones (RFC 9110 §5.6.1). */
export function listMembers(value: string): readonly string[] {
  return value
    .split(',')
    .map((member) => member.trim())
    .filter((member) => member !== '');
}

const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Without what belongs to one connection: the fields of RFC 9110 §7.6.1, every `Proxy-…`, and what
 * `Connection` names.
 */
export function endToEnd(headers: HeaderList): HeaderList {
  const nominated = new Set(
    headerValues(headers, 'connection')
      .flatMap(listMembers)
      .map((name) => name.toLowerCase()),
  );
  return selectHeaders(
    headers,
    (name) => !hopByHop.has(name) && !name.startsWith('proxy-') && !nominated.has(name),
  );
}

/**
 * Without the fields that `Connection` names, but for those that are of one connection anyway. A
 * viewer that names another has taken it back: no key, check or origin may see it (RFC 9110 §7.6.1).
 */
export function withoutNominated(headers: HeaderList): HeaderList {
  const nominated = new Set(
    headerValues(headers, 'connection')
      .flatMap(listMembers)
      .map((name) => name.toLowerCase())
      .filter((name) => !hopByHop.has(name) && name !== 'close'),
  );
  if (nominated.size === 0) return headers;
  return selectHeaders(headers, (name) => !nominated.has(name));
}

function isNamed(given: string | undefined, name: string): boolean {
  return given !== undefined && given.length === name.length && given.toLowerCase() === name;
}
