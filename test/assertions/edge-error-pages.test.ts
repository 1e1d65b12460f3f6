/** Assertions of the edge contract on custom error responses, by number. */
import assert from 'node:assert/strict';
import type { DistributionConfig, PathBehavior } from '../../src/model/distribution.ts';
import { configOf } from '../harness/configs.ts';
import type { TestOrigin } from '../harness/origin.ts';
import { customOrigin, scenario } from '../harness/scenario.ts';

const plain = configOf('download', 'reference').defaultBehavior;
const behavior: PathBehavior = { ...plain, pathPattern: '/e/*', targetOriginId: 'pages' };
const config: Partial<DistributionConfig> = {
  origins: [
    customOrigin,
    {
      ...customOrigin,
      id: 'pages',
      path: '/pages',
      customHeaders: [{ name: 'X-Page', value: '1' }],
    },
  ],
  behaviors: [behavior],
  errorResponses: [
    { status: 404, pagePath: '/e/404.html', pageStatus: 200, minTtlS: 30 },
    { status: 500, pagePath: '/e/500.html', pageStatus: 503, minTtlS: 0 },
    { status: 403, pagePath: '/e/403.html', pageStatus: 403, minTtlS: 0 },
  ],
};

/** Errors, and pages from the origin of these. */
function failsWith(origin: TestOrigin, status: number, page: number): void {
  origin.answers(status, {}, 'the error');
  origin.whenAsked({ 'x-page': '1' }).answers(page, { 'cache-control': 'max-age=60' }, 'the page');
}

scenario(
  'T7.04 an error is answered by its page and under its status',
  { config },
  async (stage) => {
    const { clock, origin, viewer } = stage;
    failsWith(origin, 404, 200);
    const page = { status: 200, body: 'the page', xCache: 'Error' } as const;
    await viewer.gets('/a').sees(page);
    origin.wasAsked(2);
    await viewer.gets('/a').sees(page);
    origin.wasAsked(0);
    await viewer.heads('/a').sees({ status: 200, xCache: 'Error' });
    // The error is forgotten after its 30 s, the page is not.
    await clock.passes(31_000);
    await viewer.gets('/a').sees(page);
    origin.wasAsked(1);
  },
);

scenario('T7.05 the page is of the behavior that its path matches', { config }, async (stage) => {
  const { origin, viewer } = stage;
  failsWith(origin, 500, 200);
  await viewer.gets('/a').sees({ status: 503, body: 'the page', xCache: 'Error' });
  assert.equal(origin.last.target, '/pages/e/500.html');
  await viewer.gets('/e/500.html').sees({ status: 200, body: 'the page', xCache: 'Hit' });
});

scenario(
  'T7.06 where the page is missing, its own error is the answer',
  { config },
  async (stage) => {
    const { origin, viewer } = stage;
    failsWith(origin, 500, 404);
    await viewer.gets('/a').sees({ status: 404, body: 'the page', xCache: 'Error' });
  },
);

scenario(
  'T7.07 a method that is not cached is answered by the origin',
  { config, behavior: { allowedMethods: 'all' } },
  async ({ origin, viewer }) => {
    failsWith(origin, 500, 200);
    await viewer
      .asks('POST', '/a', { 'Content-Length': '0' })
      .sees({ status: 500, body: 'the error' });
  },
);

scenario(
  'T7.07 who is refused for want of HTTPS gets the page of 403',
  { config, behavior: { viewerProtocolPolicy: 'https-only' } },
  async ({ origin, viewer }) => {
    origin.answers(200, {}, 'the page');
    await viewer.gets('/a').sees({ status: 403, body: 'the page', xCache: 'Error' });
    assert.equal(origin.last.target, '/pages/e/403.html');
  },
);
