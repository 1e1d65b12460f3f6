/**
 * The listeners of the DNS role: UDP and TCP at one address. Each message is answered by itself, and
 * whatever arrives costs at most one answer no longer than it may be; connections are few, short and
 * silent for no long time.
 */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import { isIPv6 } from 'node:net';
import type { Clock } from '../base/clock.ts';
import type { ListenAddress } from '../base/listen-address.ts';
import type { Recorder } from '../base/recorder.ts';
import {
  messageBytesMax,
  type Query,
  readQuery,
  rcodes,
  type Said,
  writeAnswer,
  writeFault,
  writeTruncated,
} from './message.ts';
import { RateLimit } from './rate-limit.ts';

export type DnsServerParts = {
  readonly address: ListenAddress;
  readonly clock: Clock;
  readonly recorder: Recorder;
  /** `sender`: the address that asks. May reject; then the sender is told that we failed. */
  readonly answer: (query: Query, sender: string) => Promise<Said>;
};

export type DnsServer = {
  readonly address: ListenAddress;
  close(): Promise<void>;
};

const connectionsMax = 200;
const idleMs = 10_000;
const queriesUnderWayMax = 1_000;
const queriesPerConnectionMax = 1_000;
const portTriesMax = 20;

/** Rejects where the address cannot be listened at. */
export async function startDnsServer(parts: DnsServerParts): Promise<DnsServer> {
  const serving = new DnsServing(parts);
  const tcp = await serving.listen();
  return { address: tcp, close: () => serving.close() };
}

class DnsServing {
  readonly #parts: DnsServerParts;
  readonly #limit: RateLimit;
  readonly #sockets = new Set<Socket>();
  #udp: UdpSocket | undefined;
  #tcp: Server | undefined;
  #underWay = 0;

  constructor(parts: DnsServerParts) {
    this.#parts = parts;
    this.#limit = new RateLimit(parts.clock);
  }

  /** Port 0: a free one that both have. */
  async listen(): Promise<ListenAddress> {
    const { host, port } = this.#parts.address;
    for (let tries = 1; ; tries += 1) {
      const tcp = await this.#listenTcp(host, port);
      try {
        await this.#listenUdp(host, tcp);
        return { host, port: tcp };
      } catch (error) {
        await this.close();
        if (port !== 0 || tries >= portTriesMax) throw error;
      }
    }
  }

  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    for (const socket of this.#sockets) socket.destroy();
    const udp = this.#udp;
    const tcp = this.#tcp;
    this.#udp = undefined;
    this.#tcp = undefined;
    udp?.close();
    if (tcp === undefined) resolve();
    else tcp.close(() => resolve());
    await promise;
  }

  #listenUdp(host: string, port: number): Promise<void> {
    const udp = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
    udp.on('message', (bytes, { address, port: from }) => {
      void this.#answerUdp(udp, bytes, { address, port: from });
    });
    return new Promise((resolve, reject) => {
      udp.once('error', (error) => {
        udp.close();
        reject(error);
      });
      udp.bind(port, host, () => {
        udp.removeAllListeners('error');
        udp.on('error', (error) => this.#parts.recorder.warn({ error }, 'DNS over UDP'));
        this.#udp = udp;
        resolve();
      });
    });
  }

  #listenTcp(host: string, port: number): Promise<number> {
    const tcp = createServer((socket) => this.#serve(socket));
    tcp.maxConnections = connectionsMax;
    return new Promise((resolve, reject) => {
      tcp.once('error', reject);
      tcp.listen({ host, port }, () => {
        tcp.off('error', reject);
        tcp.on('error', (error) => this.#parts.recorder.warn({ error }, 'DNS over TCP'));
        this.#tcp = tcp;
        const bound = tcp.address();
        resolve(typeof bound === 'object' && bound !== null ? bound.port : port);
      });
    });
  }

  async #answerUdp(
    udp: UdpSocket,
    bytes: Buffer,
    { address, port }: { readonly address: string; readonly port: number },
  ): Promise<void> {
    const verdict = this.#limit.judge(address);
    if (verdict === 'drop') return;
    const read = readQuery(bytes);
    if (verdict === 'truncate') {
      if (read.kind === 'query') udp.send(writeTruncated(read.query), port, address, ignore);
      return;
    }
    const answer = await this.#answer(read, address, 'udp');
    if (answer !== undefined && this.#udp === udp) udp.send(answer, port, address, ignore);
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    let held = Buffer.alloc(0);
    let queries = 0;
    let last = Promise.resolve();
    const { clock } = this.#parts;
    const end = (): void => void socket.destroy();
    let cancelIdle = clock.after(idleMs, end);
    socket.on('error', ignore);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.on('data', (piece) => {
      cancelIdle();
      cancelIdle = clock.after(idleMs, end);
      held = Buffer.concat([held, piece]);
      while (held.length >= 2) {
        const length = held.readUInt16BE(0);
        if (length > messageBytesMax) {
          socket.destroy();
          return;
        }
        if (held.length < length + 2) return;
        const message = held.subarray(2, length + 2);
        held = held.subarray(length + 2);
        queries += 1;
        if (queries > queriesPerConnectionMax) {
          socket.destroy();
          return;
        }
        socket.pause();
        // One after the other: who asks without reading is not answered further.
        last = last.then(async () => {
          const answer = await this.#answer(readQuery(message), socket.remoteAddress ?? '', 'tcp');
          if (answer === undefined || socket.destroyed) {
            socket.destroy();
            return;
          }
          const prefix = Buffer.alloc(2);
          prefix.writeUInt16BE(answer.length);
          socket.write(Buffer.concat([prefix, answer]), () => socket.resume());
        });
      }
    });
    // One that says a byte now and then is not silent.
    const cancelAll = clock.after(idleMs * 6, end);
    socket.once('close', () => {
      cancelIdle();
      cancelAll();
    });
  }

  /** Undefined: what came deserves none. */
  async #answer(
    read: ReturnType<typeof readQuery>,
    sender: string,
    over: 'udp' | 'tcp',
  ): Promise<Buffer | undefined> {
    if (read.kind === 'nothing') return undefined;
    if (read.kind === 'fault') return writeFault(read.id, read.rcode);
    if (this.#underWay >= queriesUnderWayMax) return writeFault(read.query.id, rcodes.failed);
    this.#underWay += 1;
    try {
      const said = await this.#parts.answer(read.query, sender.replace(/^::ffff:/, ''));
      return writeAnswer(read.query, said, over);
    } catch (error) {
      this.#parts.recorder.warn({ error }, 'a question of DNS could not be answered');
      return writeFault(read.query.id, rcodes.failed);
    } finally {
      this.#underWay -= 1;
    }
  }
}

/** Whoever asked by UDP may be gone; whoever breaks a connection is. */
function ignore(): void {
  // Nobody is left to be told.
}
