/** The log in etcd, opened for what is done with a whole one: read, filled, or given another name. */
import type { Clock } from '../base/clock.ts';
import { type Cursor, type LogId, revision } from '../base/log-record.ts';
import type { EtcdConnection } from './etcd-connection.ts';
import type { EtcdKeys } from './etcd-keys.ts';
import { fillEtcd, renameInEtcd } from './etcd-moves.ts';
import { checkVersions, connectToEtcd, type EtcdSettings } from './etcd-opening.ts';
import { EtcdReading } from './etcd-reading.ts';
import type { LogDocument } from './log-file.ts';

export type EtcdToMove = {
  read(): Promise<{ readonly head: Cursor; readonly documents: readonly LogDocument[] }>;
  fill(documents: AsyncIterable<LogDocument>, headAfter: () => Cursor): Promise<void>;
  rename(name: LogId): Promise<Cursor>;
  close(): Promise<void>;
};

/** Rejects, as each of its methods does, with LogUnavailable where etcd is at fault. */
export function openEtcdToMove(
  settings: EtcdSettings,
  { clock, leaseMs }: { readonly clock: Clock; readonly leaseMs: number },
): EtcdToMove {
  const { signal } = new AbortController();
  /** A connection each, so that what fails is explained in the same words as at a start. */
  const once = <Done>(act: (connection: EtcdConnection, keys: EtcdKeys) => Promise<Done>) =>
    connectToEtcd(settings, clock, async (connection, keys) => {
      await checkVersions(connection, signal);
      const done = await act(connection, keys);
      connection.close();
      return done;
    });
  return {
    read: () =>
      once(async (connection, keys) => {
        const asked = { after: revision(0), proof: undefined, every: false };
        const { page } = await new EtcdReading(connection, keys).page(asked, signal);
        if (page.kind === 'unproven') throw new Error('a page without a proof needs none');
        const documents = page.records.flatMap(({ changes, revision: position, writeId }) =>
          changes.flatMap(({ key, value }) =>
            value === null ? [] : [{ key, revision: position, writeId, value }],
          ),
        );
        return { head: page.head, documents };
      }),
    fill: (documents, headAfter) =>
      once((connection, keys) =>
        fillEtcd({ connection, keys, leaseMs }, documents, headAfter, signal),
      ),
    rename: (name) =>
      once((connection, keys) => renameInEtcd({ connection, keys, leaseMs }, name, signal)),
    close: async () => undefined,
  };
}
