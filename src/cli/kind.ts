/** The two kinds of distributions, as the API and this program name them. */

export type Kind = {
  /** The word of the commands, and of the path in the API. */
  readonly word: 'distribution' | 'streaming-distribution';
  /** For sentences. */
  readonly said: 'distribution' | 'streaming distribution';
};

export const downloads: Kind = { word: 'distribution', said: 'distribution' };

export const streamings: Kind = {
  word: 'streaming-distribution',
  said: 'streaming distribution',
};
