/**
 * What a round of faults has seen, from outside: what callers asked of the API and were answered,
 * what viewers were given by each edge, what edges said of their health, and what followers of the
 * log were told. Times are milliseconds of one monotonic clock: from when it was sent to when the
 * whole answer was there. Only what was answered is here, but for writes.
 *
 * A distribution is named by its caller reference. Its states are told apart by their stamps, texts
 * that no two writes have, and rise in number from one state to the next.
 */

export type Spell = { readonly sentMs: number; readonly endedMs: number };

export type State = {
  readonly stamp: string;
  readonly number: number;
  readonly enabled: boolean;
  readonly cnames: readonly string[];
};

/** What a write is conditional on. */
export type Followed = { readonly etag: string; readonly stamp: string };

/**
 * `accepted`: answered with 2xx. `refused`: with 4xx, so it was not made. `unknown`: the answer did
 * not come, or was a 503; it was made or not, and may still be made later.
 */
export type Outcome = 'accepted' | 'refused' | 'unknown';

export type Write = Spell & {
  readonly kind: 'write';
  readonly distribution: string;
  /** Undefined: it creates. One that is sent again has the stamp it had. */
  readonly follows: Followed | undefined;
  /** What it makes of the distribution; `deleted`: nothing. */
  readonly makes: State | 'deleted';
  readonly outcome: Outcome;
  /** That it was answered with; undefined for one that deletes, too. */
  readonly etag: string | undefined;
};

export type Read = Spell & {
  readonly kind: 'read';
  readonly distribution: string;
  readonly state: State;
  readonly etag: string;
  readonly isDeployed: boolean;
  /** The API said that it may be old, as the log was out of reach. */
  readonly mayBeOld: boolean;
};

/** An invalidation was read, and its status was `Completed`. */
export type Completed = Spell & {
  readonly kind: 'completed';
  readonly object: string;
  /** What the origin gave, at the least, to whoever asked it since the invalidation was sent. */
  readonly version: number;
};

/**
 * An edge machine said that it is live, as far as it knows: an API took its report `serving`, sent
 * less than four fifths of a lease before. (Of leases beyond 10 s: 2 s less than a lease.)
 */
export type Live = Spell & {
  readonly kind: 'live';
  readonly edge: string;
};

/** A process of an edge machine is about to start; the one before has ended. */
export type Started = { readonly kind: 'started'; readonly edge: string; readonly atMs: number };

export type View = Spell & {
  readonly kind: 'view';
  readonly edge: string;
  readonly of:
    | { readonly kind: 'distribution'; readonly distribution: string }
    | { readonly kind: 'object'; readonly object: string };
  /** The number of a state, the version of an object, or that there is nothing for viewers. */
  readonly seen: number | 'refused';
};

/** A follower of the log was told a record. */
export type Told = {
  readonly kind: 'told';
  readonly follower: string;
  readonly revision: number;
  readonly writeId: string;
  /** Of the states in it. */
  readonly stamps: readonly string[];
};

/** An answer that nobody has a right to give, such as a 500. */
export type Surprise = { readonly kind: 'surprise'; readonly what: string };

export type Event = Write | Read | Completed | Live | Started | View | Told | Surprise;

/** What stands, and is served by every edge. */
export type Standing = {
  readonly distributions: ReadonlyMap<string, State & { readonly etag: string }>;
  /** The versions of objects that edges may give, at the least. */
  readonly objects: ReadonlyMap<string, number>;
};

export type History = {
  readonly leaseMs: number;
  readonly edges: readonly string[];
  readonly start: Standing;
  readonly events: readonly Event[];
  /** Read when all was put right again, and before anything else was written. */
  readonly end: ReadonlyMap<string, State & { readonly etag: string }>;
};
