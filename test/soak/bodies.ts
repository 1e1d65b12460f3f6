/**
 * Bodies that tell whose they are: every byte follows from the path, the version and the place in the
 * body, so any piece of an answer can be judged without having the rest. The ETag names the version.
 */

/** A prime, so that blocks of any round size that change places are seen. */
const period = 65_521;
/** Twice the period, so that a piece can begin anywhere in it. */
const stream = new Uint8Array(period * 2);
let state = 0x9e37_79b9;
for (let index = 0; index < period; index += 1) {
  state = (Math.imul(state ^ (state >>> 15), 0x2c1b_3c6d) + index) >>> 0;
  stream[index] = state >>> 24;
  stream[index + period] = state >>> 24;
}

export type Version = { readonly path: string; readonly version: number };

export function etagOf({ path, version }: Version): string {
  return `"${startOf({ path, version }).toString(36)}-${version}"`;
}

/** The version that the ETag of a path names; undefined: it is no ETag of this path. */
export function versionOf(path: string, etag: string | undefined): number | undefined {
  const version = Number(/^"[0-9a-z]+-(\d+)"$/.exec(etag ?? '')?.[1] ?? Number.NaN);
  return etag === etagOf({ path, version }) ? version : undefined;
}

/** The bytes from `start` to `end`, exclusive; a view of at most one period, or a copy. */
export function bytesOf(version: Version, start: number, end: number): Uint8Array {
  const bytes = new Uint8Array(end - start);
  for (let at = 0; at < bytes.length; at += period) {
    const from = (startOf(version) + start + at) % period;
    bytes.set(stream.subarray(from, from + Math.min(period, bytes.length - at)), at);
  }
  return bytes;
}

/** Is this piece what stands at `start` in the body? */
export function isPieceOf(version: Version, start: number, piece: Uint8Array): boolean {
  return Buffer.compare(piece, bytesOf(version, start, start + piece.length)) === 0;
}

function startOf({ path, version }: Version): number {
  let hash = 0x811c_9dc5 ^ version;
  for (const byte of Buffer.from(path)) hash = Math.imul(hash ^ byte, 0x0100_0193) >>> 0;
  return hash % period;
}
