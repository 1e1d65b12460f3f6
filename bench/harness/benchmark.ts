/** What a benchmark is: a name to ask for it by, and a run that hands back figures. */
import type { Figure } from './figure.ts';

export type Asked = {
  /** Fewer samples: to see that it works, not to quote figures of. */
  readonly quick: boolean;
  /** What is being done now, for whoever waits. */
  readonly say: (progress: string) => void;
};

export type Outcome =
  | {
      readonly kind: 'figures';
      readonly figures: readonly Figure[];
      /** What one has to know to read the figures; a sentence each. */
      readonly notes: readonly string[];
    }
  | { readonly kind: 'skipped'; readonly why: string };

export type Benchmark = {
  readonly name: string;
  readonly measures: string;
  run(asked: Asked): Promise<Outcome>;
};
