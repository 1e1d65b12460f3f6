/**
 * An edge as an API process sees one, at the least cost to whoever stands in for many: a connection on
 * which it follows the feed and one on which it reports, both without TLS and read no further than it
 * takes to know what to report. It believes everything.
 */
import { connect, type Socket } from 'node:net';

export type SimulatedEdgeOptions = {
  readonly port: number;
  readonly name: string;
  readonly secret: string;
};

const beatMs = 2_500;

export class SimulatedEdge {
  /** Its last report was taken, and there is nothing newer to say. */
  isLive = false;
  readonly #options: SimulatedEdgeOptions;
  readonly #feed: Socket;
  /** Made for the first report: one on which nothing is asked would be closed. */
  #reports: Socket | undefined;
  readonly #session = Date.now();
  #beat = 0;
  #unread = '';
  /** As JSON, as it came. */
  #serving: string | undefined;
  #said: string | undefined;
  #isSaying = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SimulatedEdgeOptions) {
    this.#options = options;
    const { port } = options;
    this.#feed = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#feed.setEncoding('latin1').on('data', (text: string) => this.#hear(text));
    this.#feed.on('error', () => this.close());
    this.#feed.write(`GET /_warmfront/feed HTTP/1.1\r\n${this.#fields()}\r\n`);
  }

  close(): void {
    this.isLive = false;
    clearTimeout(this.#timer);
    this.#feed.destroy();
    this.#reports?.destroy();
  }

  #fields(): string {
    const { name, secret } = this.#options;
    return `Host: 127.0.0.1\r\nAuthorization: Bearer ${secret}\r\nWarmfront-Edge: ${name}\r\n`;
  }

  #hear(text: string): void {
    const all = this.#unread + text;
    const end = all.lastIndexOf('\n');
    this.#unread = all.slice(end + 1);
    const at = all.lastIndexOf('{"type":"caughtUp"', end);
    if (at < 0) return;
    const { logId, revision, writeId } = JSON.parse(all.slice(at, all.indexOf('\n', at)));
    this.#serving = JSON.stringify({ logId, revision, writeId });
    this.#say();
  }

  /** One report under way at a time. */
  #say(): void {
    if (this.#isSaying || this.#serving === undefined) return;
    clearTimeout(this.#timer);
    this.#isSaying = true;
    this.#said = this.#serving;
    this.#beat += 1;
    const body = `{"session":${this.#session},"beat":${this.#beat},"state":"serving","serving":${this.#said}}`;
    const head = `POST /_warmfront/report HTTP/1.1\r\n${this.#fields()}Content-Length: ${body.length}\r\n\r\n`;
    this.#reports ??= this.#connectForReports();
    this.#reports.write(head + body);
  }

  #connectForReports(): Socket {
    const { port } = this.#options;
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.setEncoding('latin1').on('data', (text: string) => this.#answered(text));
    return socket.on('error', () => this.close());
  }

  /** An answer is short, and comes in one piece. */
  #answered(text: string): void {
    this.#isSaying = false;
    this.isLive = text.startsWith('HTTP/1.1 200') && text.includes('"answer":"held"');
    if (this.#serving !== this.#said) this.#say();
    else this.#timer = setTimeout(() => this.#say(), beatMs);
  }
}
