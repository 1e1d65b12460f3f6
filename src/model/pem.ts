/**
 * PEM (RFC 7468) as blocks, read line by line, so that the time it takes grows with the text and
 * not faster. Text outside of blocks is passed over, as many tools write some there.
 */

export type PemBlock = {
  /** `CERTIFICATE`, `PRIVATE KEY` … */
  readonly label: string;
  /** The block with its first and last line. */
  readonly pem: string;
};

/** What is wrong, in a sentence; never with a part of the text, which may be a secret. */
export class PemFault extends Error {
  override readonly name = 'PemFault';
}

const begin = /^-----BEGIN ([A-Z0-9][A-Z0-9 ]{0,63})-----\s*$/;
const end = /^-----END ([A-Z0-9][A-Z0-9 ]{0,63})-----\s*$/;

/** Throws a PemFault. */
export function readPem(text: string): readonly PemBlock[] {
  const blocks: PemBlock[] = [];
  let label: string | undefined;
  let lines: string[] = [];
  for (const line of text.split('\n')) {
    const begun = begin.exec(line)?.[1];
    const ended = end.exec(line)?.[1];
    if (begun !== undefined) {
      if (label !== undefined) throw new PemFault(`its block of ${label} has no end.`);
      label = begun;
      lines = [];
    }
    if (label === undefined) continue;
    lines.push(line.trimEnd());
    if (ended === undefined) continue;
    if (ended !== label) throw new PemFault(`its block of ${label} has the end of ${ended}.`);
    blocks.push({ label, pem: `${lines.join('\n')}\n` });
    label = undefined;
  }
  if (label !== undefined) throw new PemFault(`its block of ${label} has no end.`);
  return blocks;
}
