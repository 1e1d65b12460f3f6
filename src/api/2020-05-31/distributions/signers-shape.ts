/** Who may sign for a behavior, and who can at the moment (API 2020-05-31, section 4.2). */
import type { DistributionView } from '../../../control/control.ts';
import type { TrustedSigners } from '../../../model/distribution.ts';
import { Refusal } from '../../../model/refusal.ts';
import { counted, itemsOf } from '../../../wire/counted.ts';
import type * as Wire from '../../../wire/shapes.generated.ts';

type Signers = Wire.TrustedSigners | undefined;

export function readSigners(given: Signers): TrustedSigners {
  const named = enabledItems('TrustedSigners', given).map((one) => one.replaceAll('-', ''));
  return {
    self: named.includes('self'),
    accounts: [...new Set(named.filter((one) => one !== 'self'))],
  };
}

export function readKeyGroups(given: Wire.TrustedKeyGroups | undefined): readonly string[] {
  return [...new Set(enabledItems('TrustedKeyGroups', given))];
}

function enabledItems(member: string, given: Signers): readonly string[] {
  const items = itemsOf(given);
  if (given === undefined || given.Enabled === items.length > 0) return items;
  const why = given.Enabled
    ? 'it is enabled and names nobody.'
    : 'it names somebody and is not enabled.';
  throw new Refusal('InvalidArgument', { member, why });
}

export function writeSigners({ accounts, self }: TrustedSigners): Wire.TrustedSigners {
  const items = self ? ['self', ...accounts] : accounts;
  return { Enabled: items.length > 0, ...counted(items) };
}

export function writeActiveSigners({ activeSigners }: DistributionView): Wire.ActiveTrustedSigners {
  const items = activeSigners.map(({ account, keyPairIds }) => ({
    AwsAccountNumber: account,
    KeyPairIds: counted(keyPairIds),
  }));
  return { Enabled: items.length > 0, ...counted(items) };
}

export function writeActiveKeyGroups({
  activeKeyGroups,
}: DistributionView): Wire.ActiveTrustedKeyGroups {
  const items = activeKeyGroups.map(({ keyGroup, publicKeys }) => ({
    KeyGroupId: keyGroup,
    KeyPairIds: counted(publicKeys),
  }));
  return { Enabled: items.length > 0, ...counted(items) };
}
