/**
 * Settings of which part of Warmfront a process is, and of how an edge machine reaches the API.
 */
import { isLoopbackHost } from '../base/listen-address.ts';
import type { SettingReader } from './reader.ts';
import { list, one, type Setting } from './setting.ts';
import {
  certificatesForm,
  endpointForm,
  fileForm,
  type Form,
  ValueFault,
  wordForm,
} from './values.ts';

/** `all`: the API and edges in one process. */
export type Role = 'all' | 'api' | 'edge';

/** What lets an edge join; files are absolute. */
export type JoinedBy =
  | { readonly kind: 'token'; readonly file: string }
  | { readonly kind: 'certificate'; readonly file: string; readonly keyFile: string };

/** How an edge machine reaches the API. */
export type JoinChoices = {
  /** At least one, each once, without a slash at the end. */
  readonly urls: readonly string[];
  readonly by: JoinedBy;
  /** Certificates in PEM; undefined: the authority that the token or certificate names. */
  readonly authorities: string | undefined;
};

const urlForm: Form<string> = {
  accepts: 'https:// with host and port, without a path; http:// for loopback alone',
  read(text, place) {
    const url = endpointForm.read(text, place);
    const { hostname, protocol } = new URL(url);
    if (protocol === 'http:' && !isLoopbackHost(hostname.replace(/^\[(.*)\]$/, '$1'))) {
      throw new ValueFault(`${url} would send the token in the open`);
    }
    return url;
  },
};

const urlsMax = 16;

export const joinTable = {
  role: one('role', 'WORD', wordForm(['all', 'api', 'edge']), 'all', {
    meaning:
      'all: the API and the edges in this process; api: no edges, which join from machines of their own; edge: one edge location that joins',
  }),
  join: list(
    'join',
    'URL',
    urlForm,
    [],
    'an API process that an edge follows; of several one is used at a time, in any order',
  ),
  tokenFile: one('token-file', 'FILE', fileForm, undefined, {
    defaultSaid: 'none',
    meaning: 'holds the token that `warmfront edge-token create NAME` has shown for this edge',
  }),
  joinCert: one('join-cert', 'FILE', fileForm, undefined, {
    defaultSaid: 'none',
    meaning:
      'in place of a token: the certificate of this edge, with that of the local authority behind it, as `warmfront edge-token create NAME --cert FILE` writes it',
  }),
  joinKey: one('join-key', 'FILE', fileForm, undefined, {
    defaultSaid: 'none',
    meaning: 'the private key that --join-cert is for',
  }),
  joinCa: one('join-ca', 'FILE', certificatesForm, undefined, {
    defaultSaid: 'the local authority that the token or --join-cert names',
    meaning: 'certificates that the API may be signed by, in its place',
  }),
  detached: one('detached', 'WORD', wordForm(['serve', 'drain']), 'serve', {
    meaning:
      'what the health of an edge machine says while no API answers it; it serves its last state in any case',
  }),
} as const;

/** Undefined: this process is no edge machine. `ofApi`: settings that mean nothing to one. */
export function readJoin(
  reader: SettingReader,
  ofApi: readonly Setting<unknown>[],
): JoinChoices | undefined {
  const { detached, join, joinCa, joinCert, joinKey, role, tokenFile } = joinTable;
  const isGiven = (setting: Setting<unknown>): boolean => reader.comesFrom(setting) !== 'default';
  if (reader.one(role) !== 'edge') {
    const wrong = [join, tokenFile, joinCert, joinKey, joinCa, detached].find(isGiven);
    if (wrong !== undefined) throw reader.fault(wrong, 'it is for --role edge alone');
    return undefined;
  }
  const wrong = ofApi.find(isGiven);
  if (wrong !== undefined) throw reader.fault(wrong, 'an edge machine has no API that it is for');
  const urls = reader.list(join);
  if (urls.length === 0 || urls.length > urlsMax) {
    throw reader.fault(
      join,
      `there are ${urls.length} URLs; an edge machine needs 1 to ${urlsMax}`,
    );
  }
  if (new Set(urls).size < urls.length) throw reader.fault(join, 'a URL is given twice');
  return { urls, by: readJoinedBy(reader, urls), authorities: reader.optional(joinCa) };
}

function readJoinedBy(reader: SettingReader, urls: readonly string[]): JoinedBy {
  const { join, joinCert, joinKey, tokenFile } = joinTable;
  const token = reader.optional(tokenFile);
  const file = reader.optional(joinCert);
  const keyFile = reader.optional(joinKey);
  if (token !== undefined) {
    if (file === undefined && keyFile === undefined) return { kind: 'token', file: token };
    throw reader.fault(tokenFile, 'an edge joins by a token or by --join-cert, not by both');
  }
  if (file === undefined && keyFile === undefined) {
    throw reader.fault(tokenFile, 'an edge machine needs a token, or --join-cert and --join-key');
  }
  if (file === undefined) throw reader.fault(joinKey, 'there is no --join-cert that it is for');
  if (keyFile === undefined) throw reader.fault(joinCert, 'it needs --join-key');
  const open = urls.find((url) => url.startsWith('http:'));
  if (open !== undefined) {
    throw reader.fault(join, `a certificate is shown over TLS alone, and ${open} is without`);
  }
  return { kind: 'certificate', file, keyFile };
}
