/** A configuration of API 2020-05-31 with no more than what must be in it. */

/** In front of one origin with the id `origin`: a bucket, where the name is that of one. */
export function legacyConfig(CallerReference: string, DomainName: string) {
  const isBucket = DomainName.endsWith('.s3.amazonaws.com');
  const place = isBucket
    ? { S3OriginConfig: { OriginAccessIdentity: '' } }
    : {
        CustomOriginConfig: { HTTPPort: 80, HTTPSPort: 443, OriginProtocolPolicy: 'http-only' },
      };
  return {
    CallerReference,
    Comment: '',
    Enabled: true,
    Origins: { Quantity: 1, Items: [{ Id: 'origin', DomainName, ...place }] },
    DefaultCacheBehavior: {
      TargetOriginId: 'origin',
      ViewerProtocolPolicy: 'allow-all',
      MinTTL: 0,
      ForwardedValues: { QueryString: false, Cookies: { Forward: 'none' } },
    },
  };
}
