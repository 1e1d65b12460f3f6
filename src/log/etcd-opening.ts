/**
 * Opening the log in etcd: asks each server for its version, finds or makes the log under the
 * prefix, and tries whether it may be written, so that what is wrong is said at the start and in a
 * sentence that tells an operator what to do.
 */
import { pause, type Clock } from '../base/clock.ts';
import { type Cursor, logId, revision, writeId } from '../base/log-record.ts';
import type { Randomness } from '../base/randomness.ts';
import type { Recorder } from '../base/recorder.ts';
import { EtcdConnection, EtcdFailure, type EtcdTls } from './etcd-connection.ts';
import { EtcdLog } from './etcd.ts';
import { encodeCursor, EtcdKeys, UnreadableKey } from './etcd-keys.ts';
import { importMark } from './etcd-moves.ts';
import { EtcdPresence, type EtcdPresenceOptions } from './etcd-presence.ts';
import { EtcdReading, NoLogThere } from './etcd-reading.ts';
import { status, type TxnRequest, txn } from './etcd-schema.ts';
import { errorOf } from './log-closed.ts';
import { LogUnavailable } from './log-unavailable.ts';

/** Servers that start at the same time as we do are waited for so long, unless told otherwise. */
const waitMsNormally = 10_000;
const retryMs = 250;

export type EtcdSettings = {
  /** `host:port`, at least one. */
  readonly servers: readonly string[];
  /** Without slashes around it. */
  readonly prefix: string;
  /** Undefined: in the clear. */
  readonly tls: EtcdTls | undefined;
  readonly quotaBytes: number;
};

export type EtcdPorts = {
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly recorder: Recorder;
  /** How long servers that do not answer are waited for. */
  readonly waitMsMax?: number;
};

export type OpenEtcd = {
  /** Closes the connection too. */
  readonly log: EtcdLog;
  readonly makePresence: (
    needs: Omit<EtcdPresenceOptions, 'clock' | 'connection' | 'keys'>,
  ) => EtcdPresence;
};

export type EtcdFailureCode = 'unreachable' | 'denied' | 'full' | 'old-version' | 'unreadable';

/** Rejects with LogUnavailable. */
export function openEtcd(settings: EtcdSettings, ports: EtcdPorts): Promise<OpenEtcd> {
  const { clock, recorder } = ports;
  const { quotaBytes } = settings;
  return connectToEtcd(settings, clock, async (connection, keys) => {
    const head = await headOf(connection, keys, ports);
    const log = new EtcdLog({ connection, keys, head, clock, recorder, quotaBytes });
    return {
      log,
      makePresence: (needs) => new EtcdPresence({ clock, connection, keys, ...needs }),
    };
  });
}

/** The connection is closed where `begin` rejects, with LogUnavailable where etcd is at fault. */
export async function connectToEtcd<Begun>(
  settings: EtcdSettings,
  clock: Clock,
  begin: (connection: EtcdConnection, keys: EtcdKeys) => Promise<Begun>,
): Promise<Begun> {
  const { prefix, servers, tls } = settings;
  const connection = new EtcdConnection({ servers, tls, clock });
  try {
    return await begin(connection, new EtcdKeys(prefix));
  } catch (thrown) {
    connection.close();
    throw explained(errorOf(thrown), settings);
  }
}

async function headOf(
  connection: EtcdConnection,
  keys: EtcdKeys,
  { clock, randomness, recorder, waitMsMax = waitMsNormally }: EtcdPorts,
): Promise<Cursor> {
  const giveUpAtMs = clock.monotonicMs() + waitMsMax;
  const late = new AbortController();
  const { signal } = late;
  for (;;) {
    try {
      await checkVersions(connection, signal);
      const head = await findOrMake(connection, keys, randomness, signal);
      await checkRights(connection, keys, recorder, signal);
      return head;
    } catch (thrown) {
      const again = thrown instanceof EtcdFailure && thrown.isOfServer;
      if (!again || clock.monotonicMs() > giveUpAtMs) throw thrown;
    }
    await pause(clock, retryMs);
  }
}

/** Servers that do not answer are passed over: the others may be a majority. */
export async function checkVersions(
  connection: EtcdConnection,
  signal: AbortSignal,
): Promise<void> {
  const answers = await connection.each(status, {}, signal);
  for (const [index, answer] of answers.entries()) {
    if (answer.status === 'rejected') continue;
    const { version } = answer.value;
    if (isFit(version)) continue;
    throw new LogUnavailable<EtcdFailureCode>({
      code: 'old-version',
      message: `etcd ${version} at ${connection.servers[index]} can lose or mix up what it holds, as its makers say of 3.5.0 to 3.5.5 and of all before 3.4.22. Bring it to 3.5.16 or later, or to 3.4.22 or later of 3.4.`,
    });
  }
}

function isFit(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version
    .split('.')
    .map((part) => Number.parseInt(part, 10));
  if (Number.isNaN(major)) return false;
  if (major !== 3) return major > 3;
  if (minor === 4) return patch >= 22;
  if (minor === 5) return patch >= 6;
  return minor > 5;
}

async function findOrMake(
  connection: EtcdConnection,
  keys: EtcdKeys,
  randomness: Randomness,
  signal: AbortSignal,
): Promise<Cursor> {
  const reading = new EtcdReading(connection, keys);
  try {
    const { head } = await reading.standing(revision(0), signal);
    return head;
  } catch (thrown) {
    if (!(thrown instanceof NoLogThere)) throw thrown;
  }
  const head: Cursor = {
    logId: logId(randomness.bytes(16)),
    revision: revision(0),
    writeId: writeId(randomness.bytes(16)),
  };
  // Made twice it would still be one: the condition fails, and what is there is read.
  const request: TxnRequest = {
    compare: [
      { result: 'EQUAL', target: 'MOD', key: keys.head, mod_revision: '0' },
      { result: 'EQUAL', target: 'MOD', key: importMark(keys), mod_revision: '0' },
    ],
    success: [
      { request_put: { key: keys.head, value: encodeCursor(head) } },
      { request_put: { key: keys.pastOf(0), value: Buffer.from(head.writeId) } },
    ],
    failure: [],
  };
  const { succeeded } = await connection.call(txn, request, signal);
  if (succeeded) return head;
  return (await reading.standing(revision(0), signal)).head;
}

/**
 * Etcd checks the rights for both branches of a transaction, and its room too, before it takes one:
 * so this one, whose condition never holds, tells whether a change could be made, and makes none.
 */
async function checkRights(
  connection: EtcdConnection,
  keys: EtcdKeys,
  recorder: Recorder,
  signal: AbortSignal,
): Promise<void> {
  const value = Buffer.from('never');
  const written = [keys.head, keys.documents.key, keys.past.key, keys.under('live/none')];
  const request: TxnRequest = {
    compare: [{ result: 'EQUAL', target: 'VALUE', key: keys.head, value }],
    success: written.map((key) => ({ request_put: { key, value } })),
    failure: [],
  };
  try {
    await connection.call(txn, request, signal);
  } catch (thrown) {
    if (!(thrown instanceof EtcdFailure && thrown.isFull)) throw thrown;
    // What is there can be read all the same.
    recorder.error({}, sayings.full);
  }
}

const sayings = {
  full: 'etcd is full, so no change can be made: compact and defragment it, then run `etcdctl alarm disarm`',
};

function explained(thrown: Error, { prefix, servers, tls }: EtcdSettings): Error {
  const where = servers.join(', ');
  const detail = thrown.message;
  const fail = (code: EtcdFailureCode, message: string): Error => {
    const failure = new LogUnavailable<EtcdFailureCode>({ code, message });
    failure.cause = thrown;
    return failure;
  };
  if (thrown instanceof LogUnavailable) return thrown;
  if (thrown instanceof UnreadableKey) {
    return fail(
      'unreadable',
      `What stands under /${prefix}/ in etcd (${where}) is no log of this version of Warmfront (${detail}). Give --log another prefix, or start the version that wrote it.`,
    );
  }
  if (thrown instanceof NoLogThere) {
    return fail(
      'unreadable',
      `There is no log under /${prefix}/ in etcd (${where}), or an import into it did not end. After such an import, empty it with \`etcdctl del --prefix /${prefix}/log/\` and import again.`,
    );
  }
  if (!(thrown instanceof EtcdFailure)) return thrown;
  if (thrown.isDenied) {
    return fail(
      'denied',
      `etcd does not permit reading and writing under /${prefix}/ (${detail}). Give the user of this certificate a role with \`etcdctl role grant-permission ROLE readwrite --prefix=true /${prefix}/\`.`,
    );
  }
  if (thrown.isFull)
    return fail('full', `There is no log under /${prefix}/ yet, and ${sayings.full}.`);
  const hint =
    tls === undefined
      ? 'Check that it runs, that most of its servers are in reach of each other, and whether it wants TLS (--log-ca, --log-cert, --log-key).'
      : 'Check that it runs, that most of its servers are in reach of each other, and the files of --log-ca, --log-cert and --log-key.';
  return fail('unreachable', `etcd (${where}) cannot be reached (${detail}). ${hint}`);
}
