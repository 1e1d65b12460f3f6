/**
 * A client of the public API, version 2020-05-31, and of the private endpoints beside it: signs by
 * AWS Signature Version 4, checks the answer, and tells what went wrong in words for a person.
 * Reading is tried again where the connection or the server failed; whoever writes says whether that
 * may be repeated.
 */
import type { IncomingHttpHeaders, IncomingMessage, RequestOptions } from 'node:http';
import { type Clock, pause } from '../base/clock.ts';
import { readXml, type XmlElement, XmlFault } from '../base/xml.ts';
import { eachHeader } from '../http/header-list.ts';
import { hashPayload, signV4 } from '../http/sigv4.ts';
import type { Inputs, OperationName, Outputs } from '../wire/shapes.generated.ts';
import { type Endpoint, readEndpoint } from './endpoint.ts';
import { CommandFailure } from './failure.ts';
import { nextStepAfter } from './next-steps.ts';
import {
  type CallRequest,
  type Method,
  present,
  readAnswer,
  requestOf,
  requestWith,
} from './operation-call.ts';
import type { World } from './world.ts';

type Sent = {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** `text/xml` unless told otherwise. */
  readonly contentType?: string;
  /** It changes nothing to send it twice: a repeat is answered as the first one was. */
  readonly repeatable?: boolean;
};

export type ApiAnswer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
};

type Repeating = Pick<Sent, 'repeatable'>;

/** The API said no; the message is its own. */
export class ApiRefusal extends CommandFailure {
  readonly status: number;
  readonly #requestId: string | undefined;

  constructor(status: number, code: string, message: string, requestId: string | undefined) {
    super(code, message, { status, requestId: requestId ?? null });
    this.status = status;
    this.#requestId = requestId;
  }

  override get told(): string {
    const id = this.#requestId === undefined ? '' : `, request id ${this.#requestId}`;
    return `${this.message} (${this.code}, status ${this.status}${id})`;
  }

  override get nextStep(): string | undefined {
    return nextStepAfter(this.code);
  }
}

/** No answer came. */
export class Unreachable extends CommandFailure {
  /** Whether the request may have been carried out all the same. */
  readonly maybeDone: boolean;

  constructor(message: string, maybeDone: boolean, cause: unknown) {
    super('Unreachable', message, {}, cause);
    this.maybeDone = maybeDone;
  }
}

const answerMsMax = 30_000;
const answerBytesMax = 16_777_216;
const xmlBounds = { bytesMax: answerBytesMax, depthMax: 16, elementsMax: 500_000 };
/** The service is one for the world, and is signed for as in this region. */
const signedRegion = 'us-east-1';
/** Waits between the tries of a request that may be repeated. */
const retryMs: readonly number[] = [200, 500, 1_000];

/** From the environment; throws a UsageFault where that is wrong. */
export async function connectToApi(world: World): Promise<ApiClient> {
  return new ApiClient(await readEndpoint(world), world);
}

export class ApiClient {
  readonly #endpoint: Endpoint;
  readonly #clock: Clock;
  readonly #interrupted: AbortSignal;
  #transport: Promise<Transport> | undefined;

  constructor(endpoint: Endpoint, { clock, interrupted }: Pick<World, 'clock' | 'interrupted'>) {
    this.#endpoint = endpoint;
    this.#clock = clock;
    this.#interrupted = interrupted;
  }

  /** Rejects with an ApiRefusal or Unreachable; what may be repeated only after it was tried again. */
  async ask(method: Method, path: string, more: Sent = {}): Promise<ApiAnswer> {
    for (const waitMs of method === 'GET' || more.repeatable === true ? retryMs : []) {
      try {
        return await this.#askOnce(method, path, more);
      } catch (error) {
        if (this.#interrupted.aborted || !isPassing(error)) throw error;
        await pause(this.#clock, waitMs, this.#interrupted);
      }
    }
    return this.#askOnce(method, path, more);
  }

  /** Calls an operation; rejects as `ask` does, and for an answer of another form. */
  async call<Name extends OperationName>(
    name: Name,
    input: Inputs[Name],
    more: Repeating = {},
  ): Promise<Outputs[Name]> {
    return this.#answerTo(name, requestOf(name, input), more);
  }

  /** The same with a document as it is, in place of the one that the input would make. */
  async callWith<Name extends OperationName>(
    name: Name,
    outer: Partial<Inputs[Name]>,
    document: XmlElement,
  ): Promise<Outputs[Name]> {
    return this.#answerTo(name, requestWith(name, outer, document), {});
  }

  /** The document that an operation answers with, as it is, and its ETag. */
  async document<Name extends OperationName>(
    name: Name,
    input: Inputs[Name],
  ): Promise<{ readonly root: XmlElement; readonly etag: string }> {
    const { method, path, ...sent } = requestOf(name, input);
    const answer = await this.ask(method, path, sent);
    return { root: this.#rootOf(answer), etag: present('ETag', answer.headers.etag) };
  }

  async #answerTo<Name extends OperationName>(
    name: Name,
    { method, path, ...sent }: CallRequest,
    more: Repeating,
  ): Promise<Outputs[Name]> {
    return this.read(name, await this.ask(method, path, { ...sent, ...more }));
  }

  /** The output of an operation that this answers. */
  read<Name extends OperationName>(name: Name, answer: ApiAnswer): Outputs[Name] {
    return readAnswer(name, {
      header: (field) => fieldOf(answer.headers, field),
      bytes: answer.body,
      root: () => this.#rootOf(answer),
    });
  }

  #rootOf({ body, status }: ApiAnswer): XmlElement {
    try {
      return readXml(body, xmlBounds);
    } catch (error) {
      if (!(error instanceof XmlFault)) throw error;
      throw this.#unexpected(`status ${status} with a body that is not XML: ${error.message}`);
    }
  }

  async askJson(method: Method, path: string, more: Sent = {}): Promise<unknown> {
    const { body, status } = await this.ask(method, path, {
      ...more,
      contentType: 'application/json',
    });
    try {
      return JSON.parse(body.toString('utf8'));
    } catch {
      throw this.#unexpected(`status ${status} with a body that is not JSON`);
    }
  }

  #unexpected(what: string): CommandFailure {
    return new CommandFailure(
      'UnexpectedAnswer',
      `${this.#endpoint.url.origin} gave ${what}. Is it the API of Warmfront?`,
    );
  }

  async #askOnce(
    method: Method,
    path: string,
    { body = '', contentType = 'text/xml', headers = {} }: Sent,
  ): Promise<ApiAnswer> {
    const bytes = Buffer.from(body);
    const sent = {
      host: this.#endpoint.url.host,
      ...headers,
      ...(bytes.length === 0 ? {} : { 'content-type': contentType }),
    };
    const [route = '', query] = path.split('?');
    const signature = signV4({
      method,
      path: route,
      query,
      headers: Object.entries(sent).flat(),
      payloadHash: hashPayload(bytes),
      region: signedRegion,
      service: 'cloudfront',
      keys: this.#endpoint,
      at: this.#clock.now(),
    });
    const all = {
      ...sent,
      ...Object.fromEntries(eachHeader(signature)),
      'content-length': String(bytes.length),
    };
    const answer = await this.#send({ method, path, headers: all }, bytes);
    if (answer.status < 300) return answer;
    throw (
      refusalOf(answer) ?? this.#unexpected(`status ${answer.status} without an error document`)
    );
  }

  async #send(options: RequestOptions, body: Buffer): Promise<ApiAnswer> {
    this.#transport ??= openTransport(this.#endpoint);
    const { send } = await this.#transport;
    const timedOut = new AbortController();
    const cancel = this.#clock.after(answerMsMax, () => timedOut.abort());
    const signal = AbortSignal.any([timedOut.signal, this.#interrupted]);
    try {
      return await send({ ...options, signal }, body);
    } catch (error) {
      if (this.#interrupted.aborted) throw error;
      throw this.#unreachable(timedOut.signal.aborted ? undefined : error);
    } finally {
      cancel();
    }
  }

  /** `error` is undefined where the time was up. */
  #unreachable(error: unknown): Unreachable {
    const { origin } = this.#endpoint.url;
    const code = codeOf(error);
    if (code === 'ECONNREFUSED') {
      return new Unreachable(
        `Nothing listens at ${origin}. Start a server with \`warmfront serve\`, or name another one in WARMFRONT_ENDPOINT.`,
        false,
        error,
      );
    }
    if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
      return new Unreachable(
        `The host of ${origin} is not found; see WARMFRONT_ENDPOINT.`,
        false,
        error,
      );
    }
    if (certificateCodes.has(code)) {
      return new Unreachable(
        `The certificate of ${origin} is not trusted (${code}). Name the authority's certificate, the server's DATA/ca.pem, in WARMFRONT_CA.`,
        false,
        error,
      );
    }
    const why =
      error instanceof Error ? error.message : `no answer came within ${answerMsMax / 1_000} s`;
    return new Unreachable(`The request to ${origin} failed: ${why}.`, true, error);
  }
}

const certificateCodes: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_HAS_EXPIRED',
  'CERT_SIGNATURE_FAILURE',
]);

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function isPassing(error: unknown): boolean {
  if (error instanceof Unreachable) return error.maybeDone;
  return error instanceof ApiRefusal && (error.status >= 500 || error.code === 'Throttling');
}

type Transport = {
  readonly send: (options: RequestOptions, body: Buffer) => Promise<ApiAnswer>;
};

async function openTransport({ authorities, url }: Endpoint): Promise<Transport> {
  const target = {
    hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? undefined : Number(url.port),
  };
  if (url.protocol === 'http:') {
    const { Agent, request } = await import('node:http');
    const agent = new Agent({ keepAlive: true });
    return { send: (options, body) => exchange(request({ ...target, ...options, agent }), body) };
  }
  const [{ Agent, request }, { getCACertificates }] = await Promise.all([
    import('node:https'),
    import('node:tls'),
  ]);
  const ca = authorities === undefined ? undefined : [...getCACertificates('default'), authorities];
  const agent = new Agent({ keepAlive: true, ...(ca === undefined ? {} : { ca }) });
  return { send: (options, body) => exchange(request({ ...target, ...options, agent }), body) };
}

function exchange(sent: import('node:http').ClientRequest, body: Buffer): Promise<ApiAnswer> {
  return new Promise((resolve, reject) => {
    sent.once('error', reject);
    sent.once('response', (answer: IncomingMessage) => {
      const pieces: Buffer[] = [];
      let bytes = 0;
      answer.on('data', (piece: Buffer) => {
        bytes += piece.length;
        pieces.push(piece);
        if (bytes > answerBytesMax) {
          answer.destroy(new Error(`the answer has more than ${answerBytesMax} bytes`));
        }
      });
      answer.once('error', reject);
      answer.once('end', () => {
        const { headers, statusCode: status = 0 } = answer;
        resolve({ status, headers, body: Buffer.concat(pieces) });
      });
    });
    sent.end(body);
  });
}

function fieldOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

/** From an error document of either form, if it is one. */
function refusalOf({ body, status }: ApiAnswer): ApiRefusal | undefined {
  const text = body.toString('utf8').trimStart();
  try {
    if (text.startsWith('{')) {
      const document: unknown = JSON.parse(text);
      if (typeof document !== 'object' || document === null) return undefined;
      const { code, message, requestId } = Object.fromEntries(Object.entries(document));
      if (typeof code !== 'string' || typeof message !== 'string') return undefined;
      return new ApiRefusal(
        status,
        code,
        message,
        requestId === undefined ? undefined : String(requestId),
      );
    }
    const root = readXml(body, xmlBounds);
    const error = root.children.find(({ name }) => name === 'Error');
    const code = textOf(error, 'Code');
    if (code === undefined) return undefined;
    return new ApiRefusal(status, code, textOf(error, 'Message') ?? '', textOf(root, 'RequestId'));
  } catch {
    return undefined;
  }
}

function textOf(parent: XmlElement | undefined, name: string): string | undefined {
  return parent?.children.find((child) => child.name === name)?.text.trim();
}
