/**
 * The members that both kinds of configuration have, and what the model's default behavior is for a
 * form that has no behaviors (API 2010-11-01, sections 2.2.5 and 7).
 */
import { parentElement, textElement, type XmlElement } from '../../base/xml.ts';
import type {
  Behavior,
  DistributionConfig,
  Logging,
  TrustedSigners,
  ViewerProtocolPolicy,
} from '../../model/distribution.ts';
import { plainBehavior } from '../../model/plain-config.ts';
import { Refusal } from '../../model/refusal.ts';
import { type Member, readFilledText, readMembers, readText } from '../xml/members.ts';
import { soleOriginId } from './origin-shape.ts';
import { booleanElement } from './wire-form.ts';

/** What this version has no words for. */
export type VersionDefaults = { readonly minTtlS: number };

export function behaviorOf(
  viewerProtocolPolicy: ViewerProtocolPolicy,
  trustedSigners: TrustedSigners,
  { minTtlS }: VersionDefaults,
): Behavior {
  return {
    ...plainBehavior,
    targetOriginId: soleOriginId,
    viewerProtocolPolicy,
    trustedSigners,
    minTtlS,
  };
}

/** In lower case, each once, in the order they were sent. */
export function readAliases(members: readonly Member[]): readonly string[] {
  const aliases = members.map(readFilledText).map(lowerCase);
  const wildcard = aliases.find((alias) => alias.includes('*'));
  if (wildcard !== undefined) {
    const why = `${wildcard} is not a host name: wildcards are not accepted.`;
    throw new Refusal('InvalidArgument', { member: 'CNAME', why });
  }
  return [...new Set(aliases)];
}

/** ASCII alone: other letters may fall on ASCII ones when their case is folded. */
function lowerCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

export function readOptionalText(member: Member | undefined): string {
  return member === undefined ? '' : readText(member);
}

/** `Prefix` may be absent, which equals empty. */
export function readLogging(member: Member | undefined): Logging | undefined {
  if (member === undefined) return undefined;
  const members = readMembers(member, ['Bucket', 'Prefix']);
  return {
    bucket: readText(members.required('Bucket')),
    prefix: readOptionalText(members.optional('Prefix')),
    withCookies: false,
  };
}

/** `CallerReference`, `CNAME`, `Comment` and `Enabled`, which stand together in both kinds. */
export function writeCommonMembers(config: DistributionConfig): readonly XmlElement[] {
  return [
    textElement('CallerReference', config.callerReference),
    ...writeAliases(config),
    ...writeComment(config),
    booleanElement('Enabled', config.enabled),
  ];
}

export function writeAliases({ aliases }: DistributionConfig): readonly XmlElement[] {
  return aliases.map((alias) => textElement('CNAME', alias));
}

export function writeComment({
  comment,
}: Pick<DistributionConfig, 'comment'>): readonly XmlElement[] {
  return comment === '' ? [] : [textElement('Comment', comment)];
}

/** Both children always: a client fails on a missing `Prefix`. */
export function writeLogging({ logging }: DistributionConfig): XmlElement | undefined {
  if (logging === undefined) return undefined;
  return parentElement(
    'Logging',
    textElement('Bucket', logging.bucket),
    textElement('Prefix', logging.prefix),
  );
}
