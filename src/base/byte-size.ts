/** Numbers of bytes as people write them: `1048576`, `64KiB`, `16MiB`, `2GiB`. */

const unitBytes: Readonly<Record<string, number>> = {
  '': 1,
  KiB: 1_024,
  MiB: 1_048_576,
  GiB: 1_073_741_824,
};

/** Bytes, or undefined when the text is no such number. */
export function parseByteSize(text: string): number | undefined {
  const match = /^(\d{1,15})(|KiB|MiB|GiB)$/.exec(text);
  const unit = unitBytes[match?.[2] ?? 'none'];
  if (match === null || unit === undefined) return undefined;
  const bytes = Number(match[1]) * unit;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** The shortest whole form. */
export function formatByteSize(bytes: number): string {
  for (const unit of ['GiB', 'MiB', 'KiB']) {
    const size = unitBytes[unit] ?? 1;
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return String(bytes);
}
