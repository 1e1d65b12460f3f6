/**
 * What a configuration is where nothing was said: every member that has a usual value. Documents of
 * earlier releases and forms with fewer words are completed from here, so that below them a member is
 * always there.
 */
import { rulesOf2010 } from './behavior-rules.ts';
import {
  type Behavior,
  type CustomOrigin,
  type DistributionConfig,
  type Logging,
  noTrustedSigners,
  type OriginCommon,
} from './distribution.ts';

export const plainOrigin: Omit<OriginCommon, 'id' | 'domainName'> = {
  path: '',
  customHeaders: [],
  attempts: 3,
  connectTimeoutS: 10,
  readTimeoutS: 30,
  completionTimeoutS: 0,
  shieldRegion: '',
  accessControl: '',
};

export const plainCustomOrigin: Omit<CustomOrigin, 'id' | 'domainName'> = {
  ...plainOrigin,
  kind: 'custom',
  httpPort: 80,
  httpsPort: 443,
  protocolPolicy: 'match-viewer',
  tlsProtocols: ['TLSv1.2'],
  keepAliveTimeoutS: 5,
  addresses: '',
};

const { errorTtlS: _, ...plainRules } = rulesOf2010;

export const plainBehavior: Omit<Behavior, 'targetOriginId' | 'viewerProtocolPolicy'> = {
  ...plainRules,
  trustedSigners: noTrustedSigners,
  keyGroups: [],
  minTtlS: 0,
  defaultTtlS: 86_400,
  maxTtlS: 31_536_000,
  cachePolicy: '',
  originRequestPolicy: '',
  responseHeadersPolicy: '',
  fieldEncryption: '',
  realtimeLogConfig: '',
  functions: [],
  smoothStreaming: false,
  grpc: false,
};

export const plainLogging: Omit<Logging, 'bucket'> = { prefix: '', withCookies: false };

type Unsaid = Omit<
  DistributionConfig,
  'kind' | 'callerReference' | 'enabled' | 'origins' | 'defaultBehavior'
>;

export const plainConfig: Unsaid = {
  aliases: [],
  comment: '',
  defaultRootObject: '',
  logging: undefined,
  httpVersion: 'http1.1',
  ipv6: false,
  priceClass: 'all',
  certificate: { kind: 'default', tlsPolicy: 'TLSv1' },
  geoRestriction: { kind: 'none' },
  webAcl: '',
  originGroups: [],
  behaviors: [],
  errorResponses: [],
  staging: false,
  continuousDeploymentPolicy: '',
  anycastIpList: '',
  connectionFunction: '',
  cacheTagHeader: '',
  connectionMode: 'direct',
  tenantParameters: [],
};
