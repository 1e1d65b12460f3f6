/**
 * Calls a second and their latency, action by action, on the log on disk with one edge. A round is
 * the life of a hundred distributions, as many as an account may have: created, read, changed,
 * listed, disabled, deleted. So each action meets an account as full as it can be, and none fuller.
 */
import { configXml, download } from '../../test/harness/kinds.ts';
import { ApiConnection } from '../harness/api-connection.ts';
import type { Benchmark } from '../harness/benchmark.ts';
import { syncedWritesMs } from '../harness/disk.ts';
import { type Figure, figure, type Target } from '../harness/figure.ts';
import { untilQuiet } from '../harness/machine.ts';
import { withFolder, withServer } from '../harness/served.ts';
import { onConnections, Timings } from '../harness/timings.ts';

const connectionCounts = [1, 16] as const;
const distributions = 100;
/** Of the actions that change nothing. */
const readsARound = 400;
const target: Target = { of: 'p99', below: 20 };

const actions = ['create', 'get', 'get config', 'put', 'list of 100', 'delete'] as const;
const ladder = 'disable, wait, delete';
const allActions = [...actions, ladder] as const;
type Action = (typeof allActions)[number];

export const apiCalls: Benchmark = {
  name: 'api-calls',
  measures: 'calls a second and latency of each action, log on disk, one edge',
  async run({ quick, say }) {
    const rounds = quick ? 1 : 10;
    const figures: Figure[] = [];
    for (const connections of connectionCounts) {
      await withServer({ home: 'disk', edges: 1 }, async ({ addresses }) => {
        const apis = await Promise.all(
          Array.from({ length: connections }, () => ApiConnection.open(addresses.api)),
        );
        const timings = new Timings<Action>();
        // The first round runs code for the first time, and is not counted.
        await new Round(apis, 'warm-up', timings).run();
        timings.clear();
        for (let index = 0; index < rounds; index += 1) {
          await untilQuiet();
          say(`${connections} connections, round ${index + 1} of ${rounds}`);
          await new Round(apis, `round-${index}`, timings).run();
        }
        figures.push(...figuresOf(timings, connections));
        for (const api of apis) api.close();
      });
    }
    say('the disk alone');
    const syncs = await withFolder((folder) => syncedWritesMs(folder, quick ? 100 : 500));
    figures.push(figure('the disk alone: 4 KiB written and synced', 'ms', syncs));
    const note =
      'create, put and delete wait for the disk once each, and the changes of a process go one after another.';
    return { kind: 'figures', figures, notes: [note] };
  },
};

function figuresOf(timings: Timings<Action>, connections: number): readonly Figure[] {
  return allActions.flatMap((action) =>
    // The ladder is three calls and a wait, so the promise about one call is not about it.
    timings.figures(action, onConnections(connections), action === ladder ? {} : { target }),
  );
}

type Known = { readonly id: string; readonly reference: string; etag: string };

class Round {
  readonly #apis: readonly ApiConnection[];
  readonly #name: string;
  readonly #timings: Timings<Action>;

  constructor(apis: readonly ApiConnection[], name: string, timings: Timings<Action>) {
    this.#apis = apis;
    this.#name = name;
    this.#timings = timings;
  }

  async run(): Promise<void> {
    const known: Known[] = [];
    await this.#each('create', distributions, async (api, index) => {
      const reference = `${this.#name}-${index}`;
      const sent = { body: configXml(download, { reference, comment: 'created' }) };
      const { body, etag } = await this.#timed('create', () =>
        api.must(201, 'POST', download.path, sent),
      );
      known.push({ id: /<Id>(\w+)</.exec(body)?.[1] ?? '', reference, etag });
    });
    const at = (index: number): Known => {
      const one = known[index % known.length];
      if (one === undefined) throw new Error('nothing was created');
      return one;
    };
    await this.#each('get', readsARound, (api, index) =>
      this.#timed('get', () => api.must(200, 'GET', `${download.path}/${at(index).id}`)),
    );
    await this.#each('get config', readsARound, (api, index) =>
      this.#timed('get config', () =>
        api.must(200, 'GET', `${download.path}/${at(index).id}/config`),
      ),
    );
    await this.#each('put', distributions, async (api, index) => {
      await this.#put(api, at(index), { comment: 'changed' });
    });
    await this.#each('list of 100', readsARound, (api) =>
      this.#timed('list of 100', () => api.must(200, 'GET', download.path)),
    );
    await this.#each(ladder, distributions, (api, index) =>
      this.#timed(ladder, () => this.#remove(api, at(index))),
    );
  }

  async #remove(api: ApiConnection, one: Known): Promise<void> {
    await this.#put(api, one, { comment: 'changed', enabled: false });
    const path = `${download.path}/${one.id}`;
    while (!(await api.must(200, 'GET', path)).body.includes('<Status>Deployed<'));
    await this.#timed('delete', () => api.must(204, 'DELETE', path, { ifMatch: one.etag }));
  }

  async #put(
    api: ApiConnection,
    one: Known,
    said: { readonly comment: string; readonly enabled?: boolean },
  ): Promise<void> {
    const body = configXml(download, { reference: one.reference, ...said });
    const answer = await this.#timed('put', () =>
      api.must(200, 'PUT', `${download.path}/${one.id}/config`, { body, ifMatch: one.etag }),
    );
    one.etag = answer.etag;
  }

  #each(
    action: Action,
    count: number,
    act: (api: ApiConnection, index: number) => Promise<unknown>,
  ): Promise<void> {
    return this.#timings.each(action, this.#apis, count, act);
  }

  #timed<T>(action: Action, act: () => Promise<T>): Promise<T> {
    return this.#timings.timed(action, act);
  }
}
