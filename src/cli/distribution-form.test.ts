import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readXml } from '../base/xml.ts';
import {
  isEnabled,
  type NewDistribution,
  readDistribution,
  readListed,
  withEnabled,
  writeNew,
} from './distribution-form.ts';
import { downloads, streamings } from './kind.ts';

const bounds = { bytesMax: 1_048_576, depthMax: 16, elementsMax: 1_000 };
const namespace = 'http://cloudfront.amazonaws.com/doc/2010-11-01/';

function parse(text: string) {
  return readXml(Buffer.from(text), bounds);
}

const whole: NewDistribution = {
  callerReference: 'ref-1',
  origin: {
    kind: 'custom',
    domainName: 'www.example.com',
    httpPort: '8080',
    httpsPort: '8443',
    protocolPolicy: 'match-viewer',
  },
  aliases: ['a.example.com', 'b.example.com'],
  comment: 'a & <b> "c"',
  enabled: true,
  defaultRootObject: 'index.html',
  logging: { bucket: 'logs.s3.amazonaws.com', prefix: '' },
  trustedSigners: ['self', '111122223333'],
  httpsOnly: true,
};

test('what is made from options stands in the documented order', () => {
  assert.equal(
    writeNew(whole, downloads),
    `<?xml version="1.0"?>\n<DistributionConfig xmlns="${namespace}">` +
      '<CustomOrigin><DNSName>www.example.com</DNSName><HTTPPort>8080</HTTPPort>' +
      '<HTTPSPort>8443</HTTPSPort><OriginProtocolPolicy>match-viewer</OriginProtocolPolicy></CustomOrigin>' +
      '<CallerReference>ref-1</CallerReference><CNAME>a.example.com</CNAME><CNAME>b.example.com</CNAME>' +
      '<Comment>a &amp; &lt;b&gt; "c"</Comment><Enabled>true</Enabled>' +
      '<DefaultRootObject>index.html</DefaultRootObject>' +
      '<Logging><Bucket>logs.s3.amazonaws.com</Bucket><Prefix/></Logging>' +
      '<TrustedSigners><Self/><AwsAccountNumber>111122223333</AwsAccountNumber></TrustedSigners>' +
      '<RequiredProtocols><Protocol>https</Protocol></RequiredProtocols></DistributionConfig>',
  );
  const bare = writeNew(
    {
      callerReference: 'r',
      origin: { kind: 's3', domainName: 'pics.s3.amazonaws.com' },
      aliases: [],
      comment: '',
      enabled: false,
      defaultRootObject: undefined,
      logging: undefined,
      trustedSigners: [],
      httpsOnly: false,
    },
    streamings,
  );
  assert.equal(
    bare,
    `<?xml version="1.0"?>\n<StreamingDistributionConfig xmlns="${namespace}">` +
      '<S3Origin><DNSName>pics.s3.amazonaws.com</DNSName></S3Origin>' +
      '<CallerReference>r</CallerReference><Enabled>false</Enabled></StreamingDistributionConfig>',
  );
});

test('a document of the API is read into a plain view', () => {
  const config = writeNew(whole, downloads)
    .replace(/^.*\n/, '')
    .replace(` xmlns="${namespace}"`, '');
  const root = parse(
    `<Distribution xmlns="${namespace}"><Id>E1</Id><Status>InProgress</Status>` +
      '<LastModifiedTime>2026-11-22T21:22:35.087Z</LastModifiedTime>' +
      '<InProgressInvalidationBatches>2</InProgressInvalidationBatches>' +
      `<DomainName>d1.cloudfront.localhost</DomainName>${config}</Distribution>`,
  );
  assert.deepEqual(readDistribution(root, downloads), {
    id: 'E1',
    status: 'InProgress',
    lastModified: '2026-11-22T21:22:35.087Z',
    domainName: 'd1.cloudfront.localhost',
    origin: {
      kind: 'custom',
      domainName: 'www.example.com',
      httpPort: 8080,
      httpsPort: 8443,
      protocolPolicy: 'match-viewer',
    },
    aliases: ['a.example.com', 'b.example.com'],
    comment: 'a & <b> "c"',
    enabled: true,
    trustedSigners: ['self', '111122223333'],
    callerReference: 'ref-1',
    defaultRootObject: 'index.html',
    logging: { bucket: 'logs.s3.amazonaws.com', prefix: '' },
    httpsOnly: true,
    inProgressInvalidations: 2,
    activeSigners: [],
  });
});

test('who may sign is told with the key pairs that are active', () => {
  const root = parse(
    '<Distribution><Id>E1</Id><ActiveTrustedSigners><Signer><Self/><KeyPairId>APKA1</KeyPairId>' +
      '<KeyPairId>APKA2</KeyPairId></Signer><Signer><AwsAccountNumber>111122223333</AwsAccountNumber>' +
      '</Signer></ActiveTrustedSigners></Distribution>',
  );
  assert.deepEqual(readDistribution(root, downloads).activeSigners, [
    { signer: 'self', keyPairIds: ['APKA1', 'APKA2'] },
    { signer: '111122223333', keyPairIds: [] },
  ]);
});

test('an item of a list has its configuration among its own elements', () => {
  const summary =
    '<StreamingDistributionSummary><Id>E2</Id><Status>Deployed</Status><DomainName>s1.x</DomainName>' +
    '<S3Origin><DNSName>p.s3.amazonaws.com</DNSName><OriginAccessIdentity>origin-access-identity/cloudfront/E9</OriginAccessIdentity></S3Origin>' +
    '<Enabled>false</Enabled></StreamingDistributionSummary>';
  assert.partialDeepStrictEqual(readListed(parse(summary)), {
    id: 'E2',
    enabled: false,
    origin: {
      kind: 's3',
      domainName: 'p.s3.amazonaws.com',
      accessIdentity: 'origin-access-identity/cloudfront/E9',
    },
  });
});

test('a configuration that is switched keeps every element, known or not', () => {
  const before =
    `<DistributionConfig xmlns="http://cloudfront.amazonaws.com/doc/2010-07-15/">\n  <S3Origin><DNSName>p</DNSName>` +
    '<OriginAccessIdentity>x</OriginAccessIdentity></S3Origin>\n<Later mode="a&quot;b"><Deep>&amp;&#13;</Deep></Later>' +
    '<Comment>  spaces  </Comment><Enabled>true</Enabled><Prefix/></DistributionConfig>';
  const config = parse(before);
  assert.equal(isEnabled(config), true);
  const after = withEnabled(config, false);
  assert.equal(
    after,
    `<?xml version="1.0"?>\n<DistributionConfig xmlns="${namespace}"><S3Origin><DNSName>p</DNSName>` +
      '<OriginAccessIdentity>x</OriginAccessIdentity></S3Origin><Later mode="a&quot;b"><Deep>&amp;&#13;</Deep></Later>' +
      '<Comment>  spaces  </Comment><Enabled>false</Enabled><Prefix/></DistributionConfig>',
  );
  assert.equal(isEnabled(parse(after)), false);
});
