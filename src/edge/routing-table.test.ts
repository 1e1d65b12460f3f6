import assert from 'node:assert/strict';
import { test } from 'node:test';
import { revision } from '../base/log-record.ts';
import type { Touched } from '../model/catalog.ts';
import type { Distribution } from '../model/distribution.ts';
import { catalogOf, touchedBy } from '../../test/harness/configs.ts';
import { placeResource } from '../../test/harness/placing.ts';
import { customOrigin, distributionOf } from '../../test/harness/scenario.ts';
import { RoutingTable } from './routing-table.ts';

function named(id: string, aliases: readonly string[]): Distribution {
  return distributionOf(
    'custom',
    { aliases },
    {},
    { id, domainName: `${id.toLowerCase()}.cdn.test` },
  );
}

function tableOf(...all: readonly Distribution[]): RoutingTable {
  const table = new RoutingTable('cdn.test');
  table.replaceAll(catalogOf(all, revision(1)), revision(1));
  return table;
}

function step(...all: readonly Distribution[]): readonly Touched[] {
  return all.map((distribution) => touchedBy(distribution, revision(1)));
}

test('an alias moves between two distributions in one step, whatever their order', () => {
  for (const [first, second] of [
    ['E1', 'E2'],
    ['E2', 'E1'],
  ] as const) {
    const table = tableOf(named(first, ['www.test', '*.w.test']), named(second, []));
    table.apply(step(named(first, []), named(second, ['www.test', '*.w.test'])), revision(2));
    assert.equal(table.find('www.test')?.distributionId, second);
    assert.equal(table.find('a.w.test')?.distributionId, second);
    table.apply(step(named(second, []), named(first, ['www.test'])), revision(3));
    assert.equal(table.find('www.test')?.distributionId, first);
    assert.equal(table.find('a.w.test'), undefined);
    assert.equal(table.revision, 3);
  }
});

test('a name that another has taken stays when its former owner goes', () => {
  const table = tableOf(named('E1', ['www.test']), named('E2', []));
  table.apply(step(named('E2', ['www.test'])), revision(2));
  table.apply([{ kind: 'distribution', id: 'E1', placed: undefined }], revision(3));
  assert.equal(table.find('www.test')?.distributionId, 'E2');
  assert.equal(table.find('e1.cdn.test'), undefined);
  assert.equal(table.size, 1);
});

test('an entry in use stays as it was', () => {
  const table = tableOf(named('E1', ['www.test']));
  const entry = table.find('www.test');
  const { config } = named('E1', []);
  const disabled = { ...named('E1', []), config: { ...config, enabled: false } };
  table.apply(step(disabled), revision(2));
  assert.equal(entry?.state, 'serving');
  assert.equal(table.find('e1.cdn.test')?.state, 'refused');
  assert.equal(table.find('www.test'), undefined);
});

test('a whole state replaces all there was', () => {
  const table = tableOf(named('E1', ['a.test', '*.b.test']));
  table.replaceAll(catalogOf([named('E2', ['a.test'])], revision(9)), revision(9));
  assert.equal(table.find('a.test')?.distributionId, 'E2');
  assert.equal(table.find('x.b.test'), undefined);
  assert.equal(table.find('e1.cdn.test'), undefined);
  assert.equal(table.size, 1);
});

const shop = distributionOf('custom', {
  connectionMode: 'tenant-only',
  tenantParameters: [{ name: 'site', required: true, comment: '', usualValue: '' }],
  origins: [{ ...customOrigin, domainName: '{{site}}.origin.test' }],
});

function placeTenant(table: RoutingTable, name: string): void {
  const config = {
    name,
    distribution: shop.id,
    domains: [`${name}.test`],
    parameters: [{ name: 'site', value: name }],
    connectionGroup: 'cg_1',
    webAcl: { kind: 'inherited' },
    certificate: '',
    geoRestriction: undefined,
    managedCertificate: undefined,
    enabled: true,
  } as const;
  placeResource(table, { kind: 'distribution-tenant', id: `dt_${name}`, config });
}

function placeGroup(table: RoutingTable): void {
  const endpoint = 'dgroup.cdn.test';
  const config = { name: 'g', enabled: true, hasIpv6: true, anycastIpList: undefined, endpoint };
  placeResource(table, { kind: 'connection-group', id: 'cg_1', config });
}

test('an entry of a tenant stands until something that it is made of changes', () => {
  const table = tableOf(shop, named('E2', ['www.test']));
  placeGroup(table);
  for (const name of ['red', 'blue']) placeTenant(table, name);
  const red = table.find('red.test');
  assert.equal(red?.tenantId, 'dt_red');
  assert.equal(red.state, 'serving');
  assert.equal(red.behavior.origin.domainName, 'red.origin.test');
  assert.notEqual(red.cacheOwner, table.find('blue.test')?.cacheOwner);
  table.apply(step(named('E2', [])), revision(9));
  placeTenant(table, 'blue');
  assert.equal(table.find('red.test'), red);

  table.apply(step({ ...shop, config: { ...shop.config, defaultRootObject: 'a' } }), revision(20));
  const changed = table.find('red.test');
  assert.equal(changed?.defaultRootObject, 'a');
  placeGroup(table);
  assert.notEqual(table.find('red.test'), changed);
  table.apply([{ kind: 'distribution', id: shop.id, placed: undefined }], revision(30));
  assert.equal(table.find('red.test'), undefined);
  table.apply(step(shop), revision(31));
  assert.equal(table.find('red.test')?.state, 'serving');
});
