/** Who acts in the demo: a caller of the public API, and viewers at the edges. */
import { request } from 'node:http';
import { pause } from '../base/clock.ts';
import type { Inputs, Outputs } from '../wire/shapes.generated.ts';
import { type ApiClient, ApiRefusal } from './api-client.ts';
import type { Stage } from './demo-stage.ts';
import { type DistributionView, viewOfDownload } from './distribution-view.ts';
import { type EdgePositions, readEdges } from './edge-positions.ts';
import { requestOf } from './operation-call.ts';
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

/** What the play calls. */
type DemoOperation =
  | 'CreateDistribution'
  | 'GetDistribution'
  | 'UpdateDistribution'
  | 'DeleteDistribution';

export class Actors {
  readonly #api: ApiClient;
  readonly #stage: Stage;
  readonly #world: Pick<World, 'clock' | 'interrupted'>;

  constructor(api: ApiClient, stage: Stage, world: Pick<World, 'clock' | 'interrupted'>) {
    this.#api = api;
    this.#stage = stage;
    this.#world = world;
  }

  /** A refusal is an answer, too. */
  async calls<Name extends DemoOperation>(name: Name, input: Inputs[Name]): Promise<Told> {
    const told = await this.#ask(name, input);
    const { headers, method, path } = requestOf(name, input);
    const { 'if-match': ifMatch } = headers;
    this.#stage.exchange(
      `${method} ${path}${ifMatch === undefined ? '' : ` (If-Match ${ifMatch})`}`,
      answerText(told),
    );
    return told;
  }

  /** Asks until the status is `Deployed`; shows the last answer. */
  async waitsUntilDeployed(id: string): Promise<Told> {
    let asked = 0;
    const told = await this.#until(async () => {
      asked += 1;
      const now = await this.#ask('GetDistribution', { Id: id });
      return now.view?.status === 'Deployed' || now.status !== 200 ? now : undefined;
    });
    const last = told ?? (await this.#ask('GetDistribution', { Id: id }));
    const { method, path } = requestOf('GetDistribution', { Id: id });
    this.#stage.exchange(
      `${method} ${path}, ${asked === 1 ? 'once' : `${asked} times`}`,
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

  async #ask<Name extends DemoOperation>(name: Name, input: Inputs[Name]): Promise<Told> {
    const { method, path, ...sent } = requestOf(name, input);
    try {
      const answer = await this.#api.ask(method, path, sent);
      const output: Partial<Outputs['GetDistribution']> = this.#api.read(name, answer);
      const { Distribution: given } = output;
      return {
        status: answer.status,
        code: '',
        etag: answer.headers.etag ?? '',
        view: given === undefined ? undefined : viewOfDownload(given),
      };
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
