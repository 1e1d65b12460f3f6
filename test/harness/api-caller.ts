/**
 * Signed requests to a real server, written by hand: for what no client can send, and to see every
 * byte of an answer. The signing here is the tests' own, so a fault of the server's is seen.
 */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { readXml, type XmlElement } from '../../src/base/xml.ts';

export type Key = { readonly accessKeyId: string; readonly secretAccessKey: string };

export const defaultKey: Key = { accessKeyId: 'warmfront', secretAccessKey: 'warmfront-secret' };

export type Reply = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

export type Asking = {
  readonly body?: string;
  readonly ifMatch?: string;
  /** In place of those that the caller would add; a value of undefined leaves the header out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
};

const answerMsMax = 15_000;
const xmlBounds = { bytesMax: 4_194_304, depthMax: 32, elementsMax: 100_000 };

/** HMAC-SHA1 of the text of the date alone (API 2010-11-01, section 1.6). */
export function signatureOf(secretAccessKey: string, dateText: string): string {
  return createHmac('sha1', secretAccessKey).update(dateText, 'utf8').digest('base64');
}

/** The two headers that sign a request, with the date of now or another. */
export function signed(
  key: Key = defaultKey,
  dateText: string = new Date().toUTCString(),
): { readonly date: string; readonly authorization: string } {
  const signature = signatureOf(key.secretAccessKey, dateText);
  return { date: dateText, authorization: `AWS ${key.accessKeyId}:${signature}` };
}

export class ApiCaller {
  readonly #endpoint: string;
  readonly #key: Key;
  readonly #agent = new Agent({ keepAlive: true });

  /** `endpoint`: an http URL without a slash at the end. */
  constructor(endpoint: string, key: Key = defaultKey) {
    this.#endpoint = endpoint;
    this.#key = key;
  }

  as(key: Key): ApiCaller {
    return new ApiCaller(this.#endpoint, key);
  }

  /** Rejects only where no whole answer came. */
  call(method: string, path: string, asking: Asking = {}): Promise<Reply> {
    const headers: Record<string, string> = {};
    const wanted = {
      ...signed(this.#key),
      ...(asking.body === undefined ? {} : { 'content-type': 'text/xml' }),
      ...(asking.ifMatch === undefined ? {} : { 'if-match': asking.ifMatch }),
      ...asking.headers,
    };
    for (const [name, value] of Object.entries(wanted)) {
      if (value !== undefined) headers[name] = value;
    }
    const length = Buffer.byteLength(asking.body ?? '');
    if (asking.body !== undefined) headers['content-length'] ??= String(length);
    return send(`${this.#endpoint}${path}`, { method, headers, agent: this.#agent }, asking.body);
  }

  get(path: string, asking?: Asking): Promise<Reply> {
    return this.call('GET', path, asking);
  }

  post(path: string, body: string, asking?: Asking): Promise<Reply> {
    return this.call('POST', path, { ...asking, body });
  }

  put(path: string, ifMatch: string | undefined, body: string, asking?: Asking): Promise<Reply> {
    return this.call('PUT', path, {
      ...asking,
      body,
      ...(ifMatch === undefined ? {} : { ifMatch }),
    });
  }

  delete(path: string, ifMatch?: string): Promise<Reply> {
    return this.call('DELETE', path, ifMatch === undefined ? {} : { ifMatch });
  }

  /** Ends connections that stand open; the caller can be used on. */
  close(): void {
    this.#agent.destroy();
  }
}

function send(
  url: string,
  options: { method: string; headers: Record<string, string>; agent: Agent },
  body: string | undefined,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { ...options, signal: AbortSignal.timeout(answerMsMax) });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', reject);
      response.on('close', () => {
        if (!response.complete) reject(new Error('the answer broke off'));
      });
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(pieces).toString('utf8'),
        });
      });
    });
    sent.end(body);
  });
}

/** The answer as a tree of elements. */
export function documentOf({ body }: Reply): XmlElement {
  return readXml(Buffer.from(body, 'utf8'), xmlBounds);
}

/** The element at `path` below `element`, such as `DistributionConfig/Logging`. */
export function find(element: XmlElement, path: string): XmlElement | undefined {
  let at: XmlElement | undefined = element;
  for (const name of path.split('/')) at = at?.children.find((child) => child.name === name);
  return at;
}

/** The text at `path` in the answer's document; '' where there is no such element. */
export function textAt(reply: Reply, path: string): string {
  return find(documentOf(reply), path)?.text ?? '';
}

/** The texts of all children of the root that have this name, or a path below them. */
export function allTexts(reply: Reply, name: string, below?: string): readonly string[] {
  return documentOf(reply)
    .children.filter((child) => child.name === name)
    .map((child) => (below === undefined ? child.text : (find(child, below)?.text ?? '')));
}

/** The answer is the error document of section 1.9, with this status and code. */
export function assertRefused(reply: Reply, status: number, code: string): void {
  const seen = `${reply.status} ${reply.body}`;
  assert.equal(reply.status, status, seen);
  assert.match(reply.headers['content-type'] ?? '', /^text\/xml/, seen);
  const root = documentOf(reply);
  assert.equal(root.name, 'ErrorResponse', seen);
  assert.equal(find(root, 'Error/Code')?.text, code, seen);
  assert.equal(find(root, 'Error/Type')?.text, status >= 500 ? 'Receiver' : 'Sender', seen);
  assert.notEqual(find(root, 'Error/Message')?.text, '', seen);
  assert.equal(find(root, 'RequestId')?.text, reply.headers['x-amz-request-id'], seen);
}

/** The answer has this status, or the test fails with its body. */
export function assertStatus(reply: Reply, status: number): void {
  assert.equal(reply.status, status, `${reply.status} ${reply.body}`);
}

/** The ETag of an answer that must have one. */
export function etagOf(reply: Reply): string {
  const etag = reply.headers.etag;
  assert(typeof etag === 'string', `an ETag in the answer ${reply.status} ${reply.body}`);
  return etag;
}
