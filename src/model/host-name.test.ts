import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bucketOfHost, faultOfHostName, isWithinDomain } from './host-name.ts';

test('host names are letters, digits and inner hyphens between dots', () => {
  for (const name of [
    'img.example.com',
    'localhost',
    'A-1.example',
    '1.example.com',
    'xn--bcher-kva.example',
    `${'a'.repeat(63)}.example`,
  ]) {
    assert.equal(faultOfHostName(name), undefined, name);
  }
});

test('everything else is told what is wrong with it', () => {
  const faults: readonly (readonly [string, RegExp])[] = [
    ['', /empty/],
    ['http://img.example.com', /without a scheme/],
    ['img.example.com:80', /without a port/],
    ['[::1]', /not an address/],
    ['img.example.com/x', /without a path/],
    ['*.example.com', /wildcards/],
    ['img..example.com', /empty label/],
    ['img.example.com.', /empty label/],
    ['.example.com', /empty label/],
    ['-img.example.com', /-img/],
    ['img_1.example.com', /img_1/],
    ['img example.com', /img example/],
    ['bücher.example', /ASCII/],
    ['192.0.2.1', /not an address/],
    ['127.1', /not an address/],
    ['0x7f.0x1', /not an address/],
    [`${'a'.repeat(64)}.example`, /1 to 63/],
    [`${'a.'.repeat(130)}com`, /253/],
    ['img\r\nx.example', /letters/],
    ['img\0.example', /letters/],
  ];
  for (const [name, fault] of faults) assert.match(faultOfHostName(name) ?? 'none', fault, name);
});

test('a domain holds itself and what is below it, and nothing that only ends alike', () => {
  assert.equal(isWithinDomain('cloudfront.localhost', 'cloudfront.localhost'), true);
  assert.equal(isWithinDomain('d1.cloudfront.localhost', 'cloudfront.localhost'), true);
  assert.equal(isWithinDomain('mycloudfront.localhost', 'cloudfront.localhost'), false);
});

test('buckets are named by the global and the regional hosts of S3', () => {
  const buckets: readonly (readonly [string, string | undefined])[] = [
    ['pics.s3.amazonaws.com', 'pics'],
    ['pics.s3.AMAZONAWS.com', 'pics'],
    ['my.pics.s3.amazonaws.com', 'my.pics'],
    ['My_Pics.s3.amazonaws.com', 'My_Pics'],
    ['pics.s3-eu-west-1.amazonaws.com', 'pics'],
    ['pics.s3.eu-west-1.amazonaws.com', 'pics'],
    ['pics.s3.us-gov-west-1.amazonaws.com', 'pics'],
    ['pics.s3.dualstack.eu-west-1.amazonaws.com', 'pics'],
    ['pics.s3-external-1.amazonaws.com', 'pics'],
    ['s3.amazonaws.com', undefined],
    ['.s3.amazonaws.com', undefined],
    ['pics.s3.amazonaws.com.', undefined],
    ['pics.s3.amazonaws.com.example.com', undefined],
    ['pics.s3.amazonaws.com:80', undefined],
    ['pics.s3-website-eu-west-1.amazonaws.com', undefined],
    ['pics..s3.amazonaws.com', undefined],
    ['../etc.s3.amazonaws.com', undefined],
    ['pics/x.s3.amazonaws.com', undefined],
    ['pics', undefined],
  ];
  for (const [host, bucket] of buckets) assert.equal(bucketOfHost(host), bucket, host);
});
