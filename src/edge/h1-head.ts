/** How the head of an HTTP/1.1 answer is written; the same whoever writes it. */
import type { HeaderList } from '../http/header-list.ts';
import { reasonPhrase } from '../http/status.ts';
import type { AnswerHead } from './viewer.ts';

export type HeadFraming = { readonly isChunked: boolean; readonly keepsAlive: boolean };

/** The empty line included; each character is one byte. */
export function headText(
  { headers, ownHeaders, status }: Omit<AnswerHead, 'close'>,
  { isChunked, keepsAlive }: HeadFraming,
): string {
  let text = `HTTP/1.1 ${status} ${reasonPhrase(status)}\r\n${headerLines(headers)}`;
  if (isChunked) text += 'Transfer-Encoding: chunked\r\n';
  text += keepsAlive ? 'Connection: keep-alive\r\n' : 'Connection: close\r\n';
  return `${text}${headerLines(ownHeaders)}\r\n`;
}

export function headerLines(headers: HeaderList): string {
  let text = '';
  for (let index = 0; index < headers.length; index += 2) {
    text += `${headers[index]}: ${headers[index + 1]}\r\n`;
  }
  return text;
}
