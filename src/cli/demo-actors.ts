/** Who acts in the demo: a caller of the public API, and viewers at the edges. */
import { request } from 'node:http';
import { pause } from '../base/clock.ts';
import { readXml } from '../base/xml.ts';
import { type ApiClient, ApiRefusal, type Method } from './api-client.ts';
import type { Stage } from './demo-stage.ts';
import { type DistributionView, readDistribution } from './distribution-form.ts';
import { type EdgePositions, readEdges } from './edge-positions.ts';
import { downloads } from './kind.ts';
import type { World } from './world.ts';

/** URL without a slash at the end. */
export type DemoEdge = { readonly name: string; readonly http: string };

export type Told = {
  readonly status: number;
  /** Of an error document; empty for a success. */
  readonly code: string;
  readonly etag: string;
  readonly view: DistributionView | undefined;
};

export type Viewed = { readonly status: number; readonly xCache: string; readonly body: string };

const answerMsMax = 10_000;
const pollMs = 20;
const pollMsMax = 15_000;
const xmlBounds = { bytesMax: 1_048_576, depthMax: 16, elementsMax: 10_000 };

export class Actors {
  readonly #api: ApiClient;
  readonly #stage: Stage;
  readonly #world: Pick<World, 'clock' | 'interrupted'>;

  constructor(api: ApiClient, stage: Stage, world: Pick<World, 'clock' | 'interrupted'>) {
    this.#api = api;
    this.#stage = stage;
    this.#world = world;
  }

  /** `told`: what of the answer is shown beside its status. */
  async calls(
    method: Method,
    path: string,
    more: { readonly ifMatch?: string; readonly body?: string } = {},
  ): Promise<Told> {
    const told = await this.#ask(method, path, more);
    const { ifMatch } = more;
    this.#stage.exchange(
      `${method} ${path}${ifMatch === undefined ? '' : ` (If-Match ${ifMatch})`}`,
      answerText(told),
    );
    return told;
  }

  /** Asks until the status is `Deployed`; shows the last answer. */
  async waitsUntilDeployed(path: string): Promise<Told> {
    let asked = 0;
    const told = await this.#until(async () => {
      asked += 1;
      const now = await this.#ask('GET', path, {});
      return now.view?.status === 'Deployed' || now.status !== 200 ? now : undefined;
    });
    const last = told ?? (await this.#ask('GET', path, {}));
    this.#stage.exchange(
      `GET ${path}, ${asked === 1 ? 'once' : `${asked} times`}`,
      answerText(last),
    );
    return last;
  }

  /** Waits until these edges serve all that the log holds. */
  async waitsUntilServed(names: readonly string[]): Promise<EdgePositions> {
    const serves = ({ edges, head }: EdgePositions): boolean =>
      edges.every(({ name, position }) => !names.includes(name) || position === head);
    const positions = await this.#until(async () => {
      const now = await readEdges(this.#api);
      return serves(now) ? now : undefined;
    });
    const last = positions ?? (await readEdges(this.#api));
    const said = last.edges.map(
      ({ held, name, position }) => `${name} ${position}${held ? ' (held)' : ''}`,
    );
    this.#stage.exchange('GET /_warmfront/edges', `log at ${last.head}; ${said.join(', ')}`);
    return last;
  }

  async tellsEdge(name: string, verb: 'hold' | 'release'): Promise<void> {
    const path = `/_warmfront/edges/${name}/${verb}`;
    await this.#api.ask('POST', path);
    this.#stage.exchange(`POST ${path}`, '200');
  }

  async views({ http, name }: DemoEdge, host: string): Promise<Viewed> {
    const viewed = await view(http, host, this.#world);
    this.#stage.exchange(
      `GET http://${host}/ at ${name}`,
      `${viewed.status}, X-Cache: ${viewed.xCache || '(none)'}`,
    );
    return viewed;
  }

  async #ask(
    method: Method,
    path: string,
    more: { readonly ifMatch?: string; readonly body?: string },
  ): Promise<Told> {
    try {
      const { body, etag = '', status } = await this.#api.ask(method, path, more);
      const root = body.length === 0 ? undefined : readXml(body, xmlBounds);
      const view = root?.name === downloads.root ? readDistribution(root, downloads) : undefined;
      return { status, code: '', etag, view };
    } catch (error) {
      if (!(error instanceof ApiRefusal)) throw error;
      return { status: error.status, code: error.code, etag: '', view: undefined };
    }
  }

  async #until<Value>(ask: () => Promise<Value | undefined>): Promise<Value | undefined> {
    const { clock, interrupted } = this.#world;
    const deadlineMs = clock.monotonicMs() + pollMsMax;
    for (;;) {
      const value = await ask();
      if (value !== undefined || clock.monotonicMs() > deadlineMs) return value;
      await pause(clock, pollMs, interrupted);
    }
  }
}

function answerText({ code, etag, status, view }: Told): string {
  const facts = [
    String(status),
    ...(code === '' ? [] : [code]),
    ...(view === undefined ? [] : [`Id ${view.id}`, `Status ${view.status}`]),
    ...(etag === '' ? [] : [`ETag ${etag}`]),
  ];
  return facts.join(', ');
}

function view(
  edge: string,
  host: string,
  { clock, interrupted }: Pick<World, 'clock' | 'interrupted'>,
): Promise<Viewed> {
  return new Promise((resolve, reject) => {
    const sent = request(`${edge}/`, { headers: { host }, agent: false, signal: interrupted });
    const cancel = clock.after(answerMsMax, () => {
      sent.destroy(new Error(`${edge} gave no answer within ${answerMsMax} ms`));
    });
    sent.once('close', cancel);
    sent.once('error', reject);
    sent.once('response', (answer) => {
      const pieces: Buffer[] = [];
      answer.on('data', (piece: Buffer) => pieces.push(piece));
      answer.once('error', reject);
      answer.once('end', () => {
        const xCache = answer.headers['x-cache'];
        resolve({
          status: answer.statusCode ?? 0,
          xCache: typeof xCache === 'string' ? xCache : '',
          body: Buffer.concat(pieces).toString('utf8'),
        });
      });
    });
    sent.end();
  });
}
