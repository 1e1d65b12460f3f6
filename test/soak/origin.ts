/**
 * The origin of a soak: a plain server of bodies that tell whose they are, which changes versions, and
 * fails in the ways that it is told to.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { SeededRandomness } from '../harness/seeded-randomness.ts';
import { bytesOf, etagOf } from './bodies.ts';

/** `healthy`, or what goes wrong with some of the answers; `dead`: nobody listens. */
export type Manner = 'healthy' | 'errors' | 'truncates' | 'resets' | 'slow' | 'dead';

const pieceBytes = 65_536;
const slowMs = 300;

export class SoakOrigin {
  readonly #server: Server;
  readonly #randomness: SeededRandomness;
  readonly #versions = new Map<string, number>();
  #manner: Manner = 'healthy';
  #port = 0;
  #version = 1;
  asked = 0;

  constructor(randomness: SeededRandomness) {
    this.#randomness = randomness;
    this.#server = createServer((request, response) => {
      this.asked += 1;
      request.resume();
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  get port(): number {
    return this.#port;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, '127.0.0.1', resolve);
    });
    const address = this.#server.address();
    assert(typeof address === 'object' && address !== null);
    this.#port = address.port;
  }

  async be(manner: Manner): Promise<void> {
    const before = this.#manner;
    this.#manner = manner;
    if (manner === 'dead') await this.close();
    else if (before === 'dead') await this.listen();
  }

  /** What it has now; answers that were asked for earlier may still have another. */
  versionOf(path: string): number {
    return this.#versions.get(path) ?? 1;
  }

  /** From now on; no version is had twice. */
  change(path: string): number {
    this.#version += 1;
    this.#versions.set(path, this.#version);
    return this.#version;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  /** `/KIND/NUMBER-BYTES`; KIND says how the answer is framed and how long it is fresh. */
  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    const match = /^\/(kept|brief|chunked)\/\d+-(\d+)$/.exec(path);
    const [, kind, bytes] = match ?? [];
    if (kind === undefined) {
      response.writeHead(404).end('there is nothing here');
      return;
    }
    const chance = this.#randomness.fraction();
    if (this.#manner === 'errors' && chance < 0.5) {
      response.writeHead(chance < 0.25 ? 500 : 503).end('the origin is ill');
      return;
    }
    if (this.#manner === 'slow') await new Promise((resolve) => setTimeout(resolve, slowMs));
    const version = { path, version: this.versionOf(path) };
    const etag = etagOf(version);
    const headers: Record<string, string> = {
      ETag: etag,
      'Cache-Control': kind === 'brief' ? 'max-age=2' : 'max-age=120',
      'Content-Type': 'application/octet-stream',
    };
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304, headers).end();
      return;
    }
    const length = Number(bytes);
    const part = kind === 'chunked' ? undefined : partOf(request.headers.range, length);
    const { end, start } = part ?? { start: 0, end: length };
    if (part !== undefined) headers['Content-Range'] = `bytes ${start}-${end - 1}/${length}`;
    if (kind !== 'chunked') headers['Content-Length'] = String(end - start);
    response.writeHead(part === undefined ? 200 : 206, headers);
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    const fails = (this.#manner === 'truncates' || this.#manner === 'resets') && chance < 0.5;
    const sentEnd = fails ? start + Math.floor((end - start) * chance) : end;
    for (let at = start; at < sentEnd; at += pieceBytes) {
      const piece = bytesOf(version, at, Math.min(at + pieceBytes, sentEnd));
      if (!response.write(piece)) await drained(response);
    }
    if (!fails) response.end();
    else if (this.#manner === 'resets') response.socket?.resetAndDestroy();
    else response.socket?.end();
  }
}

function partOf(range: string | undefined, length: number): Part | undefined {
  const match = /^bytes=(\d+)-(\d*)$/.exec(range ?? '');
  if (match === null) return undefined;
  const start = Number(match[1]);
  const last = match[2] === '' ? length - 1 : Math.min(Number(match[2]), length - 1);
  return start > last ? undefined : { start, end: last + 1 };
}

type Part = { readonly start: number; readonly end: number };

async function drained(response: ServerResponse): Promise<void> {
  const over = new AbortController();
  try {
    const gone = once(response, 'close', { signal: over.signal }).then(() => {
      throw new Error('whoever asked has gone');
    });
    await Promise.race([once(response, 'drain', { signal: over.signal }), gone]);
  } finally {
    over.abort();
  }
}
