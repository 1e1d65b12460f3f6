/**
 * Progress of long work: one line that is redrawn where a person looks at a terminal, and elsewhere
 * a plain line for each thing that changes.
 */
import type { Screen } from './world.ts';

export interface Progress {
  /** What is going on; said again only when it changed. */
  now(text: string): void;
  /** Something that happened, which stays to be read. */
  happened(text: string): void;
  /** Nothing is going on any more. */
  done(): void;
}

const clearLine = '\r\u001b[K';

export function showProgress(screen: Screen): Progress {
  let shown = '';
  const clear = (): void => {
    if (screen.isTerminal && shown !== '') screen.write(clearLine);
  };
  return {
    now(text) {
      if (text === shown) return;
      shown = text;
      if (!screen.isTerminal) screen.write(`${text}\n`);
      else screen.write(`${clearLine}${fitted(text, screen.columns)}`);
    },
    happened(text) {
      clear();
      shown = '';
      screen.write(`${text}\n`);
    },
    done() {
      clear();
      shown = '';
    },
  };
}

/** A line that wrapped could not be redrawn. */
function fitted(text: string, columns: number): string {
  return text.length < columns ? text : `${text.slice(0, Math.max(0, columns - 2))}…`;
}
