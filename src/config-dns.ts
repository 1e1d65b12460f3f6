/** Settings of the DNS role. */
import type { ListenAddress } from './base/listen-address.ts';
import { one, type Setting } from './config-setting.ts';
import type { SettingFault } from './config-sources.ts';
import { addressForm, fileForm } from './config-values.ts';

export type DnsChoices = {
  readonly address: ListenAddress;
  /** Absolute. */
  readonly zoneFile: string;
};

export const dnsTable = {
  dns: one('dns', 'HOST:PORT', addressForm, undefined, {
    defaultSaid: 'nowhere',
    meaning:
      'where DNS is answered, over UDP and TCP, for the names below --domain: with edges that are live and have taken the distribution',
  }),
  dnsZone: one('dns-zone', 'FILE', fileForm, undefined, {
    defaultSaid: 'none',
    meaning:
      'JSON object of the zone: its nameServers, the addresses and weights of edges, and which of them are near to whom (docs/dns.md)',
  }),
} as const;

type DnsReader = {
  optional<T>(setting: Setting<T>): T | undefined;
  fault(setting: Setting<unknown>, why: string): SettingFault;
};

export function readDns(reader: DnsReader): DnsChoices | undefined {
  const address = reader.optional(dnsTable.dns);
  const zoneFile = reader.optional(dnsTable.dnsZone);
  if (address === undefined) {
    if (zoneFile === undefined) return undefined;
    throw reader.fault(dnsTable.dnsZone, 'there is no --dns that it is for');
  }
  if (zoneFile === undefined) throw reader.fault(dnsTable.dns, 'it needs --dns-zone');
  return { address, zoneFile };
}
