/** What became of lines of access logs once they were on disk. */

export type ShippedCounts = {
  readonly deliveredFiles: number;
  readonly deliveredLines: number;
  /** For want of room. Lines of journals that were not parted yet are not known, and not in it. */
  readonly droppedFiles: number;
  readonly droppedLines: number;
  /** Spoilt by a crash. */
  readonly brokenLines: number;
};

export const nothingShipped: ShippedCounts = {
  deliveredFiles: 0,
  deliveredLines: 0,
  droppedFiles: 0,
  droppedLines: 0,
  brokenLines: 0,
};

export function sumOfCounts(a: ShippedCounts, b: Partial<ShippedCounts>): ShippedCounts {
  return {
    deliveredFiles: a.deliveredFiles + (b.deliveredFiles ?? 0),
    deliveredLines: a.deliveredLines + (b.deliveredLines ?? 0),
    droppedFiles: a.droppedFiles + (b.droppedFiles ?? 0),
    droppedLines: a.droppedLines + (b.droppedLines ?? 0),
    brokenLines: a.brokenLines + (b.brokenLines ?? 0),
  };
}
