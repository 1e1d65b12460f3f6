/** Distribution tenants at an edge: each domain has its tenant's origins, objects and state. */
import assert from 'node:assert/strict';
import { headerValue } from '../../src/http/header-list.ts';
import type { DistributionConfig, ParameterDefinition } from '../../src/model/distribution.ts';
import type { DistributionTenantConfig } from '../../src/model/resources/distribution-tenant.ts';
import { geoDatabase } from '../harness/geo-file.ts';
import { invalidates } from '../harness/invalidating.ts';
import { placeResource } from '../harness/placing.ts';
import {
  customOrigin,
  distributionOf,
  host,
  originHost,
  scenario,
  type Stage,
} from '../harness/scenario.ts';
import type { Viewer } from '../harness/viewer.ts';

const distribution = 'E111111ABCDEF8';
const group = 'cg_1';
const fresh = { 'cache-control': 'max-age=600' };
const elsewhere = 'other.example.com';

function parameter(name: string, usualValue = ''): ParameterDefinition {
  return { name, required: usualValue === '', comment: '', usualValue };
}

const shops: Partial<DistributionConfig> = {
  connectionMode: 'tenant-only',
  tenantParameters: [parameter('site'), parameter('folder', 'public')],
  origins: [{ ...customOrigin, domainName: '{{site}}.example.com', path: '/{{folder}}/v1' }],
  defaultRootObject: 'index.html',
};

function placeGroup({ routing }: Stage, enabled: boolean): void {
  const endpoint = 'dgroup.cloudfront.localhost';
  const config = { name: 'group', enabled, hasIpv6: true, anycastIpList: undefined, endpoint };
  placeResource(routing, { kind: 'connection-group', id: group, config });
}

function tenantOf(name: string, changed: Partial<DistributionTenantConfig> = {}) {
  return {
    name,
    distribution,
    domains: [`${name}.shop.test`],
    parameters: [
      { name: 'site', value: 'www' },
      { name: 'folder', value: name },
    ],
    connectionGroup: group,
    webAcl: { kind: 'inherited' },
    certificate: '',
    geoRestriction: undefined,
    managedCertificate: undefined,
    enabled: true,
    ...changed,
  } as const satisfies DistributionTenantConfig;
}

function place({ routing }: Stage, name: string, changed: Partial<DistributionTenantConfig> = {}) {
  const config = tenantOf(name, changed);
  placeResource(routing, { kind: 'distribution-tenant', id: `dt_${name}`, config });
}

/** Of the tenant's domain, or of another host. */
function viewerOf({ viewer }: Stage, name: string): Viewer {
  return viewer.for(name.includes('.') ? name : `${name}.shop.test`);
}

function tenancy(title: string, play: (stage: Stage) => Promise<void>): void {
  scenario(title, { config: shops }, async (stage) => {
    placeGroup(stage, true);
    place(stage, 'red');
    place(stage, 'blue');
    await play(stage);
  });
}

tenancy('each tenant has its own origin path and its own objects', async (stage) => {
  const { origin } = stage;
  for (const name of ['red', 'blue']) {
    origin.answers(200, fresh, name);
    const viewer = viewerOf(stage, name);
    await viewer.gets('/a').sees({ status: 200, xCache: 'Miss', body: name });
    await viewer.gets('/a').sees({ status: 200, xCache: 'Hit', body: name });
    assert.equal(origin.last.target, `/${name}/v1/a`);
    assert.equal(headerValue(origin.last.headers, 'host'), originHost);
    await viewer.gets('/').sees({ status: 200, xCache: 'Miss' });
    assert.equal(origin.last.target, `/${name}/v1/index.html`);
  }
  origin.wasAsked(4);
  // Both are still there.
  await viewerOf(stage, 'red').gets('/a').sees({ xCache: 'Hit', body: 'red' });
  await viewerOf(stage, 'blue').gets('/a').sees({ xCache: 'Hit', body: 'blue' });
});

tenancy(
  'a value that is not given is the usual one, and a change of one is taken',
  async (stage) => {
    const { origin } = stage;
    const usual = { parameters: [{ name: 'site', value: 'www' }] };
    place(stage, 'red', usual);
    origin.answers(200, fresh, 'usual');
    await viewerOf(stage, 'red').gets('/a').sees({ body: 'usual' });
    assert.equal(origin.last.target, '/public/v1/a');
    place(stage, 'red');
    await viewerOf(stage, 'red').gets('/b').sees({ xCache: 'Miss' });
    assert.equal(origin.last.target, '/red/v1/b');
    // An origin elsewhere is another host, which nobody answers for here.
    place(stage, 'red', { parameters: [{ name: 'site', value: 'other' }] });
    await viewerOf(stage, 'red').gets('/c').sees({ status: 502 });
    assert.ok(stage.warnings.some((facts) => facts['origin'] === elsewhere));
  },
);

tenancy('the own domain of the distribution is answered by nobody', async (stage) => {
  await viewerOf(stage, host).gets('/a').sees({ status: 403, xCache: 'Error' });
  await viewerOf(stage, 'dgroup.cloudfront.localhost').gets('/a').sees({ status: 403 });
  stage.origin.wasAsked(0);
});

tenancy(
  'a tenant that is disabled, or whose group or distribution is, is refused',
  async (stage) => {
    stage.origin.answers(200, fresh, 'shop');
    const red = viewerOf(stage, 'red');
    const blue = viewerOf(stage, 'blue');
    await red.gets('/a').sees({ status: 200 });
    place(stage, 'red', { enabled: false });
    await red.gets('/a').sees({ status: 403, xCache: 'Error' });
    await blue.gets('/a').sees({ status: 200 });
    place(stage, 'red');
    await red.gets('/a').sees({ status: 200, xCache: 'Hit' });

    placeGroup(stage, false);
    await red.gets('/a').sees({ status: 403 });
    await blue.gets('/a').sees({ status: 403 });
    placeGroup(stage, true);
    await blue.gets('/a').sees({ status: 200, xCache: 'Hit' });

    stage.serves(distributionOf('custom', { ...shops, enabled: false }));
    await red.gets('/a').sees({ status: 403 });
    await blue.gets('/a').sees({ status: 403 });
    stage.serves(distributionOf('custom', shops));
    await red.gets('/a').sees({ status: 200, xCache: 'Hit' });
  },
);

tenancy(
  'an invalidation of a tenant is about its objects, one of the distribution about all',
  async (stage) => {
    stage.origin.answers(200, fresh, 'shop');
    const red = viewerOf(stage, 'red');
    const blue = viewerOf(stage, 'blue');
    for (const viewer of [red, blue]) {
      await viewer.gets('/a').sees({ xCache: 'Miss' });
      await viewer.gets('/a').sees({ xCache: 'Hit' });
    }
    invalidates(stage, '/*', 'keys', 'dt_red');
    await blue.gets('/a').sees({ xCache: 'Hit' });
    await red.gets('/a').sees({ xCache: 'Miss' });
    await red.gets('/a').sees({ xCache: 'Hit' });
    invalidates(stage, '/a', 'keys');
    await blue.gets('/a').sees({ xCache: 'Miss' });
    await red.gets('/a').sees({ xCache: 'Miss' });
  },
);

tenancy('domains move between tenants, and go with their tenant', async (stage) => {
  stage.origin.answers(200, fresh, 'shop');
  place(stage, 'red', { domains: ['red.shop.test', '*.red.shop.test'] });
  await viewerOf(stage, 'a.red.shop.test').gets('/a').sees({ status: 200 });
  assert.equal(stage.origin.last.target, '/red/v1/a');
  place(stage, 'red', { domains: ['red.shop.test'] });
  place(stage, 'blue', { domains: ['blue.shop.test', '*.red.shop.test'] });
  await viewerOf(stage, 'a.red.shop.test').gets('/b').sees({ status: 200 });
  assert.equal(stage.origin.last.target, '/blue/v1/b');
  const { routing } = stage;
  const gone = {
    kind: 'resource',
    account: '000000000000',
    id: 'dt_blue',
    of: 'distribution-tenant',
    placed: undefined,
  } as const;
  routing.apply([gone], routing.revision);
  await viewerOf(stage, 'a.red.shop.test').gets('/b').sees({ status: 403 });
  await viewerOf(stage, 'red').gets('/a').sees({ status: 200 });
});

scenario(
  'the countries of a tenant take the place of those of its distribution',
  {
    config: { ...shops, geoRestriction: { kind: 'only', countries: ['FR'] } },
    settings: {
      geoDatabases: [geoDatabase({ '127.0.0.3/32': { country: { iso_code: 'US', names: {} } } })],
    },
  },
  async (stage) => {
    placeGroup(stage, true);
    place(stage, 'red');
    place(stage, 'blue', { geoRestriction: { kind: 'only', countries: ['US'] } });
    stage.origin.answers(200, fresh, 'shop');
    await viewerOf(stage, 'blue').from('127.0.0.3').gets('/a').sees({ status: 200 });
    await viewerOf(stage, 'red').from('127.0.0.3').gets('/a').sees({ status: 403 });
  },
);
