/**
 * A viewer, as the pipeline sees one: a request whose head was read, and a way to answer it. Every
 * HTTP version has its own adapter to this; the pipeline knows none of them.
 */
import type { HeaderList } from '../http/header-list.ts';

export type ViewerRequest = {
  readonly method: string;
  readonly scheme: 'http' | 'https';
  readonly httpVersion: '1.0' | '1.1';
  /** As sent, unparsed. */
  readonly hostText: string;
  /** Bytes as sent; begins with `/` but for CONNECT and `*`. */
  readonly path: string;
  readonly query: string | undefined;
  readonly headers: HeaderList;
  readonly hasBody: boolean;
  /** The address the connection came from. */
  readonly address: string;
};

/** Why a request could not be read; the connection ends with the answer to it. */
export type ViewerFault = {
  readonly status: 400 | 408 | 414 | 494 | 501 | 505;
  /** For the record; never shown to a viewer. */
  readonly why: string;
};

/** What came from a viewer: a request, or a fault and a stand-in for the request. */
export type Arrival = {
  readonly request: ViewerRequest;
  readonly fault: ViewerFault | undefined;
};

export type AnswerHead = {
  readonly status: number;
  /** Of the representation: without framing, without `Connection`. */
  readonly headers: HeaderList;
  /** What the edge says of itself; stands last. */
  readonly ownHeaders: HeaderList;
  /** The connection ends after this answer. */
  readonly close: boolean;
};

/** Nobody takes the answer any more. */
export class ViewerGone extends Error {
  override readonly name = 'ViewerGone';
}

export interface ViewerAnswer {
  /** Whether a head was given already, so that another answer is no longer possible. */
  readonly begun: boolean;
  /** The head and, unless `body` is undefined, the whole body at once. */
  whole(head: AnswerHead, body: Uint8Array | undefined): void;
  /** The head alone; the body follows by `write`. */
  begin(head: AnswerHead): void;
  /** False: wait for `drained` before the next piece. */
  write(piece: Uint8Array): boolean;
  /** Resolves when there is room again; rejects with `ViewerGone`. */
  drained(): Promise<void>;
  end(): void;
  /** Ends the connection in a way that shows that the answer is not whole. */
  cut(): void;
  /** Aborted when the viewer has gone. */
  readonly gone: AbortSignal;
}
