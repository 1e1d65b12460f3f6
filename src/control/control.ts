/**
 * What the API may ask of the control plane. A command becomes a decision of the model and an
 * append to the log; an answer carries the status as arithmetic of positions gives it.
 */
import type { Instant } from '../base/clock.ts';
import type { Revision } from '../base/log-record.ts';
import type { Distribution, DistributionConfig, DistributionKind } from '../model/distribution.ts';
import type { AccountId } from '../model/ids.ts';
import type { EdgeState } from '../log/presence.ts';

/** `Deployed`: every live edge serves this configuration. */
export type Status = 'InProgress' | 'Deployed';

export type DistributionView = { readonly distribution: Distribution; readonly status: Status };

export type Page = {
  readonly items: readonly DistributionView[];
  /** Whether more follow after the last of `items`. */
  readonly truncated: boolean;
};

export type EdgeView = {
  readonly name: string;
  /** `gone`: registered, but its lease lapsed or it never reported. */
  readonly state: EdgeState | 'gone';
  readonly held: boolean;
  /** The position up to which all its workers serve. */
  readonly position: Revision | undefined;
  /** Records of the log that it has not taken yet. */
  readonly behind: number | undefined;
};

export type EdgesView = {
  readonly head: Revision;
  readonly settled: boolean;
  readonly edges: readonly EdgeView[];
};

export type ControlEvent =
  | { readonly kind: 'record'; readonly revision: Revision; readonly keys: readonly string[] }
  | {
      readonly kind: 'edge';
      readonly name: string;
      readonly state: EdgeState;
      readonly position: Revision | undefined;
    };

/**
 * Reads the configuration that came with a request; called only once the checks that come before
 * the body (existence, If-Match) have passed, and throws a Refusal for a bad body.
 */
export type ReadConfig = () => DistributionConfig;

/** Every method rejects with a Refusal where the request is at fault. */
export interface Control {
  /** `repeat`: the caller reference was used before with the same content; nothing was created. */
  create(
    account: AccountId,
    kind: DistributionKind,
    readConfig: ReadConfig,
  ): Promise<DistributionView & { readonly outcome: 'new' | 'repeat' }>;
  find(account: AccountId, kind: DistributionKind, id: string): Promise<DistributionView>;
  /** In order of creation. `marker`: start after this id. */
  list(
    account: AccountId,
    kind: DistributionKind,
    page: { readonly marker: string | undefined; readonly maxItems: number },
  ): Promise<Page>;
  replace(
    account: AccountId,
    kind: DistributionKind,
    id: string,
    ifMatch: string | undefined,
    readConfig: ReadConfig,
  ): Promise<DistributionView>;
  delete(
    account: AccountId,
    kind: DistributionKind,
    id: string,
    ifMatch: string | undefined,
  ): Promise<void>;

  edges(): Promise<EdgesView>;
  /** Holds an edge at the position it has, or lets it go on. */
  hold(edge: string, held: boolean): Promise<void>;
  /** Deletes every distribution of every account at once, whatever its state: for tests. */
  reset(): Promise<void>;
  /** Calls `hear` with what happens from now on; the answer ends that. */
  listen(hear: (event: ControlEvent) => void): () => void;
  health(): { readonly ready: boolean; readonly startedAt: Instant; readonly position: Revision };
}
