/**
 * Many edges on one API process: how long a change takes until all of them serve it, and what they
 * cost. The connections are real, over TLS, with the reader, the trust and the reports of an edge
 * machine; that an edge writes to its disk and compiles a routing table is not in it. They share this
 * process, so its own work is in the figures.
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
import { until } from '../../test/harness/until.ts';
import type { Benchmark } from '../harness/benchmark.ts';
import { type Figure, figure, type Target } from '../harness/figure.ts';
import { cpuMs, residentMb } from '../harness/machine.ts';
import { edgeNames, withFolder } from '../harness/served.ts';
import { Life, repeat } from './put-to-deployed.ts';

const edgeCounts = [20, 200];
/** Log.md's figure for a thousand edges; the last of these is a fifth of it. */
const target: Target = { of: 'p99', below: 250 };
const beatMs = 2_500;
const nothing = (): void => undefined;

export const edgeFeed: Benchmark = {
  name: 'edge-feed',
  measures: 'from a change to Deployed, with many edges that follow one API process over TLS',
  async run({ quick, say }) {
    const figures: Figure[] = [];
    const notes: string[] = [];
    for (const count of edgeCounts) {
      say(`${count} edges`);
      await withFolder(async (folder) => {
        const settings = ['--role', 'api', '--data', folder, '--log-level', 'warn'];
        const server = await startServerProcess([...freePorts, ...settings]);
        const edges: FeedEdge[] = [];
        try {
          const names = edgeNames(count);
          for (const name of names) {
            edges.push(await FeedEdge.join(server.addresses, name));
          }
          await until(
            'all edges follow',
            () => (edges.every(({ serves }) => serves) ? true : undefined),
            { msMax: 60_000 },
          );
          const life = await Life.begin(server, names);
          const changes = quick ? 50 : 200;
          const before = { cpu: cpuMs(server.pid), at: performance.now() };
          const taken = await repeat(changes, () => life.put());
          const busy = (cpuMs(server.pid) - before.cpu) / (performance.now() - before.at);
          figures.push(figure(`PUT, ${count} edges`, 'ms', taken, { target }));
          notes.push(
            `${count} edges: the API took ${Math.round(busy * 100)} % of a core while changes followed each other, and ${Math.round(residentMb(server.pid))} MB.`,
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

/** What an edge machine does on the wire. */
class FeedEdge {
  serves = false;
  readonly #stop = new AbortController();
  readonly #contact: ApiContact;

  static async join(
    { api, apiTls = '' }: { readonly api: string; readonly apiTls: string | undefined },
    name: string,
  ): Promise<FeedEdge> {
    const body = JSON.stringify({ name });
    const reply = await new ApiCaller(api).post('/_warmfront/edge-tokens', body);
    assertStatus(reply, 201);
    const made: { token: string } = JSON.parse(reply.body);
    const token = readEdgeToken(made.token);
    if (token === undefined) throw new Error('the API gave no token');
    return new FeedEdge(apiTls, name, token);
  }

  private constructor(url: string, edge: string, token: EdgeToken) {
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
        this.serves = reports.isLive;
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
