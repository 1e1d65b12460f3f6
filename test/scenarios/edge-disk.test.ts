/**
 * The cache on disk, as viewers see it: it outlives the edge, its damage makes misses, and a fetch that
 * fills it is read along by who comes later and by who is slow.
 */
import assert from 'node:assert/strict';
import { open, readdir, rm, truncate } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { headerValue } from '../../src/http/header-list.ts';
import { bytesOf } from '../contract/store.ts';
import { makeDiskFolder } from '../harness/disk-folder.ts';
import { invalidates } from '../harness/invalidating.ts';
import type { OriginAsked } from '../harness/origin.ts';
import { host, type Setting, setTheStage, type Stage } from '../harness/scenario.ts';

const mebibyte = 1_048_576;
/** More than memory takes, and some pieces on disk. */
const body = bytesOf(1_000_000, 5);
const settings = { cacheBytesMax: mebibyte, cachedBodyBytesMax: 100_000 };

/** Two runs of an edge on one folder may be played. */
function story(
  title: string,
  play: (
    stage: (more?: Setting) => ReturnType<typeof setTheStage>,
    folder: string,
  ) => Promise<void>,
): void {
  test(title, { timeout: 30_000 }, async (t: TestContext) => {
    const { folder, remove } = await makeDiskFolder();
    t.after(remove);
    const disk = { folder, bytesMax: 16 * mebibyte };
    await play((more = {}) => setTheStage({ disk, settings, ...more }, t), folder);
  });
}

/** Whole, or the range that is asked for. */
function give(socket: Socket, asked: OriginAsked, tag = '"v1"'): void {
  const range = /^bytes=(\d+)-(\d+)$/.exec(headerValue(asked.headers, 'range') ?? '');
  const [start, end] = range === null ? [0, body.length] : [Number(range[1]), Number(range[2]) + 1];
  const told = range === null ? '' : `Content-Range: bytes ${start}-${end - 1}/${body.length}\r\n`;
  socket.write(
    `HTTP/1.1 ${range === null ? '200 OK' : '206 Partial Content'}\r\nETag: ${tag}\r\n` +
      `Cache-Control: max-age=3600\r\nContent-Length: ${end - start}\r\n${told}\r\n`,
  );
  socket.write(body.subarray(start, end));
}

async function gets(stage: Stage, xCache: string, headers = {}): Promise<Buffer> {
  const answer = await stage.viewer.gets('/a', headers).sees({ xCache });
  return answer.bytes;
}

async function bodyFile(folder: string): Promise<string> {
  const found = await readdir(join(folder, 'bodies'), { recursive: true, withFileTypes: true });
  const file = found.find((one) => one.isFile());
  assert(file);
  return join(file.parentPath, file.name);
}

story(
  'an object outlives the edge, and answers ranges and conditions from the disk',
  async (stage) => {
    {
      await using first = await stage();
      first.origin.does(give);
      assert(body.equals(await gets(first, 'Miss')));
      assert(body.equals(await gets(first, 'Hit')));
      first.origin.wasAsked(1);
    }
    await using second = await stage();
    assert(body.equals(await gets(second, 'Hit')));
    const part = await gets(second, 'Hit', { Range: 'bytes=600000-600099' });
    assert(body.subarray(600_000, 600_100).equals(part));
    await second.viewer
      .gets('/a', { 'If-None-Match': '"v1"' })
      .sees({ status: 304, xCache: 'Hit' });
    second.origin.wasAsked(0);
  },
);

story('parts outlive the edge too, and only the rest is fetched', async (stage) => {
  {
    await using first = await stage();
    first.origin.does(give);
    await gets(first, 'Miss', { Range: 'bytes=100000-699999' });
    await gets(first, 'Hit', { Range: 'bytes=200000-300000' });
  }
  await using second = await stage();
  second.origin.does(give);
  const held = await gets(second, 'Hit', { Range: 'bytes=200000-600000' });
  assert(body.subarray(200_000, 600_001).equals(held));
  second.origin.wasAsked(0);
  const more = await gets(second, 'Miss', { Range: 'bytes=600000-999999' });
  assert(body.subarray(600_000).equals(more));
  assert.equal(headerValue(second.origin.last.headers, 'range'), 'bytes=700000-999999');
});

story('what was invalidated while the edge was down is not served', async (stage) => {
  {
    await using first = await stage();
    first.origin.does(give);
    await gets(first, 'Miss');
  }
  await using second = await stage();
  invalidates(second, '/a');
  second.origin.does((socket, asked) => give(socket, asked, '"v2"'));
  assert(body.equals(await gets(second, 'Miss')));
  second.origin.wasAsked(1);
});

story('an object that is confirmed has its new lifetime after a restart too', async (stage) => {
  {
    await using first = await stage();
    first.origin.does(give);
    await gets(first, 'Miss');
    await first.clock.passes(3_601_000);
    first.origin.answers(304, { ETag: '"v1"', 'Cache-Control': 'max-age=9000' });
    assert(body.equals(await gets(first, 'RefreshHit')));
  }
  const startsAt = Date.UTC(2026, 0, 1) + 3_700_000;
  await using second = await stage({ startsAt });
  assert(body.equals(await gets(second, 'Hit')));
  second.origin.wasAsked(0);
});

story('damage at the beginning makes a miss', async (stage, folder) => {
  await using one = await stage();
  one.origin.does(give);
  await gets(one, 'Miss');
  await gets(one, 'Hit');
  await truncate(await bodyFile(folder), 1_000);
  assert(body.equals(await gets(one, 'Miss')));
  assert(body.equals(await gets(one, 'Hit')));
  one.origin.wasAsked(2);
});

story(
  'damage further on is made good by the origin, under the same ETag',
  async (stage, folder) => {
    await using one = await stage();
    one.origin.does(give);
    await gets(one, 'Miss');
    await gets(one, 'Hit');
    const file = await open(await bodyFile(folder), 'r+');
    await file.write(Buffer.from('other'), 0, 5, 600_000);
    await file.close();
    assert(body.equals(await gets(one, 'Hit')));
    assert.equal(headerValue(one.origin.last.headers, 'range'), 'bytes=524288-999999');
    one.origin.wasAsked(2);
  },
);

story(
  'a disk that cannot be used makes misses, and viewers do not notice',
  async (stage, folder) => {
    await using one = await stage();
    await rm(folder, { recursive: true });
    one.origin.does(give);
    for (let turn = 0; turn < 3; turn += 1) assert(body.equals(await gets(one, 'Miss')));
    one.origin.wasAsked(3);
  },
);

story('who comes late reads along from what is kept so far', async (stage) => {
  await using one = await stage();
  let rest: (() => void) | undefined;
  one.origin.does((socket) => {
    socket.write(
      `HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    socket.write(body.subarray(0, 700_000));
    rest = () => void socket.write(body.subarray(700_000));
  });
  await using first = await one.viewer.connects();
  first.write(`GET /a HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  let begun = 0;
  await new Promise<void>((resolve) => {
    first.socket.on('data', (bytes: Buffer) => {
      begun += bytes.length;
      if (begun > 690_000) resolve();
    });
  });
  await using second = await one.viewer.connects();
  second.write(`GET /a HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  const answer = second.answer();
  let seen = 0;
  await new Promise<void>((resolve) => {
    second.socket.on('data', (bytes: Buffer) => {
      seen += bytes.length;
      if (seen > 690_000) resolve();
    });
  });
  rest?.();
  assert(body.equals((await answer).bytes));
  one.origin.wasAsked(1);
});

story('a viewer that reads slowly holds up nobody, and gets it all', async (stage) => {
  const large = bytesOf(8_000_000, 9);
  await using own = await stage();
  own.origin.does((socket) => {
    socket.write(
      `HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: ${large.length}\r\n\r\n`,
    );
    socket.write(large);
  });
  await using slow = await own.viewer.connects();
  slow.socket.pause();
  slow.write(`GET /a HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  await own.origin.hears(1);
  const quick = await own.viewer.gets('/a').answer;
  assert(large.equals(quick.bytes));
  const answer = slow.answer();
  slow.socket.resume();
  assert(large.equals((await answer).bytes));
  own.origin.wasAsked(1);
});
