/** Revalidation: a stale object with a validator is confirmed with the origin, not fetched again. */
import { scenario } from '../harness/scenario.ts';

scenario('a 304 makes a stale object fresh again', async ({ viewer, origin, clock }) => {
  origin.answers(200, { 'cache-control': 'max-age=60', etag: '"v1"' }, 'hello');
  await viewer.gets('/a.txt').sees({ xCache: 'Miss', body: 'hello' });
  await viewer.gets('/a.txt').sees({ xCache: 'Hit', body: 'hello' });

  await clock.passes(61_000);
  origin.whenAsked({ 'if-none-match': '"v1"' }).answers(304);
  await viewer.gets('/a.txt').sees({ xCache: 'RefreshHit', body: 'hello', headers: { age: '0' } });
  await viewer.gets('/a.txt').sees({ xCache: 'Hit' }); // sixty seconds more
  origin.wasAsked(2);
});
