/** What is asked of an origin and what it answers, whichever kind of origin it is. */
import type { Duplex } from 'node:stream';
import type { HeaderList } from '../http/header-list.ts';

export type OriginRequest = {
  /** One of the behavior's, or what the operator lets pass beside them. */
  readonly method: string;
  /** Origin-form, as the viewer sent it; a query only as far as it is forwarded. */
  readonly path: string;
  /** Without `Connection`, and mostly without `Host`: then it is the origin's own name. */
  readonly headers: HeaderList;
  /** Read once, while the origin takes it. */
  readonly body?: AsyncIterable<Uint8Array> | undefined;
  /** The origin is asked to speak this instead; it may answer in HTTP all the same. */
  readonly upgrade?: 'websocket' | undefined;
  readonly viewerScheme: 'http' | 'https';
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
};

export type OriginAnswer = {
  readonly status: number;
  /** As sent; each name is a token and each value may stand in a field. */
  readonly headers: HeaderList;
  /** Undefined for an answer to HEAD and for a status that has none. */
  readonly body: OriginBody | undefined;
  /** The connection itself, when the origin has answered an upgrade with 101. */
  readonly tunnel?: Duplex | undefined;
};

/**
 * A body as it arrives. It is read once; while nobody reads, the origin is not read either, so a
 * body of any size takes constant memory. Reading rejects with an `OriginFailure` where the body
 * ends too early. Leaving the loop early, or `discard`, ends the transfer.
 */
export interface OriginBody extends AsyncIterable<Uint8Array> {
  discard(): void;
}
