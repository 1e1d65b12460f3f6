/** Facts of a plain exchange, and lines of access logs as an independent program reads them. */
import { createRequire } from 'node:module';
import { instant } from '../../src/base/clock.ts';
import type { LineFacts } from '../../src/access-log/fields.ts';

export const plainFacts: LineFacts = {
  endedAt: instant(Date.UTC(2010, 10, 20, 10, 2, 7, 999)),
  edgeLocation: 'LAX1',
  sentBytes: 4_390_282,
  viewerAddress: '192.0.2.4',
  viewerPort: 50_123,
  method: 'GET',
  domainName: 'd111111abcdef8.cloudfront.localhost',
  path: '/img/a.jpg',
  query: undefined,
  status: 200,
  referer: undefined,
  userAgent: undefined,
  cookie: undefined,
  resultType: 'Hit',
  responseResultType: 'Hit',
  detailedResultType: 'Hit',
  requestId: 'k6WGMNkEzR5BEM_SaF47gjtX9zBDO2m349OY2an0QPEaUum1ZOLrow==',
  hostText: 'www.example.com',
  protocol: 'http',
  protocolVersion: 'HTTP/1.1',
  receivedBytes: 100,
  forwardedFor: undefined,
  tlsProtocol: undefined,
  tlsCipher: undefined,
  takenMs: 2,
  firstByteMs: 1,
  contentType: 'image/jpeg',
  contentLength: '4390000',
  rangeStart: undefined,
  rangeEnd: undefined,
};

export type ParsedLine = Readonly<Record<string, string>>;

/** The whole text of a file as `cloudfront-log-parser` reads it: names of fields to their values. */
export function parseLog(text: string): readonly ParsedLine[] {
  const parser: unknown = createRequire(import.meta.url)('cloudfront-log-parser');
  if (typeof parser !== 'function' || !('parse' in parser)) throw new Error('no parser');
  const { parse } = parser;
  if (typeof parse !== 'function') throw new Error('the parser does not parse');
  const lines: unknown = parse(text, { format: 'web' });
  if (!Array.isArray(lines)) throw new Error('the parser gave no list');
  return lines.map((line: unknown) => {
    if (typeof line !== 'object' || line === null) throw new Error('the parser gave no object');
    return Object.fromEntries(Object.entries(line).map(([name, value]) => [name, String(value)]));
  });
}
