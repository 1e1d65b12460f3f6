/** Distributions as text for people. */
import type { DistributionView, OriginView, SignerView, SummaryView } from './distribution-form.ts';
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
    ['origin', originText(view.origin)],
    ['aliases', view.aliases.join(', ')],
    ['comment', view.comment],
    ['root object', view.defaultRootObject],
    ['protocols', view.httpsOnly ? 'https only' : ''],
    ['trusted signers', view.trustedSigners.join(', ')],
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

function originText(origin: OriginView | null): string {
  if (origin === null) return '';
  if (origin.kind === 's3') {
    const { accessIdentity, domainName } = origin;
    return accessIdentity === null ? domainName : `${domainName}, as ${accessIdentity}`;
  }
  const { domainName, httpPort, httpsPort, protocolPolicy } = origin;
  const ports =
    protocolPolicy === 'http-only' ? `port ${httpPort}` : `ports ${httpPort}, ${httpsPort}`;
  return `${domainName}, ${ports}, ${protocolPolicy}`;
}
