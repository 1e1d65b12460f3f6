/**
 * What an edge answers to HTTP/2 that is broken, section by section of RFC 9113 and, for HPACK, RFC
 * 7541. Each row is sent over a connection of its own, frame by frame; afterwards the edge serves
 * another connection, and where the error is the stream's, that same one.
 */
import assert from 'node:assert/strict';
import { h2Setting, openRaw } from '../harness/h2-stage.ts';
import {
  block,
  bytesOf,
  code,
  flag,
  frame,
  literal,
  number32,
  RawH2,
  setting,
  settingsOf,
} from '../harness/raw-h2.ts';
import { scenario } from '../harness/scenario.ts';

type Expected =
  /** Stream 1 is answered with this status. */
  | { readonly answers: number }
  /** Stream 1 is reset with this code; the connection lives on. */
  | { readonly resets: number }
  /** GOAWAY with this code, and the end. */
  | { readonly ends: number }
  /** It is passed over, and the connection lives on. */
  | { readonly lives: true };

type Row = readonly [section: string, said: string, send: (raw: RawH2) => void, expected: Expected];

const answers = (status = 200): Expected => ({ answers: status });
const resets = (errorCode: number): Expected => ({ resets: errorCode });
const lives: Expected = { lives: true };
const ends = (errorCode: number): Expected => ({ ends: errorCode });

const { endHeaders, endStream, padded } = flag;
const {
  compressionError,
  flowControlError,
  frameSizeError,
  internalError,
  protocolError,
  streamClosed,
} = code;

/** A GET that has begun and goes on, so that its stream stays open. */
const open = (raw: RawH2): void => raw.asks(1, raw.fields('/', [], 'POST'), 0);
const asked = (raw: RawH2, ...more: readonly (readonly [string, string])[]): void =>
  raw.asks(1, raw.fields('/', more));
const without = (raw: RawH2, name: string) => raw.fields().filter(([one]) => one !== name);
const doubled = (raw: RawH2, name: string) =>
  raw.fields().flatMap((one) => (one[0] === name ? [one, one] : [one]));
const replaced = (raw: RawH2, name: string, value: string) =>
  raw.fields().map((one) => (one[0] === name ? ([name, value] as const) : one));
/** The block of a plain GET, then these bytes. */
const blockThen = (raw: RawH2, ...more: readonly number[]): void =>
  raw.send(
    frame.headers,
    endHeaders | endStream,
    1,
    Buffer.concat([block(raw.fields()), Buffer.from(more)]),
  );
const split = (raw: RawH2, then: () => void): void => {
  const bytes = block(raw.fields());
  raw.send(frame.headers, endStream, 1, bytes.subarray(0, 10));
  then();
  raw.send(frame.continuation, endHeaders, 1, bytes.subarray(10));
};
const posts = (raw: RawH2, length: string, ...pieces: readonly string[]): void => {
  raw.asks(1, raw.fields('/', [['content-length', length]], 'POST'), 0);
  for (const [index, piece] of pieces.entries()) {
    raw.send(frame.data, index === pieces.length - 1 ? endStream : 0, 1, Buffer.from(piece));
  }
};

const rows: readonly Row[] = [
  [
    '4.1',
    'a frame of an unknown type',
    (raw) => {
      raw.send(0xfa, 0xff, 0, Buffer.alloc(8));
      asked(raw);
    },
    answers(),
  ],
  [
    '4.1',
    'flags that mean nothing',
    (raw) => {
      raw.send(frame.ping, 0xfe, 0, Buffer.alloc(8));
      raw.send(frame.headers, endHeaders | endStream | 0x80, 1, block(raw.fields()));
    },
    answers(),
  ],
  [
    '4.1',
    'the reserved bit of a stream',
    (raw) => {
      const payload = block(raw.fields());
      raw.write(
        bytesOf({
          type: frame.headers,
          flags: endHeaders | endStream,
          stream: 0x80000001,
          payload,
        }),
      );
    },
    answers(),
  ],
  [
    '4.2',
    'DATA over the size of a frame',
    (raw) => {
      open(raw);
      raw.send(frame.data, 0, 1, Buffer.alloc(16_385));
    },
    ends(frameSizeError),
  ],
  [
    '4.2',
    'HEADERS over the size of a frame',
    (raw) => {
      raw.send(frame.headers, endHeaders | endStream, 1, Buffer.alloc(16_385));
    },
    ends(frameSizeError),
  ],
  [
    '4.3',
    'a block that is no HPACK',
    (raw) => blockThen(raw, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
    ends(compressionError),
  ],
  [
    '4.3',
    'a block that ends in the midst of a field',
    (raw) => blockThen(raw, 0x00, 0x05, 0x61),
    ends(compressionError),
  ],
  [
    '4.3',
    'PRIORITY within a block',
    (raw) => split(raw, () => raw.send(frame.priority, 0, 1, Buffer.alloc(5))),
    ends(protocolError),
  ],
  [
    '4.3',
    'HEADERS of another stream within a block',
    (raw) => split(raw, () => raw.asks(3)),
    ends(protocolError),
  ],
  [
    '4.3',
    'an unknown frame within a block',
    (raw) => split(raw, () => raw.send(0xfa, 0, 1)),
    ends(protocolError),
  ],
  [
    '5.1',
    'DATA on an idle stream',
    (raw) => raw.send(frame.data, endStream, 1, Buffer.from('a')),
    ends(protocolError),
  ],
  [
    '5.1',
    'RST_STREAM on an idle stream',
    (raw) => raw.send(frame.rstStream, 0, 1, number32(8)),
    ends(protocolError),
  ],
  [
    '5.1',
    'WINDOW_UPDATE on an idle stream',
    (raw) => raw.send(frame.windowUpdate, 0, 1, number32(9)),
    ends(protocolError),
  ],
  [
    '5.1',
    'CONTINUATION on an idle stream',
    (raw) => raw.send(frame.continuation, endHeaders, 1, block(raw.fields())),
    ends(protocolError),
  ],
  [
    '5.1',
    'PRIORITY on an idle stream',
    (raw) => {
      raw.send(frame.priority, 0, 1, Buffer.alloc(5));
      asked(raw);
    },
    answers(),
  ],
  [
    '5.1',
    'DATA after the end of the stream',
    (raw) => {
      asked(raw);
      raw.send(frame.data, endStream, 1, Buffer.from('a'));
    },
    ends(streamClosed),
  ],
  [
    '5.1',
    'HEADERS after the end of the stream',
    (raw) => {
      asked(raw);
      raw.asks(1);
    },
    ends(streamClosed),
  ],
  [
    '5.1',
    'CONTINUATION after the end of the stream',
    (raw) => {
      asked(raw);
      raw.send(frame.continuation, endHeaders, 1, block(raw.fields()));
    },
    ends(protocolError),
  ],
  [
    '5.1',
    'DATA after RST_STREAM',
    (raw) => {
      open(raw);
      raw.send(frame.rstStream, 0, 1, number32(code.cancel));
      raw.send(frame.data, endStream, 1, Buffer.from('a'));
      raw.asks(3);
    },
    lives,
  ],
  [
    '5.1',
    'HEADERS after RST_STREAM',
    (raw) => {
      open(raw);
      raw.send(frame.rstStream, 0, 1, number32(code.cancel));
      raw.asks(1);
    },
    lives,
  ],
  [
    '5.1',
    'CONTINUATION after RST_STREAM',
    (raw) => {
      open(raw);
      raw.send(frame.rstStream, 0, 1, number32(code.cancel));
      raw.send(frame.continuation, endHeaders, 1, block(raw.fields()));
    },
    ends(protocolError),
  ],
  ['5.1.1', 'an even stream', (raw) => raw.asks(2), ends(protocolError)],
  [
    '5.1.1',
    'a stream below one that was',
    (raw) => {
      raw.asks(5);
      raw.asks(3);
    },
    lives,
  ],
  [
    '6.1',
    'DATA on stream 0',
    (raw) => raw.send(frame.data, endStream, 0, Buffer.from('a')),
    ends(protocolError),
  ],
  [
    '6.1',
    'DATA with more padding than it has bytes',
    (raw) => {
      open(raw);
      raw.send(frame.data, endStream | padded, 1, Buffer.from([6, 1, 2, 3, 4, 5]));
    },
    ends(protocolError),
  ],
  [
    '6.1',
    'DATA without the length of its padding',
    (raw) => {
      open(raw);
      raw.send(frame.data, endStream | padded, 1);
    },
    ends(protocolError),
  ],
  ['6.2', 'HEADERS on stream 0', (raw) => raw.asks(0), ends(protocolError)],
  [
    '6.2',
    'HEADERS with more padding than they have bytes',
    (raw) =>
      raw.send(
        frame.headers,
        endHeaders | endStream | padded,
        1,
        Buffer.concat([Buffer.from([255]), block([[':method', 'GET']])]),
      ),
    ends(protocolError),
  ],
  [
    '6.2',
    'HEADERS with padding',
    (raw) =>
      raw.send(
        frame.headers,
        endHeaders | endStream | padded,
        1,
        Buffer.concat([Buffer.from([3]), block(raw.fields()), Buffer.alloc(3)]),
      ),
    answers(),
  ],
  ['6.3', 'PRIORITY on stream 0', (raw) => raw.send(frame.priority, 0, 0, Buffer.alloc(5)), lives],
  [
    '6.3',
    'PRIORITY of another length',
    (raw) => {
      open(raw);
      raw.send(frame.priority, 0, 1, Buffer.alloc(4));
    },
    ends(frameSizeError),
  ],
  [
    '6.4',
    'RST_STREAM on stream 0',
    (raw) => raw.send(frame.rstStream, 0, 0, number32(8)),
    ends(protocolError),
  ],
  [
    '6.4',
    'RST_STREAM of another length',
    (raw) => {
      open(raw);
      raw.send(frame.rstStream, 0, 1, Buffer.alloc(3));
    },
    ends(frameSizeError),
  ],
  [
    '6.5',
    'SETTINGS with ACK and a payload',
    (raw) => raw.send(frame.settings, flag.ack, 0, settingsOf([1, 1])),
    ends(frameSizeError),
  ],
  [
    '6.5',
    'SETTINGS on a stream',
    (raw) => raw.send(frame.settings, 0, 1, settingsOf()),
    ends(protocolError),
  ],
  [
    '6.5',
    'SETTINGS of another length',
    (raw) => raw.send(frame.settings, 0, 0, Buffer.alloc(3)),
    ends(frameSizeError),
  ],
  [
    '6.5.2',
    'ENABLE_PUSH of 2',
    (raw) => raw.send(frame.settings, 0, 0, settingsOf([setting.enablePush, 2])),
    ends(protocolError),
  ],
  [
    '6.5.2',
    'INITIAL_WINDOW_SIZE over the largest',
    (raw) => raw.send(frame.settings, 0, 0, settingsOf([setting.initialWindowSize, 0x80000000])),
    ends(flowControlError),
  ],
  [
    '6.5.2',
    'MAX_FRAME_SIZE below the least',
    (raw) => raw.send(frame.settings, 0, 0, settingsOf([setting.maxFrameSize, 16_383])),
    ends(protocolError),
  ],
  [
    '6.5.2',
    'MAX_FRAME_SIZE over the largest',
    (raw) => raw.send(frame.settings, 0, 0, settingsOf([setting.maxFrameSize, 16_777_216])),
    ends(protocolError),
  ],
  [
    '6.5.2',
    'an unknown setting',
    (raw) => {
      raw.send(frame.settings, 0, 0, settingsOf([0xff, 1]));
      asked(raw);
    },
    answers(),
  ],
  [
    '6.6',
    'PUSH_PROMISE of a viewer',
    (raw) => {
      open(raw);
      raw.send(frame.pushPromise, endHeaders, 1, Buffer.concat([number32(2), block(raw.fields())]));
    },
    ends(protocolError),
  ],
  [
    '6.7',
    'PING on a stream',
    (raw) => raw.send(frame.ping, 0, 1, Buffer.alloc(8)),
    ends(protocolError),
  ],
  [
    '6.7',
    'PING of another length',
    (raw) => raw.send(frame.ping, 0, 0, Buffer.alloc(6)),
    ends(frameSizeError),
  ],
  [
    '6.7',
    'an answer to a PING that was not sent',
    (raw) => {
      raw.send(frame.ping, flag.ack, 0, Buffer.alloc(8));
      asked(raw);
    },
    ends(internalError),
  ],
  [
    '6.8',
    'GOAWAY on a stream',
    (raw) => raw.send(frame.goAway, 0, 1, Buffer.alloc(8)),
    ends(protocolError),
  ],
  [
    '6.8',
    'GOAWAY of another length',
    (raw) => raw.send(frame.goAway, 0, 0, Buffer.alloc(7)),
    ends(frameSizeError),
  ],
  [
    '6.9',
    'WINDOW_UPDATE of 0 for the connection',
    (raw) => raw.send(frame.windowUpdate, 0, 0, number32(0)),
    ends(protocolError),
  ],
  [
    '6.9',
    'WINDOW_UPDATE of 0 for a stream',
    (raw) => {
      open(raw);
      raw.send(frame.windowUpdate, 0, 1, number32(0));
    },
    ends(protocolError),
  ],
  [
    '6.9',
    'WINDOW_UPDATE of another length',
    (raw) => raw.send(frame.windowUpdate, 0, 0, Buffer.alloc(3)),
    ends(frameSizeError),
  ],
  [
    '6.9.1',
    'a window of the connection over the largest',
    (raw) => raw.send(frame.windowUpdate, 0, 0, number32(0x7fffffff)),
    ends(flowControlError),
  ],
  [
    '6.9.1',
    'a window of a stream over the largest',
    (raw) => {
      open(raw);
      raw.send(frame.windowUpdate, 0, 1, number32(0x7fffffff));
    },
    ends(flowControlError),
  ],
  [
    '6.9.1',
    'DATA over the window of the stream',
    (raw) => {
      raw.asks(1, raw.fields('/waits', [], 'POST'), 0);
      for (let sent = 0; sent < 5; sent += 1) raw.send(frame.data, 0, 1, Buffer.alloc(16_384));
    },
    ends(flowControlError),
  ],
  [
    '6.9.2',
    'an initial window that makes one of a stream too large',
    (raw) => {
      open(raw);
      raw.send(frame.windowUpdate, 0, 1, number32(0x7fff0000));
      raw.send(frame.settings, 0, 0, settingsOf([setting.initialWindowSize, 0x7fffffff]));
    },
    ends(flowControlError),
  ],
  [
    '6.10',
    'a block in several frames',
    (raw) => {
      const bytes = block(raw.fields());
      raw.send(frame.headers, endStream, 1, bytes.subarray(0, 5));
      raw.send(frame.continuation, 0, 1, bytes.subarray(5, 12));
      raw.send(frame.continuation, endHeaders, 1, bytes.subarray(12));
    },
    answers(),
  ],
  [
    '6.10',
    'CONTINUATION followed by another frame',
    (raw) => {
      const bytes = block(raw.fields());
      raw.send(frame.headers, endStream, 1, bytes.subarray(0, 5));
      raw.send(frame.continuation, 0, 1, bytes.subarray(5, 12));
      raw.send(frame.data, endStream, 1, Buffer.from('a'));
    },
    ends(protocolError),
  ],
  [
    '6.10',
    'CONTINUATION on stream 0',
    (raw) => {
      raw.send(frame.headers, endStream, 1, block(raw.fields()).subarray(0, 5));
      raw.send(frame.continuation, endHeaders, 0, block(raw.fields()).subarray(5));
    },
    ends(protocolError),
  ],
  [
    '6.10',
    'CONTINUATION after a whole block',
    (raw) => {
      open(raw);
      raw.send(frame.continuation, endHeaders, 1, block([['a', 'b']]));
    },
    ends(protocolError),
  ],
  [
    '6.10',
    'CONTINUATION after DATA',
    (raw) => {
      open(raw);
      raw.send(frame.data, 0, 1, Buffer.from('a'));
      raw.send(frame.continuation, endHeaders, 1, block([['a', 'b']]));
    },
    ends(protocolError),
  ],
  [
    '8.1',
    'trailers that do not end the stream',
    (raw) => {
      open(raw);
      raw.send(frame.headers, endHeaders, 1, block([['a', 'b']]));
    },
    resets(protocolError),
  ],
  [
    '8.1',
    'trailers that hold a pseudo field',
    (raw) => {
      open(raw);
      raw.send(frame.headers, endHeaders | endStream, 1, block([[':path', '/']]));
    },
    resets(protocolError),
  ],
  [
    '8.1.1',
    'less DATA than Content-Length says',
    (raw) => posts(raw, '2', 'a'),
    resets(protocolError),
  ],
  [
    '8.1.1',
    'more DATA than Content-Length says',
    (raw) => posts(raw, '1', 'ab'),
    ends(internalError),
  ],
  [
    '8.1.1',
    'more DATA, in several frames',
    (raw) => posts(raw, '3', 'ab', 'cd'),
    ends(internalError),
  ],
  [
    '8.1.1',
    'Content-Length of a request without a body',
    (raw) => asked(raw, ['content-length', '1']),
    resets(protocolError),
  ],
  [
    '8.1.1',
    'two Content-Length',
    (raw) => {
      raw.asks(
        1,
        raw.fields(
          '/',
          [
            ['content-length', '1'],
            ['content-length', '1'],
          ],
          'POST',
        ),
        0,
      );
    },
    resets(protocolError),
  ],
  [
    '8.1.1',
    'a Content-Length that is no number',
    (raw) => raw.asks(1, raw.fields('/', [['content-length', '+1']], 'POST'), 0),
    resets(protocolError),
  ],
  ['8.2', 'a name in upper case', (raw) => asked(raw, ['X-Test', 'a']), resets(protocolError)],
  ['8.2.1', 'a name with a blank', (raw) => asked(raw, ['x test', 'a']), answers()],
  ['8.2.1', 'a name with a control character', (raw) => asked(raw, ['x\u0001', 'a']), answers()],
  ['8.2.1', 'an empty name', (raw) => asked(raw, ['', 'a']), answers()],
  ['8.2.1', 'a value with CR', (raw) => asked(raw, ['x', 'a\rb']), answers()],
  ['8.2.1', 'a value with LF', (raw) => asked(raw, ['x', 'a\nb']), answers()],
  ['8.2.1', 'a value with NUL', (raw) => asked(raw, ['x', 'a\0b']), answers()],
  ['8.2.1', 'a value that begins with a blank', (raw) => asked(raw, ['x', ' a']), answers()],
  ['8.2.1', 'a value that ends with a tab', (raw) => asked(raw, ['x', 'a\t']), answers()],
  ['8.2.2', 'Connection', (raw) => asked(raw, ['connection', 'keep-alive']), resets(protocolError)],
  ['8.2.2', 'Keep-Alive', (raw) => asked(raw, ['keep-alive', '1']), resets(protocolError)],
  [
    '8.2.2',
    'Proxy-Connection',
    (raw) => asked(raw, ['proxy-connection', 'close']),
    resets(protocolError),
  ],
  [
    '8.2.2',
    'Transfer-Encoding',
    (raw) => asked(raw, ['transfer-encoding', 'chunked']),
    resets(protocolError),
  ],
  ['8.2.2', 'Upgrade', (raw) => asked(raw, ['upgrade', 'websocket']), resets(protocolError)],
  ['8.2.2', 'TE that is not trailers', (raw) => asked(raw, ['te', 'gzip']), resets(protocolError)],
  ['8.2.2', 'TE: trailers', (raw) => asked(raw, ['te', 'trailers']), answers()],
  [
    '8.3',
    'an unknown pseudo field',
    (raw) => raw.asks(1, [[':test', 'a'], ...raw.fields()]),
    resets(protocolError),
  ],
  [
    '8.3',
    'a pseudo field of answers',
    (raw) => raw.asks(1, [[':status', '200'], ...raw.fields()]),
    resets(protocolError),
  ],
  [
    '8.3',
    'a pseudo field after another field',
    (raw) => raw.asks(1, [['a', 'b'], ...raw.fields()]),
    resets(protocolError),
  ],
  ['8.3.1', 'no :method', (raw) => raw.asks(1, without(raw, ':method')), resets(protocolError)],
  ['8.3.1', 'no :scheme', (raw) => raw.asks(1, without(raw, ':scheme')), resets(protocolError)],
  ['8.3.1', 'no :path', (raw) => raw.asks(1, without(raw, ':path')), resets(protocolError)],
  [
    '8.3.1',
    'neither :authority nor Host',
    (raw) => raw.asks(1, without(raw, ':authority')),
    resets(protocolError),
  ],
  [
    '8.3.1',
    'Host alone',
    (raw) => raw.asks(1, [...without(raw, ':authority'), ['host', raw.host]]),
    answers(),
  ],
  ['8.3.1', 'two :method', (raw) => raw.asks(1, doubled(raw, ':method')), resets(protocolError)],
  ['8.3.1', 'two :scheme', (raw) => raw.asks(1, doubled(raw, ':scheme')), resets(protocolError)],
  ['8.3.1', 'two :path', (raw) => raw.asks(1, doubled(raw, ':path')), resets(protocolError)],
  [
    '8.3.1',
    'two :authority',
    (raw) => raw.asks(1, doubled(raw, ':authority')),
    resets(protocolError),
  ],
  [
    '8.3.1',
    'two Host',
    (raw) => asked(raw, ['host', raw.host], ['host', raw.host]),
    resets(protocolError),
  ],
  [
    '8.3.1',
    'Host and :authority that differ',
    (raw) => asked(raw, ['host', 'other.test']),
    answers(400),
  ],
  [
    '8.3.1',
    'Host that says the same as :authority',
    (raw) => asked(raw, ['host', `${raw.host.toUpperCase()}:443`]),
    answers(),
  ],
  [
    '8.3.1',
    'an empty :path',
    (raw) => raw.asks(1, replaced(raw, ':path', '')),
    resets(protocolError),
  ],
  [
    '8.3.1',
    ':path without a slash',
    (raw) => raw.asks(1, replaced(raw, ':path', 'a')),
    resets(protocolError),
  ],
  [
    '8.3.1',
    ':path that is a whole URL',
    (raw) => raw.asks(1, replaced(raw, ':path', `https://${raw.host}/`)),
    resets(protocolError),
  ],
  [
    '8.3.1',
    ':path of * for a GET',
    (raw) => raw.asks(1, replaced(raw, ':path', '*')),
    resets(protocolError),
  ],
  [
    '8.3.1',
    ':path with a fragment',
    (raw) => raw.asks(1, replaced(raw, ':path', '/a#b')),
    answers(400),
  ],
  [
    '8.3.1',
    ':path with a blank',
    (raw) => raw.asks(1, replaced(raw, ':path', '/a b')),
    resets(protocolError),
  ],
  [
    '8.3.1',
    ':scheme of another kind of connection',
    (raw) => raw.asks(1, replaced(raw, ':scheme', 'http')),
    answers(400),
  ],
  [
    '8.3.1',
    ':authority with a user',
    (raw) => raw.asks(1, replaced(raw, ':authority', `a@${raw.host}`)),
    resets(protocolError),
  ],
  [
    '8.3.1',
    ':method that is no token',
    (raw) => raw.asks(1, replaced(raw, ':method', 'G T')),
    resets(protocolError),
  ],
  [
    '8.5',
    'CONNECT with :path',
    (raw) => raw.asks(1, raw.fields('/', [], 'CONNECT'), 0),
    resets(protocolError),
  ],
  [
    '8.5',
    'CONNECT without :authority',
    (raw) => raw.asks(1, [[':method', 'CONNECT']], 0),
    resets(protocolError),
  ],
  [
    'RFC 8441',
    'CONNECT with :protocol',
    (raw) => raw.asks(1, [[':protocol', 'websocket'], ...raw.fields('/', [], 'CONNECT')], 0),
    resets(protocolError),
  ],
  [
    'RFC 7541 2.3.3',
    'an index that does not exist',
    (raw) => blockThen(raw, 0xc6),
    ends(compressionError),
  ],
  [
    'RFC 7541 4.2',
    'a new size of the table at the end of a block',
    (raw) => blockThen(raw, 0x20),
    ends(compressionError),
  ],
  [
    'RFC 7541 5.2',
    'Huffman padding of more than 7 bits',
    (raw) => blockThen(raw, 0x00, 0x01, 0x61, 0x83, 0x1f, 0xff, 0xff),
    ends(compressionError),
  ],
  [
    'RFC 7541 5.2',
    'Huffman padding of zeros',
    (raw) => blockThen(raw, 0x00, 0x01, 0x61, 0x81, 0x18),
    ends(compressionError),
  ],
  [
    'RFC 7541 5.2',
    'EOS within a string',
    (raw) => blockThen(raw, 0x00, 0x01, 0x61, 0x84, 0xff, 0xff, 0xff, 0xff),
    ends(compressionError),
  ],
  ['RFC 7541 6.1', 'index 0', (raw) => blockThen(raw, 0x80), ends(compressionError)],
  [
    'RFC 7541 6.3',
    'a table over the size in SETTINGS',
    (raw) =>
      raw.send(
        frame.headers,
        endHeaders | endStream,
        1,
        Buffer.concat([Buffer.from([0x3f, 0xe2, 0x1f]), block(raw.fields())]),
      ),
    ends(compressionError),
  ],
  [
    'RFC 7541 6.2.1',
    'a field that is kept, and then named by its index',
    (raw) => {
      raw.send(
        frame.headers,
        endHeaders | endStream,
        1,
        Buffer.concat([block(raw.fields()), literal('a', 'b', 0x40)]),
      );
      raw.send(
        frame.headers,
        endHeaders | endStream,
        3,
        Buffer.concat([block(raw.fields()), Buffer.from([0xbe])]),
      );
    },
    answers(),
  ],
];

for (const [section, said, send, expected] of rows) {
  scenario(
    `${section}: ${said}`,
    h2Setting({ behavior: { allowedMethods: 'all' } }),
    async (stage) => {
      stage.origin.does((socket, { target }) => {
        if (target !== '/waits') socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello');
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
