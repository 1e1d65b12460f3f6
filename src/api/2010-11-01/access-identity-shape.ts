/**
 * Origin access identities on the wire (API 2010-11-01, section 2.4): the configuration, the resource
 * and its summary in lists. The order of the children is that of the documentation.
 */
import { parentElement, textElement, type XmlElement } from '../../base/xml.ts';
import type { AccessIdentity, AccessIdentityConfig } from '../../model/access-identity.ts';
import { readDocument } from '../xml/document.ts';
import { readMembers, readText, rootMember } from '../xml/members.ts';
import { readOptionalText, writeComment } from './config-members-shape.ts';

const configName = 'CloudFrontOriginAccessIdentityConfig';

/** Reads a whole document. */
export function readAccessIdentityConfig(bytes: Uint8Array): AccessIdentityConfig {
  const root = rootMember(readDocument(bytes, configName));
  const members = readMembers(root, ['CallerReference', 'Comment']);
  return {
    callerReference: readText(members.required('CallerReference')),
    comment: readOptionalText(members.optional('Comment')),
  };
}

export function writeAccessIdentityConfig(config: AccessIdentityConfig): XmlElement {
  return parentElement(
    configName,
    textElement('CallerReference', config.callerReference),
    writeComment(config),
  );
}

export function writeAccessIdentity(identity: AccessIdentity): XmlElement {
  return parentElement(
    'CloudFrontOriginAccessIdentity',
    writeNames(identity),
    writeAccessIdentityConfig(identity.config),
  );
}

/** `Comment` is here in any case, empty or not. */
export function writeAccessIdentitySummary(identity: AccessIdentity): XmlElement {
  return parentElement(
    'CloudFrontOriginAccessIdentitySummary',
    writeNames(identity),
    textElement('Comment', identity.config.comment),
  );
}

function writeNames({ canonicalUserId, id }: AccessIdentity): readonly XmlElement[] {
  return [textElement('Id', id), textElement('S3CanonicalUserId', canonicalUserId)];
}
