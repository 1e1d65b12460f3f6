import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newDistribution as whole } from '../../test/harness/fake-answers.ts';
import { downloadConfig, type NewDistribution, streamingConfig } from './new-distribution.ts';
import { requestOf } from './operation-call.ts';

const namespace = 'http://cloudfront.amazonaws.com/doc/2020-05-31/';

const bare: NewDistribution = {
  callerReference: 'r',
  origin: { kind: 's3', domainName: 'pics.s3.amazonaws.com' },
  aliases: [],
  comment: '',
  enabled: false,
  defaultRootObject: undefined,
  logging: undefined,
  trustedSigners: [],
  httpsOnly: false,
};

test('what is made from options stands in the order of the model, with every count', () => {
  const sent = requestOf('CreateDistribution', { DistributionConfig: downloadConfig(whole) });
  assert.deepEqual([sent.method, sent.path], ['POST', '/2020-05-31/distribution']);
  assert.equal(
    sent.body,
    `<?xml version="1.0"?>\n<DistributionConfig xmlns="${namespace}"><CallerReference>ref-1</CallerReference>` +
      '<Origins><Quantity>1</Quantity><Items><Origin><Id>default</Id><DomainName>www.example.com</DomainName>' +
      '<CustomOriginConfig><HTTPPort>8080</HTTPPort><HTTPSPort>8443</HTTPSPort>' +
      '<OriginProtocolPolicy>match-viewer</OriginProtocolPolicy></CustomOriginConfig></Origin></Items></Origins>' +
      '<DefaultCacheBehavior><TargetOriginId>default</TargetOriginId>' +
      '<ViewerProtocolPolicy>https-only</ViewerProtocolPolicy>' +
      '<TrustedSigners><Enabled>true</Enabled><Quantity>2</Quantity><Items><AwsAccountNumber>self</AwsAccountNumber>' +
      '<AwsAccountNumber>111122223333</AwsAccountNumber></Items></TrustedSigners>' +
      '<ForwardedValues><QueryString>false</QueryString><Cookies><Forward>none</Forward></Cookies></ForwardedValues>' +
      '<MinTTL>0</MinTTL></DefaultCacheBehavior>' +
      '<Comment>a &amp; &lt;b&gt; "c"</Comment><Enabled>true</Enabled>' +
      '<Aliases><Quantity>2</Quantity><Items><CNAME>a.example.com</CNAME><CNAME>b.example.com</CNAME></Items></Aliases>' +
      '<DefaultRootObject>index.html</DefaultRootObject>' +
      '<Logging><Enabled>true</Enabled><IncludeCookies>false</IncludeCookies>' +
      '<Bucket>logs.s3.amazonaws.com</Bucket><Prefix/></Logging></DistributionConfig>',
  );
});

test('a streaming distribution is in front of a bucket', () => {
  const input = { StreamingDistributionConfig: streamingConfig(bare) };
  assert.equal(
    requestOf('CreateStreamingDistribution', input).body,
    `<?xml version="1.0"?>\n<StreamingDistributionConfig xmlns="${namespace}"><CallerReference>r</CallerReference>` +
      '<S3Origin><DomainName>pics.s3.amazonaws.com</DomainName><OriginAccessIdentity/></S3Origin>' +
      '<Comment/><TrustedSigners><Enabled>false</Enabled><Quantity>0</Quantity></TrustedSigners>' +
      '<Enabled>false</Enabled><Aliases><Quantity>0</Quantity></Aliases></StreamingDistributionConfig>',
  );
  assert.throws(() => streamingConfig(whole), /in front of buckets/);
});
