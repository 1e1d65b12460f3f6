/**
 * The forms that values of settings have: each reader takes the text that a person wrote and gives
 * plain data, or throws a ValueFault that says what is wrong with it. What a reader accepts stands
 * beside it in words, for help and error messages.
 */
import { X509Certificate } from 'node:crypto';
import { resolve } from 'node:path';
import { formatByteSize, parseByteSize } from '../base/byte-size.ts';
import { formatDuration, parseDuration } from '../base/duration.ts';
import { type ListenAddress, parseListenAddress } from '../base/listen-address.ts';
import { nearestName } from '../base/nearest-name.ts';
import { isEdgeName } from '../model/edge-token.ts';
import { bucketOfHost, faultOfHostName } from '../model/host-name.ts';
import { isLimitName, type LimitName, limitTable } from '../model/limits.ts';

/** What is wrong with one value; the setting and its source are added by who reads settings. */
export class ValueFault extends Error {
  override readonly name = 'ValueFault';
}

/** What reading settings needs to see of the disk. */
export type Files = {
  /** Throws where there is no such file, or it cannot be read. */
  readText(path: string): string;
  isFolder(path: string): boolean;
  isFile(path: string): boolean;
};

/** Where a value stands: relative paths begin at `folder`. */
export type Place = { readonly folder: string; readonly files: Files };

export type Read<T> = (text: string, place: Place) => T;
/** A reader, and in words what it accepts. */
export type Form<T> = { readonly accepts: string; readonly read: Read<T> };

export type NamedFolder = {
  readonly name: string;
  readonly folder: string;
  /** The origin access identities that alone may read it; undefined: everybody may. */
  readonly readers: readonly string[] | undefined;
};
export type NamedUrl = { readonly host: string; readonly url: string };
export type NamedLimit = { readonly name: LimitName; readonly limit: number };
export type NamedEdge = {
  readonly name: string;
  readonly http: ListenAddress;
  readonly https: ListenAddress | undefined;
};

const switches: Readonly<Record<string, boolean>> = { true: true, false: false, 1: true, 0: false };

export const switchForm: Form<boolean> = {
  accepts: 'true or false (1 or 0)',
  read: (text) => switches[text] ?? fail(`${said(text)} is neither true nor false`),
};

/** A name, its brackets and its port. */
const addressCharactersMax = 270;
const addressAccepts = 'HOST:PORT, such as 127.0.0.1:4400 or [::1]:4400; port 0 picks a free one';

export const addressForm: Form<ListenAddress> = { accepts: addressAccepts, read: readAddress };

export const addressOrOffForm: Form<ListenAddress | 'off'> = {
  accepts: `${addressAccepts}; or off`,
  read: (text) => (text === 'off' ? 'off' : readAddress(text)),
};

function readAddress(text: string): ListenAddress {
  if (text.length > addressCharactersMax) fail(`${said(text)} is too long for HOST:PORT`);
  const address = parseListenAddress(text);
  return typeof address === 'string' ? fail(address) : address;
}

export const edgeForm: Form<NamedEdge> = {
  accepts:
    'NAME=HTTP[,HTTPS]: a name of 1 to 32 lower-case letters, digits and inner hyphens, then one or two HOST:PORT',
  read(text) {
    const [name, value] = pair(text);
    if (!isEdgeName(name)) fail(`${said(name)} is not a name of an edge location`);
    const [http = '', https, ...more] = value.split(',');
    if (more.length > 0) fail(`${said(value)} has more than two addresses`);
    return {
      name,
      http: readAddress(http),
      https: https === undefined ? undefined : readAddress(https),
    };
  },
};

export const domainForm: Form<string> = {
  accepts: 'a host name, such as cloudfront.localhost',
  read: (text) => readHost(text),
};

function readHost(text: string): string {
  const fault = faultOfHostName(text);
  return fault === undefined ? text.toLowerCase() : fail(`${said(text)} is no host name: ${fault}`);
}

/** Hosts of old buckets hold what no other host name does. */
function readOriginHost(text: string): string {
  return bucketOfHost(text) === undefined ? readHost(text) : text.toLowerCase();
}

export const folderForm: Form<string> = {
  accepts: 'a path; the folder is made where it does not exist',
  read(text, place) {
    const path = readPath(text, place);
    if (place.files.isFile(path)) fail(`${path} is a file, not a folder`);
    return path;
  },
};

export const fileForm: Form<string> = {
  accepts: 'the path of a file',
  read(text, place) {
    const path = readPath(text, place);
    if (!place.files.isFile(path)) fail(`there is no file ${path}`);
    return path;
  },
};

export const certificatesForm: Form<string> = {
  accepts: 'the path of a file with certificates in PEM',
  read(text, place) {
    const path = readPath(text, place);
    const pem = readTextOf(path, place.files);
    const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    if (blocks.length === 0) fail(`${path} holds no certificate in PEM`);
    for (const [index, block] of blocks.entries()) {
      try {
        void new X509Certificate(block);
      } catch {
        fail(`certificate ${index + 1} in ${path} cannot be read`);
      }
    }
    return pem;
  },
};

const bucketName = /^[A-Za-z0-9_][A-Za-z0-9._-]{1,253}[A-Za-z0-9_]$/;

const identity = /^E[0-9A-Z]{12,14}$/;

export const bucketForm: Form<NamedFolder> = {
  accepts:
    'NAME=DIR[,private=ID[,ID…]]: the name of a bucket, a folder that exists, and ids of origin access identities',
  read(text, place) {
    const [name, value] = pair(text);
    if (!bucketName.test(name) || name.includes('..')) fail(`${said(name)} is no name of a bucket`);
    const [, path = '', ids] = /^(.*?)(?:,private=(.*))?$/s.exec(value) ?? [];
    const folder = readPath(path, place);
    if (!place.files.isFolder(folder)) fail(`there is no folder ${folder}`);
    const readers = ids?.split(',');
    const wrong = readers?.find((one) => !identity.test(one));
    if (wrong !== undefined) fail(`${said(wrong)} is no id of an origin access identity`);
    return { name, folder, readers };
  },
};

export const originForm: Form<NamedUrl> = {
  accepts:
    'HOST=URL: the host that distributions name, and http:// or https:// with host and port; a path is put before that of each request',
  read(text) {
    const [host, value] = pair(text);
    const { origin, pathname } = readUrl(value);
    return { host: readOriginHost(host), url: `${origin}${pathname.replace(/\/+$/, '')}` };
  },
};

export type NamedShield = { readonly region: string; readonly edge: string; readonly url: string };

export const shieldForm: Form<NamedShield> = {
  accepts:
    'REGION=EDGE,URL: a region such as us-east-1, the name of an edge location, and http:// or https:// with host and port',
  read(text) {
    const [region, place] = pair(text);
    if (!/^[a-z]{2}(?:-[a-z]+)+-\d{1,2}$/.test(region)) fail(`${said(region)} is no region`);
    const comma = place.indexOf(',');
    if (comma < 0) fail(`${said(place)} has no URL behind a comma`);
    const edge = place.slice(0, comma);
    if (!isEdgeName(edge)) fail(`${said(edge)} is no name of an edge location`);
    return { region, edge, url: readEndpoint(place.slice(comma + 1)) };
  },
};

export const endpointForm: Form<string> = {
  accepts: 'http:// or https:// with host and port, without a path',
  read: (text) => readEndpoint(text),
};

/** Without a slash at the end. */
function readEndpoint(text: string): string {
  const { origin, pathname } = readUrl(text);
  return pathname === '/' ? origin : fail(`${said(text)} has more than scheme, host and port`);
}

export const baseUrlForm: Form<string> = {
  accepts: 'http:// or https:// with host and port, and a path where there is one',
  read: (text) => readBaseUrl(text),
};

/** Without a slash at the end. */
function readBaseUrl(text: string): string {
  const { origin, pathname } = readUrl(text);
  const path = pathname.replace(/\/$/, '');
  if (/^(?:\/[A-Za-z0-9._~-]+)*$/.test(path)) return `${origin}${path}`;
  return fail(`${said(text)} has a path of other characters than letters, digits, - . _ and ~`);
}

function readUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null) return fail(`${said(text)} is no URL`);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    fail(`${said(text)} is neither http:// nor https://`);
  }
  if (url.username !== '' || url.password !== '') fail('a URL with a user name is not accepted');
  if (url.search !== '' || url.hash !== '') fail(`${said(text)} has a query or a fragment`);
  return url;
}

export function durationForm(minMs: number, maxMs: number, wholeSeconds = false): Form<number> {
  const bounds = `${formatDuration(minMs)} to ${formatDuration(maxMs)}`;
  const whole = wholeSeconds ? ', in whole seconds' : '';
  return {
    accepts: `a duration such as 250ms, 10s, 15m or 1h, from ${bounds}${whole}`,
    read(text) {
      const ms = parseDuration(text);
      if (ms === undefined) return fail(`${said(text)} is no duration`);
      if (ms < minMs || ms > maxMs) fail(`${text} is not within ${bounds}`);
      if (wholeSeconds && ms % 1_000 !== 0) fail(`${text} is not a whole number of seconds`);
      return ms;
    },
  };
}

export function bytesForm(max: number, min = 0): Form<number> {
  const bounds = `from ${formatByteSize(min)} to ${formatByteSize(max)}`;
  return {
    accepts: `a number of bytes, or one with KiB, MiB or GiB, ${bounds}`,
    read(text) {
      const bytes = parseByteSize(text);
      if (bytes === undefined) return fail(`${said(text)} is no number of bytes`);
      if (bytes < min) fail(`${text} is less than ${formatByteSize(min)}`);
      return bytes > max ? fail(`${text} is more than ${formatByteSize(max)}`) : bytes;
    },
  };
}

export function countForm(min: number, max: number): Form<number> {
  return {
    accepts: `a whole number from ${min} to ${max}`,
    read: (text) => readCount(text, min, max),
  };
}

function readCount(text: string, min: number, max: number): number {
  const count = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  return count >= min && count <= max
    ? count
    : fail(`${said(text)} is not a whole number from ${min} to ${max}`);
}

export function wordForm<const Word extends string>(words: readonly Word[]): Form<Word> {
  return {
    accepts: oneOf(words),
    read(text) {
      const word = words.find((one) => one === text);
      return word ?? fail(`${said(text)} is not known${meant(text, words)}`);
    },
  };
}

const limitMax = 1_000_000;
const limitNames = Object.keys(limitTable).filter(isLimitName);

export const limitForm: Form<NamedLimit> = {
  accepts: `NAME=N, N from 0 to ${limitMax}; names are ${limitNames.join(', ')}`,
  read(text) {
    const [name, value] = pair(text);
    if (!isLimitName(name))
      return fail(`there is no limit ${said(name)}${meant(name, limitNames)}`);
    // A page without items would never come to the end of a list.
    return { name, limit: readCount(value, name === 'list-page' ? 1 : 0, limitMax) };
  },
};

/** `, did you mean X?` or nothing. */
function meant(given: string, known: Iterable<string>): string {
  const near = nearestName(given, known);
  return near === undefined ? '' : `; did you mean ${near}?`;
}

export function oneOf(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

const saidCharactersMax = 120;

/** A value from outside as a message repeats it: bounded, visible, and never an empty nothing. */
export function said(text: string): string {
  if (text === '') return 'an empty text';
  const cut = text.length > saidCharactersMax ? `${text.slice(0, saidCharactersMax)}…` : text;
  return /^[\x21-\x7e…]+$/.test(cut) ? cut : JSON.stringify(cut);
}

/** Reads a text file whole; throws a ValueFault that says why it cannot. */
export function readTextOf(path: string, files: Files): string {
  try {
    return files.readText(path);
  } catch (error) {
    return fail(`${path} cannot be read: ${reasonOf(error)}`);
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES') return 'the permission is missing';
  if (code === 'EISDIR') return 'it is a folder';
  return error instanceof Error ? error.message : String(error);
}

function readPath(text: string, { folder }: Place): string {
  if (text === '') fail('the path is empty');
  if (text.includes('\0')) fail('the path has a NUL character');
  return resolve(folder, text);
}

function pair(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at === -1) fail(`${said(text)} has no =`);
  return [text.slice(0, at), text.slice(at + 1)];
}

function fail(why: string): never {
  throw new ValueFault(why);
}

/** The first name that stands there twice. */
export function repeated(names: readonly string[]): string | undefined {
  return names.find((name, index) => names.indexOf(name) !== index);
}
