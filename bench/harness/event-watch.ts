/**
 * Waits for edges without asking: listens to `/_warmfront/events`, and knows of every change which
 * position it stands at and of every edge which position it serves. Asking in a loop instead would
 * keep busy the very thread that has to hear the edges.
 */
import { once } from 'node:events';
import { type ClientRequest, get, type IncomingMessage } from 'node:http';
import { signed } from '../../test/harness/api-caller.ts';

type Waiter = { readonly id: string; readonly above: number; readonly resolve: () => void };

export class EventWatch {
  readonly #request: ClientRequest;
  readonly #edges: readonly string[];
  readonly #changes = new Map<string, number>();
  readonly #positions = new Map<string, number>();
  readonly #waiters = new Set<Waiter>();
  #unread = '';

  /** Resolves once listening. */
  static async open(api: string, edges: readonly string[]): Promise<EventWatch> {
    const request = get(`${api}/_warmfront/events`, { agent: false, headers: signed() });
    const [response]: IncomingMessage[] = await once(request, 'response');
    if (response?.statusCode !== 200) throw new Error(`no events: ${response?.statusCode}`);
    const watch = new EventWatch(request, edges);
    response.setEncoding('utf8').on('data', (text: string) => watch.#read(text));
    // Destroyed by `close`, it says that it was aborted.
    response.on('error', () => undefined);
    return watch;
  }

  private constructor(request: ClientRequest, edges: readonly string[]) {
    this.#request = request;
    this.#edges = edges;
    request.on('error', () => undefined);
  }

  /** The position of the newest change of this distribution that was heard of; 0 for none. */
  changeOf(id: string): number {
    return this.#changes.get(id) ?? 0;
  }

  /** Resolves once every edge serves a change of the distribution that is newer than `above`. */
  served(id: string, above: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.add({ id, above, resolve });
      this.#tell();
    });
  }

  close(): void {
    this.#request.destroy();
  }

  #read(text: string): void {
    const frames = (this.#unread + text).split('\n\n');
    this.#unread = frames.pop() ?? '';
    for (const frame of frames) this.#hear(frame);
    this.#tell();
  }

  #hear(frame: string): void {
    const data = /^data: (.*)$/m.exec(frame)?.[1];
    if (data === undefined) return;
    const event: { revision?: number; keys?: string[]; name?: string; position?: number | null } =
      JSON.parse(data);
    for (const key of event.keys ?? []) {
      this.#changes.set(key.slice(key.lastIndexOf('/') + 1), event.revision ?? 0);
    }
    if (event.name !== undefined) this.#positions.set(event.name, event.position ?? 0);
  }

  #tell(): void {
    for (const waiter of this.#waiters) {
      const change = this.changeOf(waiter.id);
      if (change <= waiter.above) continue;
      if (!this.#edges.every((edge) => (this.#positions.get(edge) ?? 0) >= change)) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }
}
