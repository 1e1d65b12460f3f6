/**
 * One connection out of the several addresses of a name (RFC 8305 §4 and §5): families take turns, the
 * next address is tried beside the earlier ones after a short while, or at once where one fails, and
 * the first that is connected stays. So an address that leads nowhere costs a quarter of a second and
 * not a whole timeout. How many are tried is bounded: a name may have any number.
 */
import type { Socket } from 'node:net';
import type { Clock } from '../base/clock.ts';
import type { Address } from './name-resolver.ts';

export type Race = {
  readonly clock: Clock;
  readonly addresses: readonly Address[];
  /** Begins to connect. */
  readonly dial: (address: Address) => Socket;
  readonly won: (socket: Socket) => void;
  /** None is left; `cause` is of the one that failed last. */
  readonly lost: (cause: Error) => void;
};

/** RFC 8305 §8, its recommended Connection Attempt Delay. */
export const attemptDelayMs = 250;
export const addressesMax = 8;

/** The answer gives the race up: neither `won` nor `lost` is called after it. */
export function raceAddresses({ addresses, clock, dial, lost, won }: Race): () => void {
  const waiting = takingTurns(addresses).slice(0, addressesMax);
  const open = new Set<Socket>();
  let isOver = false;
  let cancelNext: (() => void) | undefined;

  function end(winner?: Socket): void {
    isOver = true;
    cancelNext?.();
    for (const socket of open) if (socket !== winner) socket.destroy();
  }

  function startNext(): void {
    cancelNext?.();
    const address = waiting.shift();
    if (address === undefined) return;
    const socket = dial(address);
    open.add(socket);
    socket.once('connect', () => {
      if (isOver) return;
      end(socket);
      won(socket);
    });
    // Stays for the life of the socket: a fault between two owners must not end the process.
    socket.on('error', (cause) => {
      open.delete(socket);
      if (isOver) return;
      if (waiting.length > 0) startNext();
      else if (open.size === 0) {
        end();
        lost(cause);
      }
    });
    if (waiting.length > 0) cancelNext = clock.after(attemptDelayMs, startNext);
  }

  startNext();
  return () => end();
}

/** As the resolver orders them, but one of each family in turn. */
function takingTurns(addresses: readonly Address[]): Address[] {
  const [first] = addresses;
  const preferred = addresses.filter(({ family }) => family === first?.family);
  const others = addresses.filter(({ family }) => family !== first?.family);
  const taken: Address[] = [];
  for (let turn = 0; turn < addresses.length; turn += 1) {
    for (const list of [preferred, others]) {
      const address = list[turn];
      if (address !== undefined) taken.push(address);
    }
  }
  return taken;
}
