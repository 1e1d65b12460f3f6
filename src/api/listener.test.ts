import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { systemRandomness } from '../base/randomness.ts';
import { silentRecorder } from '../base/recorder.ts';
import { apiServerOptions, guardApiServer } from './listener.ts';

const parts = { clock: systemClock, randomness: systemRandomness, recorder: silentRecorder };

/** With times short enough to wait for. */
async function withServer(play: (port: number, server: Server) => Promise<void>): Promise<void> {
  const options = { headersTimeout: 60, requestTimeout: 120, connectionsCheckingInterval: 20 };
  const server = createServer({ ...apiServerOptions, ...options });
  guardApiServer(server, parts);
  server.on('request', (request, response) => {
    request.on('error', () => undefined);
    if (request.url === '/early') response.write('half');
    request.on('end', () => response.end('done'));
    request.resume();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  assert(typeof address === 'object' && address !== null);
  try {
    await play(address.port, server);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** All that comes until the connection closes. */
function talk(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    let heard = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (piece) => {
      heard += piece.toString();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(heard));
  });
}

test('headers that do not come in time are answered with an error document', async () => {
  await withServer(async (port) => {
    const heard = await talk(port, 'GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    assert.match(heard, /^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*InvalidHTTPRequest[\s\S]*in time/);
    assert.match(heard, /^x-amz-request-id: [0-9a-f-]{36}\r$/m);
  });
});

test('so is a body that does not', async () => {
  await withServer(async (port) => {
    const heard = await talk(port, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc');
    assert.match(heard, /^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*InvalidHTTPRequest[\s\S]*in time/);
  });
});

test('an answer that has begun is not followed by another', async () => {
  await withServer(async (port) => {
    const heard = await talk(
      port,
      'POST /early HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc',
    );
    assert.match(heard, /^HTTP\/1\.1 200 OK/);
    assert.doesNotMatch(heard, /InvalidHTTPRequest/);
  });
});

test('connections and headers have a bound', async () => {
  await withServer(async (_, server) => {
    assert.equal(server.maxConnections, 4_096);
    assert.equal(server.maxHeadersCount, 100);
    assert.equal(server.timeout, 120_000);
  });
});
