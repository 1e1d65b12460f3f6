/** The thread that delivers access logs: joins the shipper to its disk, buckets and clock. */
import assert from 'node:assert/strict';
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../base/clock.ts';
import { systemRandomness } from '../base/randomness.ts';
import { createRecorder } from '../base/recorder.ts';
import type { DeliveryStart, FromDelivery, ToDelivery } from './delivery-messages.ts';
import { FolderDestination } from './folder-destination.ts';
import { Shipper } from './shipper.ts';
import { StoreDestination } from './store-destination.ts';

assert(parentPort, 'the delivery of access logs is started as a thread');
const server = parentPort;
const { buckets, recorder, root, spoolBytesMax, store }: DeliveryStart = workerData;

// A bucket of --bucket is known by its host name, and those have no case.
const folders = new Map(
  Object.entries(buckets).map(([name, folder]) => [name.toLowerCase(), folder]),
);

const shipper = new Shipper({
  root,
  spoolBytesMax,
  clock: systemClock,
  randomness: systemRandomness,
  recorder: createRecorder(recorder),
  destinationOf(bucket) {
    const folder = folders.get(bucket.toLowerCase());
    if (folder !== undefined) return new FolderDestination(folder);
    return store === undefined ? undefined : new StoreDestination(store, bucket, systemClock);
  },
  onCounts(counts) {
    const message: FromDelivery = { kind: 'counts', counts };
    server.postMessage(message);
  },
});

server.on('message', (message: ToDelivery) => {
  if (message.kind === 'look') shipper.look();
  else void shipper.stop(message.graceMs).then(() => server.close());
});
shipper.look();
