import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bucketOf } from './bucket-name.ts';
import { contentTypeOf } from './content-types.ts';

test('every form of the endpoint names its bucket', () => {
  for (const host of [
    'pics.s3.amazonaws.com',
    'pics.s3-eu-west-1.amazonaws.com',
    'pics.s3.eu-west-1.amazonaws.com',
    'pics.s3.us-gov-west-1.amazonaws.com',
    'pics.s3.dualstack.eu-west-1.amazonaws.com',
    'pics.s3-external-1.amazonaws.com',
    'pics.s3-accelerate.amazonaws.com',
    'pics.s3-accelerate.dualstack.amazonaws.com',
    'pics.s3.cn-north-1.amazonaws.com.cn',
  ]) {
    assert.equal(bucketOf(host), 'pics', host);
  }
  assert.equal(bucketOf('a.b.s3.amazonaws.com'), 'a.b');
});

test('other names are no buckets', () => {
  for (const host of [
    's3.amazonaws.com',
    'pics.s3.amazonaws.com.evil.test',
    'pics.s3-website-eu-west-1.amazonaws.com',
    'pics.s3.example.com',
    'www.example.com',
    '.s3.amazonaws.com',
  ]) {
    assert.equal(bucketOf(host), undefined, host);
  }
});

test('types go by the end of the name', () => {
  assert.equal(contentTypeOf('a/b.min.JS'), 'text/javascript');
  assert.equal(contentTypeOf('a.svg'), 'image/svg+xml');
  for (const name of ['a', 'a.', 'a.unknown', 'a.constructor', '.']) {
    assert.equal(contentTypeOf(name), 'binary/octet-stream', name);
  }
});
