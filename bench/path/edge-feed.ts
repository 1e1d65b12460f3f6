/**
 * Many edges on one API process: how long a change takes until all of them serve it, and what they
 * cost. Up to 200 of them are real on the wire: over TLS, with the reader, the trust and the reports of
 * an edge machine. A thousand would have this process do more than the API does, so they are simulated.
 * That an edge writes to its disk and compiles a routing table is not in it. All share this process, so
 * its own work is in the figures.
 */
import { systemClock as clock } from '../../src/base/clock.ts';
import type { Cursor } from '../../src/base/log-record.ts';
import { systemRandomness as randomness } from '../../src/base/randomness.ts';
import { ApiContact } from '../../src/feed/contact.ts';
import { identityByToken } from '../../src/feed/identity.ts';
import { FeedReader } from '../../src/feed/reader.ts';
import { Reports } from '../../src/feed/reports.ts';
import { type EdgeToken, readEdgeToken } from '../../src/model/edge-token.ts';
import { ApiCaller, assertStatus } from '../../test/harness/api-caller.ts';
import { freePorts, startServerProcess } from '../../test/harness/server-process.ts';
import { pause, until } from '../../test/harness/until.ts';
import { SimulatedEdge } from '../harness/simulated-edge.ts';
import type { Benchmark } from '../harness/benchmark.ts';
import { type Figure, figure, type Target } from '../harness/figure.ts';
import { cpuMs, residentMb } from '../harness/machine.ts';
import { edgeNames, withFolder } from '../harness/served.ts';
import { Life, repeat } from './put-to-deployed.ts';

type Case = {
  readonly count: number;
  readonly kind: 'real' | 'simulated';
  readonly changes: number;
  readonly quickly: number;
};

const cases: readonly Case[] = [
  { count: 20, kind: 'real', changes: 200, quickly: 50 },
  { count: 200, kind: 'real', changes: 200, quickly: 50 },
  { count: 1_000, kind: 'simulated', changes: 100, quickly: 20 },
];
const warmUps = 20;
const idleMs = 10_000;
/** What is promised of a thousand edges. */
const target: Target = { of: 'p99', below: 250 };
const beatMs = 2_500;
const nothing = (): void => undefined;

export const edgeFeed: Benchmark = {
  name: 'edge-feed',
  measures: 'from a change to Deployed, with many edges that follow one API process',
  async run({ quick, say }) {
    const figures: Figure[] = [];
    const notes: string[] = [];
    for (const { changes, count, kind, quickly } of cases) {
      const said = `${count} ${kind} edges`;
      say(said);
      await withFolder(async (folder) => {
        const settings = ['--role', 'api', '--data', folder, '--log-level', 'warn'];
        const server = await startServerProcess([...freePorts, ...settings]);
        const edges: (FeedEdge | SimulatedEdge)[] = [];
        try {
          const names = edgeNames(count);
          // All tokens first: edges that follow already would hear of each.
          const tokens = await createTokens(server.addresses, names);
          for (const [name, token] of tokens)
            edges.push(joined(kind, server.addresses, name, token));
          await until(
            'all edges follow',
            () => (edges.every(({ isLive }) => isLive) ? true : undefined),
            { msMax: 180_000 },
          );
          const life = await Life.begin(server, names);
          const busyDuring = async <Value>(act: () => Promise<Value>): Promise<[Value, number]> => {
            const before = { cpu: cpuMs(server.pid), at: performance.now() };
            const value = await act();
            const busy = (cpuMs(server.pid) - before.cpu) / (performance.now() - before.at);
            return [value, Math.round(busy * 100)];
          };
          const times = quick ? quickly : changes;
          const [taken, busy] = await busyDuring(() => repeat(times, () => life.put(), warmUps));
          const [, idle] = await busyDuring(() => pause(idleMs));
          figures.push(figure(`PUT, ${said}`, 'ms', taken, { target }));
          notes.push(
            `${said}: the API took ${busy} % of a core while changes followed each other and ${idle} % while there were none, and ${Math.round(residentMb(server.pid))} MB.`,
          );
          life.end();
        } finally {
          for (const edge of edges) edge.close();
          await server.stop();
        }
      });
    }
    return { kind: 'figures', figures, notes };
  },
};

type Addresses = { readonly api: string; readonly apiTls: string | undefined };

async function createTokens(
  { api }: Addresses,
  names: readonly string[],
): Promise<ReadonlyMap<string, EdgeToken>> {
  const caller = new ApiCaller(api);
  const tokens = new Map<string, EdgeToken>();
  for (const name of names) {
    const reply = await caller.post('/_warmfront/edge-tokens', JSON.stringify({ name }));
    assertStatus(reply, 201);
    const made: { token: string } = JSON.parse(reply.body);
    const token = readEdgeToken(made.token);
    if (token === undefined) throw new Error('the API gave no token');
    tokens.set(name, token);
  }
  caller.close();
  return tokens;
}

function joined(
  kind: Case['kind'],
  { api, apiTls = '' }: Addresses,
  name: string,
  token: EdgeToken,
): FeedEdge | SimulatedEdge {
  if (kind === 'real') return new FeedEdge(apiTls, name, token);
  return new SimulatedEdge({ port: Number(new URL(api).port), name, secret: token.secret });
}

/** What an edge machine does on the wire. */
class FeedEdge {
  isLive = false;
  readonly #stop = new AbortController();
  readonly #contact: ApiContact;

  constructor(url: string, edge: string, token: EdgeToken) {
    this.#contact = new ApiContact({
      urls: [url],
      edge,
      identity: identityByToken(token),
      authorities: undefined,
      clock,
      randomness,
    });
    void this.#follow(edge);
  }

  close(): void {
    this.#stop.abort(new Error('the benchmark is over'));
    this.#contact.close();
  }

  async #follow(edge: string): Promise<void> {
    const contact = this.#contact;
    const { signal } = this.#stop;
    const parts = {
      contact,
      clock,
      leaseMs: () => 10_000,
      unfit: () => undefined,
      onHead: nothing,
      onUnproven: nothing,
    };
    const reports = new Reports(parts);
    const reader = new FeedReader({ contact, clock, randomness, onHello: nothing });
    const session = clock.now();
    let beat = 0;
    let serving: Cursor | undefined;
    let wake = nothing;
    // One report under way at a time; what comes meanwhile is in the next one.
    const saying = async (): Promise<void> => {
      while (!signal.aborted) {
        const said = serving;
        beat += 1;
        const state = said === undefined ? ('joining' as const) : ('serving' as const);
        await reports.report({ edge, session, beat, state, serving: said }, signal).catch(nothing);
        this.isLive = reports.isLive;
        if (serving !== said || signal.aborted) continue;
        await new Promise<void>((resolve) => {
          const cancel = clock.after(beatMs, resolve);
          wake = () => {
            cancel();
            resolve();
          };
        });
      }
    };
    void saying();
    for await (const event of reader.tail(undefined, signal)) {
      if (event.kind !== 'caughtUp') continue;
      serving = event.cursor;
      wake();
    }
  }
}
