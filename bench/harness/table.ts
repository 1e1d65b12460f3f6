/** Figures as a table that reads well on a terminal and is Markdown all the same. */
import { type Figure, isHeld, type Unit } from './figure.ts';

const headings = ['figure', 'median', 'p99', 'min–max', 'n', 'target', 'peers'] as const;

export function figureTable(figures: readonly Figure[]): string {
  const rows = [[...headings], ...figures.map(cellsOf)];
  const widths = headings.map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  const lines = rows.map((row) => lineOf(row.map((cell, column) => padded(cell, column, widths))));
  const rule = lineOf(widths.map((width, column) => ruleOf(width, column)));
  return [lines[0], rule, ...lines.slice(1)].join('\n');
}

function cellsOf(one: Figure): string[] {
  const { max, median, min, p99, peers, samples, unit, what } = one;
  return [
    what,
    quantity(median, unit),
    p99 === undefined ? '' : quantity(p99, unit),
    `${number(min)}–${number(max)}`,
    String(samples),
    targetCell(one),
    peers
      .map((peer) => `${peer.name} ${quantity(peer.median, unit)}, ${peer.ratio.toFixed(2)}x`)
      .join('; '),
  ];
}

function targetCell(one: Figure): string {
  const { target, unit } = one;
  if (target === undefined) return '';
  const held = isHeld(one);
  const verdict = held === undefined ? 'unknown' : held ? 'held' : 'missed';
  return `${verdict}: ${target.of} < ${target.below} ${unit}`;
}

function quantity(value: number, unit: Unit): string {
  return `${number(value)} ${unit}`;
}

/** Three digits that mean something. */
function number(value: number): string {
  if (value >= 10_000) return Math.round(value).toLocaleString('en-US');
  if (value >= 100) return value.toFixed(0);
  return value.toFixed(value >= 10 ? 1 : 2);
}

const isText = (column: number): boolean => column === 0 || column >= 5;

function padded(cell: string, column: number, widths: readonly number[]): string {
  const width = widths[column] ?? 0;
  return isText(column) ? cell.padEnd(width) : cell.padStart(width);
}

function ruleOf(width: number, column: number): string {
  return isText(column) ? '-'.repeat(width) : `${'-'.repeat(Math.max(1, width - 1))}:`;
}

function lineOf(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
