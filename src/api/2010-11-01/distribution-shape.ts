/**
 * `Distribution` and `StreamingDistribution`, and their summaries in lists (API 2010-11-01, sections
 * 2.2.6, 2.2.7 and 2.3). The order of the children is that of the documentation.
 */
import { parentElement, textElement, type XmlElement } from '../../base/xml.ts';
import type { DistributionView } from '../../control/control.ts';
import { writeAliases, writeComment } from './config-members-shape.ts';
import { writeDistributionConfig } from './distribution-config-shape.ts';
import { writeOrigin } from './origin-shape.ts';
import { writeStreamingDistributionConfig } from './streaming-distribution-config-shape.ts';
import { writeActiveTrustedSigners, writeTrustedSigners } from './trusted-signers-shape.ts';
import { booleanElement, timeElement } from './wire-form.ts';

export function writeDistribution(view: DistributionView): XmlElement {
  const { config, domainName } = view.distribution;
  return parentElement(
    'Distribution',
    writeState(view),
    textElement('InProgressInvalidationBatches', String(view.invalidationsInProgress)),
    textElement('DomainName', domainName),
    writeActiveTrustedSigners(view.activeSigners),
    writeDistributionConfig(config),
  );
}

export function writeStreamingDistribution(view: DistributionView): XmlElement {
  const { config, domainName } = view.distribution;
  return parentElement(
    'StreamingDistribution',
    writeState(view),
    textElement('DomainName', domainName),
    writeActiveTrustedSigners(view.activeSigners),
    writeStreamingDistributionConfig(config),
  );
}

/** `name` is `DistributionSummary` or `StreamingDistributionSummary`; their members are the same. */
export function writeSummary(name: string, view: DistributionView): XmlElement {
  const { config, domainName } = view.distribution;
  return parentElement(
    name,
    writeState(view),
    textElement('DomainName', domainName),
    writeOrigin(config),
    writeAliases(config),
    writeComment(config),
    booleanElement('Enabled', config.enabled),
    writeTrustedSigners(config.defaultBehavior.trustedSigners),
  );
}

function writeState({ distribution, status }: DistributionView): readonly XmlElement[] {
  return [
    textElement('Id', distribution.id),
    textElement('Status', status),
    timeElement('LastModifiedTime', distribution.modifiedAt),
  ];
}
