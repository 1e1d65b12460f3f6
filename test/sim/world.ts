/**
 * A world to simulate: control, log and edges in one process, on a clock that is moved by hand and
 * chance from one seed. Edges crash, stall, are cut off from the log and come back; answers of the
 * log get lost. After every move the world checks what must always hold.
 */
import assert from 'node:assert/strict';
import type { Cursor, Revision } from '../../src/base/log-record.ts';
import { silentRecorder } from '../../src/base/recorder.ts';
import { createControl, type ControlPlane } from '../../src/control/control-plane.ts';
import { EdgeFollower, type Routing } from '../../src/edge/follower.ts';
import { RoutingTable } from '../../src/edge/routing-table.ts';
import { LeaseTable } from '../../src/log/lease-table.ts';
import type { Append, AppendOutcome, ChangeLog, LogReader, TailEvent } from '../../src/log/log.ts';
import { MemoryLog } from '../../src/log/memory.ts';
import type { Report } from '../../src/log/presence.ts';
import type { Catalog, Touched } from '../../src/model/catalog.ts';
import type { Distribution } from '../../src/model/distribution.ts';
import { createLimits } from '../../src/model/limits.ts';
import { ManualClock, settle } from '../harness/manual-clock.ts';
import { SeededRandomness } from '../harness/seeded-randomness.ts';
import { Moments, SimServing, type Given } from './serving.ts';

export const leaseMs = 10_000;
export const accounts = ['111111111111', '222222222222'];

/** A log whose answers may be lost before or after they take effect. */
export class LossyLog implements ChangeLog {
  readonly #log: ChangeLog;
  readonly #random: SeededRandomness;
  lossiness = 0;

  constructor(log: ChangeLog, random: SeededRandomness) {
    this.#log = log;
    this.#random = random;
  }

  async append(append: Append, signal: AbortSignal): Promise<AppendOutcome> {
    const lost = { kind: 'unknown', cause: new Error('the answer was lost') } as const;
    if (this.#random.chance(this.lossiness)) return lost;
    const outcome = await this.#log.append(append, signal);
    return this.#random.chance(this.lossiness) ? lost : outcome;
  }

  tail(from: Cursor | undefined, signal: AbortSignal): AsyncIterable<TailEvent> {
    return this.#log.tail(from, signal);
  }

  head(signal: AbortSignal): Promise<Cursor> {
    return this.#log.head(signal);
  }

  proves(cursor: Cursor, signal: AbortSignal): Promise<boolean> {
    return this.#log.proves(cursor, signal);
  }

  forget(floor: Revision, signal: AbortSignal): Promise<void> {
    return this.#log.forget(floor, signal);
  }

  close(): Promise<void> {
    return this.#log.close();
  }
}

/** What viewers of one edge are served from: the real table, and what it was given for checks. */
class ServedTable implements Routing {
  readonly served = new Map<string, Distribution>();
  routing = new RoutingTable('cloudfront.localhost');

  apply(touched: readonly Touched[], upTo: Revision): void {
    this.routing.apply(touched, upTo);
    for (const one of touched) {
      if (one.kind !== 'distribution') continue;
      if (one.placed === undefined) this.served.delete(one.id);
      else this.served.set(one.id, one.placed.document);
    }
  }

  replaceAll(catalog: Catalog, upTo: Revision): void {
    this.routing.replaceAll(catalog, upTo);
    this.served.clear();
    for (const { document } of catalog.distributions.all()) this.served.set(document.id, document);
  }
}

/** One edge: it runs, hangs (says and takes nothing), or is down. */
export class SimEdge {
  readonly name: string;
  readonly #world: World;
  readonly table = new ServedTable();
  #serving: SimServing | undefined;
  #life: AbortController | undefined;
  #follower: EdgeFollower | undefined;
  #session = 0;
  #beat = 0;
  #stalled = false;
  #goOn: (() => void) | undefined;
  #going: Promise<void> = Promise.resolve();
  /** The last report that presence took, and when; what the outside may believe of this edge. */
  lastTaken: { readonly report: Report; readonly atMs: number } | undefined;

  constructor(name: string, world: World) {
    this.name = name;
    this.#world = world;
  }

  get running(): boolean {
    return this.#life !== undefined;
  }

  get stalled(): boolean {
    return this.#stalled;
  }

  get serving(): Cursor | undefined {
    return this.#follower?.serving;
  }

  start(propagationDelayMs: number): void {
    assert(!this.running);
    const life = new AbortController();
    this.#life = life;
    this.#session += 1;
    this.#beat = 0;
    this.table.served.clear();
    this.table.routing = new RoutingTable('cloudfront.localhost');
    const { clock, moments, random } = this.#world;
    const { routing } = this.table;
    this.#serving = new SimServing({ name: this.name, routing, clock, moments, random });
    const follower = new EdgeFollower({
      edge: this.name,
      reader: { tail: (from, signal) => this.#gated(from, signal) },
      clock,
      propagationDelayMs,
      routing: this.table,
      report: () => void this.#report(life),
    });
    this.#follower = follower;
    void follower.run(life.signal);
    this.#beatOn(life);
  }

  crash(): void {
    this.resume();
    this.#life?.abort();
    this.#life = undefined;
    this.#follower = undefined;
    this.#serving = undefined;
  }

  /** Undefined while the edge is down, or when it went down before it answered. */
  async get(host: string, path: string): Promise<Given | undefined> {
    const life = this.#life;
    const given = await this.#serving?.get(host, path);
    return life?.signal.aborted === true ? undefined : given;
  }

  stall(): void {
    if (this.#stalled || !this.running) return;
    this.#stalled = true;
    this.#going = new Promise((resolve) => {
      this.#goOn = resolve;
    });
  }

  resume(): void {
    this.#stalled = false;
    this.#goOn?.();
  }

  /** May the outside count on this edge? By what it said itself, not by what we know of it. */
  get live(): boolean {
    return (
      this.lastTaken !== undefined &&
      this.lastTaken.report.state === 'serving' &&
      this.#world.clock.monotonicMs() - this.lastTaken.atMs < leaseMs
    );
  }

  async *#gated(from: Cursor | undefined, signal: AbortSignal): AsyncGenerator<TailEvent> {
    for await (const event of this.#world.reader.tail(from, signal)) {
      await this.#going;
      if (signal.aborted) return;
      yield event;
    }
  }

  #beatOn(life: AbortController): void {
    this.#world.clock.after(leaseMs / 4, () => {
      if (life.signal.aborted) return;
      void this.#report(life);
      this.#beatOn(life);
    });
  }

  async #report(life: AbortController): Promise<void> {
    const serving = this.#follower?.serving;
    if (this.#stalled || serving === undefined) return;
    this.#beat += 1;
    const report: Report = {
      edge: this.name,
      session: this.#session,
      beat: this.#beat,
      state: 'serving',
      serving,
    };
    const answer = await this.#world.presence.report(report, life.signal);
    const atMs = this.#world.clock.monotonicMs();
    if (answer === 'held') this.lastTaken = { report, atMs };
    if (answer !== 'behind') return;
    this.lastTaken = { report: { ...report, state: 'joining' }, atMs };
    this.#follower?.catchUp();
  }
}

export class World {
  readonly random: SeededRandomness;
  readonly clock: ManualClock;
  readonly moments = new Moments();
  readonly log: LossyLog;
  readonly reader: Pick<LogReader, 'tail'>;
  readonly presence: LeaseTable;
  readonly control: ControlPlane;
  readonly edges: readonly SimEdge[];
  readonly #memory: MemoryLog;
  readonly #lastServing = new Map<string, Revision>();

  private constructor(parts: {
    random: SeededRandomness;
    clock: ManualClock;
    memory: MemoryLog;
    log: LossyLog;
    presence: LeaseTable;
    control: ControlPlane;
    edgeNames: readonly string[];
  }) {
    this.random = parts.random;
    this.clock = parts.clock;
    this.#memory = parts.memory;
    this.log = parts.log;
    this.reader = parts.memory;
    this.presence = parts.presence;
    this.control = parts.control;
    this.edges = parts.edgeNames.map((name) => new SimEdge(name, this));
  }

  static async create(seed: number, edgeNames: readonly string[]): Promise<World> {
    const random = new SeededRandomness(seed);
    const clock = new ManualClock();
    const memory = new MemoryLog({ randomness: random, clock });
    const log = new LossyLog(memory, random);
    const registered = { names: (): ReadonlySet<string> => new Set() };
    const presence = new LeaseTable({
      log: memory,
      clock,
      leaseMs,
      registered: () => registered.names(),
    });
    const control = await createControl({
      log,
      presence,
      clock,
      randomness: random,
      recorder: silentRecorder,
      limits: createLimits({ distributions: 12, 'streaming-distributions': 6 }),
      domain: 'cloudfront.localhost',
      accounts: new Set(accounts),
      sealingKey: new Uint8Array(32),
    });
    registered.names = () => control.registeredEdges();
    await control.registerEdges(edgeNames);
    return new World({ random, clock, memory, log, presence, control, edgeNames });
  }

  /** Lets a call to the control plane come to its end while time moves on. */
  async finish<Answer>(call: Promise<Answer>): Promise<PromiseSettledResult<Answer>> {
    let result: PromiseSettledResult<Answer> | undefined;
    void Promise.allSettled([call]).then(([settled]) => {
      result = settled;
    });
    await settle();
    for (let tries = 0; result === undefined && tries < 2_000; tries += 1) {
      await this.clock.passes(20);
    }
    assert(result !== undefined, 'a call to the control plane comes to an end');
    return result;
  }

  /** What holds at every moment, whatever has happened. */
  checkEdges(): void {
    for (const edge of this.edges) {
      const { serving } = edge;
      if (serving === undefined) continue;
      const key = edge.name;
      const before = this.#lastServing.get(key);
      assert(
        before === undefined || serving.revision >= before,
        `${key} went back from ${before} to ${serving.revision}`,
      );
      this.#lastServing.set(key, serving.revision);
    }
    for (const one of this.edges) {
      for (const other of this.edges) {
        if (one.serving === undefined || one.serving.revision !== other.serving?.revision) continue;
        assert.deepEqual(
          [...one.table.served].sort(byId),
          [...other.table.served].sort(byId),
          `${one.name} and ${other.name} differ at ${one.serving.revision}`,
        );
      }
    }
  }

  /** An edge that begins anew may serve less than before it crashed; it is not live until then. */
  forgetPosition(edge: SimEdge): void {
    this.#lastServing.delete(edge.name);
  }

  async close(): Promise<void> {
    for (const edge of this.edges) edge.crash();
    await this.control.close();
    await this.#memory.close();
  }
}

function byId([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : Number(a > b);
}
