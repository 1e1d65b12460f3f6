/** What an edge answers to streams of HTTP/2 in the wrong state (RFC 9113, section 5). */
import {
  answers,
  asked,
  endHeaders,
  ends,
  endStream,
  lives,
  open,
  protocolError,
  streamClosed,
  tryRows,
} from '../harness/h2-rows.ts';
import { block, code, frame, number32 } from '../harness/raw-h2.ts';

tryRows([
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
]);
