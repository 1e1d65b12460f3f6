/** Origins and groups of them (API 2020-05-31, section 4.2), each with every member that it may have. */
import type {
  CustomOrigin,
  Origin,
  OriginCommon,
  OriginGroup,
  S3Origin,
  VpcOrigin,
} from '../../../model/distribution.ts';
import { plainCustomOrigin, plainOrigin } from '../../../model/plain-config.ts';
import { Refusal } from '../../../model/refusal.ts';
import { counted, itemsOf } from '../../../wire/counted.ts';
import type * as Wire from '../../../wire/shapes.generated.ts';
import { unsupported } from './unsupported.ts';

export function readOrigin(given: Wire.Origin): Origin {
  const { CustomOriginConfig: custom, S3OriginConfig: s3, VpcOriginConfig: vpc } = given;
  if ([custom, s3, vpc].filter((one) => one !== undefined).length > 1) {
    const why = 'You must specify either a CustomOrigin or an S3Origin. You cannot specify both.';
    throw new Refusal('IllegalUpdate', { why });
  }
  const common = readCommon(given);
  if (custom !== undefined) return readCustom(common, custom);
  if (vpc !== undefined) return readVpc(common, vpc);
  // Terraform says neither for a bucket with an access control.
  return {
    ...common,
    kind: 's3',
    readTimeoutS: s3?.OriginReadTimeout ?? plainOrigin.readTimeoutS,
    accessIdentity: readAccessIdentity(s3?.OriginAccessIdentity ?? ''),
  };
}

function readCommon(given: Wire.Origin): OriginCommon {
  const { OriginShield: shield } = given;
  if (shield?.Enabled === true && (shield.OriginShieldRegion ?? '') === '') {
    const why = 'it is required where the shield is enabled.';
    throw new Refusal('InvalidArgument', { member: 'OriginShieldRegion', why });
  }
  return {
    id: given.Id,
    domainName: given.DomainName,
    path: given.OriginPath ?? plainOrigin.path,
    customHeaders: itemsOf(given.CustomHeaders).map(({ HeaderName, HeaderValue }) => ({
      name: HeaderName,
      value: HeaderValue,
    })),
    attempts: given.ConnectionAttempts ?? plainOrigin.attempts,
    connectTimeoutS: given.ConnectionTimeout ?? plainOrigin.connectTimeoutS,
    readTimeoutS: plainOrigin.readTimeoutS,
    completionTimeoutS: given.ResponseCompletionTimeout ?? plainOrigin.completionTimeoutS,
    shieldRegion: shield?.Enabled === true ? (shield.OriginShieldRegion ?? '') : '',
    accessControl: given.OriginAccessControlId ?? '',
  };
}

function readCustom(common: OriginCommon, given: Wire.CustomOriginConfig): CustomOrigin {
  if (given.OriginMtlsConfig !== undefined) {
    throw unsupported('OriginMtlsConfig', 'certificates of clients are not sent to origins');
  }
  return {
    ...common,
    kind: 'custom',
    httpPort: given.HTTPPort,
    httpsPort: given.HTTPSPort,
    protocolPolicy: given.OriginProtocolPolicy,
    tlsProtocols: given.OriginSslProtocols?.Items ?? plainCustomOrigin.tlsProtocols,
    readTimeoutS: given.OriginReadTimeout ?? plainOrigin.readTimeoutS,
    keepAliveTimeoutS: given.OriginKeepaliveTimeout ?? plainCustomOrigin.keepAliveTimeoutS,
    addresses: given.IpAddressType ?? '',
  };
}

function readVpc(common: OriginCommon, given: Wire.VpcOriginConfig): VpcOrigin {
  return {
    ...common,
    kind: 'vpc',
    vpcOrigin: given.VpcOriginId,
    owner: given.OwnerAccountId ?? '',
    readTimeoutS: given.OriginReadTimeout ?? plainOrigin.readTimeoutS,
    keepAliveTimeoutS: given.OriginKeepaliveTimeout ?? plainCustomOrigin.keepAliveTimeoutS,
  };
}

/** Empty: none. */
export function readAccessIdentity(text: string): string | undefined {
  if (text === '') return undefined;
  const id = /^origin-access-identity\/cloudfront\/([^/]+)$/.exec(text)?.[1];
  if (id !== undefined) return id;
  const why = `${text} is not of the form origin-access-identity/cloudfront/ID.`;
  throw new Refusal('InvalidOriginAccessIdentity', { why });
}

export function writeAccessIdentity(id: string | undefined): string {
  return id === undefined ? '' : `origin-access-identity/cloudfront/${id}`;
}

export function writeOrigin(origin: Origin): Wire.Origin {
  const { completionTimeoutS, shieldRegion } = origin;
  return {
    Id: origin.id,
    DomainName: origin.domainName,
    OriginPath: origin.path,
    CustomHeaders: counted(
      origin.customHeaders.map(({ name, value }) => ({ HeaderName: name, HeaderValue: value })),
    ),
    ...writeKind(origin),
    ConnectionAttempts: origin.attempts,
    ConnectionTimeout: origin.connectTimeoutS,
    ResponseCompletionTimeout: completionTimeoutS === 0 ? undefined : completionTimeoutS,
    OriginShield:
      shieldRegion === ''
        ? { Enabled: false }
        : { Enabled: true, OriginShieldRegion: shieldRegion },
    OriginAccessControlId: origin.accessControl,
  };
}

type KindMembers = Pick<Wire.Origin, 'S3OriginConfig' | 'CustomOriginConfig' | 'VpcOriginConfig'>;

function writeKind(origin: Origin): KindMembers {
  switch (origin.kind) {
    case 's3':
      return { S3OriginConfig: writeS3(origin) };
    case 'custom':
      return { CustomOriginConfig: writeCustom(origin) };
    case 'vpc':
      return { VpcOriginConfig: writeVpc(origin) };
    default:
      return origin satisfies never;
  }
}

function writeS3({ accessIdentity, readTimeoutS }: S3Origin): Wire.S3OriginConfig {
  return {
    OriginAccessIdentity: writeAccessIdentity(accessIdentity),
    OriginReadTimeout: readTimeoutS,
  };
}

function writeCustom(origin: CustomOrigin): Wire.CustomOriginConfig {
  return {
    HTTPPort: origin.httpPort,
    HTTPSPort: origin.httpsPort,
    OriginProtocolPolicy: origin.protocolPolicy,
    OriginSslProtocols: { Quantity: origin.tlsProtocols.length, Items: origin.tlsProtocols },
    OriginReadTimeout: origin.readTimeoutS,
    OriginKeepaliveTimeout: origin.keepAliveTimeoutS,
    IpAddressType: origin.addresses === '' ? undefined : origin.addresses,
  };
}

function writeVpc(origin: VpcOrigin): Wire.VpcOriginConfig {
  return {
    VpcOriginId: origin.vpcOrigin,
    OwnerAccountId: origin.owner === '' ? undefined : origin.owner,
    OriginReadTimeout: origin.readTimeoutS,
    OriginKeepaliveTimeout: origin.keepAliveTimeoutS,
  };
}

export function readOriginGroup(given: Wire.OriginGroup): OriginGroup {
  return {
    id: given.Id,
    failoverStatuses: given.FailoverCriteria.StatusCodes.Items,
    members: given.Members.Items.map(({ OriginId }) => OriginId),
    selection: given.SelectionCriteria ?? 'default',
  };
}

export function writeOriginGroup(group: OriginGroup): Wire.OriginGroup {
  const { failoverStatuses, id, members, selection } = group;
  return {
    Id: id,
    FailoverCriteria: {
      StatusCodes: { Quantity: failoverStatuses.length, Items: failoverStatuses },
    },
    Members: {
      Quantity: members.length,
      Items: members.map((member) => ({ OriginId: member })),
    },
    SelectionCriteria: selection,
  };
}
