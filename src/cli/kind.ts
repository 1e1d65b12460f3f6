/** The two kinds of distributions, as the API and this program name them. */

export type Kind = {
  /** The word of the commands, and of the path in the API. */
  readonly word: 'distribution' | 'streaming-distribution';
  /** The root of documents, and the stem of other names: `DistributionConfig`. */
  readonly root: 'Distribution' | 'StreamingDistribution';
  /** For sentences. */
  readonly said: 'distribution' | 'streaming distribution';
};

export const downloads: Kind = {
  word: 'distribution',
  root: 'Distribution',
  said: 'distribution',
};

export const streamings: Kind = {
  word: 'streaming-distribution',
  root: 'StreamingDistribution',
  said: 'streaming distribution',
};
