/** The assertions of the edge contract on Accept-Encoding and compression, by their numbers. */
import assert from 'node:assert/strict';
import { headerValue } from '../../src/http/header-list.ts';
import { scenario } from '../harness/scenario.ts';

const accepting = (codings: string) => ({ 'Accept-Encoding': codings });
const policy = (gzip: boolean, brotli: boolean) => ({ kind: 'policy', gzip, brotli }) as const;
const fresh = { 'cache-control': 'max-age=60' };

for (const [name, encodings, told] of [
  ['both', policy(true, true), 'br,gzip'],
  ['gzip', policy(true, false), 'gzip'],
  ['br', policy(false, true), 'br'],
] as const) {
  const behavior = { encodings };
  scenario(`T4.12 what counts of gzip, deflate, br: ${name}`, { behavior }, async (stage) => {
    const { origin, viewer } = stage;
    origin.answers(200, fresh, 'a');
    await viewer.gets('/a', accepting('gzip, deflate, br')).sees({ xCache: 'Miss' });
    assert.equal(headerValue(origin.last.headers, 'accept-encoding'), told);
    await viewer.gets('/a', accepting(`x, ${told}`)).sees({ xCache: 'Hit' });
    await viewer.gets('/a', accepting('deflate')).sees({ xCache: 'Miss' });
  });
}

scenario(
  'T4.13 deflate alone asks the origin for identity; nothing asks for nothing',
  { behavior: { encodings: policy(true, true) } },
  async ({ origin, viewer }) => {
    origin.answers(200, fresh, 'a');
    await viewer.gets('/a', accepting('deflate')).sees({ xCache: 'Miss' });
    assert.equal(headerValue(origin.last.headers, 'accept-encoding'), 'identity');
    await viewer.gets('/a').sees({ xCache: 'Hit' });
    await viewer.gets('/b').sees({ xCache: 'Miss' });
    assert.equal(headerValue(origin.last.headers, 'accept-encoding'), undefined);
    await viewer.gets('/b', accepting('br;q=0, *')).sees({ xCache: 'Hit' });
    const old = 'GET /c HTTP/1.0\r\nHost: d111111abcdef8.cloudfront.localhost\r\n';
    await viewer.sends(`${old}Accept-Encoding: gzip, br\r\n\r\n`).sees({ xCache: 'Miss' });
    assert.equal(headerValue(origin.last.headers, 'accept-encoding'), undefined);
  },
);

for (const [title, behavior] of [
  ['no coding counts', { encodings: policy(false, false), keyedHeaders: ['accept-encoding'] }],
  ['it is keyed by name', { encodings: policy(true, true), keyedHeaders: ['accept-encoding'] }],
] as const) {
  scenario(`4.3 an ordinary field where ${title}`, { behavior }, async ({ origin, viewer }) => {
    origin.answers(200, fresh, 'a');
    await viewer.gets('/a', accepting('gzip, x')).sees({ xCache: 'Miss' });
    assert.equal(headerValue(origin.last.headers, 'accept-encoding'), 'gzip, x');
    await viewer.gets('/a', accepting('gzip')).sees({ xCache: 'Miss' });
    await viewer.gets('/a', accepting('gzip, x')).sees({ xCache: 'Hit' });
  });
}

scenario(
  '4.3 no coding counts and it is not listed: it is not sent',
  { behavior: { encodings: policy(false, false) } },
  async ({ origin, viewer }) => {
    origin.answers(200, fresh, 'a');
    await viewer.gets('/a', accepting('gzip')).sees({ xCache: 'Miss' });
    assert.equal(headerValue(origin.last.headers, 'accept-encoding'), undefined);
    await viewer.gets('/a').sees({ xCache: 'Hit' });
  },
);
