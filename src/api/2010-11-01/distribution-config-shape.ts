/** `DistributionConfig` (API 2010-11-01, section 2.2.5): a download distribution as its owner says it. */
import { parentElement, textElement, type XmlElement } from '../../base/xml.ts';
import type { DistributionConfig, ViewerProtocolPolicy } from '../../model/distribution.ts';
import { plainConfig } from '../../model/plain-config.ts';
import { Refusal } from '../../model/refusal.ts';
import { malformed, readDocument } from '../xml/document.ts';
import {
  isBareText,
  type Member,
  readBoolean,
  readFilledText,
  readMembers,
  readText,
  rootMember,
} from '../xml/members.ts';
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

/**
 * Throws a Refusal for a body of another form, and for values that the model has no room for; it
 * judges no other values.
 */
export function readDistributionConfig(
  body: Uint8Array,
  defaults: VersionDefaults,
): DistributionConfig {
  const root = rootMember(readDocument(body, 'DistributionConfig'));
  refuseOldOrigin(root);
  const members = readMembers(
    root,
    [
      'S3Origin',
      'CustomOrigin',
      'CallerReference',
      'Comment',
      'Enabled',
      'DefaultRootObject',
      'Logging',
    ],
    ['CNAME', 'TrustedSigners', 'RequiredProtocols'],
  );
  const callerReference = readText(members.required('CallerReference'));
  const enabled = readBoolean(members.required('Enabled'));
  const aliases = readAliases(members.all('CNAME'));
  const comment = readOptionalText(members.optional('Comment'));
  const rootObject = members.optional('DefaultRootObject');
  const defaultRootObject = rootObject === undefined ? '' : readFilledText(rootObject);
  const logging = readLogging(members.optional('Logging'));
  const signers = readTrustedSigners(members.all('TrustedSigners'));
  const origin = readOrigin(members.optional('S3Origin'), members.optional('CustomOrigin'));
  const policy = readRequiredProtocols(members.all('RequiredProtocols'));
  return {
    ...plainConfig,
    kind: 'download',
    callerReference,
    aliases,
    comment,
    enabled,
    defaultRootObject,
    logging,
    origins: [origin],
    defaultBehavior: behaviorOf(policy, signers, defaults),
  };
}

/** Empty equals absent. fog's form is the parent with the bare text `https`, once or more. */
function readRequiredProtocols(members: readonly Member[]): ViewerProtocolPolicy {
  const [first, ...more] = members;
  if (first === undefined) return 'allow-all';
  if (more.length === 0 && !isBareText(first)) return readProtocol(first);
  for (const member of members) {
    if (!isBareText(member)) malformed(`'${member.path}' stands there more than once.`);
    const text = readText(member);
    if (text !== 'https') {
      malformed(`'${member.path}' holds the text "${text}" where a Protocol is meant.`);
    }
  }
  return 'https-only';
}

function readProtocol(member: Member): ViewerProtocolPolicy {
  const protocol = readMembers(member, ['Protocol']).optional('Protocol');
  if (protocol === undefined) return 'allow-all';
  if (readText(protocol) !== 'https') throw new Refusal('InvalidRequiredProtocol');
  return 'https-only';
}

export function writeDistributionConfig(config: DistributionConfig): XmlElement {
  return parentElement(
    'DistributionConfig',
    writeOrigin(config),
    writeCommonMembers(config),
    config.defaultRootObject === ''
      ? undefined
      : textElement('DefaultRootObject', config.defaultRootObject),
    writeLogging(config),
    writeTrustedSigners(config.defaultBehavior.trustedSigners),
    config.defaultBehavior.viewerProtocolPolicy === 'https-only'
      ? parentElement('RequiredProtocols', textElement('Protocol', 'https'))
      : undefined,
  );
}
