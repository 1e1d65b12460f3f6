/** The disk as the journal sees it: a port, so that a test can have it refuse. */
import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface SpoolFile {
  /** All of the pieces, one behind the other from `position` on. */
  write(pieces: readonly Uint8Array[], position: number): Promise<void>;
  close(): Promise<void>;
}

export interface SpoolFiles {
  /** A new file, and the folder it lies in where that does not exist. */
  create(path: string): Promise<SpoolFile>;
  rename(from: string, to: string): Promise<void>;
}

/** Who asks for what is nobody's business but the operator's. */
export const spoolFolderMode = 0o700;
export const spoolFileMode = 0o600;

export const spoolFiles: SpoolFiles = {
  async create(path) {
    await mkdir(dirname(path), { recursive: true, mode: spoolFolderMode });
    const file = await open(path, 'wx', spoolFileMode);
    return {
      async write(pieces, position) {
        let at = position;
        for (let rest = pieces; rest.length > 0; ) {
          const { bytesWritten } = await file.writev(rest, at);
          at += bytesWritten;
          rest = withoutFirst(rest, bytesWritten);
        }
      },
      // Not synced: that may take a second on a busy disk, while lines go on gathering.
      close: () => file.close(),
    };
  },
  rename: (from, to) => rename(from, to),
};

function withoutFirst(pieces: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let rest = bytes;
  let whole = 0;
  for (const piece of pieces) {
    if (piece.length > rest) break;
    rest -= piece.length;
    whole += 1;
  }
  const [cut, ...others] = pieces.slice(whole);
  return cut === undefined ? [] : [cut.subarray(rest), ...others];
}
