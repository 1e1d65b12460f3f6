/**
 * The spool of an edge: what its workers have written of access logs and no bucket has yet. This file
 * is the one place that knows how its files are named and what stands in them; docs/decisions/0012
 * tells why it is made so.
 *
 *   <start>-<journal>-<number>.open     a worker appends to it
 *   <start>-<journal>-<number>.closed   whole; not yet parted by distribution and hour
 *   <start>-<unique id>-<lines>.ready   one file of one bucket, gzip, waiting to be delivered
 *   ….part                              being made; of no use to anyone after a crash
 *
 * Names sort by age. A journal is text, and each of its lines can be judged by itself, so that a crash
 * spoils no more than the line it fell into.
 */
import { createHash } from 'node:crypto';
import type { Instant } from '../base/clock.ts';
import { fieldNames, type FieldSet } from './fields.ts';

/** Whose lines go where; one object as long as a configuration stands, compared by identity. */
export type LogTarget = {
  readonly distributionId: string;
  /** The bucket's name alone. */
  readonly bucket: string;
  /** Stands literally in front of the names of files. */
  readonly prefix: string;
};

/** Of an edge location, below the folder of all edges. */
export const spoolFolderName = 'access-log';

export const openEnding = '.open';
export const closedEnding = '.closed';
export const readyEnding = '.ready';
export const partEnding = '.part';

const journalForm = /^(\d{15}-([0-9a-f]{20})-\d{6})\.(?:open|closed)$/;
const readyForm = /^\d{15}-[0-9A-Z]{11}-(\d{1,12})\.ready$/;

/** Without its ending. `journalId`: 20 hexadecimal digits that no other worker thread ever has. */
export function journalName(startedAt: Instant, journalId: string, number: number): string {
  const start = String(Math.max(0, startedAt)).padStart(15, '0');
  return `${start}-${journalId}-${String(number).padStart(6, '0')}`;
}

/** The id of the journal a file belongs to; undefined for other files. */
export function journalIdOf(fileName: string): string | undefined {
  return journalForm.exec(fileName)?.[2];
}

/** How many lines a ready file has; undefined for other files. */
export function linesOfReady(fileName: string): number | undefined {
  const lines = readyForm.exec(fileName)?.[1];
  return lines === undefined ? undefined : Number(lines);
}

/** Without what only its end tells. */
export function readyStem(journal: string, uniqueId: string): string {
  return `${journal.slice(0, 15)}-${uniqueId}`;
}

export function readyName(stem: string, lines: number): string {
  return `${stem}-${lines}${readyEnding}`;
}

/** The first line of a journal. */
export function journalHead(fields: FieldSet): string {
  return `#${JSON.stringify({ format: 1, fields })}\n`;
}

/** The field set of a journal; undefined when the line is no head of a form that is known here. */
export function readJournalHead(line: string): FieldSet | undefined {
  if (!line.startsWith('#')) return undefined;
  const { fields, format } = readObject(line.slice(1));
  return format === 1 && (fields === 'modern' || fields === '2010') ? fields : undefined;
}

/** Gives a target its number in this journal; comes before the first entry that has it. */
export function targetLine(number: number, target: LogTarget): string {
  const { bucket, distributionId, prefix } = target;
  return `=${JSON.stringify({ number, distributionId, bucket, prefix })}\n`;
}

export function readTargetLine(
  line: string,
): { readonly number: number; readonly target: LogTarget } | undefined {
  if (!line.startsWith('=')) return undefined;
  const { bucket, distributionId, number, prefix } = readObject(line.slice(1));
  if (typeof number !== 'number' || typeof distributionId !== 'string') return undefined;
  if (typeof bucket !== 'string' || typeof prefix !== 'string') return undefined;
  return { number, target: { distributionId, bucket, prefix } };
}

/** What an entry begins with; the line of the log follows as it is delivered. */
export function entryStart(number: number): string {
  return `${number}\t`;
}

export type Entry = {
  readonly number: number;
  /** Where the line of the log begins. */
  readonly lineStart: number;
  /** `2026-11-25-02`, UTC. */
  readonly hour: string;
};

const tab = 0x09;

/**
 * Whether an entry may stand in `bytes` from `start` to `end`, without its line feed, and not half a
 * line, or bytes that a file system made up after a loss of power.
 */
export function isWhole(bytes: Buffer, start: number, end: number, fields: FieldSet): boolean {
  let tabs = 0;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === tab) tabs += 1;
    else if (byte <= 0x20 || byte >= 0x7f) return false;
  }
  return tabs === fieldNames[fields].length;
}

/** Undefined when something else stands there. */
export function readEntry(
  bytes: Buffer,
  start: number,
  end: number,
  fields: FieldSet,
): Entry | undefined {
  if (!isWhole(bytes, start, end, fields)) return undefined;
  const lineStart = bytes.indexOf(tab, start) + 1;
  const number = Number(bytes.toString('latin1', start, lineStart - 1));
  const [, day, hour] =
    /^(\d{4}-\d\d-\d\d)\t(\d\d)$/.exec(bytes.toString('latin1', lineStart, lineStart + 13)) ?? [];
  return day === undefined || hour === undefined || !Number.isSafeInteger(number)
    ? undefined
    : { number, lineStart, hour: `${day}-${hour}` };
}

/** What stands in the first line of a ready file; gzip follows. */
export type ReadyHead = {
  readonly bucket: string;
  /** The whole name of the object. */
  readonly key: string;
};

export function readyHead({ bucket, key }: ReadyHead): string {
  return `${JSON.stringify({ format: 1, bucket, key })}\n`;
}

export function readReadyHead(line: string): ReadyHead | undefined {
  const { bucket, format, key } = readObject(line);
  return format === 1 && typeof bucket === 'string' && typeof key === 'string'
    ? { bucket, key }
    : undefined;
}

/** No head is longer: a prefix has at most some hundred characters, six bytes each in JSON. */
export const readyHeadBytesMax = 16_384;

/** `<prefix><distribution id>.YYYY-MM-DD-HH.<unique id>.gz` */
export function objectKey(target: LogTarget, hour: string, uniqueId: string): string {
  return `${target.prefix}${target.distributionId}.${hour}.${uniqueId}.gz`;
}

/**
 * 11 characters of `A` to `Z` and digits. The same journal, target and hour have the same id at every
 * try, so what a crash makes us deliver again takes the place of what was delivered before it.
 */
export function uniqueIdOf(journal: string, target: LogTarget, hour: string): string {
  const { bucket, distributionId, prefix } = target;
  const digest = createHash('sha256')
    .update(JSON.stringify([journal, distributionId, bucket, prefix, hour]))
    .digest();
  return digest.readBigUInt64BE(0).toString(36).toUpperCase().padStart(13, '0').slice(-11);
}

function readObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
