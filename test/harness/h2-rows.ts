/**
 * Rows of HTTP/2 that is broken, or nearly: what is sent, frame by frame, and what an edge owes.
 * Each row is tried over a connection of its own; afterwards the edge serves another connection,
 * and where the error is the stream's, that same one.
 */
import assert from 'node:assert/strict';
import { h2Setting, openRaw } from './h2-stage.ts';
import { block, code, flag, frame, RawH2 } from './raw-h2.ts';
import { scenario } from './scenario.ts';

export type Expected =
  /** Stream 1 is answered with this status. */
  | { readonly answers: number }
  /** Stream 1 is reset with this code; the connection lives on. */
  | { readonly resets: number }
  /** GOAWAY with this code, and the end. */
  | { readonly ends: number }
  /** It is passed over, and the connection lives on. */
  | { readonly lives: true };

export type Row = readonly [
  section: string,
  said: string,
  send: (raw: RawH2) => void,
  expected: Expected,
];

export const answers = (status = 200): Expected => ({ answers: status });
export const resets = (errorCode: number): Expected => ({ resets: errorCode });
export const lives: Expected = { lives: true };
export const ends = (errorCode: number): Expected => ({ ends: errorCode });

export const { endHeaders, endStream, padded } = flag;
export const {
  compressionError,
  flowControlError,
  frameSizeError,
  internalError,
  protocolError,
  streamClosed,
} = code;

/** A GET that has begun and goes on, so that its stream stays open. */
export const open = (raw: RawH2): void => raw.asks(1, raw.fields('/', [], 'POST'), 0);
export const asked = (raw: RawH2, ...more: readonly (readonly [string, string])[]): void =>
  raw.asks(1, raw.fields('/', more));
export const without = (raw: RawH2, name: string) => raw.fields().filter(([one]) => one !== name);
export const doubled = (raw: RawH2, name: string) =>
  raw.fields().flatMap((one) => (one[0] === name ? [one, one] : [one]));
export const replaced = (raw: RawH2, name: string, value: string) =>
  raw.fields().map((one) => (one[0] === name ? ([name, value] as const) : one));
/** The block of a plain GET, then these bytes. */
export const blockThen = (raw: RawH2, ...more: readonly number[]): void =>
  raw.send(
    frame.headers,
    endHeaders | endStream,
    1,
    Buffer.concat([block(raw.fields()), Buffer.from(more)]),
  );
export const split = (raw: RawH2, then: () => void): void => {
  const bytes = block(raw.fields());
  raw.send(frame.headers, endStream, 1, bytes.subarray(0, 10));
  then();
  raw.send(frame.continuation, endHeaders, 1, bytes.subarray(10));
};
export const posts = (raw: RawH2, length: string, ...pieces: readonly string[]): void => {
  raw.asks(1, raw.fields('/', [['content-length', length]], 'POST'), 0);
  for (const [index, piece] of pieces.entries()) {
    raw.send(frame.data, index === pieces.length - 1 ? endStream : 0, 1, Buffer.from(piece));
  }
};

export function tryRows(rows: readonly Row[]): void {
  for (const [section, said, send, expected] of rows) {
    scenario(
      `${section}: ${said}`,
      h2Setting({ behavior: { allowedMethods: 'all' } }),
      async (stage) => {
        stage.origin.does((socket, { target }) => {
          if (target !== '/waits')
            socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello');
        });
        await using other = await openRaw(stage);
        await using raw = await openRaw(stage);
        send(raw);
        if ('answers' in expected) {
          assert.equal(await raw.answered(1), expected.answers);
          await raw.lives();
        } else if ('resets' in expected) {
          assert.equal(await raw.reset(1), expected.resets);
          await raw.lives();
        } else if ('ends' in expected) assert.equal(await raw.goneAway(), expected.ends);
        else await raw.lives();
        other.asks(1);
        assert.equal(await other.answered(1), 200);
      },
    );
  }
}
