/** version: which Warmfront this is. */
import { readFileSync } from 'node:fs';
import { command } from './command.ts';

/** The version of the package, such as `0.1.0`. */
export function readVersion(): string {
  const file = new URL('../../package.json', import.meta.url);
  const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (typeof content === 'object' && content !== null && 'version' in content) {
    return String(content.version);
  }
  throw new Error('package.json names no version');
}

export const versionCommand = command(
  {
    words: 'version',
    operands: [],
    summary: 'Says which Warmfront this is, and on which Node it runs.',
    options: [],
    example: 'warmfront version --json',
  },
  async () => {
    const version = readVersion();
    const node = process.versions.node;
    return { text: `warmfront ${version} (Node ${node})\n`, json: { version, node } };
  },
);
