/** Assertions of the edge contract on the countries of viewers, by number. */
import assert from 'node:assert/strict';
import { headerValue } from '../../src/http/header-list.ts';
import type { GeoRestriction } from '../../src/model/distribution.ts';
import { configOf } from '../harness/configs.ts';
import { geoDatabase } from '../harness/geo-file.ts';
import { assertHas, logged, logging } from '../harness/logged.ts';
import { customOrigin, distributionOf, scenario } from '../harness/scenario.ts';

const french = '127.0.0.2';
const american = '127.0.0.3';
const unknown = '127.0.0.4';
const settings = {
  geoDatabases: [
    geoDatabase({
      [`${french}/32`]: { country: { iso_code: 'FR', names: { en: 'France' } } },
      [`${american}/32`]: {
        country: { iso_code: 'US', names: { en: 'United States' } },
        subdivisions: [{ iso_code: 'CA', names: { en: 'California' } }],
        city: { names: { en: 'Cañada 100%' } },
        postal: { code: '90001' },
        location: {
          latitude: 34.0522,
          longitude: -118.2437,
          metro_code: 803,
          time_zone: 'America/Los_Angeles',
        },
      },
    }),
    geoDatabase({ [`${american}/32`]: { autonomous_system_number: 64_496 } }),
  ],
};
const onlyFrance: GeoRestriction = { kind: 'only', countries: ['DE', 'FR'] };
const notFrance: GeoRestriction = { kind: 'except', countries: ['FR'] };
const fresh = { 'cache-control': 'max-age=60' };

for (const [geoRestriction, served, refused] of [
  [onlyFrance, french, american],
  [notFrance, american, french],
] as const) {
  scenario(
    `T14.03 viewers of countries that are not allowed are refused, on hits too: ${geoRestriction.kind}`,
    { settings, config: { geoRestriction } },
    async ({ origin, viewer }) => {
      origin.answers(200, fresh, 'hello');
      await viewer.from(served).gets('/a').sees({ status: 200, xCache: 'Miss' });
      await viewer.from(served).gets('/a').sees({ status: 200, xCache: 'Hit' });
      await viewer.from(served).gets('/a').sees({ status: 200, xCache: 'Hit' });
      await viewer
        .from(refused)
        .gets('/a')
        .sees({ status: 403, xCache: 'Error', body: /GeoBlocked/ });
      // What a viewer says of its address counts for nothing (4.6, rule 29).
      await viewer.from(refused).gets('/a', { 'X-Forwarded-For': served }).sees({ status: 403 });
      await viewer.from(served).gets('/a', { 'X-Forwarded-For': refused }).sees({ status: 200 });
      origin.wasAsked(1);
    },
  );
}

for (const geoRestriction of [onlyFrance, notFrance]) {
  scenario(
    `T14.03 a viewer of a country that is not known is served: ${geoRestriction.kind}`,
    { settings, config: { geoRestriction } },
    async ({ origin, viewer, warnings }) => {
      origin.answers(200, fresh, 'hello');
      await viewer.from(unknown).gets('/a').sees({ status: 200 });
      assert.deepEqual(warnings, []);
    },
  );
}

scenario(
  'without a database every viewer is served, and the operator is warned once',
  { config: { geoRestriction: onlyFrance } },
  async ({ origin, viewer, warnings }) => {
    origin.answers(200, fresh, 'hello');
    await viewer.from(american).gets('/a').sees({ status: 200 });
    await viewer.from(american).gets('/b').sees({ status: 200 });
    assert.equal(warnings.length, 1);
  },
);

scenario(
  'a restriction counts from the change on, also for what is stored',
  { settings },
  async (stage) => {
    const { origin, serves, viewer } = stage;
    origin.answers(200, fresh, 'hello');
    const here = viewer.from(american);
    for (const xCache of ['Miss', 'Hit', 'Hit'])
      await here.gets('/a').sees({ status: 200, xCache });
    serves(distributionOf('custom', { geoRestriction: onlyFrance }));
    await here.gets('/a').sees({ status: 403 });
    serves(distributionOf('custom'));
    await here.gets('/a').sees({ status: 200, xCache: 'Hit' });
    origin.wasAsked(1);
  },
);

logged(
  'T2.03 a viewer that is refused for its country asks no origin; the log says why',
  { settings, config: { geoRestriction: onlyFrance, logging } },
  async ({ origin, viewer }, lines) => {
    await viewer.from(american).gets('/a').sees({ status: 403 });
    origin.wasAsked(0);
    assertHas(await lines.last(1), {
      'sc-status': '403',
      'x-edge-result-type': 'Error',
      'x-edge-detailed-result-type': 'ClientGeoBlocked',
    });
  },
);

const plain = configOf('download', 'reference').defaultBehavior;
scenario(
  'T7.07 who is refused for its country gets the page of 403',
  {
    settings,
    config: {
      geoRestriction: onlyFrance,
      origins: [customOrigin, { ...customOrigin, id: 'pages', path: '/pages' }],
      behaviors: [{ ...plain, pathPattern: '/e/*', targetOriginId: 'pages' }],
      errorResponses: [{ status: 403, pagePath: '/e/403.html', pageStatus: 403, minTtlS: 0 }],
    },
  },
  async ({ origin, viewer }) => {
    origin.answers(200, fresh, 'the page');
    const page = { status: 403, body: 'the page', xCache: 'Error' } as const;
    await viewer.from(american).gets('/a').sees(page);
    assert.equal(origin.last.target, '/pages/e/403.html');
    await viewer.from(american).gets('/a').sees(page);
    origin.wasAsked(1);
  },
);

const names = [
  'asn',
  'city',
  'country',
  'country-name',
  'country-region',
  'country-region-name',
  'latitude',
  'longitude',
  'metro-code',
  'postal-code',
  'time-zone',
].map((name) => `cloudfront-viewer-${name}`);

scenario(
  'T4.20 what is known of where a viewer is goes to the origin, where a policy asks for it',
  {
    settings,
    behavior: {
      encodings: { kind: 'policy', gzip: false, brotli: false },
      forwardedHeaders: { kind: 'only', names },
    },
  },
  async ({ origin, viewer }) => {
    origin.answers(200, {}, 'a');
    const forged = { 'CloudFront-Viewer-Country': 'XX' };
    await viewer.from(american).gets('/a', forged).sees({ status: 200 });
    const said = names.map((name) => headerValue(origin.last.headers, name));
    assert.deepEqual(said, [
      '64496',
      'Ca%C3%B1ada 100%',
      'US',
      'United States',
      'CA',
      'California',
      '34.05220',
      '-118.24370',
      '803',
      '90001',
      'America/Los_Angeles',
    ]);
    await viewer.from(french).gets('/b', forged).sees({ status: 200 });
    assert.equal(headerValue(origin.last.headers, 'cloudfront-viewer-country'), 'FR');
    assert.equal(headerValue(origin.last.headers, 'cloudfront-viewer-city'), undefined);
  },
);

scenario(
  'T4.20 countries that are keyed have objects of their own',
  {
    settings,
    behavior: {
      encodings: { kind: 'policy', gzip: false, brotli: false },
      keyedHeaders: ['CloudFront-Viewer-Country'],
    },
  },
  async ({ origin, viewer }) => {
    origin.answers(200, fresh, 'a');
    await viewer.from(american).gets('/a').sees({ xCache: 'Miss' });
    await viewer.from(french).gets('/a').sees({ xCache: 'Miss' });
    await viewer.from(american).gets('/a').sees({ xCache: 'Hit' });
    await viewer.from(unknown).gets('/a').sees({ xCache: 'Miss' });
  },
);
