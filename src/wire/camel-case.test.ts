import assert from 'node:assert/strict';
import { test } from 'node:test';
import { camelCase } from './camel-case.ts';

test('members are named in camel case as the original names them', () => {
  const names = ['Enabled', 'DNSName', 'HTTPSPort', 'S3Origin', 'CNAME', 'OriginProtocolPolicy'];
  assert.deepEqual(names.map(camelCase), [
    'enabled',
    'dnsName',
    'httpsPort',
    's3Origin',
    'cname',
    'originProtocolPolicy',
  ]);
});
