/** Distributions as text for people. */
import type {
  BehaviorView,
  DistributionView,
  OriginView,
  SignerView,
  SummaryView,
} from './distribution-view.ts';
import { factLines, textTable } from './text-table.ts';

export function distributionTable(items: readonly SummaryView[]): string {
  return textTable(
    ['ID', 'STATUS', 'ENABLED', 'DOMAIN', 'ORIGIN', 'CNAMES'],
    items.map(({ aliases, domainName, enabled, id, origin, status }) => [
      id,
      status,
      enabled ? 'yes' : 'no',
      domainName,
      origin?.domainName ?? '',
      aliases.join(' '),
    ]),
  );
}

export function distributionFacts(view: DistributionView, etag: string): string {
  const { logging } = view;
  return factLines([
    ['id', view.id],
    ['domain', view.domainName],
    ['status', view.status],
    ['enabled', view.enabled ? 'yes' : 'no'],
    ['etag', etag],
    ['last modified', view.lastModified],
    ['origin', view.origin === null ? '' : originText(view.origin)],
    ...view.otherOrigins.map((one): [string, string] => ['more origin', originText(one)]),
    ...view.behaviors.map((one): [string, string] => ['behavior', behaviorText(one)]),
    ['aliases', view.aliases.join(', ')],
    ['comment', view.comment],
    ['root object', view.defaultRootObject],
    ['protocols', protocolText(view.viewerProtocolPolicy)],
    ['trusted signers', view.trustedSigners.join(', ')],
    ['key groups', view.keyGroups.join(', ')],
    ['signing keys', view.activeSigners.map(signerText).join('; ')],
    ['logging', logging === null ? '' : `${logging.bucket}, prefix "${logging.prefix}"`],
    [
      'invalidations',
      view.inProgressInvalidations > 0 ? `${view.inProgressInvalidations} in progress` : '',
    ],
    ['caller reference', view.callerReference],
  ]);
}

function signerText({ keyPairIds, signer }: SignerView): string {
  return `${signer}: ${keyPairIds.length === 0 ? 'none' : keyPairIds.join(', ')}`;
}

function protocolText(policy: string): string {
  if (policy === 'https-only') return 'https only';
  return policy === 'redirect-to-https' ? 'http is redirected to https' : '';
}

function behaviorText({ origin, pathPattern, viewerProtocolPolicy }: BehaviorView): string {
  const protocols = protocolText(viewerProtocolPolicy);
  return `${pathPattern} from ${origin}${protocols === '' ? '' : `, ${protocols}`}`;
}

function originText(origin: OriginView): string {
  if (origin.kind === 's3') {
    const { accessIdentity, domainName } = origin;
    return accessIdentity === null ? domainName : `${domainName}, as ${accessIdentity}`;
  }
  if (origin.kind === 'vpc') return `${origin.domainName}, VPC origin ${origin.vpcOrigin}`;
  const { domainName, httpPort, httpsPort, protocolPolicy } = origin;
  const ports =
    protocolPolicy === 'match-viewer'
      ? `ports ${httpPort}, ${httpsPort}`
      : `port ${protocolPolicy === 'http-only' ? httpPort : httpsPort}`;
  return `${domainName}, ${ports}, ${protocolPolicy}`;
}
