/** Assertions of the edge contract on invalidations by keys, by their numbers. */
import { invalidates } from '../harness/invalidating.ts';
import { scenario } from '../harness/scenario.ts';

const fresh = { 'cache-control': 'max-age=60' };

for (const isKeyed of [true, false]) {
  scenario(
    `T12.01 /a and /a?x, where the query is ${isKeyed ? '' : 'not '}keyed`,
    { behavior: isKeyed ? { keyedQuery: { kind: 'all' } } : {} },
    async (stage) => {
      const { origin, viewer } = stage;
      origin.answers(200, fresh, 'a');
      await viewer.gets('/a?x').sees({ xCache: 'Miss' });
      invalidates(stage, '/a', 'keys');
      await viewer.gets('/a?x').sees({ xCache: isKeyed ? 'Hit' : 'Miss' });
    },
  );
}

scenario(
  'T12.01 /a* takes all that begins so',
  { behavior: { keyedQuery: { kind: 'all' } } },
  async (stage) => {
    const { origin, viewer } = stage;
    origin.answers(200, fresh, 'a');
    for (const path of ['/a', '/a?x', '/ab', '/a/b', '/b']) await viewer.gets(path).answer;
    invalidates(stage, '/a*', 'keys');
    for (const path of ['/a', '/a?x', '/ab', '/a/b'])
      await viewer.gets(path).sees({ xCache: 'Miss' });
    await viewer.gets('/b').sees({ xCache: 'Hit' });
  },
);

scenario(
  'T12.02 a star in the midst is literal, case counts, and all variants go',
  {
    behavior: {
      keyedCookies: { kind: 'all' },
      encodings: { kind: 'policy', gzip: true, brotli: true },
    },
  },
  async (stage) => {
    const { origin, viewer } = stage;
    origin.answers(200, fresh, 'a');
    for (const path of ['/x*y', '/xay', '/X*y']) await viewer.gets(path).answer;
    const variants = [{}, { Cookie: 'a=1' }, { 'Accept-Encoding': 'gzip' }];
    for (const headers of variants) await viewer.gets('/v', headers).answer;
    invalidates(stage, '/x*y', 'keys');
    invalidates(stage, '/v', 'keys');
    await viewer.gets('/x*y').sees({ xCache: 'Miss' });
    for (const path of ['/xay', '/X*y']) await viewer.gets(path).sees({ xCache: 'Hit' });
    for (const headers of variants) await viewer.gets('/v', headers).sees({ xCache: 'Miss' });
  },
);

scenario(
  'T12.03 a fetch in flight, a stale object and an error that is remembered',
  async (stage) => {
    const { clock, origin, viewer } = stage;
    let go: (() => void) | undefined;
    origin.does((socket) => {
      go = () =>
        void socket.write(
          'HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 3\r\n\r\nold',
        );
    });
    const early = viewer.gets('/a');
    await origin.hears(1);
    invalidates(stage, '/a*', 'keys');
    origin.answers(200, fresh, 'new');
    await viewer.gets('/a').sees({ xCache: 'Miss', body: 'new' });
    go?.();
    await early.answer;
    await viewer.gets('/a').sees({ body: 'new' });

    await clock.passes(61_000);
    invalidates(stage, '/a', 'keys');
    origin.answers(503, {}, 'down');
    await viewer.gets('/a').sees({ status: 503 });

    origin.answers(404, {}, 'none');
    await viewer.gets('/gone').sees({ status: 404 });
    invalidates(stage, '/g*', 'keys');
    origin.answers(200, fresh, 'there');
    await viewer.gets('/gone').sees({ status: 200, body: 'there' });
  },
);
