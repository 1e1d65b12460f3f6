/**
 * A viewer, as the pipeline sees one: a request whose head was read, and a way to answer it. Every
 * HTTP version has its own adapter to this; the pipeline knows none of them.
 */
import type { HeaderList } from '../http/header-list.ts';
import type { ViewerTunnel } from './tunnel.ts';

export type ViewerRequest = {
  readonly method: string;
  readonly scheme: 'http' | 'https';
  readonly httpVersion: '1.0' | '1.1' | '2.0';
  /** As sent, unparsed. */
  readonly hostText: string;
  /** Bytes as sent; begins with `/` but for CONNECT and `*`. */
  readonly path: string;
  readonly query: string | undefined;
  readonly headers: HeaderList;
  readonly hasBody: boolean;
  /** Set where there is one that can be read. */
  readonly body?: ViewerBody | undefined;
  /** The address the connection came from. */
  readonly address: string;
  readonly port: number;
  /** Of request line and fields, as they came. */
  readonly headBytes: number;
  /** Not the first one of its connection. */
  readonly isLater?: boolean | undefined;
  /** Undefined over plain HTTP. */
  readonly tls: ViewerTls | undefined;
};

/** Read once, as it arrives; reading rejects where the viewer goes, or sends what is no body. */
export interface ViewerBody extends AsyncIterable<Uint8Array> {
  /** As declared; undefined where the viewer sends chunks. */
  readonly length: number | undefined;
  /** Reading has begun, so the request cannot be sent again. */
  readonly begun: boolean;
  /** What kept it from being read to its end. */
  readonly fault: Error | undefined;
}

/** What TLS said of a connection. */
export type ViewerTls = {
  /** The name that was asked for, in lower case; undefined where there was none. */
  readonly serverName: string | undefined;
  /** Such as `TLSv1.3`. */
  readonly protocol: string;
  /** By OpenSSL's name, such as `ECDHE-RSA-AES128-GCM-SHA256`. */
  readonly cipher: string;
  /** A session of before was taken up. */
  readonly isResumed: boolean;
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

/** What an answer has come to, for who writes it down. */
export type AnswerAccount = {
  /** Undefined: none was given. */
  readonly head: AnswerHead | undefined;
  /** `cut`: ended by us before it was whole; `left`: the viewer has gone, or will not get the rest. */
  readonly outcome: 'whole' | 'cut' | 'left';
  /** Head, framing and body, as given to the connection. */
  readonly sentBytes: number;
  /** From the arrival of the request; undefined when nothing was given. */
  readonly firstByteMs: number | undefined;
  readonly takenMs: number;
};

/** Nobody takes the answer any more. */
export class ViewerGone extends Error {
  override readonly name = 'ViewerGone';
}

/** A connection of a viewer, whatever version of HTTP it speaks. */
export interface ViewerConnection {
  /** Ends what has waited for too long; called about once a second. */
  expire(nowMs: number): void;
  /**
   * Asks the viewer to go elsewhere with what comes next: the next answer is the last one over
   * HTTP/1.1; over HTTP/2 a GOAWAY says so, and what comes all the same is answered.
   */
  retire(): void;
  /** Takes no further request; what is being answered is finished first. */
  finish(): void;
  destroy(): void;
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
  /** Answers 101 and leaves the connection to the caller; absent where the HTTP version has no such thing. */
  switchProtocol?(head: AnswerHead): ViewerTunnel;
  /** Ends the connection in a way that shows that the answer is not whole. */
  cut(): void;
  /** Aborted when the viewer has gone. */
  readonly gone: AbortSignal;
  /** As things stand; asked for once, at the end of an exchange. */
  account(): AnswerAccount;
}
