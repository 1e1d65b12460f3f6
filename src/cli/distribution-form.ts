/**
 * Distributions as the API's documents have them, read into plain views and made from options. A
 * configuration that is changed and sent back keeps every element it came with: a PUT replaces
 * everything, so what this program does not know must not be lost by it.
 */
import { parentElement, textElement, type XmlElement } from '../base/xml.ts';
import { child, children, text, writeDocument } from './api-document.ts';
import type { Kind } from './kind.ts';

export type OriginView =
  | { readonly kind: 's3'; readonly domainName: string; readonly accessIdentity: string | null }
  | {
      readonly kind: 'custom';
      readonly domainName: string;
      readonly httpPort: number;
      readonly httpsPort: number;
      readonly protocolPolicy: string;
    };

/** What a list tells of each. */
export type SummaryView = {
  readonly id: string;
  /** `InProgress` or `Deployed`. */
  readonly status: string;
  readonly lastModified: string;
  readonly domainName: string;
  readonly origin: OriginView | null;
  readonly aliases: readonly string[];
  readonly comment: string;
  readonly enabled: boolean;
  /** `self` and account numbers. */
  readonly trustedSigners: readonly string[];
};

export type DistributionView = SummaryView & {
  readonly callerReference: string;
  readonly defaultRootObject: string;
  readonly logging: { readonly bucket: string; readonly prefix: string } | null;
  readonly httpsOnly: boolean;
  readonly inProgressInvalidations: number;
  /** Of each trusted signer, the key pairs with which it can sign now. */
  readonly activeSigners: readonly SignerView[];
};

export type SignerView = {
  /** `self` or an account number. */
  readonly signer: string;
  readonly keyPairIds: readonly string[];
};

export function readDistribution(root: XmlElement, { root: stem }: Kind): DistributionView {
  const config = child(root, `${stem}Config`) ?? parentElement(`${stem}Config`);
  const logging = child(config, 'Logging');
  return {
    ...readSummary(root, config),
    callerReference: text(config, 'CallerReference'),
    defaultRootObject: text(config, 'DefaultRootObject'),
    logging:
      logging === undefined
        ? null
        : { bucket: text(logging, 'Bucket'), prefix: text(logging, 'Prefix') },
    httpsOnly: child(config, 'RequiredProtocols') !== undefined,
    inProgressInvalidations: Number(text(root, 'InProgressInvalidationBatches')),
    activeSigners: readActiveSigners(child(root, 'ActiveTrustedSigners')),
  };
}

function readActiveSigners(active: XmlElement | undefined): readonly SignerView[] {
  if (active === undefined) return [];
  return children(active, 'Signer').map((signer) => ({
    signer: child(signer, 'Self') === undefined ? text(signer, 'AwsAccountNumber') : 'self',
    keyPairIds: children(signer, 'KeyPairId').map((one) => one.text.trim()),
  }));
}

/** An item of a list, whose configuration stands among its own elements. */
export function readListed(summary: XmlElement): SummaryView {
  return readSummary(summary, summary);
}

/** `config`: where the configuration's elements stand. */
function readSummary(item: XmlElement, config: XmlElement): SummaryView {
  const signers = child(config, 'TrustedSigners');
  const self = signers !== undefined && child(signers, 'Self') !== undefined;
  const accounts = signers === undefined ? [] : children(signers, 'AwsAccountNumber');
  return {
    id: text(item, 'Id'),
    status: text(item, 'Status'),
    lastModified: text(item, 'LastModifiedTime'),
    domainName: text(item, 'DomainName'),
    origin: readOrigin(config),
    aliases: children(config, 'CNAME').map((one) => one.text.trim()),
    comment: text(config, 'Comment'),
    enabled: isEnabled(config),
    trustedSigners: [...(self ? ['self'] : []), ...accounts.map((one) => one.text.trim())],
  };
}

function readOrigin(config: XmlElement): OriginView | null {
  const s3 = child(config, 'S3Origin');
  if (s3 !== undefined) {
    const accessIdentity = text(s3, 'OriginAccessIdentity') || null;
    return { kind: 's3', domainName: text(s3, 'DNSName'), accessIdentity };
  }
  const custom = child(config, 'CustomOrigin');
  if (custom === undefined) return null;
  return {
    kind: 'custom',
    domainName: text(custom, 'DNSName'),
    httpPort: Number(text(custom, 'HTTPPort')),
    httpsPort: Number(text(custom, 'HTTPSPort')),
    protocolPolicy: text(custom, 'OriginProtocolPolicy'),
  };
}

export function isEnabled(config: XmlElement): boolean {
  return ['true', '1'].includes(text(config, 'Enabled'));
}

/** The same document but for `Enabled`, ready to be sent. */
export function withEnabled(config: XmlElement, enabled: boolean): string {
  const changed = config.children.map((one) =>
    one.name === 'Enabled' ? textElement('Enabled', String(enabled)) : one,
  );
  return writeDocument({ ...config, children: changed, text: '' });
}

const identityPrefix = 'origin-access-identity/cloudfront/';

export type NewDistribution = {
  readonly callerReference: string;
  readonly origin:
    | {
        readonly kind: 's3';
        readonly domainName: string;
        /** The id alone. */
        readonly accessIdentity?: string | undefined;
      }
    | {
        readonly kind: 'custom';
        readonly domainName: string;
        readonly httpPort: string;
        readonly httpsPort: string;
        readonly protocolPolicy: string;
      };
  readonly aliases: readonly string[];
  readonly comment: string;
  readonly enabled: boolean;
  readonly defaultRootObject: string | undefined;
  readonly logging: { readonly bucket: string; readonly prefix: string } | undefined;
  /** `self` and account numbers. */
  readonly trustedSigners: readonly string[];
  readonly httpsOnly: boolean;
};

/** The document that creates it; throws a RangeError for text that XML cannot carry. */
export function writeNew(made: NewDistribution, { root: stem }: Kind): string {
  const { logging, origin, trustedSigners } = made;
  const originElement =
    origin.kind === 's3'
      ? parentElement(
          'S3Origin',
          textElement('DNSName', origin.domainName),
          origin.accessIdentity === undefined
            ? undefined
            : textElement('OriginAccessIdentity', `${identityPrefix}${origin.accessIdentity}`),
        )
      : parentElement(
          'CustomOrigin',
          textElement('DNSName', origin.domainName),
          textElement('HTTPPort', origin.httpPort),
          textElement('HTTPSPort', origin.httpsPort),
          textElement('OriginProtocolPolicy', origin.protocolPolicy),
        );
  const config = parentElement(
    `${stem}Config`,
    originElement,
    textElement('CallerReference', made.callerReference),
    made.aliases.map((alias) => textElement('CNAME', alias)),
    made.comment === '' ? undefined : textElement('Comment', made.comment),
    textElement('Enabled', String(made.enabled)),
    made.defaultRootObject === undefined
      ? undefined
      : textElement('DefaultRootObject', made.defaultRootObject),
    logging === undefined
      ? undefined
      : parentElement(
          'Logging',
          textElement('Bucket', logging.bucket),
          textElement('Prefix', logging.prefix),
        ),
    trustedSigners.length === 0
      ? undefined
      : parentElement('TrustedSigners', trustedSigners.map(signerElement)),
    made.httpsOnly
      ? parentElement('RequiredProtocols', textElement('Protocol', 'https'))
      : undefined,
  );
  return writeDocument(config);
}

function signerElement(signer: string): XmlElement {
  return signer === 'self' ? textElement('Self', '') : textElement('AwsAccountNumber', signer);
}
