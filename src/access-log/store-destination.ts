/**
 * A bucket of an S3-compatible store: one signed PUT, addressed by path (`URL/BUCKET/KEY`), as every
 * such store knows it. The content's hash is part of the signature, so a store that checks it keeps
 * nothing that was spoilt on the way.
 *
 * The owner of the bucket gets full control of the file, as CloudFront's delivery gives it.
 */
import { createHash } from 'node:crypto';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { request as requestSecure } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { rootCertificates } from 'node:tls';
import type { Clock } from '../base/clock.ts';
import { type HeaderList, eachHeader } from '../http/header-list.ts';
import { objectPath, signV4, type SigningKeys } from '../http/sigv4.ts';
import { type Delivered, DeliveryFailure, type Destination } from './destination.ts';

export type LogStore = {
  /** Scheme, host and port, without a slash at the end. */
  readonly url: string;
  readonly region: string;
  readonly keys: SigningKeys;
  /** PEM certificates that the store's may be signed by, beside the public ones. */
  readonly authorities: string | undefined;
};

// An import of node:http would load a client for fetch as well; src/server.ts tells more.
const { request: requestPlain } = process.getBuiltinModule('node:http');

/** Silence of the store for so long ends a try. */
const silenceMsMax = 30_000;
/** Read of an answer, to tell what the store says. */
const answerBytesMax = 4_096;

export class StoreDestination implements Destination {
  readonly #store: LogStore;
  readonly #bucket: string;
  readonly #clock: Clock;

  constructor(store: LogStore, bucket: string, clock: Clock) {
    this.#store = store;
    this.#bucket = bucket;
    this.#clock = clock;
  }

  async put(file: Delivered, signal: AbortSignal): Promise<void> {
    const { keys, region, url } = this.#store;
    const { host } = new URL(url);
    const path = `/${objectPath(`${this.#bucket}/${file.key}`)}`;
    const headers = [
      'Host',
      host,
      'Content-Length',
      String(file.bytes),
      'Content-Type',
      'application/gzip',
      'X-Amz-Acl',
      'bucket-owner-full-control',
    ];
    const signature = signV4({
      method: 'PUT',
      path,
      headers,
      payloadHash: await hashOf(file),
      region,
      service: 's3',
      keys,
      at: this.#clock.now(),
    });
    const answer = await this.#send(path, [...headers, ...signature], file, signal);
    const said = await readStart(answer);
    const { statusCode = 0 } = answer;
    if (statusCode === 200 || statusCode === 204) return;
    const code = /<Code>([A-Za-z0-9.]{1,64})<\/Code>/.exec(said)?.[1];
    throw new DeliveryFailure(
      `the store answered ${statusCode}${code === undefined ? '' : ` ${code}`}`,
    );
  }

  #send(
    path: string,
    headers: HeaderList,
    file: Delivered,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const request = this.#request(path, headers, signal);
      request.once('response', resolve);
      // After the answer, too: a store that refuses may not read to the end.
      request.on('error', reject);
      request.once('timeout', () => {
        request.destroy(new DeliveryFailure(`the store was silent for ${silenceMsMax} ms`));
      });
      // What goes wrong here ends the request, which tells it.
      pipeline(file.read(), request).catch(() => undefined);
    });
  }

  #request(path: string, headers: HeaderList, signal: AbortSignal): ClientRequest {
    const { authorities, url } = this.#store;
    const { hostname, port, protocol } = new URL(url);
    const options = {
      method: 'PUT',
      host: hostname.replace(/^\[|\]$/g, ''),
      port,
      path,
      headers: Object.fromEntries(eachHeader(headers)),
      // Files are minutes apart; a connection of its own is never one that has died meanwhile.
      agent: false,
      timeout: silenceMsMax,
      signal,
    } as const;
    if (protocol === 'http:') return requestPlain(options);
    return requestSecure(
      authorities === undefined ? options : { ...options, ca: [...rootCertificates, authorities] },
    );
  }
}

async function hashOf(file: Delivered): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(file.read(), hash);
  return hash.digest('hex');
}

/** The beginning of an answer as text. */
async function readStart(answer: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of answer) {
    if (!Buffer.isBuffer(piece)) continue;
    pieces.push(piece);
    bytes += piece.length;
    if (bytes >= answerBytesMax) break;
  }
  return Buffer.concat(pieces).toString('latin1').slice(0, answerBytesMax);
}
