/**
 * The opening handshake of WebSocket (RFC 6455 §4): which requests are one, and which answer has
 * taken it up. What the two sides say to each other afterwards is theirs alone.
 */
import { createHash } from 'node:crypto';
import { headerValue, type HeaderList, headerValues, listMembers } from './header-list.ts';

/** RFC 6455 §1.3. */
const acceptSalt = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

export type HandshakeFacts = {
  readonly method: string;
  readonly httpVersion: '1.0' | '1.1' | '2.0';
  readonly headers: HeaderList;
};

/**
 * Whether a request asks for nothing but a WebSocket, in the one form that has one meaning: each
 * field once, and no other protocol beside it. Any other upgrade is none (edge contract 1.8).
 */
export function isWebSocketHandshake({ headers, httpVersion, method }: HandshakeFacts): boolean {
  return (
    method === 'GET' &&
    httpVersion === '1.1' &&
    isForWebSocket(headers) &&
    headerValues(headers, 'sec-websocket-key').length === 1 &&
    headerValues(headers, 'sec-websocket-version').length === 1
  );
}

/** Whether an answer of 101 takes up the handshake with that key (RFC 6455 §4.1). */
export function takesUpHandshake(answer: HeaderList, key: string): boolean {
  const expected = createHash('sha1').update(`${key}${acceptSalt}`, 'latin1').digest('base64');
  const [given, ...others] = headerValues(answer, 'sec-websocket-accept');
  return isForWebSocket(answer) && given === expected && others.length === 0;
}

function isForWebSocket(headers: HeaderList): boolean {
  const [upgrade, ...others] = headerValues(headers, 'upgrade');
  if (upgrade?.toLowerCase() !== 'websocket' || others.length > 0) return false;
  return headerValues(headers, 'connection')
    .flatMap(listMembers)
    .some((option) => option.toLowerCase() === 'upgrade');
}

export function webSocketKey(headers: HeaderList): string {
  return headerValue(headers, 'sec-websocket-key') ?? '';
}
