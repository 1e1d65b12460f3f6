/** What the server and the thread that delivers access logs say to each other; plain data. */
import type { RecorderOptions } from '../base/recorder.ts';
import type { ShippedCounts } from './shipped-counts.ts';
import type { LogStore } from './store-destination.ts';

export type DeliveryStart = {
  readonly root: string;
  /** Bucket → absolute folder that stands for it. */
  readonly buckets: Readonly<Record<string, string>>;
  /** Where all other buckets are; undefined: nowhere. */
  readonly store: LogStore | undefined;
  readonly spoolBytesMax: number;
  readonly recorder: RecorderOptions;
};

export type ToDelivery =
  | { readonly kind: 'look' }
  /** The thread ends after it. */
  | { readonly kind: 'stop'; readonly graceMs: number };

export type FromDelivery = { readonly kind: 'counts'; readonly counts: ShippedCounts };
