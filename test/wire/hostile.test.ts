/**
 * Senders who mean harm, or have lost their way: each gets a clear error or is let go, memory and
 * time stay bounded, and the next request is answered as if nothing had been.
 */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import type { Recorder } from '../../src/base/recorder.ts';
import { silentRecorder } from '../../src/base/recorder.ts';
import { signDate } from '../../src/http/date-signature.ts';
import { formatHttpDate } from '../../src/http/dates.ts';
import { ApiWorld } from '../harness/api-world.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import { exchangeRaw, openSocket } from '../harness/raw-http.ts';
import { SeededRandomness } from '../harness/seeded-randomness.ts';

const mebibyte = 1_048_576;

type Scene = { readonly world: ApiWorld; readonly clock: ManualClock; readonly lines: string[] };

function hostile(title: string, play: (scene: Scene) => Promise<void>): void {
  test(title, async () => {
    const clock = new ManualClock();
    const lines: string[] = [];
    const recorder = listing(lines);
    const world = await ApiWorld.start({ clock, randomness: new SeededRandomness(6), recorder });
    try {
      await play({ world, clock, lines });
      const answer = await exchangeRaw(world.port, `${head(clock, 'GET', '/distribution')}\r\n`);
      assert.match(answer, /^HTTP\/1\.1 200 OK/, 'the next request is answered');
    } finally {
      await world.stop();
    }
  });
}

function listing(lines: string[]): Recorder {
  const note = (_: unknown, message: string): void => {
    lines.push(message);
  };
  return { ...silentRecorder, debug: note, info: note, warn: note, error: note };
}

/** Signed, without the line that ends it. */
function head(clock: ManualClock, method: string, path: string, more: string[] = []): string {
  const date = formatHttpDate(clock.now());
  const lines = [
    `${method} /2010-11-01${path} HTTP/1.1`,
    'Host: localhost',
    `Date: ${date}`,
    `Authorization: AWS warmfront:${signDate('warmfront-secret', date)}`,
    ...more,
  ];
  return lines.map((line) => `${line}\r\n`).join('');
}

function post(clock: ManualClock, body: Uint8Array | string): Buffer {
  const bytes = Buffer.from(body);
  const start = head(clock, 'POST', '/distribution', [`Content-Length: ${bytes.length}`]);
  return Buffer.concat([Buffer.from(`${start}\r\n`), bytes]);
}

function closed(socket: Socket): Promise<void> {
  socket.on('error', () => undefined);
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once('close', () => resolve());
  });
}

/** Resolves with all that came once it matches. */
function heard(socket: Socket, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    socket.on('data', (piece) => {
      text += piece.toString();
      if (pattern.test(text)) resolve(text);
    });
    socket.once('close', () => reject(new Error(`the connection closed after: ${text}`)));
  });
}

async function until(isSo: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    if (isSo()) return;
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
  assert.fail(`it never came: ${what}`);
}

hostile('XML bombs and the like are MalformedXML', async ({ world, clock }) => {
  const laughs = Array.from({ length: 12 }, (_, index) => {
    return `<!ENTITY l${index + 1} "${`&l${index};`.repeat(10)}">`;
  });
  const documents: readonly (string | Uint8Array)[] = [
    `<!DOCTYPE x [<!ENTITY l0 "ha">${laughs.join('')}]><DistributionConfig>&l12;</DistributionConfig>`,
    '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><DistributionConfig>&e;</DistributionConfig>',
    '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:1/">%p;]><DistributionConfig/>',
    '<!DOCTYPE x PUBLIC "a" "http://127.0.0.1:1/"><DistributionConfig/>',
    '<?xml-stylesheet href="http://127.0.0.1:1/"?><DistributionConfig/>',
    '<a>'.repeat(20_000),
    `<a ${Array.from({ length: 6_000 }, (_, index) => `b${index}=""`).join(' ')}/>`,
    `<${'a'.repeat(65_000)}/>`,
    `<DistributionConfig>${'<CNAME/>'.repeat(8_000)}</DistributionConfig>`,
    `<DistributionConfig>${'&#x20;'.repeat(10_000)}</DistributionConfig>`,
    `<DistributionConfig><Comment>${'&amp'.repeat(15_000)}</Comment></DistributionConfig>`,
    '<DistributionConfig>\0</DistributionConfig>',
    '<DistributionConfig>&#0;</DistributionConfig>',
    Buffer.from('\u{feff}<DistributionConfig/>', 'utf16le'),
    Buffer.from([0x3c, 0x61, 0x3e, 0xc3, 0x28, 0x3c, 0x2f, 0x61, 0x3e]),
    '<?xml version="1.0" encoding="UTF-7"?><DistributionConfig/>',
    '<?xml version="1.1"?><DistributionConfig/>',
    '<DistributionConfig',
    '{"not": "xml"}',
    ' ',
  ];
  for (const document of documents) {
    const started = clockOfMachine();
    const answer = await exchangeRaw(world.port, post(clock, document));
    const text = String(document).slice(0, 60);
    assert.match(answer, /^HTTP\/1\.1 400 [\s\S]*<Code>MalformedXML<\/Code>/, text);
    assert(clockOfMachine() - started < 2_000, `in bounded time: ${text}`);
  }
});

function clockOfMachine(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}

hostile('a body of 8 MiB is refused without being kept, declared or in chunks', async (scene) => {
  const { world, clock } = scene;
  const before = process.memoryUsage().rss;
  const body = Buffer.alloc(8 * mebibyte, 'x');
  const declared = await exchangeRaw(world.port, post(clock, body));
  assert.match(declared, /^HTTP\/1\.1 400 [\s\S]*Connection: close[\s\S]*MalformedXML/);
  const start = head(clock, 'POST', '/distribution', ['Transfer-Encoding: chunked']);
  const chunk = Buffer.concat([
    Buffer.from(`${(64 * 1_024).toString(16)}\r\n`),
    Buffer.alloc(64 * 1_024, 'x'),
    Buffer.from('\r\n'),
  ]);
  const pieces = [Buffer.from(`${start}\r\n`), ...Array.from({ length: 128 }, () => chunk)];
  const chunked = await exchangeRaw(
    world.port,
    Buffer.concat([...pieces, Buffer.from('0\r\n\r\n')]),
  );
  assert.match(chunked, /^HTTP\/1\.1 400 [\s\S]*larger than 65536 bytes/);
  assert(process.memoryUsage().rss - before < 100 * mebibyte, 'memory stays bounded');
});

hostile('who announces much and stalls is answered, and let go soon after', async (scene) => {
  const { world, clock } = scene;
  const socket = await openSocket(world.port);
  const length = 100 * mebibyte;
  socket.write(`${head(clock, 'POST', '/distribution', [`Content-Length: ${length}`])}\r\nabc`);
  await heard(socket, /<Code>MalformedXML<\/Code>[\s\S]*<\/ErrorResponse>/);
  await clock.passes(2_000);
  await closed(socket);
});

hostile('who never finishes a body is told so after twenty seconds', async ({ world, clock }) => {
  const socket = await openSocket(world.port);
  const more = ['Content-Length: 100', 'Expect: 100-continue'];
  socket.write(`${head(clock, 'POST', '/distribution', more)}\r\n`);
  await heard(socket, /100 Continue/);
  socket.write('<Distribution');
  const answered = heard(socket, /InvalidHTTPRequest[\s\S]*within 20 s[\s\S]*<\/ErrorResponse>/);
  await clock.passes(20_000);
  await answered;
  await closed(socket);
});

hostile('who leaves in the middle of a body is forgotten', async ({ world, clock, lines }) => {
  const socket = await openSocket(world.port);
  socket.write(`${head(clock, 'POST', '/distribution', ['Content-Length: 100'])}\r\n<Distr`);
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  socket.destroy();
  await until(() => lines.includes('the sender of a request went away'), 'a line of the record');
});

hostile('10 MB of headers meet an error, not memory', async ({ world }) => {
  const line = `X-Long: ${'x'.repeat(8_000)}\r\n`;
  const request = `GET /2010-11-01/distribution HTTP/1.1\r\nHost: localhost\r\n${line.repeat(1_250)}\r\n`;
  const answer = await exchangeRaw(world.port, request);
  assert.match(answer, /^HTTP\/1\.1 400 Bad Request[\s\S]*InvalidHTTPRequest[\s\S]*16384 bytes/);
});

hostile('forms that two readers would read in two ways are refused', async ({ world }) => {
  const start = 'POST /2010-11-01/distribution HTTP/1.1\r\nHost: localhost\r\n';
  for (const rest of [
    'Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd',
    'Content-Length: +3\r\n\r\nabc',
    'Content-Length: 3, 3\r\n\r\nabc',
    'Content-Length: 0x3\r\n\r\nabc',
    'Content-Length : 3\r\n\r\nabc',
    'Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n',
    'Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n',
    'X-Folded: a\r\n b\r\n\r\n',
    'X-Nul: a\0b\r\n\r\n',
    'X-Bare: a\rb\r\n\r\n',
    'no colon\r\n\r\n',
  ]) {
    const answer = await exchangeRaw(world.port, `${start}${rest}`);
    assert.match(answer, /^HTTP\/1\.1 400 Bad Request[\s\S]*InvalidHTTPRequest/, rest);
    assert.match(answer, /^Connection: close\r$/m, rest);
  }
});

hostile('what is not HTTP at all meets the same error', async ({ world }) => {
  for (const bytes of [
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    'HELLO\r\n\r\n',
    'GET /2010-11-01/distribution HTTP/9.9\r\n\r\n',
    'GET /2010-11-01/distribution\r\n\r\n',
    '\0\0\0\0',
  ]) {
    const answer = await exchangeRaw(world.port, Buffer.from(bytes, 'latin1'));
    assert.match(answer, /^HTTP\/1\.1 400 Bad Request[\s\S]*InvalidHTTPRequest/, bytes);
  }
});

hostile('names in paths and headers come back in errors without breaking them', async (scene) => {
  const { world, clock } = scene;
  const id = '%00%0D%0A%3Cb%3E%26%EF%BF%BF';
  const answer = await exchangeRaw(world.port, `${head(clock, 'GET', `/distribution/${id}`)}\r\n`);
  assert.match(answer, /^HTTP\/1\.1 404 /);
  assert.match(
    answer,
    /There is no download distribution \u{fffd}&#13;\n&lt;b&gt;&amp;\u{fffd}\./u,
  );
});

hostile('requests sent in a row on one connection are answered in their order', async (scene) => {
  const { world, clock } = scene;
  const socket = await openSocket(world.port);
  const one = `${head(clock, 'GET', '/distribution/E1')}\r\n`;
  const two = `${head(clock, 'GET', '/streaming-distribution/E2')}\r\n`;
  const both = heard(socket, /E1\.[\s\S]*<\/ErrorResponse>[\s\S]*E2\.[\s\S]*<\/ErrorResponse>/);
  socket.write(one + two);
  await both;
  socket.destroy();
});
