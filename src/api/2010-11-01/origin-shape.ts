/**
 * `S3Origin` and `CustomOrigin` (API 2010-11-01, sections 2.2.5a and b). The form has exactly one
 * origin, which the model calls `default`. `Origin`, the form before this version, is told apart
 * from other unknown elements, since old tools still send it.
 */
import { parentElement, textElement, type XmlElement } from '../../base/xml.ts';
import type {
  CustomOrigin,
  DistributionConfig,
  Origin,
  OriginProtocolPolicy,
  S3Origin,
  VpcOrigin,
} from '../../model/distribution.ts';
import { plainCustomOrigin, plainOrigin } from '../../model/plain-config.ts';
import { Refusal } from '../../model/refusal.ts';
import { type Member, readMembers, readText } from '../xml/members.ts';

export const soleOriginId = 'default';

/** To be called before the members are read, which would only say that `Origin` is unknown. */
export function refuseOldOrigin({ element }: Member): void {
  if (element.children.some(({ name }) => name === 'Origin')) {
    const why = 'Origin is the form before 2010-11-01; say S3Origin or CustomOrigin instead.';
    throw new Refusal('InvalidOrigin', { why });
  }
}

export function readOrigin(s3: Member | undefined, custom: Member | undefined): Origin {
  if (s3 !== undefined && custom !== undefined) {
    throw new Refusal('InvalidOrigin', { why: 'there are both an S3Origin and a CustomOrigin.' });
  }
  if (s3 !== undefined) return readS3Origin(s3);
  if (custom !== undefined) return readCustomOrigin(custom);
  throw new Refusal('InvalidOrigin', { why: 'there is neither an S3Origin nor a CustomOrigin.' });
}

export function readS3Origin(member: Member): S3Origin {
  const members = readMembers(member, ['DNSName', 'OriginAccessIdentity']);
  const domainName = readText(members.required('DNSName'));
  const identity = members.optional('OriginAccessIdentity');
  return {
    ...plainOrigin,
    kind: 's3',
    id: soleOriginId,
    domainName,
    accessIdentity: identity === undefined ? undefined : readAccessIdentity(readText(identity)),
  };
}

/** Empty equals absent. */
function readAccessIdentity(text: string): string | undefined {
  if (text === '') return undefined;
  const id = /^origin-access-identity\/cloudfront\/([^/]+)$/i.exec(text)?.[1];
  if (id !== undefined) return id;
  const why = `${text} is not of the form origin-access-identity/cloudfront/<id>.`;
  throw new Refusal('InvalidOriginAccessIdentity', { why });
}

function readCustomOrigin(member: Member): CustomOrigin {
  const members = readMembers(member, ['DNSName', 'HTTPPort', 'HTTPSPort', 'OriginProtocolPolicy']);
  const domainName = readText(members.required('DNSName'));
  const policy = members.required('OriginProtocolPolicy');
  return {
    ...plainCustomOrigin,
    id: soleOriginId,
    domainName,
    httpPort: readPort('HTTPPort', members.optional('HTTPPort'), plainCustomOrigin.httpPort),
    httpsPort: readPort('HTTPSPort', members.optional('HTTPSPort'), plainCustomOrigin.httpsPort),
    protocolPolicy: readPolicy(readText(policy)),
  };
}

function readPort(name: string, member: Member | undefined, fallback: number): number {
  if (member === undefined) return fallback;
  const text = readText(member);
  if (!/^\d{1,5}$/.test(text)) {
    throw new Refusal('InvalidArgument', { member: name, why: `"${text}" is not a port number.` });
  }
  return Number(text);
}

function readPolicy(text: string): OriginProtocolPolicy {
  if (text === 'http-only' || text === 'match-viewer') return text;
  const why = `"${text}" is neither http-only nor match-viewer.`;
  throw new Refusal('InvalidArgument', { member: 'OriginProtocolPolicy', why });
}

/** The origin of the default behavior, which is all of a distribution that this version can show. */
export function writeOrigin(config: DistributionConfig): XmlElement {
  const origin = targetOf(config);
  return origin.kind === 's3' ? writeS3Origin(origin) : writeOtherOrigin(origin);
}

/** Of a group, the first of its members. */
export function targetOf({ defaultBehavior, originGroups, origins }: DistributionConfig): Origin {
  const { targetOriginId } = defaultBehavior;
  const group = originGroups.find(({ id }) => id === targetOriginId);
  const sought = group?.members[0] ?? targetOriginId;
  const origin = origins.find(({ id }) => id === sought);
  if (origin === undefined) throw new Error('the default behavior targets an origin that is there');
  return origin;
}

function writeS3Origin({ accessIdentity, domainName }: S3Origin): XmlElement {
  return parentElement(
    'S3Origin',
    textElement('DNSName', domainName),
    accessIdentity === undefined
      ? undefined
      : textElement('OriginAccessIdentity', `origin-access-identity/cloudfront/${accessIdentity}`),
  );
}

/** Both ports always: clients read them, and writing back what was read then changes nothing. */
function writeOtherOrigin(origin: CustomOrigin | VpcOrigin): XmlElement {
  const { httpPort, httpsPort, protocolPolicy } =
    origin.kind === 'custom' ? origin : plainCustomOrigin;
  return parentElement(
    'CustomOrigin',
    textElement('DNSName', origin.domainName),
    textElement('HTTPPort', String(httpPort)),
    textElement('HTTPSPort', String(httpsPort)),
    textElement('OriginProtocolPolicy', protocolPolicy),
  );
}
