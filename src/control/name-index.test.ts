import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant } from '../base/clock.ts';
import { revision, writeId } from '../base/log-record.ts';
import { Catalog } from '../model/catalog.ts';
import { accountId, configEtag } from '../model/ids.ts';
import { putResource } from '../model/resources/resource-document.ts';
import type { Resource } from '../model/resources/resource.ts';
import { catalogOf } from '../../test/harness/configs.ts';
import { distributionOf, host } from '../../test/harness/scenario.ts';
import { NameIndex } from './name-index.ts';

const at = revision(7);
const endpoint = 'dgroup.cloudfront.localhost';

function groupWith(enabled: boolean): Resource<'connection-group'> {
  return {
    format: 1,
    account: accountId('000000000000'),
    kind: 'connection-group',
    id: 'cg_1',
    etag: configEtag('E2QWRUHAPOMQZL'),
    createdAt: instant(1),
    modifiedAt: instant(2),
    config: { name: 'group', enabled, hasIpv6: true, anycastIpList: undefined, endpoint },
  };
}

function place(catalog: Catalog, group: Resource, position: number): void {
  const changes = [putResource(group)];
  catalog.apply({ revision: revision(position), writeId: writeId(new Uint8Array(16)), changes });
}

test('a distribution has its name, unless it is reached through tenants', () => {
  const names = new NameIndex();
  for (const connectionMode of ['direct', 'tenant-only'] as const) {
    const catalog = catalogOf([distributionOf('custom', { connectionMode, ipv6: true })], at);
    assert.deepEqual(names.find(catalog, host), {
      enabled: connectionMode === 'direct',
      speaksHttp2: false,
      hasIpv6: true,
      revision: at,
      hasChanged: false,
    });
    assert.equal(names.find(catalog, 'dother.cloudfront.localhost'), undefined);
  }
});

test('the endpoint of a connection group is a name, and follows its changes', () => {
  const names = new NameIndex();
  const catalog = new Catalog();
  assert.equal(names.find(catalog, endpoint), undefined);
  place(catalog, groupWith(true), 3);
  const known = { speaksHttp2: false, hasIpv6: true, hasChanged: true };
  assert.deepEqual(names.find(catalog, endpoint), { ...known, enabled: true, revision: 3 });
  place(catalog, groupWith(false), 4);
  assert.deepEqual(names.find(catalog, endpoint), { ...known, enabled: false, revision: 4 });
});
