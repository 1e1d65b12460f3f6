/** Settings of the DNS role. */
import type { ListenAddress } from '../base/listen-address.ts';
import type { SettingReader } from './reader.ts';
import { one } from './setting.ts';
import { addressForm, fileForm } from './values.ts';

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

export function readDns(reader: SettingReader): DnsChoices | undefined {
  const address = reader.optional(dnsTable.dns);
  const zoneFile = reader.optional(dnsTable.dnsZone);
  if (address === undefined) {
    if (zoneFile === undefined) return undefined;
    throw reader.fault(dnsTable.dnsZone, 'there is no --dns that it is for');
  }
  if (zoneFile === undefined) throw reader.fault(dnsTable.dns, 'it needs --dns-zone');
  return { address, zoneFile };
}
