/**
 * Fetches under way, one for each key that others may wait for (edge contract 5.9). Who comes while
 * one is under way waits for its answer's head and then reads along; what cannot be shared sends
 * those who waited on to ask for themselves.
 */
import type { Revision } from '../base/log-record.ts';
import type { RefusalPage } from './pages.ts';
import type { Passing } from './passing.ts';
import type { SharedBody } from './shared-body.ts';

export type Landing =
  /** An answer that is stored, and that all may read. */
  | { readonly kind: 'shared'; readonly passing: Passing; readonly body: SharedBody }
  /** The cache knows more than before. */
  | { readonly kind: 'look-again' }
  /** It is not for others. */
  | { readonly kind: 'alone' }
  | { readonly kind: 'refused'; readonly page: RefusalPage };

export class InFlight {
  /** The position of the log that its fetch began at. */
  readonly fetchedAt: Revision;
  readonly landing: Promise<Landing>;
  readonly #abandon = new AbortController();
  #land: (landing: Landing) => void = () => undefined;
  #waiting = 0;
  #leaderIsGone = false;
  #hasLanded = false;

  constructor(fetchedAt: Revision, leader: AbortSignal) {
    this.fetchedAt = fetchedAt;
    this.landing = new Promise((resolve) => {
      this.#land = resolve;
    });
    const onGone = (): void => {
      this.#leaderIsGone = true;
      this.#abandonIfUnwanted();
    };
    if (leader.aborted) onGone();
    else leader.addEventListener('abort', onGone, { once: true });
  }

  /** Aborted when nobody waits for an answer any more, the leader's viewer included. */
  get signal(): AbortSignal {
    return this.#abandon.signal;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** Undefined: the viewer has gone meanwhile. */
  async wait(gone: AbortSignal): Promise<Landing | undefined> {
    if (gone.aborted) return undefined;
    this.#waiting += 1;
    const { promise: left, resolve: leave } = Promise.withResolvers<undefined>();
    const onGone = (): void => leave(undefined);
    gone.addEventListener('abort', onGone, { once: true });
    try {
      return await Promise.race([this.landing, left]);
    } finally {
      gone.removeEventListener('abort', onGone);
      this.#waiting -= 1;
      this.#abandonIfUnwanted();
    }
  }

  /** From here on the body's readers decide how long the fetch goes on. */
  land(landing: Landing): void {
    this.#hasLanded = true;
    this.#land(landing);
  }

  #abandonIfUnwanted(): void {
    if (this.#hasLanded || !this.#leaderIsGone || this.#waiting > 0) return;
    this.#hasLanded = true;
    this.#abandon.abort(new Error('nobody waits any more'));
    this.#land({ kind: 'look-again' });
  }
}

export class InFlights {
  readonly #byKey = new Map<string, InFlight>();

  find(key: string): InFlight | undefined {
    return this.#byKey.get(key);
  }

  /** From now on others find it, until it ends. */
  begin(key: string, fetchedAt: Revision, leader: AbortSignal): InFlight {
    const flight = new InFlight(fetchedAt, leader);
    this.#byKey.set(key, flight);
    return flight;
  }

  /** From now on nobody finds those that are under way. */
  clear(): void {
    this.#byKey.clear();
  }

  end(key: string, flight: InFlight): void {
    if (this.#byKey.get(key) === flight) this.#byKey.delete(key);
  }
}
