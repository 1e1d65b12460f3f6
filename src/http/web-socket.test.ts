import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isWebSocketHandshake, takesUpHandshake } from './web-socket.ts';

const key = 'dGhlIHNhbXBsZSBub25jZQ==';
const asked = [
  ['Connection', 'keep-alive, Upgrade'],
  ['Upgrade', 'WebSocket'],
  ['Sec-WebSocket-Key', key],
  ['Sec-WebSocket-Version', '13'],
].flat();
const request = { method: 'GET', httpVersion: '1.1', headers: asked } as const;

test('a handshake is a GET of HTTP/1.1 with each of its fields once', () => {
  assert(isWebSocketHandshake(request));
  assert(!isWebSocketHandshake({ ...request, method: 'POST' }));
  assert(!isWebSocketHandshake({ ...request, httpVersion: '1.0' }));
  for (let at = 0; at < asked.length; at += 2) {
    const field = asked.slice(at, at + 2);
    assert(!isWebSocketHandshake({ ...request, headers: asked.toSpliced(at, 2) }), field[0]);
    if (at === 0) continue;
    assert(!isWebSocketHandshake({ ...request, headers: [...asked, ...field] }), `two ${field[0]}`);
  }
  const h2c = asked.with(3, 'websocket, h2c');
  assert(!isWebSocketHandshake({ ...request, headers: h2c }));
});

test('the answer has to be made from the key (the example of RFC 6455 §1.3)', () => {
  const accept = ['Sec-WebSocket-Accept', 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='];
  const answer = ['Connection', 'Upgrade', 'Upgrade', 'websocket', ...accept];
  assert(takesUpHandshake(answer, key));
  assert(!takesUpHandshake(answer, `${key}=`));
  assert(!takesUpHandshake(answer.slice(2), key));
  assert(!takesUpHandshake(answer.slice(0, 2), key));
  assert(!takesUpHandshake([...answer, ...accept], key));
});
