/** What an edge answers to field blocks of HTTP/2 that are broken, or nearly (RFC 9113, section 4.3; RFC 7541). */
import {
  answers,
  blockThen,
  compressionError,
  endHeaders,
  ends,
  endStream,
  protocolError,
  split,
  tryRows,
} from '../harness/h2-rows.ts';
import { block, frame, literal } from '../harness/raw-h2.ts';

tryRows([
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
]);
