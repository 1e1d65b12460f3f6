/**
 * How an edge reaches an API: several URLs of which one is used at a time, trust in one authority,
 * and requests that end in time. Who asks says when another URL should be tried; equal
 * faults of all edges do not make them come back at one moment.
 *
 * Trust: with a token, the certificate of the authority is fetched from the API itself, without
 * trusting that connection, and believed only if its key has the fingerprint in the token. From then
 * on it is the one authority that connections are checked by, and no secret is sent before that. A
 * certificate brings that of the authority along. Where those of the API come from elsewhere,
 * `authorities` is given instead.
 */
import { Agent as PlainAgent, type IncomingMessage, request as plainRequest } from 'node:http';
import { Agent, request } from 'node:https';
import type { Clock } from '../base/clock.ts';
import type { Randomness } from '../base/randomness.ts';
import { fingerprintOfAuthority } from '../model/edge-token.ts';
import type { EdgeIdentity } from './identity.ts';
import { FeedFault, type Form, readObject } from './lines.ts';

export type ContactParts = {
  /** Without a slash at the end; http:// for loopback alone. */
  readonly urls: readonly string[];
  readonly edge: string;
  readonly identity: EdgeIdentity;
  /** Certificates in PEM; undefined: the authority that the identity trusts. */
  readonly authorities: string | undefined;
  readonly clock: Clock;
  readonly randomness: Randomness;
};

export type Asked = {
  readonly method: 'GET' | 'POST';
  /** With its query. */
  readonly path: string;
  readonly body?: string;
};

/** An API does not take the token or certificate, so asking again soon is of no use. */
export class JoinRefused extends Error {
  override readonly name = 'JoinRefused';
}

/** From the connection to the head of the answer, and for the whole of a short answer. */
export const answerMsMax = 5_000;
const shortAnswerBytesMax = 131_072;
const agentOptions = { keepAlive: true, maxSockets: 16, maxFreeSockets: 2 } as const;

export class ApiContact {
  readonly #parts: ContactParts;
  readonly #plain = new PlainAgent(agentOptions);
  #secure: Agent | undefined;
  #index: number;

  constructor(parts: ContactParts) {
    this.#parts = parts;
    this.#index = Math.floor(parts.randomness.fraction() * parts.urls.length);
  }

  /** The one in use. */
  get url(): string {
    return this.#parts.urls[this.#index] ?? '';
  }

  get severalUrls(): boolean {
    return this.#parts.urls.length > 1;
  }

  /** The next request goes to the next URL, and trusts nothing that was learnt before. */
  moveOn(): void {
    this.#index = (this.#index + 1) % this.#parts.urls.length;
    this.#secure?.destroy();
    this.#secure = undefined;
  }

  close(): void {
    this.#plain.destroy();
    this.#secure?.destroy();
  }

  /** The answer's JSON object; 409 counts as an answer. Rejects with a JoinRefused or another error. */
  async ask(asked: Asked, signal: AbortSignal): Promise<Form> {
    const { clock } = this.#parts;
    const late = new AbortController();
    const cancel = clock.after(answerMsMax, () => late.abort(new Error('no answer came in time')));
    const either = AbortSignal.any([signal, late.signal]);
    try {
      const answer = await this.#send(asked, either);
      const text = await textOf(answer);
      checkStatus(answer, text, this.url);
      return readObject(text);
    } catch (error) {
      throw either.aborted ? either.reason : error;
    } finally {
      cancel();
    }
  }

  /** A body that goes on for as long as `signal` is not aborted. */
  async open(path: string, signal: AbortSignal): Promise<IncomingMessage> {
    const { clock } = this.#parts;
    const late = new AbortController();
    const cancel = clock.after(answerMsMax, () => late.abort(new Error('no answer came in time')));
    const either = AbortSignal.any([signal, late.signal]);
    try {
      const answer = await this.#send({ method: 'GET', path }, either);
      if (answer.statusCode !== 200) checkStatus(answer, await textOf(answer), this.url);
      return answer;
    } catch (error) {
      throw either.aborted ? either.reason : error;
    } finally {
      cancel();
    }
  }

  async #send(asked: Asked, signal: AbortSignal): Promise<IncomingMessage> {
    const { edge, identity } = this.#parts;
    const headers = { ...identity.headers, 'warmfront-edge': edge };
    const url = new URL(this.url);
    if (url.protocol === 'http:') {
      return exchange(plainRequest, url, { ...asked, headers, agent: this.#plain, signal });
    }
    this.#secure ??= new Agent({
      ...agentOptions,
      ...identity.shown,
      ca: await this.#authority(url, signal),
    });
    return exchange(request, url, { ...asked, headers, agent: this.#secure, signal });
  }

  async #authority(url: URL, signal: AbortSignal): Promise<string> {
    const { authorities, identity } = this.#parts;
    if (authorities !== undefined) return authorities;
    const { trusts } = identity;
    if (trusts.kind === 'certificate') return trusts.certificate;
    const agent = new Agent({ rejectUnauthorized: false });
    try {
      const asked = { method: 'GET', path: '/_warmfront/authority', agent, signal } as const;
      const answer = await exchange(request, url, asked);
      const { certificate } = readObject(await textOf(answer));
      if (typeof certificate === 'string' && isAuthority(certificate, trusts.fingerprint)) {
        return certificate;
      }
    } finally {
      agent.destroy();
    }
    throw new JoinRefused(
      `${url.origin} has another authority than the one that the token names: it is another installation, or somebody stands in between. Where its certificate comes from elsewhere, give --join-ca.`,
    );
  }
}

function isAuthority(certificate: string, fingerprint: string): boolean {
  try {
    return fingerprintOfAuthority(certificate) === fingerprint;
  } catch {
    return false;
  }
}

type Sent = Asked & {
  readonly headers?: Readonly<Record<string, string>>;
  readonly agent: PlainAgent | Agent;
  readonly signal: AbortSignal;
};

function exchange(
  begin: typeof request | typeof plainRequest,
  url: URL,
  { body = '', headers = {}, path, ...sent }: Sent,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = begin(url, {
      ...sent,
      path,
      headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
    });
    outgoing.once('error', reject);
    outgoing.once('response', (answer) => {
      // It may break at any time; whoever reads hears of that by its end.
      answer.on('error', () => undefined);
      resolve(answer);
    });
    outgoing.end(body);
  });
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of answer) {
    const arrived = Buffer.from(piece);
    bytes += arrived.length;
    if (bytes > shortAnswerBytesMax) throw new FeedFault('an answer is longer than any can be');
    pieces.push(arrived);
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** A conflict is an answer to a report. */
function checkStatus({ statusCode = 0 }: IncomingMessage, text: string, url: string): void {
  if (statusCode === 200 || statusCode === 409) return;
  let message = '';
  try {
    const told = readObject(text)['message'];
    if (typeof told === 'string') message = told.slice(0, 500);
  } catch {
    // Whatever answered there is no API of ours; the status says enough.
  }
  const why = `${url} answered ${statusCode}. ${message}`.trim();
  throw statusCode === 401 || statusCode === 403 ? new JoinRefused(why) : new Error(why);
}
