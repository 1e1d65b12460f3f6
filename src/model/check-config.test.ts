import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkConfig } from './check-config.ts';
import type { CustomOrigin, DistributionConfig, S3Origin } from './distribution.ts';
import { createLimits } from './limits.ts';
import {
  plainBehavior,
  plainConfig,
  plainCustomOrigin,
  plainLogging,
  plainOrigin,
} from './plain-config.ts';
import { Refusal, type RefusalCode } from './refusal.ts';

const limits = createLimits();
const environment = { domain: 'cloudfront.localhost' };

const bucket: S3Origin = {
  ...plainOrigin,
  kind: 's3',
  id: 'default',
  domainName: 'pics.s3.amazonaws.com',
  accessIdentity: undefined,
};
const site: CustomOrigin = {
  ...plainCustomOrigin,
  id: 'default',
  domainName: 'www.example.com',
};
const plain: DistributionConfig = {
  ...plainConfig,
  kind: 'download',
  callerReference: 'ref-1',
  enabled: true,
  origins: [bucket],
  defaultBehavior: {
    ...plainBehavior,
    targetOriginId: 'default',
    viewerProtocolPolicy: 'allow-all',
  },
};

function accepts(changed: Partial<DistributionConfig>): void {
  checkConfig({ ...plain, ...changed }, limits, environment);
}

function refuses(code: RefusalCode, changed: Partial<DistributionConfig>): void {
  assert.throws(
    () => accepts(changed),
    (error) => error instanceof Refusal && error.code === code,
    JSON.stringify(changed).slice(0, 200),
  );
}

function trusting(accounts: readonly string[]): Partial<DistributionConfig> {
  const trustedSigners = { self: false, accounts };
  return { defaultBehavior: { ...plain.defaultBehavior, trustedSigners } };
}

test('values at their limits are accepted', () => {
  accepts({ callerReference: 'r'.repeat(127) });
  accepts({ comment: '\u{1f600}'.repeat(128) });
  accepts({ aliases: Array.from({ length: 10 }, (_, index) => `c${index}.example.com`) });
  accepts({ defaultRootObject: 'r'.repeat(255) });
  accepts({ defaultRootObject: `a/b_-.*$~"'&.html` });
  accepts({
    logging: { ...plainLogging, bucket: 'logs.s3.amazonaws.com', prefix: 'p'.repeat(256) },
  });
  accepts({ origins: [{ ...site, httpPort: 1_024, httpsPort: 65_535 }] });
  accepts({ origins: [{ ...bucket, accessIdentity: 'E1QXVPAEXAMPLE' }] });
  accepts(trusting(['1', '2', '3', '4', '5'].map((digit) => digit.repeat(12))));
});

test('a caller reference is counted in bytes, and there is one', () => {
  refuses('InvalidArgument', { callerReference: '' });
  refuses('InvalidArgument', { callerReference: 'r'.repeat(128) });
  refuses('InvalidArgument', { callerReference: 'ü'.repeat(64) });
});

test('an alias is a host name and not one that we give ourselves', () => {
  refuses('InvalidArgument', { aliases: ['not a host'] });
  refuses('InvalidArgument', { aliases: ['192.0.2.1'] });
  accepts({ aliases: ['*.example.com'] });
  refuses('InvalidArgument', { aliases: ['a.*.example.com'] });
  refuses('InvalidArgument', { aliases: ['*.cloudfront.localhost'] });
  refuses('InvalidArgument', { aliases: ['cloudfront.localhost'] });
  refuses('InvalidArgument', { aliases: ['d111111abcdef8.cloudfront.localhost'] });
});

test('texts that are too long, ports that are not allowed and log buckets that are none', () => {
  refuses('InvalidArgument', { comment: 'c'.repeat(129) });
  for (const port of [0, 79, 1_023, 65_536, Number.NaN]) {
    refuses('InvalidArgument', { origins: [{ ...site, httpPort: port }] });
    refuses('InvalidArgument', { origins: [{ ...site, httpsPort: port }] });
  }
  refuses('InvalidArgument', { logging: { ...plainLogging, bucket: 'logs' } });
  const long = `${'b'.repeat(120)}.s3.amazonaws.com`;
  refuses('InvalidArgument', { logging: { ...plainLogging, bucket: long } });
  const prefix = 'p'.repeat(257);
  refuses('InvalidArgument', {
    logging: { ...plainLogging, bucket: 'logs.s3.amazonaws.com', prefix },
  });
  refuses('InvalidArgument', trusting(['12']));
});

test('an origin has a name of its kind', () => {
  refuses('InvalidOrigin', { origins: [{ ...bucket, domainName: 'www.example.com' }] });
  refuses('InvalidOrigin', { origins: [{ ...bucket, domainName: '' }] });
  const long = `${'b'.repeat(120)}.s3.amazonaws.com`;
  refuses('InvalidOrigin', { origins: [{ ...bucket, domainName: long }] });
  for (const domainName of ['', 'http://a', 'a:80', 'a/b', '127.0.0.1', 'a b', 'a\r\nb']) {
    refuses('InvalidOrigin', { origins: [{ ...site, domainName }] });
  }
  accepts({ origins: [{ ...site, domainName: 'pics.s3.amazonaws.com' }] });
});

test('a root object has a form', () => {
  refuses('InvalidDefaultRootObject', { defaultRootObject: '/index.html' });
  refuses('InvalidDefaultRootObject', { defaultRootObject: 'r'.repeat(256) });
  for (const defaultRootObject of ['a b', 'a%20b', 'ü', 'a?b', 'a\n', '<a>']) {
    refuses('InvalidDefaultRootObject', { defaultRootObject });
  }
});

test('counts have a limit, and the code tells the kind', () => {
  const aliases = Array.from({ length: 101 }, (_, index) => `c${index}.example.com`);
  refuses('TooManyDistributionCNAMEs', { aliases });
  refuses('TooManyStreamingDistributionCNAMEs', { kind: 'streaming', aliases });
  refuses(
    'TooManyTrustedSigners',
    trusting(['1', '2', '3', '4', '5', '6'].map((digit) => digit.repeat(12))),
  );
});

test('an access identity has the form of an id', () => {
  for (const accessIdentity of ['', 'x', 'E1', 'e1qxvpaexample', 'E1QXVPAEXAMPLE/..']) {
    refuses('InvalidOriginAccessIdentity', { origins: [{ ...bucket, accessIdentity }] });
  }
});

test('of several faults the first in the documented order is told', () => {
  refuses('InvalidArgument', {
    comment: 'c'.repeat(129),
    origins: [{ ...bucket, domainName: 'x', accessIdentity: 'x' }],
    defaultRootObject: '/',
  });
  refuses('InvalidOrigin', {
    origins: [{ ...bucket, domainName: 'x', accessIdentity: 'x' }],
    defaultRootObject: '/',
  });
});
