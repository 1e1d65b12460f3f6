/**
 * `StreamingDistributionConfig` (API 2010-11-01, section 2.3): the download form without a custom
 * origin, a root object and required protocols.
 */
import { parentElement, type XmlElement } from '../../base/xml.ts';
import type { DistributionConfig } from '../../model/distribution.ts';
import { plainConfig } from '../../model/plain-config.ts';
import { Refusal } from '../../model/refusal.ts';
import { readDocument } from '../xml/document.ts';
import { type Member, readBoolean, readMembers, readText, rootMember } from '../xml/members.ts';
import {
  behaviorOf,
  readAliases,
  readLogging,
  readOptionalText,
  type VersionDefaults,
  writeCommonMembers,
  writeLogging,
} from './config-members-shape.ts';
import { readOrigin, refuseOldOrigin, writeOrigin } from './origin-shape.ts';
import { readTrustedSigners, writeTrustedSigners } from './trusted-signers-shape.ts';

/** As `readDistributionConfig`. */
export function readStreamingDistributionConfig(
  body: Uint8Array,
  defaults: VersionDefaults,
): DistributionConfig {
  const root = rootMember(readDocument(body, 'StreamingDistributionConfig'));
  refuseOldOrigin(root);
  refuseCustomOrigin(root);
  const members = readMembers(
    root,
    ['S3Origin', 'CallerReference', 'Comment', 'Enabled', 'Logging'],
    ['CNAME', 'TrustedSigners'],
  );
  const callerReference = readText(members.required('CallerReference'));
  const enabled = readBoolean(members.required('Enabled'));
  const aliases = readAliases(members.all('CNAME'));
  const comment = readOptionalText(members.optional('Comment'));
  const logging = readLogging(members.optional('Logging'));
  const signers = readTrustedSigners(members.all('TrustedSigners'));
  return {
    ...plainConfig,
    kind: 'streaming',
    callerReference,
    aliases,
    comment,
    enabled,
    logging,
    origins: [readOrigin(members.optional('S3Origin'), undefined)],
    defaultBehavior: behaviorOf('allow-all', signers, defaults),
  };
}

function refuseCustomOrigin({ element }: Member): void {
  if (element.children.some(({ name }) => name === 'CustomOrigin')) {
    const why = 'a streaming distribution takes an S3Origin, not a CustomOrigin.';
    throw new Refusal('InvalidOrigin', { why });
  }
}

export function writeStreamingDistributionConfig(config: DistributionConfig): XmlElement {
  return parentElement(
    'StreamingDistributionConfig',
    writeOrigin(config),
    writeCommonMembers(config),
    writeLogging(config),
    writeTrustedSigners(config.defaultBehavior.trustedSigners),
  );
}
