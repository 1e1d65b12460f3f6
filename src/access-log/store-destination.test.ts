import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { test, type TestContext } from 'node:test';
import { openAuthority } from '../authority/authority.ts';
import { instant, systemClock } from '../base/clock.ts';
import { systemRandomness } from '../base/randomness.ts';
import { hashPayload, signV4 } from '../http/sigv4.ts';
import { ManualClock } from '../../test/harness/manual-clock.ts';
import { until } from '../../test/harness/until.ts';
import type { Delivered } from './destination.ts';
import { StoreDestination } from './store-destination.ts';

const never = new AbortController().signal;
const keys = { accessKeyId: 'key', secretAccessKey: 'secret-secret' };
const clock = new ManualClock();

type Asked = { readonly request: IncomingMessage; readonly body: Buffer };

function fileOf(key: string, content: Buffer | string): Delivered {
  const bytes = Buffer.from(content);
  return { key, bytes: bytes.length, read: () => Readable.from([bytes]) };
}

async function listening(server: Server, t: TestContext): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const at = server.address();
  assert(typeof at === 'object' && at !== null);
  return at.port;
}

async function storeThat(
  t: TestContext,
  answers: RequestListener,
): Promise<{ readonly url: string; readonly asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('error', () => undefined);
    request.on('end', () => asked.push({ request, body: Buffer.concat(pieces) }));
    answers(request, response);
  });
  return { url: `http://127.0.0.1:${await listening(server, t)}`, asked };
}

function destinationAt(url: string, authorities?: string): StoreDestination {
  return new StoreDestination({ url, region: 'eu-test-1', keys, authorities }, 'my-logs', clock);
}

test('a file is one signed PUT, addressed by path', async (t) => {
  const { asked, url } = await storeThat(t, (request, response) => {
    request.resume().on('end', () => response.end());
  });
  const content = Buffer.alloc(300_000, 'z');
  await destinationAt(url).put(fileOf('a b/ü+/E1.2026-01-01-00.ABC.gz', content), never);
  const [first] = asked;
  assert(first !== undefined);
  const { body, request } = first;
  assert.equal(request.method, 'PUT');
  const path = '/my-logs/a%20b/%C3%BC%2B/E1.2026-01-01-00.ABC.gz';
  assert.equal(request.url, path);
  assert.deepEqual(body, content);
  const { headers } = request;
  assert.equal(headers['content-length'], '300000');
  assert.equal(headers['content-type'], 'application/gzip');
  assert.equal(headers['x-amz-acl'], 'bucket-owner-full-control');
  assert.equal(headers['x-amz-content-sha256'], hashPayload(content));
  const signed = ['host', 'content-length', 'content-type', 'x-amz-acl'];
  const expected = signV4({
    method: 'PUT',
    path,
    headers: signed.flatMap((name) => [name, String(headers[name])]),
    payloadHash: hashPayload(content),
    region: 'eu-test-1',
    service: 's3',
    keys,
    at: instant(clock.now()),
  });
  assert.equal(headers.authorization, expected.at(-1));
});

test('a refusal is told by its status and code, and nothing else of it', async (t) => {
  const { url } = await storeThat(t, (request, response) => {
    request.resume();
    response.writeHead(404).end('<Error><Code>NoSuchBucket</Code><Message>x</Message></Error>');
  });
  await assert.rejects(destinationAt(url).put(fileOf('k', 'v'), never), {
    name: 'DeliveryFailure',
    message: 'the store answered 404 NoSuchBucket',
  });
});

test('a store that refuses before it has read all is understood', async (t) => {
  const { url } = await storeThat(t, (_, response) => {
    response.writeHead(403, { connection: 'close' }).end('<Code>AccessDenied</Code>');
  });
  const large = Buffer.alloc(20_000_000);
  await assert.rejects(
    destinationAt(url).put(fileOf('k', large), never),
    /403 AccessDenied|EPIPE|ECONNRESET/,
  );
});

test('redirects and endless answers are failures', async (t) => {
  let endless = false;
  const { url } = await storeThat(t, (request, response) => {
    request.resume();
    response.writeHead(endless ? 500 : 307, { location: 'http://127.0.0.1:1/' });
    if (!endless) response.end();
    else
      Readable.from(
        (function* () {
          for (;;) yield Buffer.alloc(65_536, 'x');
        })(),
      ).pipe(response);
  });
  await assert.rejects(destinationAt(url).put(fileOf('k', 'v'), never), /answered 307/);
  endless = true;
  await assert.rejects(destinationAt(url).put(fileOf('k', 'v'), never), /answered 500/);
});

test('nobody there, a connection that breaks, and an end from outside are failures', async (t) => {
  const { asked, url } = await storeThat(t, (request) => {
    request.resume().on('end', () => {
      if (request.url?.endsWith('break')) request.socket.destroy();
    });
  });
  await assert.rejects(destinationAt(url).put(fileOf('break', 'v'), never), /hang up|ECONNRESET/);
  const abort = new AbortController();
  const hanging = destinationAt(url).put(fileOf('hang', 'v'), abort.signal);
  await until('the store has the file', () => (asked.length > 1 ? true : undefined));
  abort.abort(new Error('the server stops'));
  await assert.rejects(hanging);
  await assert.rejects(
    destinationAt('http://127.0.0.1:1').put(fileOf('k', 'v'), never),
    /ECONNREFUSED/,
  );
});

test('a file that cannot be read is a failure, and the store is not left waiting', async (t) => {
  const { url } = await storeThat(t, (request, response) => {
    request.resume().on('end', () => response.end());
  });
  let reads = 0;
  const broken: Delivered = {
    key: 'k',
    bytes: 10,
    read() {
      reads += 1;
      // The first reading is for the hash.
      return reads === 1
        ? Readable.from([Buffer.from('0123456789')])
        : new Readable({
            read() {
              this.destroy(new Error('the disk failed'));
            },
          });
    },
  };
  await assert.rejects(destinationAt(url).put(broken, never));
  assert.equal(reads, 2);
});

test('over https the certificate counts, by the public authorities and the given ones', async (t) => {
  const authority = await openAuthority(undefined, {
    clock: systemClock,
    randomness: systemRandomness,
  });
  const { certificate, key } = await authority.certificateFor(['localhost', '127.0.0.1']);
  let stored = 0;
  const server = createTlsServer({ cert: certificate, key }, (request, response) => {
    stored += 1;
    request.resume().on('end', () => response.end());
  });
  const url = `https://127.0.0.1:${await listening(server, t)}`;
  await destinationAt(url, authority.certificate).put(fileOf('k', 'v'), never);
  await assert.rejects(destinationAt(url).put(fileOf('k', 'v'), never), /certificate/);
  assert.equal(stored, 1);
});
