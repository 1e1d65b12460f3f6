/** Where finished files of access logs go. */
import type { Readable } from 'node:stream';

/** A file that a bucket is to have. */
export type Delivered = {
  /** The whole name of the object. */
  readonly key: string;
  readonly bytes: number;
  /** The content from its first byte on; can be asked for again. */
  read(): Readable;
};

export interface Destination {
  /**
   * Resolves once the bucket has the whole file; the same key given again takes its place. Rejects
   * with DeliveryFailure or an error of the system, and then it may or may not be there.
   */
  put(file: Delivered, signal: AbortSignal): Promise<void>;
}

/** The bucket did not take a file; another try may succeed. */
export class DeliveryFailure extends Error {
  override readonly name = 'DeliveryFailure';
}
