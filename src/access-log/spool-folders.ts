/** Finding the spools of all edges, and what lies in them. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { spoolFolderName } from './spool.ts';

/** Below `root` there is a folder for each edge, those that are no longer configured among them. */
export async function spoolFolders(root: string): Promise<readonly string[]> {
  const edges = await namesIn(root);
  return edges.map((edge) => join(root, edge, spoolFolderName));
}

/** Empty where there is no such folder. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

export function isMissing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
