/** Whole answers of origins, over a socket: each is an answer that may be passed on, or a failure. */
import assert from 'node:assert/strict';
import { systemClock } from '../../src/base/clock.ts';
import { silentRecorder } from '../../src/base/recorder.ts';
import { edgeBounds } from '../../src/edge/bounds.ts';
import { isFieldValue, isToken } from '../../src/http/header-list.ts';
import { OriginFailure } from '../../src/origin/origin-failure.ts';
import { Origins } from '../../src/origin/origins.ts';
import { TestOrigin } from '../harness/origin.ts';
import { customOrigin, originHost } from '../harness/scenario.ts';
import type { Target } from './target.ts';

type Asking = { readonly origin: TestOrigin; readonly origins: Origins };

let asking: Promise<Asking> | undefined;

async function begin(): Promise<Asking> {
  const origin = await TestOrigin.start(systemClock);
  const settings = {
    buckets: {},
    privateBuckets: {},
    identityCredentials: [],
    originUrls: { [originHost]: `http://127.0.0.1:${origin.port}` },
    privateOrigins: 'refuse' as const,
    originAuthorities: undefined,
    originConnectTimeoutMs: 5_000,
    originReadTimeoutMs: 5_000,
  };
  const parts = { settings, clock: systemClock, recorder: silentRecorder, bounds: edgeBounds };
  return { origin, origins: new Origins(parts) };
}

async function answerHolds(text: string): Promise<void> {
  asking ??= begin();
  const { origin, origins } = await asking;
  origin.sends(text, 'end');
  origin.asked.length = 0;
  try {
    const { body, headers, status } = await origins.ask(customOrigin, {
      method: 'GET',
      path: '/a',
      headers: [],
      viewerScheme: 'http',
      signal: new AbortController().signal,
    });
    assert(Number.isInteger(status) && status >= 200 && status <= 999, `status ${status}`);
    for (let at = 0; at < headers.length; at += 2) {
      assert(isToken(headers[at] ?? ''), JSON.stringify(headers[at]));
      assert(isFieldValue(headers[at + 1] ?? ''), JSON.stringify(headers[at + 1]));
    }
    if (body === undefined) return;
    let length = 0;
    for await (const piece of body) length += piece.length;
    assert(length <= text.length, 'no more than was sent');
  } catch (error) {
    if (!(error instanceof OriginFailure)) throw error;
  }
}

export const originTargets: readonly Target[] = [
  {
    name: 'answers of origins',
    seeds: [
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: "a"\r\n\r\nhello',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 304 Not Modified\r\n\r\n',
      'HTTP/1.0 200 OK\r\nConnection: close\r\n\r\nuntil the end',
      'HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-4/10\r\nContent-Length: 5\r\n\r\nhello',
      'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n',
    ],
    tokens: [
      '\r\n',
      '\n',
      ':',
      ' ',
      '\0',
      'HTTP/1.1 ',
      '101 Switching Protocols\r\nUpgrade: x\r\n',
      '204',
      'Content-Length: 3\r\n',
      'Transfer-Encoding: gzip, chunked\r\n',
      'Connection: upgrade\r\n',
      '\xff',
      'ffffffff\r\n',
      ' folded\r\n',
    ],
    holds: answerHolds,
    msMax: 1_000,
    async close() {
      const begun = await asking;
      asking = undefined;
      await begun?.origins.close();
      await begun?.origin.close();
    },
  },
];
