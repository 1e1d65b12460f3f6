/**
 * The head of an object as it stands on disk, and which file has its body. A record is
 *
 *   length u32 | crc32 of the payload u32 | payload: numbers f64 × 11, length of the key u32, key, head
 *
 * all little-endian. The checksum is seeded with the format, so another format reads as damage. A
 * value of a field has no line end in it, so line ends part names and values.
 */
import { crc32 } from 'node:zlib';
import { instant } from '../base/clock.ts';
import { revision } from '../base/log-record.ts';
import type { StoredObject } from './stored-object.ts';

/** Of everything in the folder; what another format has written is discarded whole. */
export const diskFormat = 1;

export type HeadRecord = {
  readonly object: Omit<StoredObject, 'body'>;
  readonly bodyId: number;
  readonly bodyLength: number;
};

const prefixBytes = 8;
const numbersCount = 11;
const keyLengthAt = numbersCount * 8;
const keyAt = keyLengthAt + 4;
/** Keys and heads are bounded by the edge; what is above this is damage. */
export const recordBytesMax = 262_144;

export function encodeRecord({ bodyId, bodyLength, object }: HeadRecord): Buffer {
  const { aging, fetchedAt, headers, key, status, ttl } = object;
  const keyBytes = Buffer.from(key, 'utf8');
  const head = Buffer.from(headers.join('\n'), 'latin1');
  const record = Buffer.allocUnsafe(prefixBytes + keyAt + keyBytes.length + head.length);
  const numbers = [
    bodyId,
    bodyLength,
    status,
    fetchedAt,
    aging.receivedAt,
    aging.ageAtArrivalMs,
    aging.lifetimeS,
    ttl.minS,
    ttl.defaultS,
    ttl.maxS,
    headers.length,
  ];
  const payload = record.subarray(prefixBytes);
  for (const [index, number] of numbers.entries()) payload.writeDoubleLE(number, index * 8);
  payload.writeUInt32LE(keyBytes.length, keyLengthAt);
  payload.set(keyBytes, keyAt);
  payload.set(head, keyAt + keyBytes.length);
  record.writeUInt32LE(payload.length, 0);
  record.writeUInt32LE(crc32(payload, diskFormat), 4);
  return record;
}

/** The length of the whole record at `at`, where it is all there and intact; else undefined. */
export function intactRecordLength(bytes: Buffer, at: number): number | undefined {
  if (at + prefixBytes + keyAt > bytes.length) return undefined;
  const length = bytes.readUInt32LE(at);
  const end = at + prefixBytes + length;
  if (length < keyAt || length > recordBytesMax || end > bytes.length) return undefined;
  const payload = bytes.subarray(at + prefixBytes, end);
  if (crc32(payload, diskFormat) !== bytes.readUInt32LE(at + 4)) return undefined;
  return end - at;
}

/** What the index needs of an intact record; the head stays where it is. */
export function summaryOf(record: Buffer) {
  const payload = record.subarray(prefixBytes);
  const keyEnd = keyAt + payload.readUInt32LE(keyLengthAt);
  return {
    key: payload.toString('utf8', keyAt, keyEnd),
    bodyId: payload.readDoubleLE(0),
    bodyLength: payload.readDoubleLE(8),
    fetchedAt: revision(payload.readDoubleLE(24)),
    receivedAt: instant(payload.readDoubleLE(32)),
  };
}

export function decodeRecord(record: Buffer): HeadRecord {
  const payload = record.subarray(prefixBytes);
  const number = (index: number): number => payload.readDoubleLE(index * 8);
  const { bodyId, bodyLength, fetchedAt, key, receivedAt } = summaryOf(record);
  const headAt = keyAt + payload.readUInt32LE(keyLengthAt);
  const headers = number(10) === 0 ? [] : payload.toString('latin1', headAt).split('\n');
  const object = {
    key,
    status: number(2),
    headers,
    aging: { receivedAt, ageAtArrivalMs: number(5), lifetimeS: number(6) },
    ttl: { minS: number(7), defaultS: number(8), maxS: number(9) },
    fetchedAt,
  };
  return { object, bodyId, bodyLength };
}
