/** What an edge answers to frames of HTTP/2 that are broken, or nearly (RFC 9113, sections 4.1, 4.2 and 6). */
import {
  answers,
  asked,
  endHeaders,
  ends,
  endStream,
  flowControlError,
  frameSizeError,
  internalError,
  lives,
  open,
  padded,
  protocolError,
  tryRows,
} from '../harness/h2-rows.ts';
import { block, bytesOf, flag, frame, number32, setting, settingsOf } from '../harness/raw-h2.ts';

tryRows([
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
]);
