/**
 * Who asks for what during a round: writers that contend for one distribution, writers that create,
 * change, disable and delete distributions of their own and want CNAMEs that others want too, one
 * that invalidates, some that look whether what is called `Deployed` is served, and a viewer of each
 * edge. Each asks any API process, and goes on whatever it is answered.
 */
import { type Known, type Recording } from './recording.ts';
import type { Outcome, Read, State } from './history.ts';
import type { Api, Edge } from './machines.ts';
import { objects } from './origin.ts';
import type { SeededRandomness } from '../harness/seeded-randomness.ts';
import { pause } from '../harness/until.ts';
import { textAt } from '../harness/api-caller.ts';

const contendersCount = 2;
const ownersCount = 3;
const lookersCount = 2;
const ownedMax = 3;
const cnames = ['www.example', 'img.example', 'cdn.example', 'static.example'] as const;
const betweenWritesMs = 20;
const betweenLooksMs = 30;
const betweenViewsMs = 30;
const deployedMsMax = 10_000;
/** Of distributions that are gone, viewers ask for the last few. */
const goneKept = 6;

export type Counts = {
  accepted: number;
  /** Readings that said `Deployed` while every edge was live, each of which was then asked. */
  deployed: number;
  /** The same of `Completed`. */
  completed: number;
  invalidations: number;
  views: number;
  lastAcceptedMs: number;
  /** The longest time without an acknowledged write. */
  pauseMs: number;
};

export function noCounts(): Counts {
  return {
    accepted: 0,
    deployed: 0,
    completed: 0,
    invalidations: 0,
    views: 0,
    lastAcceptedMs: performance.now(),
    pauseMs: 0,
  };
}

/** What stands, as far as actors know; it outlives rounds. */
export class Estate {
  readonly shared: Known;
  readonly owned = new Map<string, Known>();
  readonly gone: Known[] = [];
  /** Object → the version of the last invalidation that every edge was seen to have taken. */
  readonly versions = new Map<string, number>(objects.map((object) => [object, 1]));
  #stamps = 0;

  constructor(shared: Known) {
    this.shared = shared;
  }

  stamp(): string {
    this.#stamps += 1;
    return `stamp-${this.#stamps}`;
  }

  all(): readonly Known[] {
    return [this.shared, ...this.owned.values()];
  }

  vanished(known: Known): void {
    this.owned.delete(known.reference);
    this.gone.push(known);
    if (this.gone.length > goneKept) this.gone.shift();
  }
}

export class Actors {
  readonly counts = noCounts();
  readonly #recording: Recording;
  readonly #estate: Estate;
  readonly #randomness: SeededRandomness;
  readonly #round: number;
  readonly #acting: Promise<unknown>;
  #isOver = false;

  constructor(
    recording: Recording,
    estate: Estate,
    { randomness, round }: { readonly randomness: SeededRandomness; readonly round: number },
  ) {
    this.#recording = recording;
    this.#estate = estate;
    this.#randomness = randomness;
    this.#round = round;
    const several = (count: number, act: (index: number) => Promise<void>): Promise<void>[] =>
      Array.from({ length: count }, async (_, index) => {
        while (!this.#isOver) await act(index);
      });
    const takenOver = [...estate.owned.values()];
    this.#acting = Promise.all([
      ...several(contendersCount, () => this.#contend()),
      ...Array.from({ length: ownersCount }, (_, index) =>
        this.#own(
          index,
          takenOver.filter((__, at) => at % ownersCount === index),
        ),
      ),
      ...several(1, () => this.#invalidate()),
      ...several(lookersCount, () => this.#look()),
      ...recording.machines.edges.flatMap((edge) => several(1, () => this.#view(edge))),
    ]);
  }

  /** Rejects only where the test itself is at fault. */
  get acting(): Promise<unknown> {
    return this.#acting;
  }

  /** Resolves when all have been answered, or have given up. */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.#acting;
    await this.#recording.settle();
  }

  #anyApi(): Api {
    const { apis } = this.#recording.machines;
    const running = apis.filter(({ isRunning }) => isRunning);
    const api = this.#randomness.pick(running) ?? this.#randomness.pick(apis);
    if (api === undefined) throw new Error('there are API processes');
    return api;
  }

  #count(outcome: Outcome): void {
    if (outcome !== 'accepted') return;
    this.counts.accepted += 1;
    const nowMs = performance.now();
    this.counts.pauseMs = Math.max(this.counts.pauseMs, nowMs - this.counts.lastAcceptedMs);
    this.counts.lastAcceptedMs = nowMs;
  }

  /** A state that may be followed: as new as the log. */
  async #fresh(known: Known): Promise<Read | undefined> {
    const read = await this.#recording.read(this.#anyApi(), known);
    return read?.mayBeOld === true ? undefined : read;
  }

  async #contend(): Promise<void> {
    const { shared } = this.#estate;
    await pause(betweenWritesMs);
    const read = await this.#fresh(shared);
    if (read !== undefined) await this.#update(shared, read, {});
  }

  async #update(known: Known, { etag, state }: Read, change: Partial<State>): Promise<boolean> {
    const stamp = this.#estate.stamp();
    const makes = { ...state, number: state.number + 1, ...change, stamp };
    const follows = { etag, stamp: state.stamp };
    const write = await this.#recording.update(this.#anyApi(), known, follows, makes);
    this.#count(write.outcome);
    return write.outcome === 'accepted';
  }

  async #own(index: number, own: Known[]): Promise<void> {
    const randomness = this.#randomness;
    for (let created = 0; !this.#isOver; ) {
      await pause(betweenWritesMs);
      const known = randomness.pick(own);
      if (known === undefined || (own.length < ownedMax && randomness.chance(0.3))) {
        created += 1;
        const made = await this.#create(`r${this.#round}w${index}d${created}`);
        if (made !== undefined) own.push(made);
        continue;
      }
      const read = await this.#fresh(known);
      if (read === undefined) continue;
      if (randomness.chance(0.75)) {
        const wanted = { enabled: randomness.chance(0.7), cnames: this.#someCnames() };
        await this.#update(known, read, wanted);
      } else if (await this.#remove(known, read)) {
        own.splice(own.indexOf(known), 1);
      }
    }
  }

  #someCnames(): readonly string[] {
    return cnames.filter(() => this.#randomness.chance(0.25));
  }

  /** Sent again until it is known whether it was made. */
  async #create(reference: string): Promise<Known | undefined> {
    const makes: State = {
      stamp: this.#estate.stamp(),
      number: 1,
      enabled: true,
      cnames: this.#someCnames(),
    };
    while (!this.#isOver) {
      const { known, outcome } = await this.#recording.create(this.#anyApi(), reference, makes);
      this.#count(outcome);
      if (known !== undefined) this.#estate.owned.set(reference, known);
      if (outcome !== 'unknown') return known;
      await pause(betweenWritesMs);
    }
    return undefined;
  }

  /** Whether it is gone for sure. */
  async #remove(known: Known, read: Read): Promise<boolean> {
    if (read.state.enabled) await this.#update(known, read, { enabled: false });
    const giveUpMs = performance.now() + deployedMsMax;
    while (!this.#isOver && performance.now() < giveUpMs) {
      await pause(betweenLooksMs);
      const now = await this.#fresh(known);
      if (now === undefined) continue;
      if (now.state.enabled) return false;
      if (!now.isDeployed) continue;
      const follows = { etag: now.etag, stamp: now.state.stamp };
      const { outcome } = await this.#recording.delete(this.#anyApi(), known, follows);
      this.#count(outcome);
      if (outcome === 'accepted') {
        this.#estate.vanished(known);
        return true;
      }
      return outcome === 'unknown' ? this.#isGone(known) : false;
    }
    return false;
  }

  /** After a deletion that nobody was answered for. */
  async #isGone(known: Known): Promise<boolean> {
    while (!this.#isOver) {
      await pause(betweenWritesMs);
      const { reply } = await this.#recording.ask(this.#anyApi(), (api) => api.get(known.path));
      if (reply?.headers['warmfront-as-of'] !== undefined) continue;
      if (reply?.status === 200) return false;
      if (reply?.status !== 404) continue;
      this.#estate.vanished(known);
      return true;
    }
    return false;
  }

  async #look(): Promise<void> {
    await pause(betweenLooksMs);
    const known = this.#randomness.chance(0.5)
      ? this.#estate.shared
      : this.#randomness.pick(this.#estate.all());
    if (known === undefined) return;
    if (await lookAt(this.#recording, this.#anyApi(), known)) this.counts.deployed += 1;
  }

  async #invalidate(): Promise<void> {
    const { shared, versions } = this.#estate;
    const recording = this.#recording;
    await pause(betweenLooksMs);
    const object = this.#randomness.pick(objects) ?? objects[0];
    const version = recording.machines.origin.changes(object);
    const reference = `invalidation-${this.#estate.stamp()}`;
    let path: string | undefined;
    while (path === undefined) {
      if (this.#isOver) return;
      path = await recording.invalidate(this.#anyApi(), shared, { object, reference });
      if (path === undefined) await pause(betweenWritesMs);
    }
    this.counts.invalidations += 1;
    const giveUpMs = performance.now() + deployedMsMax;
    while (!this.#isOver && performance.now() < giveUpMs) {
      await pause(betweenLooksMs);
      const { edges } = recording.machines;
      const live = await Promise.all(edges.map((edge) => recording.isLive(edge)));
      const at = path;
      const { reply, ...spell } = await recording.ask(this.#anyApi(), (api) => api.get(at));
      if (reply?.status !== 200 || textAt(reply, 'Status') !== 'Completed') continue;
      recording.note({ kind: 'completed', object, version, ...spell });
      const views = await Promise.all(
        edges.map((edge) => recording.viewObject(edge, shared, object)),
      );
      if (live.every(Boolean) && views.every((view) => view !== undefined)) {
        this.counts.completed += 1;
        versions.set(object, Math.max(version, versions.get(object) ?? 0));
      }
      return;
    }
  }

  async #view(edge: Edge): Promise<void> {
    await pause(betweenViewsMs);
    const { gone, shared } = this.#estate;
    const recording = this.#recording;
    const drawn = this.#randomness.fraction();
    const object = this.#randomness.pick(objects) ?? objects[0];
    const other = this.#randomness.pick([...this.#estate.all(), ...gone]) ?? shared;
    const view =
      drawn < 0.3
        ? await recording.viewObject(edge, shared, object)
        : await recording.view(edge, drawn < 0.7 ? shared : other);
    if (view !== undefined) this.counts.views += 1;
  }
}

/**
 * Asks every edge whether it is live, then the API for the status, then, where that is `Deployed`,
 * every edge for what it serves. True where every edge was live and has answered.
 */
export async function lookAt(recording: Recording, api: Api, known: Known): Promise<boolean> {
  const { edges } = recording.machines;
  const live = await Promise.all(edges.map((edge) => recording.isLive(edge)));
  const read = await recording.read(api, known);
  if (read?.isDeployed !== true) return false;
  const views = await Promise.all(edges.map((edge) => recording.view(edge, known)));
  return live.every(Boolean) && views.every((view) => view !== undefined);
}
