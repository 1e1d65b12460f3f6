/**
 * The simulated life of distributions: thousands of random commands from several accounts among
 * edges that stall, crash, are held and return. What is checked, each time it could break:
 *
 * - `Deployed` is never said while a live edge serves something else;
 * - a delete that was answered 204 was refused to viewers by every live edge before;
 * - an edge never serves a disabled or deleted distribution at a position that says otherwise;
 * - edges at one position hold the same, and no edge goes back;
 * - once an invalidation was called `Completed`, no live edge begins to give a viewer a matching
 *   object that the origin made before the invalidation was accepted;
 * - at most one distribution has an alias; an acknowledged change is there at the end.
 */
import assert from 'node:assert/strict';
import { Catalog } from '../../src/model/catalog.ts';
import type {
  Distribution,
  DistributionConfig,
  DistributionKind,
} from '../../src/model/distribution.ts';
import { accountId, type AccountId } from '../../src/model/ids.ts';
import { ofDistribution } from '../../src/model/invalidation.ts';
import { Refusal } from '../../src/model/refusal.ts';
import { configOf } from '../harness/configs.ts';
import { accounts, leaseMs, World, type SimEdge } from './world.ts';

export type LifeSummary = {
  readonly commands: number;
  readonly accepted: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly deployedSeen: number;
  readonly completedSeen: number;
  readonly hits: number;
  readonly crashes: number;
};

/** An invalidation that was acknowledged, and when it was first called `Completed`. */
type Promised = {
  readonly account: AccountId;
  readonly distribution: string;
  readonly id: string;
  readonly paths: readonly string[];
  /** A moment before the request for it. */
  readonly askedAt: number;
  completedAt: number | undefined;
};

const pathsOfSite = ['/a', '/b', '/c%20d', '/e'];

/** An acknowledged distribution; `undefined` once its deletion was acknowledged. */
type Known = Map<string, Distribution | undefined>;

export async function simulateLife(seed: number, steps: number): Promise<LifeSummary> {
  const world = await World.create(seed, ['one', 'two', 'three']);
  const life = new Life(world);
  try {
    for (const edge of world.edges) edge.start(0);
    await world.clock.passes(100);
    for (let step = 0; step < steps; step += 1) await life.step();
    await life.calmDown();
  } finally {
    await world.close();
  }
  return life.summary();
}

class Life {
  readonly #world: World;
  readonly #known: Known = new Map();
  /** Writes whose outcome the caller was not told: either is right. */
  readonly #unsure = new Set<string>();
  readonly #refused = new Map<string, number>();
  #commands = 0;
  #accepted = 0;
  #deployedSeen = 0;
  #completedSeen = 0;
  #hits = 0;
  #crashes = 0;
  readonly #promised: Promised[] = [];
  readonly #viewers = new Set<Promise<void>>();
  /** What a viewer met that must not be; told by the next step. */
  #broken: { readonly error: unknown } | undefined;
  #reference = 0;

  constructor(world: World) {
    this.#world = world;
  }

  summary(): LifeSummary {
    return {
      commands: this.#commands,
      accepted: this.#accepted,
      refused: Object.fromEntries(this.#refused),
      deployedSeen: this.#deployedSeen,
      completedSeen: this.#completedSeen,
      hits: this.#hits,
      crashes: this.#crashes,
    };
  }

  async step(): Promise<void> {
    const { clock, random } = this.#world;
    // Little by little, so that commands meet fetches that are half done.
    if (random.chance(0.5)) await clock.passes(random.below(200));
    const draw = random.fraction();
    if (draw < 0.3) await this.#command();
    else if (draw < 0.55) for (let viewers = 0; viewers < 4; viewers += 1) this.#view();
    else if (draw < 0.62) await this.#invalidate();
    else if (draw < 0.7) await this.#lookAtInvalidation();
    else if (draw < 0.8) await this.#look();
    else if (draw < 0.9) await this.#trouble();
    else await clock.passes(random.below(4_000));
    this.#world.checkEdges();
    this.#checkServed();
    if (this.#broken !== undefined) throw this.#broken.error;
  }

  /** Everything heals; then all that was acknowledged is there, deployed and served everywhere. */
  async calmDown(): Promise<void> {
    const { clock, control, edges, log } = this.#world;
    log.lossiness = 0;
    for (const edge of edges) {
      edge.resume();
      if (!edge.running) this.#start(edge);
      await this.#world.finish(control.hold(edge.name, false));
    }
    await clock.passes(3 * leaseMs);
    await Promise.all(this.#viewers);
    this.#world.checkEdges();
    const whole = await this.#wholeCatalog();
    for (const [id, known] of this.#known) {
      if (this.#unsure.has(id)) continue;
      const placed = whole.distributions.get(id);
      assert.deepEqual(placed?.document, known, `what was acknowledged of ${id} is not there`);
      if (known === undefined) continue;
      const view = await this.#answered(control.find(known.account, known.config.kind, id));
      assert.equal(view.status, 'Deployed', `${id} is not deployed in the end`);
      for (const edge of edges) assert.equal(edge.table.served.get(id)?.etag, known.etag);
    }
  }

  async #wholeCatalog(): Promise<Catalog> {
    const catalog = new Catalog();
    const stop = new AbortController();
    for await (const event of this.#world.reader.tail(undefined, stop.signal)) {
      if (event.kind === 'record') catalog.apply(event.record);
      if (event.kind === 'caughtUp') stop.abort();
    }
    return catalog;
  }

  async #command(): Promise<void> {
    const { control, random } = this.#world;
    this.#commands += 1;
    const account = accountId(random.pick(accounts) ?? '');
    const kind: DistributionKind = random.chance(0.7) ? 'download' : 'streaming';
    const target = random.pick([...this.#known].filter(([, known]) => known !== undefined))?.[1];
    const draw = random.fraction();
    if (draw < 0.25 || target === undefined) {
      await this.#create(account, kind);
    } else if (draw < 0.45) {
      await this.#delete(target);
    } else if (draw < 0.95) {
      await this.#replace(target);
    } else {
      const edge = random.pick(this.#world.edges);
      if (edge === undefined) return;
      await this.#world.finish(control.hold(edge.name, random.chance(0.5)));
    }
  }

  async #create(account: AccountId, kind: DistributionKind): Promise<void> {
    const { control, random } = this.#world;
    if (random.chance(0.9)) this.#reference += 1;
    const config = configOf(kind, `reference-${this.#reference}`, this.#someChange());
    const before = new Set(this.#known.keys());
    const result = await this.#world.finish(control.create(account, kind, () => config));
    if (result.status === 'rejected') return this.#refusedWith(result.reason, undefined);
    this.#accepted += 1;
    const { distribution, outcome } = result.value;
    if (outcome === 'new') {
      assert(!before.has(distribution.id), 'a new distribution has a new id');
      this.#known.set(distribution.id, distribution);
    }
  }

  async #replace(target: Distribution): Promise<void> {
    const { control, random } = this.#world;
    const config: DistributionConfig = { ...target.config, ...this.#someChange() };
    const ifMatch = random.chance(0.9) ? target.etag : 'E0000000000000';
    const call = control.replace(
      target.account,
      target.config.kind,
      target.id,
      ifMatch,
      () => config,
    );
    const result = await this.#world.finish(call);
    if (result.status === 'rejected') return this.#refusedWith(result.reason, target.id);
    this.#accepted += 1;
    const { distribution } = result.value;
    assert.notEqual(distribution.etag, target.etag, 'an update mints a new ETag');
    assert.equal(ifMatch, target.etag, 'a wrong If-Match is never accepted');
    this.#known.set(target.id, distribution);
    this.#unsure.delete(target.id);
  }

  async #delete(target: Distribution): Promise<void> {
    const { control } = this.#world;
    const call = control.delete(target.account, target.config.kind, target.id, target.etag);
    const result = await this.#world.finish(call);
    if (result.status === 'rejected') return this.#refusedWith(result.reason, target.id);
    this.#accepted += 1;
    this.#known.set(target.id, undefined);
    this.#unsure.delete(target.id);
    for (const edge of this.#world.edges) {
      if (!edge.live || !edge.running) continue;
      const enabled = edge.table.served.get(target.id)?.config.enabled ?? false;
      assert(!enabled, `${target.id} was deleted while ${edge.name} served it`);
    }
  }

  async #look(): Promise<void> {
    const { control, random } = this.#world;
    const target = random.pick([...this.#known].filter(([, known]) => known !== undefined))?.[1];
    if (target === undefined) return;
    const result = await this.#world.finish(
      control.find(target.account, target.config.kind, target.id),
    );
    if (result.status === 'rejected') return this.#refusedWith(result.reason, target.id);
    const { distribution, status } = result.value;
    if (status !== 'Deployed') return;
    this.#deployedSeen += 1;
    for (const edge of this.#world.edges) {
      if (!edge.live || !edge.running) continue;
      assert.equal(
        edge.table.served.get(target.id)?.etag,
        distribution.etag,
        `${target.id} is called Deployed while ${edge.name}, which is live, serves another`,
      );
    }
  }

  /** A viewer comes to an edge; what it is given is judged when it has it. */
  #view(): void {
    const { random } = this.#world;
    const target = this.#someSite();
    const edge = random.pick(this.#world.edges);
    const path = random.pick(pathsOfSite);
    if (target === undefined || edge === undefined || path === undefined) return;
    const viewing = edge.get(target.domainName, path).then((given) => {
      if (given?.madeAt === undefined) return;
      if (given.result.startsWith('Hit')) this.#hits += 1;
      for (const promised of this.#promised) {
        const { askedAt, completedAt, distribution, paths } = promised;
        if (distribution !== target.id || !paths.includes(path)) continue;
        if (completedAt === undefined || given.begunAt < completedAt || !edge.live) continue;
        assert(
          given.madeAt > askedAt,
          `${edge.name} gave ${path} of ${target.id}, made at ${given.madeAt}, though ${promised.id} of ${askedAt} was completed at ${completedAt}`,
        );
      }
    });
    this.#viewers.add(viewing);
    const left = (): void => {
      this.#viewers.delete(viewing);
    };
    viewing.then(left, (error: unknown) => {
      this.#broken ??= { error };
    });
  }

  /** One of the few that viewers come to again and again, so that they meet what was stored. */
  #someSite(): Distribution | undefined {
    const sites = [...this.#known.values()].filter(
      (known) => known?.config.enabled === true && known.config.kind === 'download',
    );
    return this.#world.random.pick(sites.slice(0, 2));
  }

  async #invalidate(): Promise<void> {
    const { control, moments, random } = this.#world;
    const target = this.#someSite();
    if (target === undefined) return;
    const paths = pathsOfSite.filter(() => random.chance(0.4));
    if (paths.length === 0) return;
    this.#reference += 1;
    const callerReference = `batch-${this.#reference}`;
    const askedAt = moments.next();
    const { account, id: distribution } = target;
    const result = await this.#world.finish(
      control.invalidate(account, ofDistribution(distribution), () => ({
        matching: 'paths',
        callerReference,
        paths,
      })),
    );
    if (result.status === 'rejected') return this.#refusedWith(result.reason, undefined);
    const { id } = result.value.invalidation;
    const promised: Promised = {
      account,
      distribution,
      id,
      paths,
      askedAt,
      completedAt: undefined,
    };
    this.#promised.push(promised);
    // Asked again at once: fetches that began before are still under way then.
    await this.#askWhetherCompleted(promised);
  }

  async #lookAtInvalidation(): Promise<void> {
    const { random } = this.#world;
    const promised = random.pick(
      this.#promised.filter(({ completedAt }) => completedAt === undefined),
    );
    if (promised === undefined) return;
    await this.#askWhetherCompleted(promised);
  }

  async #askWhetherCompleted(promised: Promised): Promise<void> {
    const { control, moments } = this.#world;
    const { account, distribution, id } = promised;
    const result = await this.#world.finish(
      control.findInvalidation(account, ofDistribution(distribution), id),
    );
    if (result.status === 'rejected') return this.#refusedWith(result.reason, undefined);
    if (result.value.status !== 'Completed') return;
    this.#completedSeen += 1;
    promised.completedAt = moments.next();
  }

  async #trouble(): Promise<void> {
    const { log, random } = this.#world;
    const edge = random.pick(this.#world.edges);
    if (edge === undefined) return;
    const draw = random.fraction();
    if (draw < 0.2) log.lossiness = random.chance(0.5) ? 0 : random.fraction() * 0.4;
    else if (!edge.running) this.#start(edge);
    else if (edge.stalled) edge.resume();
    else if (draw < 0.5) edge.stall();
    else this.#crash(edge);
    await this.#world.clock.passes(random.below(200));
  }

  #start(edge: SimEdge): void {
    const { random } = this.#world;
    edge.start(random.chance(0.5) ? 0 : random.below(3_000));
  }

  #crash(edge: SimEdge): void {
    this.#crashes += 1;
    edge.crash();
    this.#world.forgetPosition(edge);
  }

  #someChange(): Partial<DistributionConfig> {
    const { random } = this.#world;
    const aliases = random.chance(0.4) ? [`www${random.below(8)}.example.com`] : [];
    return { aliases, comment: `c${random.below(1_000)}`, enabled: random.chance(0.5) };
  }

  #refusedWith(reason: unknown, id: string | undefined): void {
    if (!(reason instanceof Refusal)) throw reason;
    this.#refused.set(reason.code, (this.#refused.get(reason.code) ?? 0) + 1);
    // An unknown outcome that stayed unknown may yet have been recorded.
    if (reason.code === 'ServiceUnavailable' && id !== undefined) this.#unsure.add(id);
  }

  /** By the edge's own position, what it serves is what the log says at that position. */
  #checkServed(): void {
    const aliasOwner = new Map<string, string>();
    for (const edge of this.#world.edges) {
      aliasOwner.clear();
      for (const [id, { config }] of edge.table.served) {
        for (const alias of config.aliases) {
          assert(!aliasOwner.has(alias), `${alias} is on two distributions at ${edge.name}`);
          aliasOwner.set(alias, id);
        }
      }
    }
  }

  async #answered<Answer>(call: Promise<Answer>): Promise<Answer> {
    const result = await this.#world.finish(call);
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  }
}
