/** Settings of where the log is kept: in the data directory, or in etcd. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { formatListenAddress, isLoopbackHost, parseListenAddress } from '../base/listen-address.ts';
import type { SettingReader } from './reader.ts';
import { one } from './setting.ts';
import {
  bytesForm,
  certificatesForm,
  type Form,
  fileForm,
  type Files,
  readTextOf,
  ValueFault,
} from './values.ts';
import type { EtcdSettings } from '../log/etcd-opening.ts';

const serversMax = 9;
const defaultPrefix = 'warmfront';
const gibibytes = 1_073_741_824;

export type EtcdUrl = Pick<EtcdSettings, 'prefix' | 'servers'>;

export const etcdUrlForm: Form<EtcdUrl> = {
  accepts:
    'etcd://HOST:PORT, with more servers of the same cluster after commas, and /PREFIX of its keys at the end where it is not warmfront',
  read(text) {
    const match = /^etcd:\/\/(?<servers>[^/]+)(?:\/(?<prefix>.*))?$/.exec(text);
    if (match?.groups === undefined) throw new ValueFault(`${text} is not etcd://HOST:PORT`);
    const { prefix = '', servers = '' } = match.groups;
    const addresses = servers.split(',').map((server) => {
      const address = parseListenAddress(server);
      if (typeof address === 'string') throw new ValueFault(address);
      if (address.port === 0) throw new ValueFault(`${server} has no port of a server`);
      return formatListenAddress(address);
    });
    if (addresses.length > serversMax) {
      throw new ValueFault(`it names ${addresses.length} servers, at most ${serversMax}`);
    }
    if (new Set(addresses).size < addresses.length) {
      throw new ValueFault('it names a server twice');
    }
    const name = prefix.replace(/\/+$/, '');
    if (!/^(?:[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*)?$/.test(name) || name.length > 128) {
      throw new ValueFault(
        `the prefix ${prefix} is not made of letters, digits, dots, dashes and single slashes`,
      );
    }
    return { servers: addresses, prefix: name === '' ? defaultPrefix : name };
  },
};

export const logTable = {
  log: one('log', 'URL', etcdUrlForm, undefined, {
    defaultSaid: 'in the data directory',
    meaning:
      'keep the log in this etcd, which any number of API processes may share; over TLS where --log-ca or --log-cert is given, and else only on loopback',
  }),
  logCa: one('log-ca', 'FILE', certificatesForm, undefined, {
    defaultSaid: 'the public authorities',
    meaning: 'certificates that the servers of etcd may be signed by',
  }),
  logCert: one('log-cert', 'FILE', certificatesForm, undefined, {
    defaultSaid: 'none',
    meaning: 'certificate that the servers of etcd are shown; its common name is the user there',
  }),
  logKey: one('log-key', 'FILE', fileForm, undefined, {
    defaultSaid: 'none',
    meaning: 'private key of --log-cert, in PEM',
  }),
  logQuota: one('log-quota', 'BYTES', bytesForm(64 * gibibytes, 16 * 1_048_576), '4GiB', {
    meaning:
      'what the servers of etcd were given (--quota-backend-bytes there); health and the record warn at 80 % of it',
  }),
} as const;

/** Undefined: the log is in the data directory, or in memory. */
export function readLog(reader: SettingReader, files: Files): EtcdSettings | undefined {
  const url = reader.optional(logTable.log);
  const authorities = reader.optional(logTable.logCa);
  const certificate = reader.optional(logTable.logCert);
  const keyFile = reader.optional(logTable.logKey);
  const quotaBytes = reader.one(logTable.logQuota);
  if (url === undefined) {
    for (const setting of [logTable.logCa, logTable.logCert, logTable.logKey]) {
      if (reader.optional<unknown>(setting) === undefined) continue;
      throw reader.fault(setting, 'there is no --log that it is for');
    }
    return undefined;
  }
  if (certificate !== undefined && keyFile === undefined) {
    throw reader.fault(logTable.logCert, 'it needs --log-key');
  }
  if (certificate === undefined && keyFile !== undefined) {
    throw reader.fault(logTable.logKey, 'it needs --log-cert');
  }
  const isSecure = authorities !== undefined || certificate !== undefined;
  const open = url.servers.find((server) => !isLoopbackHost(hostOf(server)));
  if (!isSecure && open !== undefined) {
    const why = `${open} is not loopback, so it is reached over TLS alone; give --log-ca, and --log-cert and --log-key`;
    throw reader.fault(logTable.log, why);
  }
  const client =
    certificate === undefined || keyFile === undefined
      ? undefined
      : { certificate, key: readTextOf(keyFile, files) };
  if (client !== undefined && !isPair(client)) {
    throw reader.fault(logTable.logKey, 'it is not the private key of --log-cert');
  }
  return { ...url, quotaBytes, tls: isSecure ? { authorities, client } : undefined };
}

function hostOf(server: string): string {
  const address = parseListenAddress(server);
  return typeof address === 'string' ? '' : address.host;
}

function isPair({ certificate, key }: { readonly certificate: string; readonly key: string }) {
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}
