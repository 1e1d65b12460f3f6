/**
 * How long a change takes until its status is `Deployed`: from the moment its request is sent to the
 * whole of the first answer that says so. It waits on the stream of events and only then asks for
 * the status, since asking in a loop would keep the thread busy that has to hear the edges. A last
 * figure does ask in a loop, as a client that knows nothing of events would.
 */
import { configXml, download } from '../../test/harness/kinds.ts';
import type { ServerProcess } from '../../test/harness/server-process.ts';
import { ApiConnection } from '../harness/api-connection.ts';
import type { Benchmark } from '../harness/benchmark.ts';
import { EventWatch } from '../harness/event-watch.ts';
import { type Figure, figure, type Target } from '../harness/figure.ts';
import { untilQuiet } from '../harness/machine.ts';
import { edgeNames, type Home, withServer } from '../harness/served.ts';

type Case = { readonly edges: number; readonly home: Home };

const cases: readonly Case[] = [
  { edges: 1, home: 'disk' },
  { edges: 3, home: 'disk' },
  { edges: 50, home: 'disk' },
  { edges: 1, home: 'memory' },
  { edges: 3, home: 'memory' },
  { edges: 50, home: 'memory' },
];
/** Three edges in one process: what the product promises. */
const targetEdges = 3;
const target: Target = { of: 'median', below: 50 };
/** Not counted: code that runs for the first time is slow, and a server runs for long. */
const warmUps = 100;

export const putToDeployed: Benchmark = {
  name: 'put-to-deployed',
  measures: 'from the request of a change to the first answer that says Deployed',
  async run({ quick, say }) {
    const changes = quick ? 100 : 500;
    const figures: Figure[] = [];
    let asksTooEarly = 0;
    for (const { edges, home } of cases) {
      say(`${edges} edges, log ${homeSaid(home)}`);
      await untilQuiet();
      await withServer({ home, edges }, async (server) => {
        const life = await Life.begin(server, edgeNames(edges));
        const where = `${edges} ${edges === 1 ? 'edge' : 'edges'}, log ${homeSaid(home)}`;
        const beside = edges === targetEdges ? { target } : {};
        figures.push(
          figure(`PUT, ${where}`, 'ms', await repeat(changes, () => life.put()), beside),
        );
        if (edges === targetEdges) {
          const creating = await repeat(changes, () => life.createAndRemove());
          figures.push(figure(`POST, ${where}`, 'ms', creating, beside));
          const asking = await repeat(changes, () => life.putAndAsk());
          figures.push(figure(`PUT, ${where}, asked in a loop`, 'ms', asking, beside));
        }
        asksTooEarly += life.asksTooEarly;
        life.end();
      });
    }
    const early = `${asksTooEarly} times a status was still InProgress after all edges had been heard of, and was asked for again.`;
    return { kind: 'figures', figures, notes: [early] };
  },
};

export async function repeat(
  times: number,
  change: () => Promise<number>,
  uncounted = warmUps,
): Promise<number[]> {
  for (let made = 0; made < uncounted; made += 1) await change();
  const taken: number[] = [];
  for (let made = 0; made < times; made += 1) taken.push(await change());
  return taken;
}

function homeSaid(home: Home): string {
  return home === 'disk' ? 'on disk' : 'in memory';
}

/** One distribution that is changed again and again. */
export class Life {
  readonly #api: ApiConnection;
  readonly #watch: EventWatch;
  readonly #id: string;
  #etag: string;
  #count = 0;
  #asksTooEarly = 0;

  static async begin({ addresses }: ServerProcess, edges: readonly string[]): Promise<Life> {
    const api = await ApiConnection.open(addresses.api);
    const watch = await EventWatch.open(addresses.api, edges);
    const { body, etag } = await api.must(201, 'POST', download.path, { body: config('life', 0) });
    const id = textOf(body, 'Id');
    await watch.served(id, 0);
    return new Life(api, watch, id, etag);
  }

  private constructor(api: ApiConnection, watch: EventWatch, id: string, etag: string) {
    this.#api = api;
    this.#watch = watch;
    this.#id = id;
    this.#etag = etag;
  }

  get asksTooEarly(): number {
    return this.#asksTooEarly;
  }

  async put(): Promise<number> {
    const before = this.#watch.changeOf(this.#id);
    const begun = performance.now();
    const served = this.#watch.served(this.#id, before);
    await this.#sendPut();
    await served;
    await this.#askUntilDeployed(this.#id);
    return performance.now() - begun;
  }

  async putAndAsk(): Promise<number> {
    const begun = performance.now();
    await this.#sendPut();
    await this.#askUntilDeployed(this.#id, false);
    return performance.now() - begun;
  }

  /** The time until a new one is Deployed; that it is disabled and deleted again is not in it. */
  async createAndRemove(): Promise<number> {
    this.#count += 1;
    const reference = `create-${this.#count}`;
    const begun = performance.now();
    const created = await this.#api.must(201, 'POST', download.path, {
      body: config(reference, this.#count),
    });
    const id = textOf(created.body, 'Id');
    await this.#watch.served(id, 0);
    await this.#askUntilDeployed(id);
    const ms = performance.now() - begun;

    const path = `${download.path}/${id}`;
    const before = this.#watch.changeOf(id);
    const off = await this.#api.must(200, 'PUT', `${path}/config`, {
      body: config(reference, this.#count, false),
      ifMatch: created.etag,
    });
    await this.#watch.served(id, before);
    await this.#askUntilDeployed(id, false);
    await this.#api.must(204, 'DELETE', path, { ifMatch: off.etag });
    return ms;
  }

  end(): void {
    this.#watch.close();
    this.#api.close();
  }

  async #sendPut(): Promise<void> {
    this.#count += 1;
    const answer = await this.#api.must(200, 'PUT', `${download.path}/${this.#id}/config`, {
      body: config('life', this.#count),
      ifMatch: this.#etag,
    });
    this.#etag = answer.etag;
  }

  async #askUntilDeployed(id: string, countEarly = true): Promise<void> {
    for (;;) {
      const { body } = await this.#api.must(200, 'GET', `${download.path}/${id}`);
      if (textOf(body, 'Status') === 'Deployed') return;
      if (countEarly) this.#asksTooEarly += 1;
    }
  }
}

function config(reference: string, count: number, enabled = true): string {
  return configXml(download, { reference, comment: `change ${count}`, enabled });
}

function textOf(body: string, element: string): string {
  return new RegExp(`<${element}>([^<]*)</${element}>`).exec(body)?.[1] ?? '';
}
