/**
 * What keeps a server of the API safe from broken and slow senders: bounds on headers, connections
 * and time, and an error document even for what never became a request.
 */
import { constants } from 'node:crypto';
import type { Server, ServerOptions, ServerResponse } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import type { Randomness } from '../base/randomness.ts';
import type { Recorder } from '../base/recorder.ts';
import { formatHttpDate } from '../http/dates.ts';
import { Refusal } from '../model/refusal.ts';
import { writeFault } from './2010-11-01/wire-form.ts';
import { headersMax } from './handler.ts';
import { faultOf } from './refusals.ts';

const headBytesMax = 16_384;
const lingerMs = 1_000;

/** To be given to `createServer` of node:http or node:https. */
export const apiServerOptions = {
  maxHeaderSize: headBytesMax,
  /** How often the limits of time below are looked at. */
  connectionsCheckingInterval: 1_000,
  headersTimeout: 10_000,
  /** For the whole of a request; longer than a handler waits for a body, so that it answers first. */
  requestTimeout: 30_000,
  keepAliveTimeout: 30_000,
  /** The handler looks at Host itself, and answers with an error document. */
  requireHostHeader: false,
} as const satisfies ServerOptions;

/**
 * To be given to `createServer` of node:https beside the ones above; all in PEM. Edges may show a
 * certificate of `authority`; who shows none, or another, is let in as well, and judged by the handler.
 */
export function apiTlsOptions(
  { certificate, key }: { readonly certificate: string; readonly key: string },
  authority: string,
) {
  return {
    cert: certificate,
    key,
    ca: authority,
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  } as const;
}

/** A thousand edges that follow hold two each, and clients need some beside. */
const connectionsMax = 4_096;
/** Without a byte either way; longer than the heartbeats of a stream are apart. */
const idleMs = 120_000;

export type GuardParts = {
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly recorder: Recorder;
};

/** To be called once, before the server listens. */
export function guardApiServer(
  server: Server | TlsServer,
  { clock, randomness, recorder }: GuardParts,
): void {
  const underWay = new WeakMap<Duplex, ServerResponse>();
  const given = new WeakSet<Duplex>();
  server.maxHeadersCount = headersMax;
  server.maxConnections = connectionsMax;
  server.timeout = idleMs;

  server.on('request', (request, response) => {
    underWay.set(request.socket, response);
    response.once('close', () => underWay.delete(request.socket));
  });

  server.on('checkExpectation', (_, response) => {
    answerThrough(response, document('its Expect header asks for something unknown.'));
  });

  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // The parser complains anew of every packet that follows.
    if (given.has(socket)) return;
    given.add(socket);
    const response = underWay.get(socket);
    const isGone = error.code === 'ECONNRESET' || !socket.writable;
    // The connection ended within a request: its sender left and waits for nothing.
    const hasLeft = error.code === 'HPE_INVALID_EOF_STATE' && response !== undefined;
    if (isGone || hasLeft || response?.headersSent === true) {
      socket.destroy();
      return;
    }
    const answer = document(explained(error));
    recorder.debug({ requestId: answer.requestId, cause: error.code }, 'broken HTTP was refused');
    if (response === undefined) socket.end(rawAnswer(answer));
    else answerThrough(response, answer);
    // Closing while the sender still sends would reset the connection and lose the answer.
    const cancel = clock.after(lingerMs, () => socket.destroy());
    socket.once('close', cancel);
  });

  function document(why: string): Document {
    const { message } = new Refusal('InvalidHTTPRequest', { why });
    const fault = faultOf('InvalidHTTPRequest', message);
    const requestId = randomness.uuid();
    const { text, type } = writeFault(fault, requestId);
    const headers = {
      'x-amz-request-id': requestId,
      'x-amzn-RequestId': requestId,
      Date: formatHttpDate(clock.now()),
      'Content-Type': type,
      'Content-Length': String(Buffer.byteLength(text)),
      Connection: 'close',
    };
    return { requestId, status: fault.status, headers, text };
  }
}

type Document = {
  readonly requestId: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
};

function answerThrough(response: ServerResponse, { headers, status, text }: Document): void {
  response.writeHead(status, headers).end(text);
}

function rawAnswer({ headers, status, text }: Document): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Bad Request\r\n${lines.join('')}\r\n${text}`;
}

function explained(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return `its request line and headers have more than ${headBytesMax} bytes.`;
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return 'its chunk extensions are too long.';
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 'it did not arrive whole in time.';
    default:
      return 'reason' in error && typeof error.reason === 'string'
        ? `${error.reason}.`
        : 'it cannot be parsed.';
  }
}
