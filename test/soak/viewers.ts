/**
 * The viewers of a soak: each asks for one object after another, in one of several manners, and judges
 * every byte it gets by the version that the answer names.
 */
import { Agent, get, type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SeededRandomness } from '../harness/seeded-randomness.ts';
import { isPieceOf, versionOf } from './bodies.ts';

export type Tally = {
  requests: number;
  /** By the first word of `X-Cache`. */
  readonly results: Map<string, number>;
  readonly statuses: Map<number, number>;
  bytes: number;
  /** Answers that ended in a way that shows that they are not whole. */
  cut: number;
  /** Requests that got no answer at all. */
  unanswered: number;
  /** What must not be: wrong bytes, wrong lengths, old versions; the first ones in words. */
  wrong: number;
  readonly told: string[];
};

export function newTally(): Tally {
  return {
    requests: 0,
    results: new Map(),
    statuses: new Map(),
    bytes: 0,
    cut: 0,
    unanswered: 0,
    wrong: 0,
    told: [],
  };
}

export type ViewerParts = {
  /** `http://HOST:PORT` of an edge. */
  readonly edges: readonly string[];
  readonly host: string;
  readonly paths: readonly string[];
  readonly randomness: SeededRandomness;
  readonly tally: Tally;
  readonly signal: AbortSignal;
  /** The least version that may still be served, as invalidations that are `Completed` say. */
  readonly leastVersion: (path: string) => number;
};

const answerMsMax = 60_000;
const slowPauseMs = 50;
const toldMax = 20;

type Asked = {
  readonly method: 'GET' | 'HEAD';
  readonly path: string;
  readonly range: { readonly first: number; readonly last: number } | undefined;
  readonly etag: string | undefined;
  readonly isSlow: boolean;
  /** Leaves after so many bytes. */
  readonly leavesAfter: number;
};

/** Resolves when the signal is aborted and the last answer is read. */
export async function watch(parts: ViewerParts): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const etags = new Map<string, string>();
  while (!parts.signal.aborted) {
    const asked = draw(parts, etags);
    const least = parts.leastVersion(asked.path);
    parts.tally.requests += 1;
    try {
      await askOnce(parts, agent, asked, least, etags);
    } catch {
      parts.tally.unanswered += 1;
      await sleep(slowPauseMs);
    }
  }
  agent.destroy();
}

function draw({ paths, randomness }: ViewerParts, etags: Map<string, string>): Asked {
  // A few are asked for most of the time.
  const index = Math.floor(paths.length * randomness.fraction() ** 3);
  const path = paths[Math.min(index, paths.length - 1)] ?? '/';
  const bytes = Number(/-(\d+)$/.exec(path)?.[1] ?? 0);
  const chance = randomness.fraction();
  const first = randomness.below(bytes);
  const last = Math.min(bytes - 1, first + randomness.below(bytes));
  return {
    method: chance < 0.05 ? 'HEAD' : 'GET',
    path,
    range: chance > 0.7 && chance < 0.9 ? { first, last } : undefined,
    etag: chance >= 0.9 ? etags.get(path) : undefined,
    isSlow: randomness.fraction() < 0.03,
    leavesAfter: randomness.fraction() < 0.03 ? randomness.below(bytes) : Number.POSITIVE_INFINITY,
  };
}

async function askOnce(
  parts: ViewerParts,
  agent: Agent,
  asked: Asked,
  least: number,
  etags: Map<string, string>,
): Promise<void> {
  const { edges, host, randomness } = parts;
  const edge = edges[randomness.below(edges.length)] ?? '';
  const headers: Record<string, string> = { host };
  if (asked.range !== undefined)
    headers['range'] = `bytes=${asked.range.first}-${asked.range.last}`;
  if (asked.etag !== undefined) headers['if-none-match'] = asked.etag;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const make = asked.method === 'HEAD' ? request : get;
    const sent = make(`${edge}${asked.path}`, {
      method: asked.method,
      headers,
      agent,
      signal: AbortSignal.timeout(answerMsMax),
    });
    sent.on('response', resolve);
    sent.on('error', reject);
    sent.end();
  });
  count(parts.tally.statuses, answer.statusCode ?? 0);
  count(parts.tally.results, String(answer.headers['x-cache']).split(' ')[0] ?? '');
  await judge(parts, asked, answer, least, etags);
}

async function judge(
  { tally }: ViewerParts,
  asked: Asked,
  answer: IncomingMessage,
  least: number,
  etags: Map<string, string>,
): Promise<void> {
  const { path } = asked;
  const wrong = (what: string): void => {
    tally.wrong += 1;
    if (tally.told.length < toldMax) tally.told.push(`${asked.method} ${path}: ${what}`);
  };
  const status = answer.statusCode ?? 0;
  const isBody = status === 200 || status === 206;
  const version = versionOf(path, answer.headers.etag);
  if ((isBody || status === 304) && version === undefined) {
    wrong(`${status} with the ETag ${String(answer.headers.etag)}`);
  }
  if (version !== undefined && version < least) {
    wrong(`version ${version} after an invalidation of all before ${least} was Completed`);
  }
  if (version !== undefined) etags.set(path, answer.headers.etag ?? '');
  const [from, promised] = promiseOf(asked, answer);
  let at = from;
  try {
    for await (const chunk of answer) {
      const piece: Uint8Array = chunk;
      tally.bytes += piece.length;
      if (isBody && version !== undefined && !isPieceOf({ path, version }, at, piece)) {
        wrong(`other bytes at ${at} of version ${version}, ${status}`);
        answer.destroy();
        return;
      }
      at += piece.length;
      if (at - from > asked.leavesAfter) {
        answer.destroy();
        return;
      }
      if (asked.isSlow) await sleep(slowPauseMs);
    }
  } catch {
    tally.cut += 1;
    return;
  }
  if (!answer.complete) tally.cut += 1;
  else if (isBody && asked.method === 'GET' && at - from !== promised) {
    wrong(`${at - from} bytes as a whole answer, ${promised} were promised, ${status}`);
  }
}

/** Where the body begins in the object, and how long it is to be. */
function promiseOf({ path }: Asked, { headers, statusCode }: IncomingMessage): [number, number] {
  const bytes = Number(/-(\d+)$/.exec(path)?.[1] ?? 0);
  if (statusCode !== 206) return [0, bytes];
  const match = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers['content-range'] ?? '');
  const [, first, last, whole] = match ?? [];
  if (Number(whole) !== bytes) return [0, Number.NaN];
  return [Number(first), Number(last) - Number(first) + 1];
}

function count<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
