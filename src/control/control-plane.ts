/**
 * The control plane: a command in, the model's decision, an append to the log; and the status of
 * what stands in it, asked of the edges at each reading.
 */
import type { Clock } from '../base/clock.ts';
import { revision, type Revision } from '../base/log-record.ts';
import type { Randomness } from '../base/randomness.ts';
import type { Recorder } from '../base/recorder.ts';
import { changesPerAppendMax, type ChangeLog } from '../log/log.ts';
import type { Liveness, Presence, Report } from '../log/presence.ts';
import { byCreation, type Placed, type Touched } from '../model/catalog.ts';
import {
  decideCreate,
  decideDelete,
  decideEdges,
  decideHold,
  decideReplace,
  decideReset,
  requirePlaced,
  type Decision,
  type Facts,
  type Step,
} from '../model/decide.ts';
import type { DistributionKind } from '../model/distribution.ts';
import { createMint, type AccountId, type DistributionId } from '../model/ids.ts';
import type { Limits } from '../model/limits.ts';
import { Refusal } from '../model/refusal.ts';
import type {
  Control,
  ControlEvent,
  DistributionView,
  EdgesView,
  Page,
  ReadConfig,
  Status,
} from './control.ts';
import { CatalogFollower } from './follower.ts';
import { LivenessAsker } from './liveness.ts';
import { DeployedLatch, hasReachedEdges } from './status.ts';
import { Writer } from './writer.ts';

export type ControlParts = {
  readonly log: ChangeLog;
  readonly presence: Pick<Presence, 'live'>;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly recorder: Recorder;
  readonly limits: Limits;
  readonly domain: string;
  readonly accounts: ReadonlySet<string>;
};

export interface ControlPlane extends Control {
  /** Names of the edges that status waits for while they are live. */
  registeredEdges(): ReadonlySet<string>;
  /** Makes these edges known and forgets all others. */
  registerEdges(names: readonly string[]): Promise<void>;
  /** To be called with each report of an edge that presence took. */
  heardReport(report: Report): void;
  close(): Promise<void>;
}

/** Resolves once the log was read to its end. */
export async function createControl(parts: ControlParts): Promise<ControlPlane> {
  const { clock, log, limits, presence, randomness, recorder } = parts;
  const stop = new AbortController();
  const latch = new DeployedLatch();
  const listeners = new Set<(event: ControlEvent) => void>();
  const lastTold = new Map<string, string>();
  const mint = createMint(randomness);
  const startedAt = clock.now();
  const asker = new LivenessAsker(presence, stop.signal);
  const follower = new CatalogFollower(log, (record, touched) => {
    forgetDeleted(latch, touched);
    const keys = record.changes.map(({ key }) => key);
    tell({ kind: 'record', revision: record.revision, keys });
  });
  const running = follower.run(stop.signal).catch((error: unknown) => {
    if (!stop.signal.aborted) recorder.error({ error }, 'the log cannot be followed any more');
  });
  const writer = new Writer({
    log,
    clock,
    randomness,
    signal: stop.signal,
    standing: () => follower.standing,
    folded: (position, signal) => follower.folded(position, signal),
  });
  await follower.folded(0, stop.signal);

  function tell(event: ControlEvent): void {
    for (const hear of listeners) hear(event);
  }

  function isDeployed(id: DistributionId, change: Revision, liveness: Liveness): boolean {
    if (latch.holds(id, change)) return true;
    if (!hasReachedEdges(change, follower.catalog.edges, liveness)) return false;
    latch.latch(id, change);
    return true;
  }

  async function view(placed: readonly Placed[]): Promise<DistributionView[]> {
    const liveness = placed.length === 0 ? undefined : await livenessOrNone();
    return placed.map(({ distribution, revision: change }) => {
      const status: Status =
        liveness !== undefined && isDeployed(distribution.id, change, liveness)
          ? 'Deployed'
          : 'InProgress';
      return { distribution, status };
    });
  }

  async function viewOne(placed: Placed): Promise<DistributionView> {
    const [only] = await view([placed]);
    if (only === undefined) throw new Error('one distribution gives one view');
    return only;
  }

  /** Presence that cannot tell makes no reading fail: nothing is deployed as far as is known. */
  async function livenessOrNone(): Promise<Liveness | undefined> {
    try {
      return await asker.ask();
    } catch (error) {
      recorder.warn({ error }, 'presence does not answer, so nothing new is called Deployed');
      return undefined;
    }
  }

  function facts(liveness: Liveness | undefined): Facts {
    return {
      now: clock.now(),
      mint,
      limits,
      domain: parts.domain,
      accounts: parts.accounts,
      deployed: (id, change) => liveness !== undefined && isDeployed(id, change, liveness),
    };
  }

  function write<Answer>(decide: () => Decision<Answer>): Promise<Answer> {
    return writer.write(decide);
  }

  async function writeAllSteps(decide: () => Decision<Step>): Promise<void> {
    while ((await write(decide)) === 'more');
  }

  function startOfPage(items: readonly Placed[], marker: string | undefined): number {
    if (marker === undefined) return 0;
    const index = items.findIndex(({ distribution }) => distribution.id === marker);
    if (index >= 0) return index + 1;
    const createdAt = follower.catalog.departedAt(marker);
    if (createdAt === undefined) {
      const why = `${marker} is no item of this list; send the NextMarker of the page before.`;
      throw new Refusal('InvalidArgument', { member: 'Marker', why });
    }
    const after = items.findIndex(
      ({ distribution }) => byCreation(distribution, { createdAt, id: marker }) > 0,
    );
    return after < 0 ? items.length : after;
  }

  return {
    async create(account, kind, readConfig) {
      const { id, outcome } = await write(() =>
        decideCreate(follower.catalog, { account, kind, readConfig }, facts(undefined)),
      );
      return { ...(await viewOne(requirePlaced(follower.catalog, account, kind, id))), outcome };
    },

    find(account, kind, id) {
      return Promise.try(() => viewOne(requirePlaced(follower.catalog, account, kind, id)));
    },

    async list(account, kind, { marker, maxItems }): Promise<Page> {
      const all = follower.catalog.list(account, kind);
      const start = startOfPage(all, marker);
      const items = await view(all.slice(start, start + maxItems));
      return { items, truncated: start + items.length < all.length };
    },

    async replace(
      account: AccountId,
      kind: DistributionKind,
      id: string,
      ifMatch: string | undefined,
      readConfig: ReadConfig,
    ) {
      const command = { account, kind, id, ifMatch, readConfig };
      await write(() => decideReplace(follower.catalog, command, facts(undefined)));
      return viewOne(requirePlaced(follower.catalog, account, kind, id));
    },

    async delete(account, kind, id, ifMatch) {
      const command = { account, kind, id, ifMatch };
      await writer.write(async () => {
        const liveness = await livenessOrNone();
        return decideDelete(follower.catalog, command, facts(liveness));
      });
    },

    async edges(): Promise<EdgesView> {
      const { head, reports, settled } = await asker.ask();
      const edges = [...follower.catalog.edges.values()].map(({ held, name }) => {
        const report = reports.find(({ edge }) => edge === name);
        const position = report?.serving?.revision;
        return {
          name,
          state: report?.state ?? ('gone' as const),
          held,
          position,
          behind: position === undefined ? undefined : Math.max(0, head.revision - position),
        };
      });
      return { head: head.revision, settled, edges };
    },

    async hold(edge, held) {
      await write(() => decideHold(follower.catalog, edge, held));
    },

    reset: () => writeAllSteps(() => decideReset(follower.catalog, changesPerAppendMax)),

    listen(hear) {
      listeners.add(hear);
      return () => listeners.delete(hear);
    },

    health: () => ({
      ready: follower.standing !== undefined,
      startedAt,
      position: follower.standing?.revision ?? revision(0),
    }),

    registeredEdges: () => new Set(follower.catalog.edges.keys()),

    registerEdges: (names) =>
      writeAllSteps(() => decideEdges(follower.catalog, names, changesPerAppendMax)),

    heardReport({ edge, serving, state }) {
      const position = serving?.revision;
      const told = `${state} ${position}`;
      if (lastTold.get(edge) === told) return;
      lastTold.set(edge, told);
      tell({ kind: 'edge', name: edge, state, position });
    },

    async close() {
      stop.abort(new Refusal('ServiceUnavailable', { why: 'the server stops.' }));
      await running;
    },
  };
}

function forgetDeleted(latch: DeployedLatch, touched: readonly Touched[]): void {
  for (const one of touched) {
    if (one.kind === 'distribution' && one.placed === undefined) latch.forget(one.id);
  }
}
