/**
 * The head of an HTTP/1.x request, read strictly (RFC 9112, hardened by edge contract 1.6): whoever
 * stands before or behind this edge must not be able to read another request out of the same bytes.
 * Nothing is repaired: a head is of the form below, or it is a fault with the status to answer.
 *
 *   method SP target SP HTTP/1.x CRLF  *( name ":" OWS value OWS CRLF )  CRLF
 *
 * A general HTTP parser was tried first: it takes several blanks in the request line, `RTSP/1.0`
 * and HTTP/0.9, empty lines without end and blanks that no bound counts, and refuses the bytes of
 * 0x80 and above that the contract lets pass in a target; none of it shows in what it hands on.
 */
import { type HeaderList, headerValues, isFieldValue, isToken } from './header-list.ts';

export type RequestHead = {
  readonly method: string;
  /** As sent; one character is one byte. */
  readonly target: string;
  readonly version: '1.0' | '1.1';
  readonly headers: HeaderList;
  readonly body: RequestBody;
};

export type RequestBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' };

export type HeadFault = {
  readonly status: 400 | 414 | 494 | 501 | 505;
  /** For the record; never shown to a viewer. */
  readonly why: string;
};

export type HeadBounds = {
  readonly headBytesMax: number;
  readonly urlBytesMax: number;
  readonly fieldsMax: number;
  readonly fieldNameBytesMax: number;
};

const requestLineForm = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([\x21-\x7e\x80-\xff]+) HTTP\/(\d)\.(\d)$/;
const lengthForm = /^\d{1,16}$/;
const noBody: RequestBody = { kind: 'none' };

export const methodBytesMax = 64;
const uriTooLong: HeadFault = { status: 414, why: 'the target is too long' };
const noMethod: HeadFault = { status: 400, why: 'the request does not begin with a method' };
const headTooLarge: HeadFault = { status: 494, why: 'the head is too large' };
const carriageReturn = 13;
const lineFeed = 10;
const headEnd = Buffer.from('\r\n\r\n', 'latin1');

/**
 * How many bytes the first head in `bytes` takes, its empty line included; undefined while it is
 * not whole. Bytes before `from` were looked at by an earlier call.
 */
export function findHeadEnd(bytes: Buffer, from: number): number | undefined {
  const at = bytes.indexOf(headEnd, Math.max(0, from - headEnd.length + 1));
  return at < 0 ? undefined : at + headEnd.length;
}

/**
 * The fault that an unfinished head has already shown, so that what can never become a request is
 * refused at once instead of being waited for.
 */
export function findEarlyFault(
  bytes: Buffer,
  from: number,
  bounds: HeadBounds,
): HeadFault | undefined {
  if (from < methodBytesMax) {
    const start = bytes.subarray(0, methodBytesMax + 1).toString('latin1');
    const blank = start.indexOf(' ');
    if (
      blank < 0 ? !isToken(start) || start.length > methodBytesMax : !isToken(start.slice(0, blank))
    ) {
      return noMethod;
    }
  }
  const firstLine = bytes.indexOf(lineFeed);
  if (firstLine >= from) {
    const line = readRequestLine(bytes.toString('latin1', 0, Math.max(0, firstLine - 1)), bounds);
    if ('status' in line) return line;
  }
  for (let at = bytes.indexOf(lineFeed, from); at >= 0; at = bytes.indexOf(lineFeed, at + 1)) {
    if (bytes[at - 1] !== carriageReturn) return bad('a line ends without a carriage return');
  }
  if (bytes.length > bounds.headBytesMax) {
    return firstLine < 0 ? uriTooLong : headTooLarge;
  }
  return undefined;
}

/** `bytes` is one whole head, its empty line included. */
export function parseRequestHead(bytes: Buffer, bounds: HeadBounds): RequestHead | HeadFault {
  if (bytes.length > bounds.headBytesMax) {
    const line = bytes.indexOf(lineFeed);
    return line > bounds.headBytesMax ? uriTooLong : headTooLarge;
  }
  const lines = bytes.toString('latin1', 0, bytes.length - headEnd.length).split('\r\n');
  const line = readRequestLine(lines[0] ?? '', bounds);
  if ('status' in line) return line;
  const { version } = line;
  const headers: string[] = [];
  for (let index = 1; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon));
    if (!isToken(name)) return bad('a field name has another form');
    if (name.length > bounds.fieldNameBytesMax) {
      return { status: 494, why: 'a field name is too long' };
    }
    const value = trimBlanks(line, colon + 1);
    if (!isFieldValue(value)) return bad('a field value holds a control character');
    headers.push(name, value);
  }
  if (headers.length / 2 > bounds.fieldsMax) return { status: 494, why: 'too many fields' };

  const body = bodyOf(headers, version);
  return 'status' in body ? body : { ...line, headers, body };
}

function readRequestLine(
  line: string,
  { urlBytesMax }: HeadBounds,
): Pick<RequestHead, 'method' | 'target' | 'version'> | HeadFault {
  const match = requestLineForm.exec(line);
  if (match === null) return bad('the request line has another form');
  const [, method = '', target = '', major, minor] = match;
  if (method.length > methodBytesMax) return noMethod;
  if (major !== '1') {
    return Number(major) > 1
      ? { status: 505, why: `HTTP/${major}.${minor} is not spoken here` }
      : bad('HTTP/0.9 is not spoken here');
  }
  if (minor !== '0' && minor !== '1') return bad(`there is no HTTP/1.${minor}`);
  if (target.length > urlBytesMax) return uriTooLong;
  if (target.includes('#')) return bad('the target holds a fragment');
  return { method, target, version: minor === '1' ? '1.1' : '1.0' };
}

/** RFC 9112 §6, without any of its leniences. */
function bodyOf(headers: HeaderList, version: '1.0' | '1.1'): RequestBody | HeadFault {
  const codings = headerValues(headers, 'transfer-encoding');
  const lengths = headerValues(headers, 'content-length');
  if (codings.length > 0) {
    if (lengths.length > 0) return bad('both Transfer-Encoding and Content-Length');
    if (version === '1.0') return bad('Transfer-Encoding in HTTP/1.0');
    const coding = codings.join(',').trim().toLowerCase();
    if (coding === 'chunked') return { kind: 'chunked' };
    return isToken(coding)
      ? { status: 501, why: 'an unknown transfer coding' }
      : bad('another transfer coding than chunked alone');
  }
  const [length] = lengths;
  if (length === undefined) return noBody;
  if (lengths.length > 1) return bad('several Content-Length');
  const bytes = Number(length);
  if (!lengthForm.test(length) || !Number.isSafeInteger(bytes)) {
    return bad('Content-Length is no length');
  }
  return bytes === 0 ? noBody : { kind: 'length', bytes };
}

function trimBlanks(line: string, from: number): string {
  let start = from;
  let end = line.length;
  while (start < end && isBlank(line.charCodeAt(start))) start += 1;
  while (end > start && isBlank(line.charCodeAt(end - 1))) end -= 1;
  return line.slice(start, end);
}

function isBlank(character: number): boolean {
  return character === 32 || character === 9;
}

function bad(why: string): HeadFault {
  return { status: 400, why };
}
