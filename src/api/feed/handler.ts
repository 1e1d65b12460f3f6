/**
 * What edges on other machines may ask, and nothing else: the feed of the log, its end, a report, a
 * certificate for a name that is served. A token, or a certificate of the local authority, opens these
 * four and names the edge.
 *
 *   GET  /_warmfront/feed?log=ID&revision=N&write=W   lines without end, from that cursor or whole
 *   GET  /_warmfront/feed/head                        the cursor at the end of the log
 *   POST /_warmfront/feed/certificate {"names":[…]}   a certificate of the local authority
 *   POST /_warmfront/report                           what the edge serves
 */
import type { KeyObject } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Clock } from '../../base/clock.ts';
import type { Cursor } from '../../base/log-record.ts';
import type { Randomness } from '../../base/randomness.ts';
import type { Recorder } from '../../base/recorder.ts';
import { FeedFault, type Form, readCursor, readObject } from '../../feed/lines.ts';
import { readReport } from '../../feed/report-form.ts';
import type { LogReader } from '../../log/log.ts';
import type { Presence } from '../../log/presence.ts';
import { readBody, SenderGone } from '../request-body.ts';
import { RecordLines } from './for-edges.ts';
import { NotTaken } from './not-taken.ts';
import { type Sender, senderOf } from './sender.ts';
import { streamFeed } from './stream.ts';

export type FeedHandlerParts = {
  readonly log: Pick<LogReader, 'tail' | 'head'>;
  readonly presence: Pick<Presence, 'report'>;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly recorder: Recorder;
  readonly leaseMs: number;
  readonly domain: string;
  /** Of the private keys in the log. */
  readonly sealingKey: Uint8Array;
  /** The edge whose token has a secret of this hash, or whose certificate a key of it. */
  readonly edgeOfToken: (hash: string) => string | undefined;
  /** What the local authority and the holder of this key know together. */
  readonly agreeWith: (publicKey: KeyObject) => Uint8Array;
  /** Whether edges answer viewers under the name, so that they need a certificate for it. */
  readonly serves: (name: string) => boolean;
  readonly certificateFor: (
    names: readonly string[],
  ) => Promise<{ readonly certificate: string; readonly key: string }>;
  /** A new stream may come before the old one is known to be dead; 2 unless told otherwise. */
  readonly streamsPerEdgeMax?: number;
  /** Aborted when the server stops. */
  readonly closing: AbortSignal;
};

const bodyBytesMax = 4_096;
const bodyMsMax = 10_000;
const streamsPerEdgeDefault = 2;
const underWayPerEdgeMax = 8;
const namesMax = 2;
/** The clock of an edge may be so far ahead of ours. */
export const sessionAheadMsMax = 600_000;

const paths: Readonly<Record<string, { method: string; kind: Kind }>> = {
  '/_warmfront/feed': { method: 'GET', kind: 'feed' },
  '/_warmfront/feed/head': { method: 'GET', kind: 'head' },
  '/_warmfront/feed/certificate': { method: 'POST', kind: 'certificate' },
  '/_warmfront/report': { method: 'POST', kind: 'report' },
};

type Kind = 'feed' | 'head' | 'certificate' | 'report';

/** Gives what is not for edges to `others`. */
export function createFeedHandler(
  parts: FeedHandlerParts,
  others: RequestListener,
): RequestListener {
  const { clock, recorder, streamsPerEdgeMax = streamsPerEdgeDefault } = parts;
  const lines = new RecordLines({ own: parts.sealingKey, randomness: parts.randomness });
  const streams = new Map<string, Set<AbortController>>();
  const underWay = new Map<string, number>();

  async function answer(
    request: IncomingMessage,
    response: ServerResponse,
    { kind, method }: { readonly kind: Kind; readonly method: string },
  ): Promise<void> {
    if (request.method !== method) {
      throw new NotTaken(405, 'InvalidAction', `This path takes ${method}.`);
    }
    const sender = senderOf(request, parts);
    if (kind === 'feed') return stream(request, response, sender);
    const { edge } = sender;
    const others = underWay.get(edge) ?? 0;
    if (others >= underWayPerEdgeMax) {
      const why = `${underWayPerEdgeMax} requests of this edge are under way.`;
      throw new NotTaken(503, 'Throttling', why);
    }
    underWay.set(edge, others + 1);
    try {
      const given = kind === 'head' ? {} : await bodyOf(request, clock);
      send(response, 200, await answers[kind](given, sender, parts));
    } finally {
      const left = (underWay.get(edge) ?? 1) - 1;
      if (left > 0) underWay.set(edge, left);
      else underWay.delete(edge);
    }
  }

  async function stream(
    request: IncomingMessage,
    response: ServerResponse,
    { edge, isAllowed, sealingKey }: Sender,
  ): Promise<void> {
    const own = new AbortController();
    const all = streams.get(edge) ?? new Set();
    streams.set(edge, all.add(own));
    const [oldest] = all;
    if (all.size > streamsPerEdgeMax) oldest?.abort(new Error('the edge opened another stream'));
    recorder.info({ edge }, 'an edge follows the log');
    try {
      await streamFeed({
        response,
        reader: parts.log,
        from: cursorIn(request.url ?? ''),
        edge,
        sealingKey: sealingKey(),
        lines,
        isAllowed,
        hello: { leaseMs: parts.leaseMs, domain: parts.domain },
        clock,
        ending: AbortSignal.any([own.signal, parts.closing]),
      });
    } finally {
      all.delete(own);
      if (all.size === 0) streams.delete(edge);
      recorder.info({ edge }, 'an edge follows the log no more');
    }
  }

  return (request, response) => {
    const route = paths[(request.url ?? '').replace(/\?.*$/s, '')];
    if (route === undefined) return others(request, response);
    answer(request, response, route).catch((error: unknown) => refuse(error, response, recorder));
  };
}

const answers: Readonly<
  Record<
    Exclude<Kind, 'feed'>,
    (given: Form, sender: Sender, parts: FeedHandlerParts) => Promise<Form>
  >
> = {
  async head(_, __, { closing, log }) {
    return { ...(await log.head(closing)) };
  },

  async report(given, { edge }, { clock, closing, leaseMs, log, presence }) {
    const report = { edge, ...readReport(given) };
    if (report.session > clock.now() + sessionAheadMsMax) {
      const why = 'The session lies in the future: the clock of the edge, or of the API, is wrong.';
      throw new NotTaken(400, 'InvalidArgument', why);
    }
    const answer = await presence.report(report, closing);
    return { answer, head: await log.head(closing), leaseMs };
  },

  async certificate({ names }, _, { certificateFor, domain, serves }) {
    if (!Array.isArray(names) || names.length === 0 || names.length > namesMax) {
      throw new FeedFault(`names is no list of 1 to ${namesMax}`);
    }
    const asked = names.map(String);
    const ofAll = [`*.${domain}`, domain];
    const wrong = asked.find((name) => !ofAll.includes(name) && !serves(name));
    if (wrong !== undefined) {
      throw new NotTaken(403, 'AccessDenied', 'No distribution answers to that name.');
    }
    const { certificate, key } = await certificateFor(asked);
    return { certificate, key };
  },
};

function cursorIn(target: string): Cursor | undefined {
  const query = new URLSearchParams(target.replace(/^[^?]*\??/, ''));
  if (!query.has('log')) return undefined;
  return readCursor({
    logId: query.get('log'),
    revision: query.get('revision') ?? Number.NaN,
    writeId: query.get('write'),
  });
}

async function bodyOf(request: IncomingMessage, clock: Clock): Promise<Form> {
  const body = await readBody(request, { bytesMax: bodyBytesMax, timeMsMax: bodyMsMax }, clock);
  if (body.kind === 'tooLarge') {
    throw new NotTaken(413, 'InvalidArgument', `The body has more than ${bodyBytesMax} bytes.`);
  }
  return readObject(Buffer.from(body.bytes).toString('utf8'));
}

function refuse(error: unknown, response: ServerResponse, recorder: Recorder): void {
  if (error instanceof SenderGone || response.headersSent) {
    response.destroy();
    return;
  }
  const { code, message, status } = faultOf(error);
  if (status >= 500) recorder.warn({ error }, 'an edge could not be answered');
  // What is left of a body that was not taken is not read.
  if (status !== 503) response.setHeader('connection', 'close');
  else response.setHeader('retry-after', '1');
  send(response, status, { code, message });
}

function faultOf(error: unknown): Pick<NotTaken, 'status' | 'code' | 'message'> {
  if (error instanceof NotTaken) return error;
  if (error instanceof FeedFault) {
    return { status: 400, code: 'InvalidArgument', message: `${error.message}.` };
  }
  const message = 'This API process cannot tell now; ask again, or another one.';
  return { status: 503, code: 'ServiceUnavailable', message };
}

function send(response: ServerResponse, status: number, form: Form): void {
  const text = `${JSON.stringify(form)}\n`;
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  });
  response.end(text);
}
