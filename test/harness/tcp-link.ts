/**
 * A network between two programs, as a TCP proxy that can be cut: what was sent is then held, not
 * lost, as by a network whose packets come late; nothing tells either side. Put right again, it
 * goes on where it stopped. It may be cut one way only, and for one of several senders.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** `up`: from the side that opens connections to the other one. */
export type Direction = 'up' | 'down';

export type Cut = {
  readonly directions: readonly Direction[];
  /** Undefined: connections of everybody. */
  readonly sender?: string;
};

export type TcpLinkOptions = {
  /** Who opened a connection, by the first bytes on it; a connection has no sender before them. */
  readonly senderOf?: (first: string) => string | undefined;
};

type Watch = { readonly text: string; readonly onSeen: () => void };

const bothWays: Cut = { directions: ['up', 'down'] };

export class TcpLink {
  readonly port: number;
  readonly #server: Server;
  readonly #passages = new Set<Passage>();
  readonly #cuts = new Set<Cut>();
  #watch: Watch | undefined;

  /** `target`: a port of loopback. */
  static async open(target: number, options: TcpLinkOptions = {}): Promise<TcpLink> {
    const server = createServer({ allowHalfOpen: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TcpLink(server, target, options);
  }

  private constructor(server: Server, target: number, { senderOf }: TcpLinkOptions) {
    const address = server.address();
    assert(typeof address === 'object' && address !== null);
    this.port = address.port;
    this.#server = server;
    server.on('connection', (near) => {
      const passage = new Passage(near, target, {
        isCut: (direction) => this.#isCut(direction, passage),
        onFirst: (first) => {
          passage.sender = senderOf?.(first);
        },
        onUp: (text) => this.#look(text),
        onOver: () => this.#passages.delete(passage),
      });
      this.#passages.add(passage);
    });
  }

  cut(cut: Cut = bothWays): void {
    this.#cuts.add(cut);
  }

  /** All cuts are over. */
  heal(): void {
    this.#cuts.clear();
    this.#watch = undefined;
    for (const passage of this.#passages) passage.flush();
  }

  /** Calls `onSeen` once, before the bytes that hold `text` go up. */
  watch(text: string, onSeen: () => void): void {
    this.#watch = { text, onSeen };
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const passage of this.#passages) passage.destroy();
    await closed;
  }

  #isCut(direction: Direction, { sender }: Passage): boolean {
    return [...this.#cuts].some(
      (cut) =>
        cut.directions.includes(direction) && (cut.sender === undefined || cut.sender === sender),
    );
  }

  #look(text: string): void {
    const watch = this.#watch;
    if (watch === undefined || !text.includes(watch.text)) return;
    this.#watch = undefined;
    watch.onSeen();
  }
}

type PassageParts = {
  readonly isCut: (direction: Direction) => boolean;
  readonly onFirst: (first: string) => void;
  /** The bytes that go up now, with the end of those before. */
  readonly onUp: (text: string) => void;
  readonly onOver: () => void;
};

/** So much of what went before is looked at again, for a text that comes in two pieces. */
const keptCharacters = 256;

class Passage {
  sender: string | undefined;
  readonly #up: Flow;
  readonly #down: Flow;
  readonly #sockets: readonly Socket[];

  constructor(near: Socket, target: number, parts: PassageParts) {
    const far = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true });
    this.#sockets = [near, far];
    for (const socket of this.#sockets) socket.setNoDelay(true);
    let before: string | undefined;
    const onUp = (piece: Buffer): void => {
      const text = piece.toString('latin1');
      if (before === undefined) parts.onFirst(text);
      parts.onUp((before ?? '') + text);
      before = text.slice(-keptCharacters);
    };
    this.#up = new Flow(near, far, () => parts.isCut('up'), onUp);
    this.#down = new Flow(far, near, () => parts.isCut('down'));
    let open = this.#sockets.length;
    for (const socket of this.#sockets) {
      socket.once('close', () => {
        open -= 1;
        if (open === 0) parts.onOver();
      });
    }
  }

  flush(): void {
    this.#up.flush();
    this.#down.flush();
  }

  destroy(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** One direction of a connection. What arrives during a cut, its end too, waits. */
class Flow {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #isCut: () => boolean;
  #held: Buffer[] = [];
  #end: 'open' | 'ended' | 'broken' = 'open';

  constructor(from: Socket, to: Socket, isCut: () => boolean, onPiece?: (piece: Buffer) => void) {
    this.#from = from;
    this.#to = to;
    this.#isCut = isCut;
    from.on('data', (piece: Buffer) => {
      onPiece?.(piece);
      this.#held.push(piece);
      this.flush();
    });
    from.on('end', () => this.#ends('ended'));
    from.on('error', () => this.#ends('broken'));
    from.on('close', () => this.#ends(from.readableEnded ? 'ended' : 'broken'));
    to.on('drain', () => this.flush());
  }

  flush(): void {
    if (this.#isCut()) {
      this.#from.pause();
      return;
    }
    for (const piece of this.#held) this.#to.write(piece);
    this.#held = [];
    if (this.#end === 'ended') this.#to.end();
    if (this.#end === 'broken') this.#to.destroy();
    if (this.#to.writableNeedDrain) this.#from.pause();
    else this.#from.resume();
  }

  #ends(how: 'ended' | 'broken'): void {
    if (this.#end !== 'broken') this.#end = how;
    this.flush();
  }
}
