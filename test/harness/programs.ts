/**
 * Programs of others that tests drive: real clients of the API, and servers to measure beside. A
 * test that needs one which is not installed is skipped with the reason; where `CI` is true it
 * fails instead, so that nothing is left untested unnoticed.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

type Program = {
  /** Commands to try, the first that works is taken. A name without a slash is looked for in PATH. */
  readonly commands: readonly string[];
  /** Arguments with which the command must end well, where its presence alone says too little. */
  readonly probe?: readonly string[];
  readonly packages: string;
};

const table = {
  s3cmd: { commands: ['s3cmd'], packages: 's3cmd' },
  // Debian's own Python is asked first: another one in PATH would not see Debian's packages.
  boto: {
    commands: ['/usr/bin/python3', 'python3'],
    probe: ['-c', 'import boto.cloudfront'],
    packages: 'python3-boto',
  },
  boto3: {
    commands: ['/usr/bin/python3', 'python3'],
    probe: ['-c', 'import boto3'],
    packages: 'python3-boto3',
  },
  // Debian's first: others in PATH may be of another major version.
  aws: { commands: ['/usr/bin/aws', 'aws'], packages: 'awscli' },
  fog: { commands: ['ruby'], probe: ['-e', 'require "fog/aws"'], packages: 'ruby-fog-aws' },
  nginx: { commands: ['nginx', '/usr/sbin/nginx'], packages: 'nginx-light' },
  varnishd: { commands: ['varnishd', '/usr/sbin/varnishd'], packages: 'varnish' },
  h2load: { commands: ['h2load'], packages: 'nghttp2-client' },
  wrk: { commands: ['wrk'], packages: 'wrk' },
  taskset: { commands: ['taskset'], packages: 'util-linux' },
  openssl: { commands: ['openssl'], packages: 'openssl' },
  'systemd-analyze': { commands: ['systemd-analyze'], packages: 'systemd' },
  kubectl: { commands: ['kubectl'], packages: 'kubernetes-client' },
  curl: { commands: ['curl'], packages: 'curl' },
  python3: {
    commands: ['/usr/bin/python3', 'python3'],
    probe: ['-c', 'import ssl'],
    packages: 'python3',
  },
  chromium: { commands: ['chromium'], packages: 'chromium' },
  etcd: { commands: ['etcd'], packages: 'etcd-server' },
  etcdctl: { commands: ['etcdctl'], packages: 'etcd-client' },
  dig: { commands: ['dig'], packages: 'bind9-dnsutils' },
  kdig: { commands: ['kdig'], packages: 'knot-dnsutils' },
  certutil: { commands: ['certutil'], packages: 'libnss3-tools' },
} as const satisfies Readonly<Record<string, Program>>;

export type ProgramName = keyof typeof table;

/** The path of the command; undefined where it is not installed. */
export function findProgram(name: ProgramName): string | undefined {
  const program: Program = table[name];
  return program.commands.map(inPath).find((path) => path !== undefined && works(path, program));
}

/** The path of the command, for tests that `needs` has let through. */
export function program(name: ProgramName): string {
  const path = findProgram(name);
  assert(path !== undefined, absence(name));
  return path;
}

/** Options for `test` or `suite`: skipped with the reason where one of them is not installed. */
export function needs(...names: readonly ProgramName[]): { readonly skip: string | false } {
  const missing = names.find((name) => findProgram(name) === undefined);
  if (missing === undefined) return { skip: false };
  if (process.env['CI'] === 'true') throw new Error(absence(missing));
  return { skip: absence(missing) };
}

function absence(name: ProgramName): string {
  const { packages } = table[name];
  return `${name} is not installed; on Debian: apt-get install ${packages}`;
}

function inPath(command: string): string | undefined {
  if (command.includes('/')) return isExecutable(command) ? command : undefined;
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, command))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function works(path: string, { probe }: Program): boolean {
  if (probe === undefined) return true;
  return spawnSync(path, probe, { stdio: 'ignore', timeout: 30_000 }).status === 0;
}
