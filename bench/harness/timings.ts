/**
 * Calls of several connections, timed by what they do: each connection makes one call at a time, and
 * together they go through what is to be done.
 */
import type { ApiConnection } from './api-connection.ts';
import { type Figure, figure, type Target } from './figure.ts';

export class Timings<Action extends string> {
  readonly #latencies = new Map<Action, number[]>();
  readonly #rates = new Map<Action, number[]>();

  /** Does `count` of them, on all connections at once; how many a second that were is kept. */
  async each(
    action: Action,
    connections: readonly ApiConnection[],
    count: number,
    act: (connection: ApiConnection, index: number) => Promise<unknown>,
  ): Promise<void> {
    for (const connection of connections) await connection.warm();
    let next = 0;
    const begun = performance.now();
    await Promise.all(
      connections.map(async (connection) => {
        for (let index = next++; index < count; index = next++) await act(connection, index);
      }),
    );
    this.#keep(this.#rates, action, (count / (performance.now() - begun)) * 1_000);
  }

  async timed<T>(action: Action, act: () => Promise<T>): Promise<T> {
    const begun = performance.now();
    const answer = await act();
    this.#keep(this.#latencies, action, performance.now() - begun);
    return answer;
  }

  /** Latency, and calls a second where the action was done by `each`. `of`: what else is said of it. */
  figures(
    action: Action,
    of: string,
    beside: { readonly target?: Target } = {},
  ): readonly Figure[] {
    const latency = figure(`${action}${of}`, 'ms', this.#latencies.get(action) ?? [], beside);
    const rates = this.#rates.get(action) ?? [];
    return rates.length === 0 ? [latency] : [latency, figure(`${action}${of}`, '1/s', rates)];
  }

  /** Forgets all: what ran for the first time is not counted. */
  clear(): void {
    this.#latencies.clear();
    this.#rates.clear();
  }

  #keep(samples: Map<Action, number[]>, action: Action, sample: number): void {
    const kept = samples.get(action) ?? [];
    kept.push(sample);
    samples.set(action, kept);
  }
}

/** `, 16 connections`. */
export function onConnections(count: number): string {
  return `, ${count} ${count === 1 ? 'connection' : 'connections'}`;
}
