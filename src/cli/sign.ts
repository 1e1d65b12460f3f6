/**
 * sign: a URL that opens an object of a private distribution, made on this machine alone; no server
 * is asked. A time alone makes a canned policy, which is the shorter one; anything more a custom
 * policy (API 2010-11-01, section 4.9).
 */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { parseIpv4Range } from '../http/ipv4-range.ts';
import { policyBytesMax } from '../http/policy.ts';
import { type RequestedUrl, resourceFits } from '../http/resource-pattern.ts';
import {
  cannedPolicy,
  customPolicy,
  type SignedAccess,
  signedUrl,
  signedUrlParameters,
} from '../http/signed-url.ts';
import { type Arguments, command } from './command.ts';
import { CommandFailure, UsageFault } from './failure.ts';
import { readTime } from './given-time.ts';
import type { World } from './world.ts';

export const sign = command(
  {
    words: 'sign',
    operands: ['URL'],
    summary: 'Signs a URL of a private distribution, so that it opens the object for a while.',
    notes:
      'TIME is 2027-01-31T12:00:00Z, with a zone, or seconds since 1970. Without --starts, --ip and\n--resource the URL has a canned policy, otherwise a custom one.',
    options: [
      { name: 'key-pair-id', kind: 'one', form: 'ID', meaning: 'the key pair (needed)' },
      { name: 'private-key', kind: 'one', form: 'FILE', meaning: 'its private key (needed)' },
      { name: 'expires', kind: 'one', form: 'TIME', meaning: 'when it is good no more' },
      { name: 'expires-in', kind: 'one', form: 'DURATION', meaning: 'or how long it is good' },
      { name: 'starts', kind: 'one', form: 'TIME', meaning: 'it is not good before' },
      {
        name: 'ip',
        kind: 'one',
        form: 'CIDR',
        meaning: 'for viewers with this IPv4 address alone',
      },
      {
        name: 'resource',
        kind: 'one',
        form: 'PATTERN',
        meaning: 'what it opens, with * and ? as wildcards (the URL)',
      },
    ],
    example:
      'warmfront sign https://d1a2b3example.cloudfront.localhost:8443/film.mp4 --key-pair-id APKAEXAMPLEEXAMPLE00 --private-key signing.pem --expires-in 1h',
  },
  async (given, world) => {
    const url = readUrl(given.operand(0));
    const keyPairId = readKeyPairId(needed(given, 'key-pair-id', 'ID'));
    const expires = readExpiry(given, world);
    const access = readAccess(given, url, expires, world);
    const privateKey = await readPrivateKey(needed(given, 'private-key', 'FILE'), world);
    if (expires * 1_000 <= world.clock.now())
      world.err.write('Note: this URL has expired already.\n');
    const signed = signedUrl(url.href, access, { keyPairId, privateKey });
    const policy = access.kind === 'canned' ? cannedPolicy(url.href, expires) : access.policy;
    return {
      text: `${signed}\n`,
      json: {
        url: signed,
        kind: access.kind,
        keyPairId,
        expires: new Date(expires * 1_000).toISOString(),
        policy,
      },
    };
  },
);

function needed(given: Arguments, name: string, form: string): string {
  const value = given.one(name);
  if (value === undefined || value === '') throw new UsageFault(`--${name} ${form} is missing.`);
  return value;
}

/** As a browser would ask for it: what is printed is what is signed. */
function readUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new UsageFault(`${JSON.stringify(text.slice(0, 200))} is no http:// or https:// URL.`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new UsageFault('The URL holds a user name or a password, which no viewer sends.');
  }
  url.hash = '';
  const taken = signedUrlParameters.find((name) => url.searchParams.has(name));
  if (taken !== undefined) {
    throw new UsageFault(`The URL has a parameter ${taken}, as if it were signed already.`);
  }
  return url;
}

function readKeyPairId(id: string): string {
  if (/^[A-Za-z0-9]{1,128}$/.test(id)) return id;
  throw new UsageFault(
    `--key-pair-id: ${JSON.stringify(id.slice(0, 200))} is no id of a key pair.`,
  );
}

/** Whole seconds since 1970. */
function readExpiry(given: Arguments, { clock }: World): number {
  const at = given.one('expires');
  if (at !== undefined && given.has('expires-in')) {
    throw new UsageFault('--expires and --expires-in say the same; give one.');
  }
  if (at !== undefined) return readTime('expires', at);
  if (!given.has('expires-in')) {
    throw new UsageFault('--expires TIME or --expires-in DURATION is missing.');
  }
  return Math.floor((clock.now() + given.duration('expires-in', 0)) / 1_000);
}

function readAccess(given: Arguments, url: URL, expires: number, world: World): SignedAccess {
  const isCustom = ['starts', 'ip', 'resource'].some((name) => given.has(name));
  if (!isCustom) return { kind: 'canned', expires };
  const starts = given.one('starts');
  const startsAt = starts === undefined ? undefined : readTime('starts', starts);
  if (startsAt !== undefined && startsAt >= expires) {
    throw new UsageFault('--starts is not before the time at which the URL expires.');
  }
  const resource = readResource(given, url, world);
  const policy = customPolicy({ resource, expires, starts: startsAt, sourceIp: readRange(given) });
  const bytes = Buffer.byteLength(policy);
  if (bytes > policyBytesMax) {
    throw new UsageFault(`The policy has ${bytes} bytes; at most ${policyBytesMax} are accepted.`);
  }
  return { kind: 'custom', policy };
}

function readRange(given: Arguments): string | undefined {
  const text = given.one('ip');
  if (text === undefined || parseIpv4Range(text) !== undefined) return text;
  const told = JSON.stringify(text.slice(0, 200));
  throw new UsageFault(`--ip: ${told} is no IPv4 address or range; write it as 192.0.2.0/24.`);
}

function readResource(given: Arguments, url: URL, { err }: World): string {
  const resource = given.one('resource');
  if (resource === undefined) return url.href;
  if (!/^(?:\*|(?:https?|http\*):\/\/.)/.test(resource)) {
    const told = JSON.stringify(resource.slice(0, 200));
    throw new UsageFault(
      `--resource: ${told} is no pattern of URLs; it begins with http://, https://, http*:// or *.`,
    );
  }
  if (!hostsOf(url).some((host) => resourceFits(resource, requestedUrl(url, host)))) {
    err.write('Note: --resource does not fit this URL, so it will not open it.\n');
  }
  return resource;
}

/** An edge takes what was signed with its port, and without it. */
function hostsOf({ host, hostname }: URL): readonly string[] {
  return [host, hostname];
}

function requestedUrl({ pathname, protocol, search }: URL, host: string): RequestedUrl {
  const query = search === '' ? undefined : search.slice(1);
  return { scheme: protocol.slice(0, -1), host, path: pathname, query };
}

async function readPrivateKey(path: string, { readText }: World): Promise<KeyObject> {
  const fail = (why: string, cause?: unknown): never => {
    throw new CommandFailure('PrivateKeyNotRead', `${path} ${why}.`, { file: path }, cause);
  };
  const text = await readText(path).catch((error: unknown) =>
    fail(`cannot be read: ${error instanceof Error ? error.message : String(error)}`, error),
  );
  if (/ENCRYPTED/.test(text)) {
    fail('holds a private key under a passphrase; `openssl pkey` can write it without');
  }
  const key = parseKey(text) ?? fail('holds no private key in PEM');
  if (key.asymmetricKeyType !== 'rsa') {
    fail(`holds a key of the type ${key.asymmetricKeyType ?? 'unknown'}; RSA alone signs URLs`);
  }
  return key;
}

function parseKey(text: string): KeyObject | undefined {
  try {
    return createPrivateKey(text);
  } catch {
    return undefined;
  }
}
