/**
 * The handler of API requests: from a request to an operation and back. It does the checks that come
 * before any operation, in their order (API 2010-11-01, section 1.10: path, method, credentials),
 * reads the body within bounds, and is the one place where a Refusal becomes an error document and
 * where a bug becomes `InternalError`: recorded with the request id, and the process goes on.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Clock } from '../base/clock.ts';
import type { Randomness } from '../base/randomness.ts';
import type { Recorder } from '../base/recorder.ts';
import type { AccountId } from '../model/ids.ts';
import { formatHttpDate } from '../http/dates.ts';
import { Refusal } from '../model/refusal.ts';
import { version20101101 } from './2010-11-01/protocol.ts';
import { keyValueStores } from './key-value-stores/protocol.ts';
import { version20200531 } from './2020-05-31/protocol.ts';
import type { Keyring } from './credentials.ts';
import type { Answer, BodyForm, OpenlyAsked, Operation, Service } from './operation.ts';
import { privateEndpoints } from './private/protocol.ts';
import { type Fault, faultOf, internalFault } from './refusals.ts';
import { type Body, readBody, SenderGone } from './request-body.ts';
import { firstSegment, readRequestTarget } from './request-target.ts';
import { findRoute, type Protocol } from './routes.ts';
import { sendAnswer } from './sending.ts';
import { malformed } from './xml/document.ts';
import { checkSender } from './signature/check-sender.ts';

export type ApiHandlerOptions = Service & {
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly recorder: Recorder;
  /** Aborted when the server stops: event streams end then, and no new one begins. */
  readonly closing: AbortSignal;
};

/** Node passes on that many headers and drops the rest, so a request with as many is refused. */
export const headersMax = 100;
const bodyTimeMsMax = 20_000;
const streamsMax = 100;
const targetCharactersRecorded = 512;

const served: readonly Protocol[] = [
  version20101101,
  version20200531,
  keyValueStores,
  privateEndpoints,
];

/** What the record tells of a request, as far as it came to be known. */
type Told = { operation?: string; account?: AccountId; code?: Fault['code'] };

/** For `request` events of a server that `guardApiServer` guards. */
export function createApiHandler(
  options: ApiHandlerOptions,
  protocols: readonly Protocol[] = served,
): RequestListener {
  const { clock, closing, keyring, publicEndpoint, randomness, recorder } = options;
  let streams = 0;

  /** Clients put the path of the endpoint they are given before all others. */
  function basePath(): string {
    return URL.parse(publicEndpoint())?.pathname.replace(/\/$/, '') ?? '';
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = randomness.uuid();
    const startedMs = clock.monotonicMs();
    const base = basePath();
    const protocol = protocolOf(protocols, request.url ?? '', base);
    const told: Told = {};
    let answer: Answer;
    try {
      answer = await answerTo(request, { protocol, base }, told);
      if ('stream' in answer && streams >= streamsMax) {
        throw new Refusal('Throttling', { why: `${streamsMax} listeners are the most.` });
      }
    } catch (error) {
      if (error instanceof SenderGone) {
        recorder.debug({ requestId, ...told }, 'the sender of a request went away');
        return;
      }
      answer = answerOfFault(error, protocol, requestId, told);
    }
    const isStream = 'stream' in answer;
    streams += isStream ? 1 : 0;
    try {
      await sendAnswer(answer, { request, response, requestId, clock, closing });
    } finally {
      streams -= isStream ? 1 : 0;
    }
    const ms = Math.round((clock.monotonicMs() - startedMs) * 10) / 10;
    const target = (request.url ?? '').slice(0, targetCharactersRecorded);
    const facts = { requestId, method: request.method, target, status: answer.status, ...told, ms };
    if (answer.status >= 500) recorder.warn(facts, 'api request');
    else recorder.debug(facts, 'api request');
  }

  async function answerTo(
    request: IncomingMessage,
    { base, protocol }: { readonly base: string; readonly protocol: Protocol },
    told: Told,
  ): Promise<Answer> {
    refuseBrokenHttp(request);
    const { query, rawPath, rawQuery, segments } = readRequestTarget(request.url ?? '', base);
    const method = request.method ?? '';
    const { operation, params } = findRoute(protocol, segments, query, method);
    told.operation = operation.name;
    const { headers, headersDistinct } = request;
    const openly = (body: Body): OpenlyAsked<string> => ({
      param: (part) => params.get(part) ?? '',
      query,
      header: (name) => headersDistinct[name]?.join(', '),
      ifMatch: headers['if-match'],
      body: () => bytesOf(body, operation.bodyForm),
      hasBody: body.kind === 'tooLarge' || body.bytes.length > 0,
    });
    if (!operation.needsCredentials) {
      return operation.answer(openly(await bodyFor(operation, request)), options);
    }
    const head = { method, path: rawPath, query: rawQuery, headers: headersDistinct };
    const signed = checkSender(head, protocol, keyring, clock.now());
    told.account = signed.credential.accountId;
    const body = await bodyFor(operation, request);
    if (signed.needsBody) refuseTooLarge(body, operation.bodyForm);
    signed.checkBody(body);
    const oldSince = await options.control.refresh();
    const asked = { ...openly(body), account: told.account };
    const answer = await options.control.during(operation.name, () =>
      operation.answer(asked, options),
    );
    if (oldSince === undefined) return answer;
    // The log does not answer: what is said is what was known then.
    return {
      ...answer,
      headers: { ...answer.headers, 'warmfront-as-of': formatHttpDate(oldSince) },
    };
  }

  function bodyFor(operation: Operation, request: IncomingMessage): Promise<Body> {
    const { bodyBytesMax: bytesMax } = operation;
    if (bytesMax === 0) return Promise.resolve({ kind: 'whole', bytes: new Uint8Array() });
    return readBody(request, { bytesMax, timeMsMax: bodyTimeMsMax }, clock);
  }

  function answerOfFault(
    error: unknown,
    protocol: Protocol,
    requestId: string,
    told: Told,
  ): Answer {
    const isRefusal = error instanceof Refusal;
    if (!isRefusal) recorder.error({ error, requestId, ...told }, 'a request met a bug');
    const fault = isRefusal ? faultOf(error.code, error.message) : internalFault;
    told.code = fault.code;
    const headers: Record<string, string> = {};
    if (fault.code === 'ServiceUnavailable') headers['retry-after'] = '1';
    // Where one request ended and the next begins is in doubt.
    if (fault.code === 'InvalidHTTPRequest') headers['connection'] = 'close';
    const {
      headers: more,
      status = fault.status,
      text,
      type,
    } = protocol.writeFault(fault, requestId);
    return { status, headers: { ...headers, ...more }, body: { type, text } };
  }

  return (request, response) => {
    handle(request, response).catch((error: unknown) => {
      recorder.error({ error }, 'an answer could not be sent');
      response.destroy();
    });
  };
}

function protocolOf(protocols: readonly Protocol[], target: string, basePath: string): Protocol {
  const root = firstSegment(target, basePath);
  return protocols.find((protocol) => protocol.root === root) ?? version20101101;
}

/** What Node's parser lets through and HTTP does not (RFC 9112 §3.2), or what it may have cut. */
function refuseBrokenHttp(request: IncomingMessage): void {
  if (request.httpVersionMajor !== 1) {
    throw new Refusal('InvalidHTTPRequest', { why: `its version is ${request.httpVersion}.` });
  }
  const hosts = request.headersDistinct['host'] ?? [];
  if (hosts.length > 1 || (hosts.length === 0 && request.httpVersion === '1.1')) {
    throw new Refusal('InvalidHTTPRequest', { why: 'it must carry one Host header.' });
  }
  if (request.rawHeaders.length >= headersMax * 2) {
    throw new Refusal('InvalidHTTPRequest', { why: `it has ${headersMax} headers or more.` });
  }
}

const bodyNames = { xml: 'an XML document', json: 'a JSON object' } as const;

function refuseTooLarge(
  body: Body,
  form: BodyForm,
): asserts body is Extract<Body, { readonly kind: 'whole' }> {
  if (body.kind === 'whole') return;
  const why = `${form === 'xml' ? 'the document' : 'it'} is larger than ${body.bytesMax} bytes.`;
  if (form === 'json') throw new Refusal('InvalidArgument', { member: 'The body', why });
  malformed(why);
}

function bytesOf(body: Body, form: BodyForm): Uint8Array {
  refuseTooLarge(body, form);
  if (body.bytes.length === 0) throw new Refusal('MissingBody', { form: bodyNames[form] });
  return body.bytes;
}
