/**
 * The control plane: a command in, the model's decision, an append to the log; and the status of
 * what stands in it, asked of the edges at each reading. It is put together from its resources.
 */
import { pause } from '../base/clock.ts';
import { revision } from '../base/log-record.ts';
import type { Report } from '../log/presence.ts';
import { decideEdges, decideHold, decideReset } from '../model/decide-edge.ts';
import { decideForgetting } from '../model/decide-invalidation.ts';
import { certificateControl } from './certificates.ts';
import type { Control, EdgesView } from './control.ts';
import { ControlCore, type ControlParts } from './core.ts';
import { distributionControl } from './distributions.ts';
import { edgeTokenControl } from './edge-tokens.ts';
import { identityControl } from './identities.ts';
import { invalidationControl } from './invalidations.ts';
import { type NamedDistribution, NameIndex } from './name-index.ts';
import { keyValueControl } from './key-values.ts';
import { keyPairControl } from './key-pairs.ts';
import { resourceControl } from './resources.ts';
import { tagControl } from './tags.ts';
import { tenantControl } from './tenants.ts';

export interface ControlPlane extends Control {
  /** The edge whose token has a secret of this hash. */
  edgeOfToken(hash: string): string | undefined;
  /** Whether a distribution or a tenant has the domain, as it stands. */
  serves(alias: string): boolean;
  /** By its own name, in lower case. */
  distributionNamed(name: string): NamedDistribution | undefined;
  /** Names of the edges that status waits for while they are live. */
  registeredEdges(): ReadonlySet<string>;
  /** Makes these edges known. `forget`: all others go that have no token; `keep`: they may be of others. */
  registerEdges(names: readonly string[], others?: 'forget' | 'keep'): Promise<void>;
  /** To be called with each report of an edge that presence took. */
  heardReport(report: Report): void;
  close(): Promise<void>;
}

const forgetEveryMs = 3_600_000;

/** Resolves once the log was read to its end. */
export async function createControl(parts: ControlParts): Promise<ControlPlane> {
  const { clock, recorder } = parts;
  const core = new ControlCore(parts);
  const startedAt = clock.now();
  const lastTold = new Map<string, string>();
  const names = new NameIndex();
  await core.start();
  const forgetting = forgetHourly().catch((error: unknown) => {
    if (!core.closing.aborted) recorder.error({ error }, 'old invalidations are not forgotten');
  });

  async function forgetHourly(): Promise<void> {
    while (!core.closing.aborted) {
      await pause(clock, forgetEveryMs, core.closing);
      await core.writeSteps(decideForgetting);
    }
  }

  return {
    ...distributionControl(core),
    ...identityControl(core),
    ...invalidationControl(core),
    ...keyPairControl(core),
    ...certificateControl(core, parts),
    ...resourceControl(core),
    ...tenantControl(core),
    ...tagControl(core),
    ...keyValueControl(core),
    ...edgeTokenControl(core, parts),

    async edges(): Promise<EdgesView> {
      const { head, reports, settled } = await core.ask();
      const edges = [...core.catalog.edges.values()].map(({ held, name }) => {
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
      await core.write((catalog) => decideHold(catalog, edge, held));
    },

    reset: () => core.writeSteps(decideReset),

    listen: (hear) => core.listen(hear),

    refresh: () => core.refresh(),

    during: (call, act) => core.during(call, act),

    health: () => ({
      ready: core.standing !== undefined,
      startedAt,
      position: core.standing ?? revision(0),
      room: parts.room?.(),
    }),

    edgeOfToken: (hash) => core.catalog.edgeOfToken(hash),

    serves: (alias) => core.catalog.domainOwner(alias) !== undefined,

    distributionNamed: (name) => names.find(core.catalog, name),

    registeredEdges: () => new Set(core.catalog.edges.keys()),

    registerEdges: (names, others = 'forget') =>
      core.writeSteps((catalog, changesMax) => decideEdges(catalog, names, others, changesMax)),

    heardReport({ edge, serving, state }) {
      const position = serving?.revision;
      const told = `${state} ${position}`;
      if (lastTold.get(edge) === told) return;
      lastTold.set(edge, told);
      core.tell({ kind: 'edge', name: edge, state, position });
    },

    async close() {
      await core.close();
      await forgetting;
    },
  };
}
