/** What an edge answers to requests over HTTP/2 whose fields or bodies are broken (RFC 9113, section 8; RFC 8441). */
import {
  answers,
  asked,
  doubled,
  endHeaders,
  ends,
  endStream,
  internalError,
  open,
  posts,
  protocolError,
  replaced,
  resets,
  without,
  tryRows,
} from '../harness/h2-rows.ts';
import { block, frame } from '../harness/raw-h2.ts';

tryRows([
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
]);
