/**
 * Floods over HTTP/2: each attacker is cut off within its bound, begins no more work at the origin than
 * that, and others are served meanwhile (edge contract 1.6, rule 24).
 */
import assert from 'node:assert/strict';
import { edgeBounds } from '../../src/edge/bounds.ts';
import { H2Client, h2Setting, openRaw } from '../harness/h2-stage.ts';
import {
  block,
  bytesOf,
  code,
  flag,
  frame,
  literal,
  number32,
  type RawH2,
  settingsOf,
} from '../harness/raw-h2.ts';
import { scenario, type Stage } from '../harness/scenario.ts';
import { until } from '../harness/until.ts';

const { h2ControlFramesMax, h2EmptyFramesMax, h2ResetsMax, h2StreamsMax, h2WindowUpdatesMax } =
  edgeBounds;

type Flood = {
  readonly said: string;
  readonly send: (raw: RawH2) => void;
  /** Requests that the origin may have heard of. */
  readonly asksMax: number;
};

/** Odd, as those of viewers are. */
function streamsTo(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index * 2 + 1);
}

const floods: readonly Flood[] = [
  {
    said: 'rapid reset',
    send(raw) {
      for (const stream of streamsTo(h2ResetsMax * 5)) {
        raw.asks(stream, raw.fields(`/${stream}`));
        raw.send(frame.rstStream, 0, stream, number32(code.cancel));
      }
    },
    asksMax: h2ResetsMax + 1,
  },
  {
    said: 'resets that its faults make us send',
    send(raw) {
      for (const stream of streamsTo(h2ResetsMax * 5)) {
        raw.asks(stream, [...raw.fields(`/${stream}`), ['connection', 'close']]);
      }
    },
    asksMax: 0,
  },
  {
    said: 'CONTINUATION without end',
    send(raw) {
      raw.send(frame.headers, flag.endStream, 1, block(raw.fields()));
      for (let time = 0; time < 1_000; time += 1) {
        raw.send(frame.continuation, 0, 1, literal(`x-${time}`, 'y'.repeat(1_000)));
      }
    },
    asksMax: 0,
  },
  {
    said: 'empty CONTINUATION without end',
    send(raw) {
      raw.send(frame.headers, flag.endStream, 1, block(raw.fields()));
      for (let time = 0; time < h2EmptyFramesMax * 5; time += 1) {
        raw.send(frame.continuation, 0, 1);
      }
    },
    asksMax: 0,
  },
  {
    said: 'PING',
    send(raw) {
      for (let time = 0; time < h2ControlFramesMax * 2; time += 1) {
        raw.send(frame.ping, 0, 0, Buffer.alloc(8));
      }
    },
    asksMax: 0,
  },
  {
    said: 'SETTINGS',
    send(raw) {
      for (let time = 0; time < h2ControlFramesMax * 2; time += 1) {
        raw.send(frame.settings, 0, 0, settingsOf([4, 65_535]));
      }
    },
    asksMax: 0,
  },
  {
    said: 'PRIORITY',
    send(raw) {
      for (let time = 0; time < h2ControlFramesMax * 2; time += 1) {
        raw.send(frame.priority, 0, 2 * time + 1, Buffer.alloc(5));
      }
    },
    asksMax: 0,
  },
  {
    said: 'WINDOW_UPDATE',
    send(raw) {
      for (let time = 0; time < h2WindowUpdatesMax * 2; time += 1) {
        raw.send(frame.windowUpdate, 0, 0, number32(1));
      }
    },
    asksMax: 0,
  },
  {
    said: 'DATA that carries nothing',
    send(raw) {
      raw.asks(1, raw.fields('/', [], 'POST'), 0);
      for (let time = 0; time < h2EmptyFramesMax * 5; time += 1) raw.send(frame.data, 0, 1);
    },
    asksMax: 1,
  },
  {
    said: 'fields that grow when they are unpacked',
    send(raw) {
      // One large field is kept in the table, then named a thousand times by one byte.
      const kept = literal('x', 'y'.repeat(4_000), 0x40);
      const bomb = Buffer.alloc(1_000, 0xbe);
      const payload = Buffer.concat([block(raw.fields()), kept, bomb]);
      raw.send(frame.headers, flag.endHeaders | flag.endStream, 1, payload);
    },
    asksMax: 0,
  },
];

async function isServed(stage: Stage, path: string): Promise<void> {
  await using client = new H2Client(stage);
  assert.equal((await client.gets(path)).status, 200);
}

for (const { asksMax, said, send } of floods) {
  scenario(said, h2Setting({ behavior: { allowedMethods: 'all' } }), async (stage) => {
    stage.origin.does((socket, { target }) => {
      if (target === '/neighbor') socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
    const raw = await openRaw(stage);
    send(raw);
    await isServed(stage, '/neighbor');
    await raw.closed();
    // Where it had no room left for GOAWAY, there is none.
    const { payload } = raw.frames.find(({ type }) => type === frame.goAway) ?? {};
    assert.notEqual(payload?.readUInt32BE(4), code.noError);
    const asked = stage.origin.asked.filter(({ target }) => target !== '/neighbor');
    assert.ok(asked.length <= asksMax, `the origin was asked ${asked.length} times`);
    await isServed(stage, '/neighbor');
  });
}

scenario('more streams than are let end the connection', h2Setting(), async (stage) => {
  stage.origin.does(() => undefined);
  const raw = await openRaw(stage);
  for (const stream of streamsTo(h2StreamsMax + 1)) raw.asks(stream, raw.fields(`/${stream}`));
  assert.equal(await raw.goneAway(), code.protocolError);
  assert.ok(stage.origin.asked.length <= h2StreamsMax);
});

scenario(
  'many bodies that come too slowly are given up, and the connection with them is of use again',
  h2Setting({ behavior: { allowedMethods: 'all' } }),
  async (stage) => {
    stage.origin.does(() => undefined);
    await using raw = await openRaw(stage);
    const streams = streamsTo(50);
    for (const stream of streams) {
      raw.asks(stream, raw.fields('/', [['content-length', '1000']], 'POST'), 0);
      raw.send(frame.data, 0, stream, Buffer.from('a'));
    }
    await stage.origin.hears(1);
    await stage.clock.passes(edgeBounds.bodyMsMax + 5_000);
    await until('all are given up', () =>
      streams.every((stream) =>
        raw.frames.some(
          (one) =>
            one.stream === stream && (one.type === frame.rstStream || one.type === frame.headers),
        ),
      )
        ? true
        : undefined,
    );
    await raw.lives();
  },
);

scenario('a frame that never ends ends the connection', h2Setting(), async (stage) => {
  stage.origin.answers(200, {}, 'ok');
  const raw = await openRaw(stage);
  const ping = bytesOf({ type: frame.ping, flags: 0, stream: 0, payload: Buffer.alloc(8) });
  const half = [0, 0, 100, frame.headers, flag.endHeaders, 0, 0, 0, 1, 0x82];
  raw.write(Buffer.concat([ping, Buffer.from(half)]));
  await raw.sees('the answer to PING', ({ type }) => type === frame.ping);
  await isServed(stage, '/neighbor');
  await stage.clock.passes(edgeBounds.headMsMax + 2_000);
  assert.equal(await raw.goneAway(), code.enhanceYourCalm);
});
