/** What the index of a disk store knows of one body: which file it is, and who has need of it. */
import type { RecordPlace } from './disk-heads.ts';
import type { StoredObject } from './stored-object.ts';

export type Head = Omit<StoredObject, 'body'>;

/** A body on disk, and the head that speaks of it. */
export type Entry = {
  readonly key: string;
  readonly id: number;
  readonly length: number;
  fetchedAt: number;
  /** Until it is written. */
  head: Head | undefined;
  place: RecordPlace | undefined;
  /** The body and its head are on their way to the disk. */
  writing: Promise<void> | undefined;
  readonly cancelWriting: (() => void) | undefined;
  /** Viewers who read it. */
  holders: number;
  isDropped: boolean;
  isCounted: boolean;
  isRemoved: boolean;
};

export function createEntry(
  key: string,
  id: number,
  length: number,
  cancelWriting?: () => void,
): Entry {
  return {
    key,
    id,
    length,
    fetchedAt: 0,
    head: undefined,
    place: undefined,
    writing: undefined,
    cancelWriting,
    holders: 0,
    isDropped: false,
    isCounted: false,
    isRemoved: false,
  };
}
