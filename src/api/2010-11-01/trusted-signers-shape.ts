/**
 * `TrustedSigners` (API 2010-11-01, section 2.2.5d), in the form of the schema and in that of fog,
 * which repeats the parent with bare text: `<TrustedSigners>Self</TrustedSigners>`.
 */
import { parentElement, textElement, type XmlElement } from '../../base/xml.ts';
import type { ActiveSigner } from '../../control/control.ts';
import { hasSigners, noTrustedSigners, type TrustedSigners } from '../../model/distribution.ts';
import { malformed } from '../xml/document.ts';
import { isBareText, type Member, readMembers, readText } from '../xml/members.ts';

export function readTrustedSigners(members: readonly Member[]): TrustedSigners {
  const [first, ...more] = members;
  if (first === undefined) return noTrustedSigners;
  if (more.length === 0 && !isBareText(first)) return readSchemaForm(first);
  return readFogForm(members);
}

/** Without children the element equals an absent one. */
function readSchemaForm(member: Member): TrustedSigners {
  const members = readMembers(member, ['Self'], ['AwsAccountNumber']);
  const self = members.optional('Self');
  if (self !== undefined) readText(self);
  return {
    self: self !== undefined,
    accounts: distinct(members.all('AwsAccountNumber').map(readText).map(withoutDashes)),
  };
}

function readFogForm(members: readonly Member[]): TrustedSigners {
  const texts = members.map((member) => {
    if (!isBareText(member)) malformed(`'${member.path}' stands there more than once.`);
    const text = withoutDashes(readText(member));
    if (text !== 'Self' && !/^\d{12}$/.test(text)) {
      malformed(
        `'${member.path}' holds the text "${text}" where Self or AwsAccountNumber is meant.`,
      );
    }
    return text;
  });
  return {
    self: texts.includes('Self'),
    accounts: distinct(texts.filter((text) => text !== 'Self')),
  };
}

function withoutDashes(text: string): string {
  return text.replaceAll('-', '');
}

function distinct(accounts: readonly string[]): readonly string[] {
  return [...new Set(accounts)];
}

export function writeTrustedSigners(signers: TrustedSigners): XmlElement | undefined {
  if (!hasSigners(signers)) return undefined;
  const { accounts, self } = signers;
  return parentElement(
    'TrustedSigners',
    self ? selfElement : undefined,
    accounts.map(accountElement),
  );
}

/**
 * Each signer with its active key pairs (section 2.2.6); one without any cannot sign. Absent where
 * nobody is trusted.
 */
export function writeActiveTrustedSigners(
  signers: readonly ActiveSigner[],
): XmlElement | undefined {
  if (signers.length === 0) return undefined;
  return parentElement('ActiveTrustedSigners', signers.map(writeActiveSigner));
}

function writeActiveSigner({ account, keyPairIds }: ActiveSigner): XmlElement {
  return parentElement(
    'Signer',
    account === 'self' ? selfElement : accountElement(account),
    keyPairIds.map((id) => textElement('KeyPairId', id)),
  );
}

const selfElement = textElement('Self', '');

function accountElement(account: string): XmlElement {
  return textElement('AwsAccountNumber', account);
}
